#include "show_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "gnomon/observation/coverage.h"
#include "gnomon/report/confidence.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/listing.h"
#include "gnomon/report/numbers.h"
#include "gnomon/report/report_content.h"
#include "listing_table.h"

namespace gnomon::cli {
namespace {

using inventory::AppDetail;
using inventory::AppSummary;
using inventory::RiskPart;
using inventory::RiskRating;
using inventory::RiskRow;
using inventory::TimelinePoint;
using observation::grouped;
using report::count_of;
using report::human_bytes;
using report::joined;
using report::minute_text;
using report::printable;

constexpr std::size_t kLabelColumns = 14;
constexpr std::size_t kBarColumns = 30;

struct PartTitle {
  RiskPart part;
  std::string_view title;
};
constexpr PartTitle kParts[] = {{RiskPart::kVendor, "Vendor posture"},
                                {RiskPart::kExposure, "Exposure"},
                                {RiskPart::kGovernance, "Governance"},
                                {RiskPart::kOverride, "Override"}};

class Page {
 public:
  Page(const Terminal& terminal, bool all) : terminal_(terminal), all_(all) {}

  void heading(std::string_view text) {
    out_ += "\n" + styled(text, Style::kBold, terminal_.colour) + "\n";
  }
  void paragraph(const std::string& text) {
    out_ += wrapped(printable(text), terminal_.columns, 0) + "\n";
  }
  // "Vendor        OpenAI (US)"; nothing when there is nothing to say.
  void fact(std::string_view label, const std::string& value) {
    if (value.empty()) return;
    std::string padded{label};
    padded.resize(std::max(padded.size() + 1, kLabelColumns), ' ');
    out_ +=
        padded + wrapped(printable(value), terminal_.columns, kLabelColumns, padded.size()) + "\n";
  }
  void table(const TerminalTable& table) { out_ += table.render(terminal_).text; }
  void line(const std::string& text) { out_ += text + "\n"; }

  // How many of `count` rows are shown.
  [[nodiscard]] std::size_t shown(std::size_t count, std::size_t most) const {
    return all_ ? count : std::min(count, most);
  }
  void more(std::size_t count, std::size_t shown) {
    if (count > shown)
      line(styled("and " + grouped(count - shown) + " more (--all shows them)", Style::kDim,
                  terminal_.colour));
  }
  [[nodiscard]] const Terminal& terminal() const { return terminal_; }
  std::string take() { return std::move(out_); }

