#include "gnomon/inventory/pages.h"

#include <algorithm>
#include <set>

#include "anomalies.h"
#include "app_detail.h"
#include "app_list.h"
#include "decision_rows.h"
#include "page_queries.h"
#include "ratings.h"
#include "records.h"
#include "rows.h"
#include "totals.h"

namespace gnomon::inventory {
namespace {

template <class Row>
Page<Row> sliced(const std::vector<Row>& all, Slice slice) {
  Page<Row> page;
  page.total = all.size();
  const std::size_t from = std::min(slice.offset, all.size());
  const std::size_t until = from + std::min(slice.limit, all.size() - from);
  page.rows.assign(all.begin() + static_cast<std::ptrdiff_t>(from),
                   all.begin() + static_cast<std::ptrdiff_t>(until));
  return page;
}

void hide(std::string& text, const std::string& client) {
  if (client.empty()) return;
  for (std::size_t at = text.find(client); at != std::string::npos; at = text.find(client, at))
    text.replace(at, client.size(), "a client");
}

}  // namespace

class Pages::Impl {
 public:
  Impl(Database database, bool hide_clients)
      : database_(std::move(database)), hide_clients_(hide_clients) {}

  Result<std::int64_t> generation() {
    auto query = database_.prepare("PRAGMA data_version");
    if (!query) return query.error();
    std::int64_t version = 0;
    if (query->step()) version = query->integer(0);
    if (!query->ok()) return database_.error();
    return version;
  }

  // What every page needs, read again only when something has changed.
  std::optional<Error> refresh() {
    auto now = generation();
    if (!now) return now.error();
    if (apps_ && *now == read_at_) return std::nullopt;
    auto rubric = read_rubric(database_);
    if (!rubric) return rubric.error();
    auto as_of = read_as_of(database_);
    if (!as_of) return as_of.error();
    auto state = totals_state(database_, nullptr);
    if (!state) return state.error();
    auto apps = read_apps(database_, *rubric, *as_of);
    if (!apps) return apps.error();
    state_ = *state;
    apps_ = std::move(*apps);
    findings_.reset();
    read_at_ = *now;
    return std::nullopt;
  }

  Result<Page<AppSummary>> apps(const AppFilter& filter, AppOrder order, Slice slice) {
    if (auto failed = refresh()) return *failed;
    std::optional<std::set<std::string>> of_client;
    if (!filter.client.empty()) {
      of_client.emplace();
      auto query = database_.prepare("SELECT DISTINCT app FROM v_sightings WHERE client = ?");
      if (!query) return query.error();
      query->bind(1, filter.client);
      while (query->step()) of_client->insert(query->text(0));
      if (!query->ok()) return database_.error();
    }
    return sliced(choose_apps(*apps_, filter, order, of_client), slice);
  }

  Result<std::optional<AppPage>> app(std::string_view id, Slice clients) {
    if (auto failed = refresh()) return *failed;
    const auto found = std::find_if(apps_->begin(), apps_->end(),
                                    [id](const AppSummary& each) { return each.facts.id == id; });
    if (found == apps_->end()) return std::optional<AppPage>{};
    auto page = app_parts(id, clients);
    if (!page) return page.error();
    page->summary = *found;
    return std::optional{std::move(*page)};
  }

  Result<AppPage> app_parts(std::string_view id, Slice clients) {
    auto kept = sums_fit();
    if (!kept) return kept.error();
    AppPage page;
    auto decisions = read_decisions(database_, id);
    if (!decisions) return decisions.error();
    page.decisions = std::move(*decisions);
    auto flags = read_flags(database_, id);
    if (!flags) return flags.error();
    page.tags = std::move(flags->tags);
    page.review_required = flags->review_required;
    auto by_client = clients_of_app(database_, *kept, id, slice_of(clients));
    if (!by_client) return by_client.error();
    page.clients = std::move(*by_client);
    std::vector<AppEndpoint> endpoints;
    if (auto failed = read_endpoints_of(database_, *kept, id, endpoints)) return *failed;
    constexpr std::size_t kEndpointsMax = 1'000;
    page.endpoints = sliced(endpoints, Slice{0, kEndpointsMax});
    return page;
  }

  Result<Page<AppClient>> app_clients(std::string_view id, Slice slice) {
    auto kept = sums_fit();
    if (!kept) return kept.error();
    return clients_of_app(database_, *kept, id, slice_of(slice));
  }

  Result<Page<Sighting>> evidence(std::string_view app, std::string_view client, Slice slice) {
    auto kept = sums_fit();
    if (!kept) return kept.error();
    return evidence_of_app(database_, *kept, app, client, slice_of(slice));
  }

  Result<std::vector<TimelinePoint>> app_timeline(std::string_view id, Interval interval) {
    auto kept = sums_fit();
    if (!kept) return kept.error();
    return timeline_of_app(database_, *kept, id, interval);
  }
  Result<std::vector<TimelinePoint>> timeline(Interval interval) {
    auto kept = sums_fit();
    if (!kept) return kept.error();
    return timeline_of_all(database_, *kept, interval);
  }
  Result<std::vector<TimelinePoint>> client_timeline(std::string_view client, Interval interval) {
    if (hide_clients_) return std::vector<TimelinePoint>{};
    return timeline_of_client(database_, client, interval);
  }

