#include "gnomon/inventory/host_use.h"

#include "database.h"
#include "totals.h"

namespace gnomon::inventory {

class HostUses::Impl {
 public:
  explicit Impl(Database database) : database_(std::move(database)) {}

  Result<std::vector<HostSum>> sums() {
    auto kept = totals_state(database_, nullptr);
    if (!kept) return kept.error();
    const std::string of_apps = *kept ? "endpoint_total" : "v_sightings";
    auto query = database_.prepare(
        "SELECT '', u.host, sum(u.sessions), 0, max(u.last_seen_ns) FROM host_unknown u "
        "JOIN capture_run r ON r.id = u.run AND r.state = 'finished' GROUP BY u.host UNION ALL "
        "SELECT app, host, sum(sessions), sum(lookups), max(last_seen_ns) FROM " +
        of_apps + " GROUP BY app, host ORDER BY 1, 2");
    if (!query) return query.error();
    std::vector<HostSum> all;
    while (query->step())
      all.push_back({query->text(0), query->text(1), query->number(2), query->number(3),
                     query->time(4)});
    if (!query->ok()) return database_.error();
    return all;
  }

  Result<std::vector<std::pair<std::string, std::string>>> clients_of(const std::string& app) {
    auto query = database_.prepare(
        app.empty() ? "SELECT DISTINCT u.host, u.client FROM host_unknown u JOIN capture_run r ON "
                      "r.id = u.run AND r.state = 'finished' WHERE u.client <> '' ORDER BY 1, 2"
                    : "SELECT DISTINCT host, client FROM v_sightings WHERE app = ? AND "
                      "client <> '' ORDER BY 1, 2");
    if (!query) return query.error();
    if (!app.empty()) query->bind(1, app);
    std::vector<std::pair<std::string, std::string>> all;
    while (query->step()) all.emplace_back(query->text(0), query->text(1));
    if (!query->ok()) return database_.error();
    return all;
  }

 private:
  Database database_;
};

Result<HostUses> HostUses::open(const std::filesystem::path& path) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  return HostUses{std::make_unique<Impl>(std::move(*database))};
}

HostUses::HostUses(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HostUses::~HostUses() = default;
HostUses::HostUses(HostUses&&) noexcept = default;
HostUses& HostUses::operator=(HostUses&&) noexcept = default;

Result<std::vector<HostSum>> HostUses::sums() { return impl_->sums(); }
Result<std::vector<std::pair<std::string, std::string>>> HostUses::clients_of(
    const std::string& app) {
  return impl_->clients_of(app);
}

}  // namespace gnomon::inventory