 private:
  const Terminal& terminal_;
  bool all_;
  std::string out_;
};

std::string with_unit(std::int32_t points, std::int32_t points_max) {
  return std::to_string(points) + " of " + std::to_string(points_max);
}

void add_facts(Page& page, const AppSummary& app) {
  page.fact("Id", app.facts.id);
  page.fact("Vendor",
            app.facts.vendor +
                (app.facts.vendor_country.empty() ? "" : " (" + app.facts.vendor_country + ")"));
  page.fact("Category", app.facts.category);
  page.fact("Evidence", std::string{observation::to_string(app.grade)} +
                            (app.grade < inventory::Grade::kSession ? ": not counted as use" : ""));
  page.fact("Usage", joined(app.usages, ", "));
  page.fact("Client kinds", joined(app.client_kinds, ", "));
  page.fact("Seen", minute_text(app.first_seen) + " to " + minute_text(app.last_seen) + " UTC");
  page.fact("Traffic", report::seen_with(app) + ", " + count_of(app.counts.flows, "flow") + ", " +
                           count_of(app.counts.sessions, "session") + ", " +
                           count_of(app.counts.lookups, "lookup") + ", " +
                           count_of(app.counts.requests, "request") + " read");
  page.fact("Bytes", human_bytes(app.counts.bytes_to_server) + " sent, " +
                         human_bytes(app.counts.bytes_to_client) + " received");
  page.fact("Uploads", count_of(app.counts.upload_events, "upload") + ", " +
                           human_bytes(app.counts.upload_bytes));
  page.fact("Decision", app.review.status);
  page.fact("Owner", app.review.owner);
  page.fact("Purpose", app.review.purpose);
  page.fact("Department", app.review.department);
  page.fact("Data class", app.review.data_class);
  page.fact("Look again", app.review.review_date);
  page.fact("Reason", app.review.reason);
  for (const auto& [key, value] : app.facts.attributes)
    if (key == "notes") page.fact("Notes", value);
}

void add_rating(Page& page, const RiskRating& rating) {
  page.paragraph(std::to_string(rating.score) + " of 100: " + std::string{to_string(rating.level)} +
                 ". " + std::to_string(rating.confidence) +
                 " % of all points rest on known answers; were every unknown as bad as can be, it "
                 "would be " +
                 std::to_string(rating.score_worst) + ".");
  TerminalTable table{{{"Factor", false, 16, 0},
                       {"Value", false, 10, 0},
                       {"Points", true, 0, 0},
                       {"Why", false, 24, 1}}};
  for (const PartTitle& part : kParts) {
    std::int32_t points = 0;
    std::int32_t points_max = 0;
    bool any = false;
    for (const RiskRow& row : rating.rows) {
      if (row.part != part.part) continue;
      any = true;
      points += row.points;
      points_max += row.points_max;
    }
    if (!any) continue;
    table.add_row(
        {std::string{part.title}, "",
         part.part == RiskPart::kOverride ? std::to_string(points) : with_unit(points, points_max),
         ""});
    table.style_last(0, Style::kBold);
    table.style_last(2, Style::kBold);
    for (const RiskRow& row : rating.rows) {
      if (row.part != part.part) continue;
      table.add_row({"  " + row.label, row.known ? row.value : "unknown",
                     part.part == RiskPart::kOverride ? std::to_string(row.points)
                                                      : with_unit(row.points, row.points_max),
                     row.why});
      if (!row.known) table.style_last(1, Style::kDim);
    }
  }
  page.table(table);
}

void add_clients(Page& page, const AppDetail& app) {
  const std::size_t shown = page.shown(app.clients.size(), kShownClients);
  TerminalTable table{{{"Client", false, 0, 0},
                       {"Name", false, 8, 3},
                       {"Grade", false, 0, 0},
                       {"Sessions", true, 0, 2},
                       {"Sent", true, 0, 0},
                       {"Received", true, 0, 1},
                       {"Usage", false, 8, 4},
                       {"First seen", false, 0, 6},
                       {"Last seen", false, 0, 5}}};
  for (std::size_t i = 0; i < shown; ++i) {
    const inventory::AppClient& client = app.clients[i];
    table.add_row({client.client.empty() ? "(others)" : client.client, client.name,
                   std::string{observation::to_string(client.grade)},
                   grouped(client.counts.sessions), human_bytes(client.counts.bytes_to_server),
                   human_bytes(client.counts.bytes_to_client), joined(client.usages, ", "),
                   minute_text(client.first_seen), minute_text(client.last_seen)});
  }
  page.table(table);
  page.more(app.clients.size(), shown);
}

void add_endpoints(Page& page, const AppDetail& app) {
  const std::size_t shown = page.shown(app.endpoints.size(), kShownEndpoints);
  TerminalTable table{{{"Host", false, 20, 0},
                       {"Role", false, 0, 3},
                       {"Protocol", false, 0, 2},
                       {"Name from", false, 8, 5},
                       {"Grade", false, 0, 0},
                       {"Clients", true, 0, 4},
                       {"Flows", true, 0, 1},
                       {"Sent", true, 0, 6}}};
  for (std::size_t i = 0; i < shown; ++i) {
    const inventory::AppEndpoint& endpoint = app.endpoints[i];
    std::string protocol = endpoint.protocol;
    if (endpoint.port != 0) protocol += "/" + std::to_string(endpoint.port);
    if (!endpoint.app_proto.empty() && endpoint.app_proto != endpoint.protocol)
      protocol += " " + endpoint.app_proto;
    table.add_row({endpoint.host.empty() ? "(others)" : endpoint.host, endpoint.role, protocol,
                   joined(endpoint.host_sources, ", "),
                   std::string{observation::to_string(endpoint.grade)}, grouped(endpoint.clients),
                   grouped(endpoint.counts.flows), human_bytes(endpoint.counts.bytes_to_server)});
  }
  page.table(table);
  page.more(app.endpoints.size(), shown);
}

// Two lines each: what was seen, and where to look it up.
void add_evidence(Page& page, const AppDetail& app) {
  const std::size_t shown = page.shown(app.sightings.size(), kShownEvidence);
  for (std::size_t i = 0; i < shown; ++i) {
    const inventory::Sighting& sighting = app.sightings[i];
    page.paragraph(std::string{observation::to_string(sighting.grade)} + ": " + sighting.client +
                   " to " + (sighting.host.empty() ? "(others)" : sighting.host) +
                   (sighting.usage.empty() ? "" : ", " + sighting.usage) +
                   (sighting.why.empty() ? "" : ": " + sighting.why));
    page.line(styled("  " + printable(sighting.file) + " frame " + grouped(sighting.frame) +
                         ", flow " + std::to_string(sighting.flow_id) + ", " +
                         report::second_text(sighting.time),
                     Style::kDim, page.terminal().colour));
  }
  page.more(app.sightings.size(), shown);
}

void add_days(Page& page, const AppDetail& app) {
  std::vector<std::pair<std::string, std::uint64_t>> days;
  for (const TimelinePoint& hour : app.hours) {
    const std::string day = report::day_text(hour.start);
    if (days.empty() || days.back().first != day) days.emplace_back(day, 0);
    days.back().second += hour.counts.flows;
  }
  std::uint64_t most = 1;
  for (const auto& [day, flows] : days) most = std::max(most, flows);
  const std::size_t shown = page.shown(days.size(), kShownDays);
  for (std::size_t i = days.size() - shown; i < days.size(); ++i) {
    const auto& [day, flows] = days[i];
    const std::size_t length = static_cast<std::size_t>(static_cast<double>(flows) /
                                                        static_cast<double>(most) * kBarColumns);
    page.line(day + "  " + std::string(std::max<std::size_t>(length, 1), '#') + " " +
              count_of(flows, "flow"));
  }
  page.more(days.size(), shown);
}

// A list of the report under its title; nothing when it is empty.
void add_listing(Page& page, report::Listing listing) {
  if (listing.rows.empty()) return;
  const std::size_t found = listing.rows.size();
  const std::size_t shown = page.shown(found, kShownRows);
  listing.rows.resize(shown);
  page.heading(listing.title);
  page.table(terminal_table_of(listing));
  page.more(found, shown);
}

void add_asset_rating(Page& page, const RiskRating& rating) {
  page.paragraph(std::to_string(rating.score) + " of 100: " + std::string{to_string(rating.level)} +
                 ".");
  TerminalTable table{{{"Exposure", false, 16, 0},
                       {"Seen", false, 0, 0},
                       {"Points", true, 0, 0},
                       {"Why", false, 24, 1}}};
  for (const RiskRow& row : rating.rows)
    table.add_row({row.label, row.value, with_unit(row.points, row.points_max), row.why});
  page.table(table);
}

// Decisions on parts of it, and what policy says.
void add_decisions(Page& page, const AppDetail& detail) {
  for (const inventory::Decision& each : detail.decisions) {
    for (const std::string& link : each.links) page.fact("Attachment", link);
    if (each.scope.usage.empty() && each.scope.client_group.empty()) continue;
    std::string scope = each.scope.usage;
    if (!each.scope.client_group.empty())
      scope += (scope.empty() ? "by " : " by ") + each.scope.client_group;
    page.fact("Decision, " + scope,
              each.review.status + (each.review.reason.empty() ? "" : ": " + each.review.reason));
  }
  std::string tags;
  for (const std::string& tag : detail.tags) tags += (tags.empty() ? "" : ", ") + tag;
  page.fact("Tags", tags);
  if (detail.review_required) page.fact("Wanted", "a decision, by policy");
}

}  // namespace

std::string show_text(const inventory::Asset& asset, const observation::Coverage& coverage,
                      const Terminal& terminal, bool all) {
  Page page{terminal, all};
  page.line(styled(printable(asset.server()), Style::kBold, terminal.colour));
  page.fact(
      "Product",
      joined(asset.product_names, ", ") +
          (asset.kind.empty() || asset.product_names.size() > 1 ? "" : " (" + asset.kind + ")"));
  page.fact("Version", joined(asset.versions, ", "));
  page.fact("Asked for as", joined(asset.hosts, ", "));
  page.fact("Models", joined(asset.models, ", "));
  page.fact("Exposed", joined(asset.exposures, ", "));
  page.fact("Credentials",
            asset.authenticated == "no" ? "no: it answered without" : asset.authenticated);
  page.fact("TLS", asset.tls);
  page.fact("Networks", joined(asset.networks, ", "));
  page.fact("Seen", minute_text(asset.first_seen) + " to " + minute_text(asset.last_seen) +
                        " UTC, " + count_of(asset.observations, "time"));
  page.fact("Calls", grouped(asset.calls) + ", " + count_of(asset.tokens, "token"));
  if (asset.rating) {
    page.heading("Risk");
    add_asset_rating(page, *asset.rating);
  }
  add_listing(page, report::list_asset_clients(asset));
  add_listing(page, report::list_asset_products(asset));
  page.heading("Evidence");
  page.line(printable(asset.proof.file) + " frame " + grouped(asset.proof.frame) + ", flow " +
            std::to_string(asset.proof.flow_id));
  page.heading("Coverage");
  for (const std::string& said : observation::coverage_statement(coverage)) page.paragraph(said);
  return page.take();
}

std::string show_text(const AppDetail& app, const Terminal& terminal, bool all) {
  Page page{terminal, all};
  page.line(styled(printable(app.summary.facts.name), Style::kBold, terminal.colour));
  add_facts(page, app.summary);
  add_decisions(page, app);
  page.heading("Risk");
  if (app.summary.rating)
    add_rating(page, *app.summary.rating);
  else
    page.paragraph("Not rated: the inventory holds no rubric.");
  if (!app.clients.empty()) {
    page.heading("Clients");
    add_clients(page, app);
  }
  if (!app.endpoints.empty()) {
    page.heading("Endpoints");
    add_endpoints(page, app);
  }
  report::Listing findings = report::list_findings(app.findings);
  const std::size_t low = report::take_low_confidence(findings).rows.size();
  add_listing(page, findings);
  if (low > 0)
    page.paragraph("Of low confidence, and counted apart: " + count_of(low, "finding") +
                   " (gnomon inventory --findings --low --app " + app.summary.facts.id + ").");
  add_listing(page, report::list_models(app.models));
  add_listing(page, report::list_tools(app.tools));
  add_listing(page, report::list_files(app.files));
  add_listing(page, report::list_artifacts(app.artifacts));
  add_listing(page, report::list_alerts(app.alerts));
  add_listing(page, report::list_retro_uses(app.retro_uses));
  if (!app.sightings.empty()) {
    page.heading("Evidence");
    add_evidence(page, app);
  }
  if (!app.hours.empty()) {
    page.heading("Days (UTC)");
    add_days(page, app);
  }
  return page.take();
}

}  // namespace gnomon::cli
