#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/inventory.h"

// Reading a large inventory a page at a time: 2,000 apps, 50,000 clients and 5 million hours are
// answered within a fraction of a second, from sums that are kept when a run is finished.
namespace gnomon::inventory {

// Of a list: so many from `offset` on.
struct Slice {
  std::size_t offset = 0;
  std::size_t limit = 100;
};
template <class Row>
struct Page {
  std::vector<Row> rows;
  std::uint64_t total = 0;  // of the whole list
};

// Whether answers name clients. Without, `client` and `name` are empty or numbered ("client 1"), as
// wanted by exports that leave the house.
enum class ClientData : std::uint8_t { kShown, kLeftOut };

enum class ClientOrder : std::uint8_t { kBytes, kName, kAddress, kApps, kLastSeen };
struct ClientQuery {
  std::string text{};          // in address or name, ignoring case
  std::string client_group{};  // exactly
  std::string app{};           // that used it, exactly
  ClientOrder order = ClientOrder::kBytes;
};
struct ClientRow {
  ClientSummary summary;     // app_ids of the page's rows are filled
  std::string client_group;  // empty: none
};

enum class AlertState : std::uint8_t { kOpen, kAcknowledged, kAll };
struct AlertQuery {
  AlertState state = AlertState::kAll;
  // Exactly; empty: any.
  std::string app{};
  std::string client{};
  std::string kind{};
  std::string severity{};
};

struct AuditQuery {
  // Exactly; empty: any.
  std::string actor{};
  std::string action{};
  std::string subject{};
};

// Everything about an app that is short, with the beginnings of what is long.
struct AppPage {
  AppSummary summary;
  std::vector<std::string> tags;  // that rules gave it
  bool review_required = false;   // by a rule, and not decided since
  std::vector<Decision> decisions;
  Page<AppClient> clients;  // most bytes first
  Page<AppEndpoint> endpoints;
};

// A read-only connection that sees each time what is finished by then. Belongs to one thread; a
// server opens one for each. The queries of Inventory hold one moment still, at the price of
// reading everything.
class Pages {
 public:
  static Result<Pages> open(const std::filesystem::path& path,
                            ClientData client_data = ClientData::kShown);
  Pages(Pages&&) noexcept;
  Pages& operator=(Pages&&) noexcept;
  ~Pages();

  // Changes when anything is finished or decided: what was made of an older one is outdated.
  Result<std::int64_t> generation();

  Result<Page<AppSummary>> apps(const AppFilter& filter, AppOrder order, Slice slice);
  Result<std::optional<AppPage>> app(std::string_view id, Slice clients = {});
  // The same without the summary, for whoever has it: that needs all apps to be read and rated.
  Result<AppPage> app_parts(std::string_view id, Slice clients = {});
  Result<Page<AppClient>> app_clients(std::string_view id, Slice slice);
  // The packets that prove an app, of one client when it is not empty; best first.
  Result<Page<Sighting>> evidence(std::string_view app, std::string_view client, Slice slice);
  Result<std::vector<TimelinePoint>> app_timeline(std::string_view id, Interval interval);
  Result<Page<ClientRow>> clients(const ClientQuery& query, Slice slice);
  // Apps of one client, most bytes first; and its days.
  Result<std::vector<AppClient>> apps_of_client(std::string_view client);  // `client` holds the app
  Result<std::vector<TimelinePoint>> client_timeline(std::string_view client, Interval interval);
  Result<std::vector<TimelinePoint>> timeline(Interval interval);
  Result<Totals> totals();
  Result<Page<FindingSummary>> findings(std::string_view app, Slice slice);  // worst first
  Result<Page<Alert>> alerts(const AlertQuery& query, Slice slice);          // latest first
  Result<Page<AuditEntry>> audit(const AuditQuery& query, Slice slice);      // latest first

 private:
  class Impl;
  explicit Pages(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gnomon::inventory
