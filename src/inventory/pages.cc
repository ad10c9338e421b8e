#include "gnomon/inventory/pages.h"

#include <algorithm>

#include "app_detail.h"
#include "decision_rows.h"
#include "page_queries.h"
#include "period.h"
#include "totals.h"

namespace gnomon::inventory {
class Pages::Impl {
 public:
  explicit Impl(Database database) : database_(std::move(database)) {}

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
    auto by_client = clients_of_app(database_, *kept, id, clients);
    if (!by_client) return by_client.error();
    page.clients = std::move(*by_client);
    std::vector<AppEndpoint> endpoints;
    if (auto failed = read_endpoints_of(database_, *kept, id, endpoints)) return *failed;
    constexpr std::size_t kEndpointsMax = 1'000;
    page.endpoints.total = endpoints.size();
    endpoints.resize(std::min(endpoints.size(), kEndpointsMax));
    page.endpoints.rows = std::move(endpoints);
    return page;
  }

  Result<Page<AppClient>> app_clients(std::string_view id, Slice slice) {
    auto kept = sums_fit();
    if (!kept) return kept.error();
    return clients_of_app(database_, *kept, id, slice);
  }

  Result<Page<Sighting>> evidence(std::string_view app, std::string_view client, Slice slice) {
    auto kept = sums_fit();
    if (!kept) return kept.error();
    return evidence_of_app(database_, *kept, app, client, slice);
  }

  Result<std::vector<TimelinePoint>> app_timeline(std::string_view id) {
    auto kept = sums_fit();
    if (!kept) return kept.error();
    std::vector<TimelinePoint> hours;
    if (auto failed = read_hours_of(database_, *kept, id, hours)) return *failed;
    return hours;
  }

  Result<std::vector<AppClient>> apps_of_client(std::string_view client) {
    return read_apps_of_client(database_, client);
  }

  Result<AskedBy> asked_by(const std::string& client) { return read_asked_by(database_, client); }

  Result<Page<Alert>> alerts(const AlertQuery& query, Slice slice) {
    return read_alerts_page(database_, query, slice);
  }
  Result<Page<AuditEntry>> audit(const AuditQuery& query, Slice slice) {
    return read_audit_page(database_, query, slice);
  }

 private:
  // Whether the sums that are kept can be believed.
  Result<bool> sums_fit() {
    auto state = totals_state(database_, nullptr);
    if (!state) return state.error();
    return state->has_value();
  }

  Database database_;
};

Result<Pages> Pages::open(const std::filesystem::path& path) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  return Pages{std::make_unique<Impl>(std::move(*database))};
}

Pages::Pages(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Pages::Pages(Pages&&) noexcept = default;
Pages& Pages::operator=(Pages&&) noexcept = default;
Pages::~Pages() = default;

Result<AppPage> Pages::app_parts(std::string_view id, Slice clients) {
  return impl_->app_parts(id, clients);
}
Result<Page<AppClient>> Pages::app_clients(std::string_view id, Slice slice) {
  return impl_->app_clients(id, slice);
}
Result<Page<Sighting>> Pages::evidence(std::string_view app, std::string_view client, Slice slice) {
  return impl_->evidence(app, client, slice);
}
Result<std::vector<TimelinePoint>> Pages::app_timeline(std::string_view id) {
  return impl_->app_timeline(id);
}
Result<std::vector<AppClient>> Pages::apps_of_client(std::string_view client) {
  return impl_->apps_of_client(client);
}
Result<AskedBy> Pages::asked_by(const std::string& client) { return impl_->asked_by(client); }
Result<Page<Alert>> Pages::alerts(const AlertQuery& query, Slice slice) {
  return impl_->alerts(query, slice);
}
Result<Page<AuditEntry>> Pages::audit(const AuditQuery& query, Slice slice) {
  return impl_->audit(query, slice);
}

}  // namespace gnomon::inventory
