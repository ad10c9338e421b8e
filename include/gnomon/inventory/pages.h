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
#include "gnomon/inventory/period.h"

// Reading a large inventory a page at a time: 2,000 apps, 50,000 clients and 5 million hours are
// answered within a fraction of a second, from sums that are kept when a run is finished.
namespace gnomon::inventory {

// Of a list: so many from `offset` on.
struct Slice {
  std::size_t offset = 0;
  std::size_t limit = 100;
};
// A part of a long list.
template <class Row>
struct Page {
  std::vector<Row> rows;
  std::uint64_t total = 0;  // of the whole list
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

// What is short about an app besides its summary, with the beginnings of what is long.
struct AppPage {
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
  static Result<Pages> open(const std::filesystem::path& path);
  Pages(Pages&&) noexcept;
  Pages& operator=(Pages&&) noexcept;
  ~Pages();

  // Empty of an app that was not seen.
  Result<AppPage> app_parts(std::string_view id, Slice clients = {});
  Result<Page<AppClient>> app_clients(std::string_view id, Slice slice);
  // The packets that prove an app, of one client when it is not empty; best first.
  Result<Page<Sighting>> evidence(std::string_view app, std::string_view client, Slice slice);
  Result<std::vector<TimelinePoint>> app_timeline(std::string_view id);
  // Apps of one client, most bytes first.
  Result<std::vector<AppClient>> apps_of_client(std::string_view client);  // `client` holds the app
  Result<AskedBy> asked_by(const std::string& client);
  Result<Page<Alert>> alerts(const AlertQuery& query, Slice slice);        // latest first
  Result<Page<AuditEntry>> audit(const AuditQuery& query, Slice slice);    // latest first

 private:
  class Impl;
  explicit Pages(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gnomon::inventory
