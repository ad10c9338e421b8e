#include "site.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "gnomon/bytes/ascii.h"

namespace gnomon::report::console {
namespace {

constexpr std::size_t kDetailsMax = 256;

constexpr std::pair<std::string_view, std::string_view> kSecurityHeaders[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
     "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), usb=()"},
};

bool is_write(std::string_view method) { return method != "GET" && method != "HEAD"; }

// A browser tells where a request comes from; what it says must be this place.
bool is_foreign(const Request& request) {
  if (!request.sec_fetch_site.empty() && request.sec_fetch_site != "same-origin" &&
      request.sec_fetch_site != "none")
    return true;
  if (request.origin.empty()) return false;
  return request.origin != (request.tls ? "https://" : "http://") + request.host;
}

Access access_of(Role role) {
  switch (role) {
    case Role::kViewer:
      return Access::kViewer;
    case Role::kReviewer:
      return Access::kReviewer;
    case Role::kAdmin:
      return Access::kAdmin;
  }
  return Access::kPublic;
}

bool allows(const Route& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

std::vector<Route> collected() {
  std::vector<Route> all;
  for (const auto part :
       {session_routes(), list_routes(), app_routes(), client_routes(), graph_routes(),
        write_routes(), govern_routes(), register_routes(), export_routes(), user_routes(),
        group_routes(), block_routes(), bulk_routes(), view_routes()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

std::span<const Route> routes() {
  static const std::vector<Route> all = collected();
  return all;
}

std::optional<std::vector<std::string>> match(std::string_view pattern,
                                              const std::vector<std::string>& segments) {
  std::vector<std::string> words;
  std::size_t at = 0;
  pattern.remove_prefix(1);
  while (!pattern.empty()) {
    const std::size_t end = std::min(pattern.find('/'), pattern.size());
    const std::string_view part = pattern.substr(0, end);
    pattern.remove_prefix(std::min(end + 1, pattern.size()));
    if (at >= segments.size()) return std::nullopt;
    if (part.starts_with('{'))
      words.push_back(segments[at]);
    else if (part != segments[at])
      return std::nullopt;
    ++at;
  }
  if (at != segments.size()) return std::nullopt;
  return words;
}

std::optional<std::string> cookie_of(std::string_view cookies, std::string_view name) {
  std::optional<std::string> found;
  while (!cookies.empty()) {
    const std::size_t end = std::min(cookies.find(';'), cookies.size());
    std::string_view part = cookies.substr(0, end);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    while (part.starts_with(' ')) part.remove_prefix(1);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || part.substr(0, equals) != name) continue;
    if (found) return std::nullopt;
    found = std::string{part.substr(equals + 1)};
  }
  return found;
}

std::string host_of(std::string_view authority) {
  std::string_view host = authority;
  std::string_view port;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return {};
    port = host.substr(end + 1);
    host = host.substr(1, end - 1);
  } else if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    port = host.substr(colon);
    host = host.substr(0, colon);
  }
  if (!port.empty() && (port.front() != ':' || port.size() < 2 || port.size() > 6 ||
                        port.find_first_not_of("0123456789", 1) != std::string_view::npos))
    return {};
  std::string lower{host};
  for (char& c : lower) c = to_lower(c);
  if (lower.ends_with('.')) lower.pop_back();
  return lower;
}

bool is_address(std::string_view host) {
  std::array<unsigned char, 16> bytes{};
  const std::string text{host};
  return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

Site::Site(ConsoleOptions options, bool tls, Now now)
    : options_(std::move(options)),
      tls_(tls),
      now_(std::move(now)),
      accounts_(options_.database),
      views_(options_.database),
      snapshots_(options_.database) {}

Result<std::monostate> Site::begin() {
  auto accounts = accounts_.read();
  if (!accounts) return accounts.error();
  if (accounts->empty()) setup_token_ = random_hex(32);
  return snapshots_.begin();
}

std::string Site::setup_token() {
  const std::lock_guard lock{setup_};
  if (!setup_token_.empty() && has_accounts()) setup_token_.clear();
  return setup_token_;
}

bool Site::has_accounts() {
  auto accounts = accounts_.read();
  return !accounts || !accounts->empty();  // what cannot be read is not taken for none
}

std::optional<Account> Site::account(std::string_view name) {
  auto accounts = accounts_.read();
  if (!accounts) return std::nullopt;
  for (Account& each : *accounts)
    if (each.name == name) return std::move(each);
  return std::nullopt;
}

std::chrono::seconds Site::may_try(std::string_view name, std::string_view peer) {
  const auto by_peer = by_peer_.take(peer, now());
  if (by_peer.count() > 0) return by_peer;
  return by_name_.take(name, now());
}

void Site::forgive(std::string_view name, std::string_view peer) {
  by_name_.forgive(name);
  by_peer_.forgive(peer);
}

bool Site::password_is_right(std::string_view name, std::string_view password) {
  constexpr std::size_t kPasswordBytesMax = 1024;
  // Nobody's: who is not there takes as long as who is.
  static const std::string nobody = hash_password(random_hex(16));
  const std::optional<Account> found = account(name);
  const std::lock_guard lock{hashing_};
  const bool right =
      password_matches(password.substr(0, kPasswordBytesMax), found ? found->password : nobody);
  return right && found.has_value();
}

Result<DetailPointer> Site::detail(const Snapshot& snapshot, const std::string& id) {
  std::shared_ptr<Detail> detail;
  {
    const std::lock_guard lock{details_mutex_};
    if (details_of_ != snapshot.reading) {
      details_.clear();
      details_of_ = snapshot.reading;
    }
    const auto at = std::find_if(details_.begin(), details_.end(),
                                 [&](const auto& each) { return each.first == id; });
    if (at != details_.end()) {
      std::rotate(at, at + 1, details_.end());
    } else {
      if (details_.size() >= kDetailsMax) details_.erase(details_.begin());
      details_.emplace_back(id, std::make_shared<Detail>());
    }
    detail = details_.back().second;
  }
  const std::lock_guard reading{detail->reading};
  if (detail->parts) return detail->parts;
  auto pages = take_pages();
  if (!pages) return pages.error();
  auto parts = std::make_shared<AppParts>();
  auto page = (*pages)->app_parts(id, {0, kFirst});
  if (!page) return page.error();
  parts->page = std::move(*page);
  auto evidence = (*pages)->evidence(id, {}, {0, kFirst});
  if (!evidence) return evidence.error();
  parts->evidence = std::move(*evidence);
  auto hours = (*pages)->app_timeline(id);
  if (!hours) return hours.error();
  parts->hours = std::move(*hours);
  give_back(std::move(*pages));
  detail->parts = std::move(parts);
  return detail->parts;
}

void Site::decided(std::span<const inventory::DecisionChange> changes) {
  {
    const std::lock_guard lock{details_mutex_};
    for (const inventory::DecisionChange& change : changes)
      std::erase_if(details_, [&](const auto& each) { return each.first == change.scope.app; });
  }
  snapshots_.refresh();
}

Result<PagesPointer> Site::take_pages() {
  {
    const std::lock_guard lock{pages_mutex_};
    if (!idle_pages_.empty()) {
      PagesPointer pages = std::move(idle_pages_.back());
      idle_pages_.pop_back();
      return pages;
    }
  }
  auto opened = inventory::Pages::open(options_.database);
  if (!opened) return opened.error();
  return std::make_unique<inventory::Pages>(std::move(*opened));
}

void Site::give_back(PagesPointer pages) {
  constexpr std::size_t kIdleMax = 8;
  const std::lock_guard lock{pages_mutex_};
  if (idle_pages_.size() < kIdleMax) idle_pages_.push_back(std::move(pages));
}

bool Site::may_be_called(std::string_view host) const {
  const std::string name = host_of(host);
  if (name.empty()) return false;
  if (name == "localhost" || is_address(name)) return true;
  return std::find(options_.host_names.begin(), options_.host_names.end(), name) !=
         options_.host_names.end();
}

void Site::secure(Response& response) const {
  for (const auto& [name, value] : kSecurityHeaders)
    response.headers.emplace_back(std::string{name}, std::string{value});
  if (tls_) response.headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
  const bool said = std::any_of(response.headers.begin(), response.headers.end(),
                                [](const auto& each) { return each.first == "Cache-Control"; });
  if (!said) response.headers.emplace_back("Cache-Control", "no-store");
}

Response Site::answer(const Request& request) {
  Response response = route(request);
  secure(response);
  return response;
}

Response Site::route(const Request& request) {
  if (request.repeated)
    return error_response(400, "bad_request", "a header field that is meant once came twice");
  if (!may_be_called(request.host))
    return error_response(421, "unknown_host",
                          "the console does not answer to this name; start it with --host-name to "
                          "allow it");
  auto target = parse_target(request.target);
  if (!target) return error_response(400, "bad_request", target.error().message);

  const bool is_api = !target->segments.empty() && target->segments.front() == "api";
  if (!is_api) {
    if (auto page = page_at(*target, request.if_none_match)) {
      if (!is_write(request.method)) return std::move(*page);
      Response refused = error_response(405, "method", "pages are only read");
      refused.headers.emplace_back("Allow", "GET, HEAD");
      return refused;
    }
    if (request.accept.find("text/html") != std::string::npos) return nowhere_page();
    return error_response(404, "not_found", "there is nothing here");
  }

  const Route* chosen = nullptr;
  std::vector<std::string> words;
  std::string allowed;
  for (const Route& each : routes()) {
    auto matched = match(each.path, target->segments);
    if (!matched) continue;
    allowed += (allowed.empty() ? "" : ", ") + std::string{each.method} +
               (each.method == "GET" ? ", HEAD" : "");
    if (chosen != nullptr || !allows(each, request.method)) continue;
    chosen = &each;
    words = std::move(*matched);
  }
  if (allowed.empty()) return error_response(404, "not_found", "the API has nothing here");
  if (chosen == nullptr) {
    Response refused = error_response(405, "method", "this takes " + allowed);
    refused.headers.emplace_back("Allow", allowed);
    return refused;
  }

  const bool write = is_write(request.method);
  if (write) {
    if (!target->query.empty())
      return error_response(400, "parameter", "writing takes its parameters in the body");
    if (is_foreign(request))
      return error_response(403, "foreign", "this request comes from another place's page");
    const std::string_view type = request.content_type;
    if (!request.body.empty() && type.substr(0, type.find(';')) != "application/json")
      return error_response(415, "media_type", "the body must be application/json");
  } else if (!request.body.empty()) {
    return error_response(400, "bad_request", "reading takes no body");
  }

  Call call{*this, request, std::move(words), Parameters{*target}, std::nullopt, nullptr};
  if (const auto id = cookie_of(request.cookie, tls_ ? "__Host-gnomon" : "gnomon")) {
    call.session = sessions_.find(*id, now());
    // An account that was changed or removed meanwhile is signed in no longer.
    if (call.session) {
      const std::optional<Account> found = account(call.session->account);
      if (!found || found->stamp != call.session->account_stamp) {
        sessions_.end(*id);
        call.session.reset();
      }
    }
  }
  if (chosen->access != Access::kPublic) {
    if (!call.session) return error_response(401, "signed_out", "sign in first");
    if (access_of(call.session->role) < chosen->access)
      return error_response(
          403, "role",
          "this needs the role " +
              std::string{chosen->access == Access::kAdmin ? "admin" : "reviewer"});
    if (write && !same_secret(request.csrf_token, call.session->csrf_token))
      return error_response(403, "csrf", "the request lacks its X-CSRF-Token");
  }
  call.snapshot = snapshots_.current();
  Response response = chosen->answer(call);
  // What a handler did not ask for was not meant for it.
  if (response.status < 300)
    if (const auto wrong = call.parameters.error())
      return error_response(400, "parameter", wrong->message);
  return response;
}

}  // namespace gnomon::report::console
