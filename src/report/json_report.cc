#include <limits>

#include "gnomon/report/hide_clients.h"
#include "json_parts.h"
#include "report_scope.h"

// The whole inventory as one document, which may be too large to be held.
namespace gnomon::report {
namespace {

using inventory::AppClient;
using inventory::AppSummary;
using inventory::ClientSummary;
using inventory::Inventory;
using inventory::Sighting;

// What is written at once.
constexpr std::size_t kPieceBytes = 64 * 1024;

class JsonReport {
 public:
  JsonReport(Inventory& inventory, const ReportOptions& options, const TextSink& sink)
      : inventory_(inventory), options_(options), sink_(sink) {}

  std::optional<Error> write() {
    if (auto failed = read()) return failed;
    begin_document(json_, "report");
    json_.member_if("scope", scope_->text());
    json_.member_if("client_group", options_.period.client_group);
    write_totals(json_, content_.totals);
    if (auto failed = write_apps()) return failed;
    if (options_.clients)
      if (auto failed = write_clients()) return failed;
    if (auto failed = write_hosts()) return failed;
    if (auto failed = write_lists()) return failed;
    if (auto failed = write_rest()) return failed;
    out_ += '\n';
    drain(0);
    return failure_;
  }

 private:
  // What stands before the apps. Of a period it takes the lists to tell how much there was, which
  // are read once more when their turn comes.
  std::optional<Error> read() {
    auto totals = inventory_.totals();
    if (!totals) return totals.error();
    content_.totals = std::move(*totals);
    auto apps = inventory_.apps();
    if (!apps) return apps.error();
    content_.apps = std::move(*apps);
    auto scope = ReportScope::read(inventory_, options_.period);
    if (!scope) return scope.error();
    scope_ = std::move(*scope);
    content_.scope = scope_->text();
    scope_->cut_apps(content_);
    if (options_.period.all()) return std::nullopt;
    if (auto failed = read_hosts()) return failed;
    content_.unknown_hosts = {};
    for (const Listed& listed : listings()) {
      auto listing = listed.make(inventory_);
      if (!listing) return listing.error();
      scope_->cut_listing(*listing, content_);
    }
    return std::nullopt;
  }

  // Hands over what was written, when there is enough of it.
  void drain(std::size_t bytes_min = kPieceBytes) {
    if (out_.size() <= bytes_min) return;
    if (!failure_) failure_ = sink_(out_);
    out_.clear();
  }

  template <class Thing, class Write>
  void write_row(const Thing& thing, Write write_members) {
    json_.begin_object();
    write_members(json_, thing);
    json_.end_object();
    drain();
  }

  std::optional<Error> write_apps() {
    json_.key("apps");
    json_.begin_array();
    for (const AppSummary& app : content_.apps) {
      json_.begin_object();
      if (auto failed = write_app(app)) return failed;
      json_.end_object();
      drain();
      if (failure_) return failure_;
    }
    json_.end_array();
    return std::nullopt;
  }

  std::optional<Error> write_app(const AppSummary& app) {
    const std::string& id = app.facts.id;
    auto found = inventory_.app_without_rows(id);
    if (!found) return found.error();
    if (!*found) return Error{"the inventory has changed while it was read"}.in(id);
    inventory::AppDetail& detail = **found;
    if (auto failed = scope_->cut_detail(inventory_, detail, app)) return failed;
    if (!options_.clients) hide_clients(detail);
    write_summary(json_, detail.summary, true);
    json_.key("by_client");
    json_.begin_array();
    if (options_.clients) {
      auto failed = inventory_.each_client_of(id, [&](AppClient& client) {
        if (scope_->cut(client, id)) write_row(client, write_app_client);
      });
      if (failed) return failed;
    }
    json_.end_array();
    write_list(json_, "endpoints", detail.endpoints, write_endpoint);
    json_.key("evidence");
    json_.begin_array();
    auto failed = inventory_.each_sighting_of(id, [&](Sighting& sighting) {
      if (!scope_->holds(sighting)) return;
      if (!options_.clients) sighting.client.clear();
      write_row(sighting, write_sighting);
    });
    if (failed) return failed;
    json_.end_array();
    write_list(json_, "hours", detail.hours, write_hour);
    write_records(json_, detail);
    return std::nullopt;
  }

  std::optional<Error> write_clients() {
    json_.key("clients");
    json_.begin_array();
    auto failed = inventory_.each_client([&](ClientSummary& client) {
      if (scope_->cut(client)) write_row(client, write_client);
    });
    json_.end_array();
    return failed;
  }

  std::optional<Error> read_hosts() {
    auto hosts = inventory_.unknown_hosts(std::numeric_limits<std::int32_t>::max());
    if (!hosts) return hosts.error();
    content_.unknown_hosts = std::move(*hosts);
    scope_->cut_hosts(content_);
    return std::nullopt;
  }

  std::optional<Error> write_hosts() {
    if (auto failed = read_hosts()) return failed;
    json_.key("unknown_hosts");
    json_.begin_array();
    for (const inventory::UnknownHost& host : content_.unknown_hosts) write_row(host, write_host);
    json_.end_array();
    content_.unknown_hosts = {};
    return failure_;
  }

  std::optional<Error> write_lists() {
    for (const Listed& listed : listings()) {
      auto listing = listed.make(inventory_);
      if (!listing) return listing.error();
      scope_->cut_listing(*listing, content_);
      if (!options_.clients) hide_clients(*listing);
      write_listing_member(json_, *listing);
      drain();
      if (failure_) return failure_;
      if (options_.previous) content_.lists.push_back({std::move(*listing), 0});
    }
    return std::nullopt;
  }

  std::optional<Error> write_rest() {
    if (options_.period.all()) {
      auto hours = inventory_.timeline();
      if (!hours) return hours.error();
      content_.hours = std::move(*hours);
    } else {
      content_.hours = scope_->hours();
    }
    write_list(json_, "timeline", content_.hours, write_point);
    auto runs = inventory_.runs();
    if (!runs) return runs.error();
    write_list(json_, "runs", *runs, write_run);
    auto coverage = inventory_.coverage();
    if (!coverage) return coverage.error();
    if (options_.previous) write_changes(changes_since(*options_.previous, content_));
    write_coverage(json_, *coverage);
    json_.end_object();
    return std::nullopt;
  }

  void write_changes(const ReportChanges& changes) {
    json_.key("changes");
    json_.begin_object();
    json_.member_if("since", changes.since);
    write_list(json_, "rows", changes.changes, [](JsonWriter& inner, const ReportChange& change) {
      inner.member("kind", change.kind);
      inner.member("subject", change.subject);
      inner.member("text", change.text);
      inner.member("worse", change.worse);
    });
    json_.end_object();
  }

  Inventory& inventory_;
  const ReportOptions& options_;
  const TextSink& sink_;
  std::string out_;
  JsonWriter json_{out_};
  ReportContent content_;  // without what is written row by row
  std::optional<ReportScope> scope_;
  std::optional<Error> failure_;  // of the sink
};

}  // namespace

std::optional<Error> write_json_report(Inventory& inventory, const ReportOptions& options,
                                       const TextSink& sink) {
  return JsonReport{inventory, options, sink}.write();
}

Result<std::string> json_report(Inventory& inventory, const ReportOptions& options) {
  std::string out;
  const auto failed =
      write_json_report(inventory, options, [&](std::string_view piece) -> std::optional<Error> {
        out += piece;
        return std::nullopt;
      });
  if (failed) return *failed;
  return out;
}

}  // namespace gnomon::report
