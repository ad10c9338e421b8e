#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <span>
#include <vector>

#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/inventory/pages.h"
#include "gnomon/report/console.h"
#include "gnomon/report/console_accounts.h"
#include "http.h"
#include "login_limit.h"
#include "parameters.h"
#include "saved_views.h"
#include "sessions.h"
#include "snapshot.h"

namespace gnomon::report::console {

inline constexpr std::size_t kFirst = 25;  // rows of the lists on a page; the rest is paged

// What an app's page needs beside the list: read when it is asked for, kept while nothing changes.
struct AppParts {
  inventory::AppPage page;  // with the first clients
  inventory::Page<inventory::Sighting> evidence;
  std::vector<inventory::TimelinePoint> hours;
};
using DetailPointer = std::shared_ptr<const AppParts>;
using PagesPointer = std::unique_ptr<inventory::Pages>;

// All of the console but sockets: a request in, an answer out. Any thread.
class Site {
 public:
  using Now = std::function<Clock::time_point()>;
  Site(ConsoleOptions options, bool tls, Now now);

  Result<std::monostate> begin();
  Response answer(const Request& request);
  // The secret that makes the first account; empty once there is one.
  [[nodiscard]] std::string setup_token();

  // For the routes' handlers.
  [[nodiscard]] const ConsoleOptions& options() const { return options_; }
  [[nodiscard]] Clock::time_point now() const { return now_(); }
  [[nodiscard]] bool tls() const { return tls_; }
  SnapshotKeeper& snapshots() { return snapshots_; }
  SessionTable& sessions() { return sessions_; }
  const AccountFile& accounts() const { return accounts_; }
  const SavedViews& views() const { return views_; }
  // As the file says now; none when it cannot be read.
  std::optional<Account> account(std::string_view name);
  bool has_accounts();
  // Whether this name and this address may try a password now; if not, how long not.
  std::chrono::seconds may_try(std::string_view name, std::string_view peer);
  void forgive(std::string_view name, std::string_view peer);
  bool password_is_right(std::string_view name, std::string_view password);
  // Read once for all who ask at the same time.
  Result<DetailPointer> detail(const Snapshot& snapshot, const std::string& id);
  // Somebody has decided on them: what is shown of them is read anew.
  void decided(std::span<const inventory::DecisionChange> changes);
  // A connection for one request, to be given back.
  Result<PagesPointer> take_pages();
  void give_back(PagesPointer pages);
  std::mutex& writing() { return writing_; }

 private:
  Response route(const Request& request);
  void secure(Response& response) const;
  [[nodiscard]] bool may_be_called(std::string_view host) const;

  ConsoleOptions options_;
  bool tls_;
  Now now_;
  AccountFile accounts_;
  SavedViews views_;
  SnapshotKeeper snapshots_;
  SessionTable sessions_;
  LoginLimit by_name_{{5, std::chrono::seconds{60}}};
  LoginLimit by_peer_{{20, std::chrono::seconds{15}}};
  std::mutex hashing_;  // scrypt takes 32 MiB: one at a time
  std::mutex writing_;
  std::mutex setup_;
  std::string setup_token_;
  std::mutex pages_mutex_;
  std::vector<PagesPointer> idle_pages_;
  std::mutex details_mutex_;
  struct Detail {
    std::mutex reading;
    DetailPointer parts;
  };
  std::uint64_t details_of_ = 0;  // the reading that they tell of
  std::vector<std::pair<std::string, std::shared_ptr<Detail>>> details_;  // used last comes last
};

// One request on its way through a route.
struct Call {
  Site& site;
  const Request& request;
  std::vector<std::string> words;  // what stands for the route's {names}, in order
  Parameters parameters;
  std::optional<Session> session;
  std::shared_ptr<const Snapshot> snapshot;
};

enum class Access : std::uint8_t { kPublic, kViewer, kReviewer, kAdmin };

struct Route {
  std::string_view method;  // "GET", "POST", "PUT", "DELETE"
  std::string_view path;    // "/api/v1/apps/{id}"
  Access access = Access::kViewer;
  Response (*answer)(Call& call);
};
// Every route of the API.
std::span<const Route> routes();

// What stands for {names} when the path is the route's.
std::optional<std::vector<std::string>> match(std::string_view pattern,
                                              const std::vector<std::string>& segments);

// The cookie of that name; nothing when it is not there, or there twice.
std::optional<std::string> cookie_of(std::string_view cookies, std::string_view name);
// "127.0.0.1:8787" as "127.0.0.1", "[::1]:80" as "::1"; empty when it is no authority.
std::string host_of(std::string_view authority);
bool is_address(std::string_view host);

// The page at that path: files, and the one page under every address that a page has. Nothing when
// there is none.
std::optional<Response> page_at(const Target& target, std::string_view if_none_match);
Response nowhere_page();  // for people who came to an address that is none

// Whether it is the address of a page that shows no one thing: "/apps", not "/apps/chatgpt".
bool is_page(std::string_view path);

Response openapi(Call& call);  // what the API can do, as OpenAPI 3.1

// The API's parts; each lists its routes.
std::span<const Route> session_routes();
std::span<const Route> list_routes();
std::span<const Route> app_routes();
std::span<const Route> client_routes();
std::span<const Route> graph_routes();
std::span<const Route> write_routes();
std::span<const Route> govern_routes();
std::span<const Route> register_routes();
std::span<const Route> export_routes();
std::span<const Route> user_routes();
std::span<const Route> group_routes();
std::span<const Route> block_routes();
std::span<const Route> bulk_routes();
std::span<const Route> view_routes();

}  // namespace gnomon::report::console