  Result<Page<ClientRow>> clients(const ClientQuery& query, Slice slice) {
    auto kept = sums_fit();
    if (!kept) return kept.error();
    return read_clients_page(database_, *kept, query, slice_of(slice));
  }

  Result<std::vector<AppClient>> apps_of_client(std::string_view client) {
    if (hide_clients_) return std::vector<AppClient>{};
    return read_apps_of_client(database_, client);
  }

  Result<Totals> totals() {
    if (auto failed = refresh()) return *failed;
    return totals_of(database_, *apps_, state_);
  }

  Result<Page<FindingSummary>> findings(std::string_view app, Slice slice) {
    if (auto failed = refresh()) return *failed;
    if (!findings_) {
      auto read = read_findings(database_);
      if (!read) return read.error();
      findings_ = std::move(*read);
    }
    std::vector<FindingSummary> chosen;
    if (app.empty()) chosen = *findings_;
    for (const FindingSummary& each : *findings_)
      if (!app.empty() && each.app == app) chosen.push_back(each);
    Page<FindingSummary> page = sliced(chosen, slice);
    if (hide_clients_)
      for (FindingSummary& each : page.rows) each.client.clear();
    return page;
  }

  Result<Page<Alert>> alerts(const AlertQuery& query, Slice slice) {
    auto page = read_alerts_page(database_, query, slice);
    if (page && hide_clients_) {
      for (Alert& alert : page->rows) {
        hide(alert.title, alert.client);
        hide(alert.explanation, alert.client);
        alert.client.clear();
      }
    }
    return page;
  }
  Result<Page<AuditEntry>> audit(const AuditQuery& query, Slice slice) {
    return read_audit_page(database_, query, slice);
  }

 private:
  // Whether the sums that are kept can be believed; cheaper than refresh().
  Result<bool> sums_fit() {
    auto state = totals_state(database_, nullptr);
    if (!state) return state.error();
    return state->has_value();
  }

  // No row that names a client is read where they are left out; how many there are is told.
  [[nodiscard]] Slice slice_of(Slice slice) const {
    if (hide_clients_) slice.limit = 0;
    return slice;
  }

  Database database_;
  bool hide_clients_;
  std::int64_t read_at_ = -1;
  std::optional<TotalsState> state_;
  std::optional<std::vector<AppSummary>> apps_;
  std::optional<std::vector<FindingSummary>> findings_;
};

Result<Pages> Pages::open(const std::filesystem::path& path, ClientData client_data) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  return Pages{std::make_unique<Impl>(std::move(*database), client_data == ClientData::kLeftOut)};
}

Pages::Pages(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Pages::Pages(Pages&&) noexcept = default;
Pages& Pages::operator=(Pages&&) noexcept = default;
Pages::~Pages() = default;

Result<std::int64_t> Pages::generation() { return impl_->generation(); }
Result<Page<AppSummary>> Pages::apps(const AppFilter& filter, AppOrder order, Slice slice) {
  return impl_->apps(filter, order, slice);
}
Result<std::optional<AppPage>> Pages::app(std::string_view id, Slice clients) {
  return impl_->app(id, clients);
}
Result<AppPage> Pages::app_parts(std::string_view id, Slice clients) {
  return impl_->app_parts(id, clients);
}
Result<Page<AppClient>> Pages::app_clients(std::string_view id, Slice slice) {
  return impl_->app_clients(id, slice);
}
Result<Page<Sighting>> Pages::evidence(std::string_view app, std::string_view client, Slice slice) {
  return impl_->evidence(app, client, slice);
}
Result<std::vector<TimelinePoint>> Pages::app_timeline(std::string_view id, Interval interval) {
  return impl_->app_timeline(id, interval);
}
Result<Page<ClientRow>> Pages::clients(const ClientQuery& query, Slice slice) {
  return impl_->clients(query, slice);
}
Result<std::vector<AppClient>> Pages::apps_of_client(std::string_view client) {
  return impl_->apps_of_client(client);
}
Result<std::vector<TimelinePoint>> Pages::client_timeline(std::string_view client,
                                                          Interval interval) {
  return impl_->client_timeline(client, interval);
}
Result<std::vector<TimelinePoint>> Pages::timeline(Interval interval) {
  return impl_->timeline(interval);
}
Result<Totals> Pages::totals() { return impl_->totals(); }
Result<Page<FindingSummary>> Pages::findings(std::string_view app, Slice slice) {
  return impl_->findings(app, slice);
}
Result<Page<Alert>> Pages::alerts(const AlertQuery& query, Slice slice) {
  return impl_->alerts(query, slice);
}
Result<Page<AuditEntry>> Pages::audit(const AuditQuery& query, Slice slice) {
  return impl_->audit(query, slice);
}

}  // namespace gnomon::inventory
