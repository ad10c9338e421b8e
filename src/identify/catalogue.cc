#include "gnomon/identify/catalogue.h"

#include <algorithm>
#include <array>

#include "contents.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/hash.h"
#include "gnomon/identify/roles.h"
#include "vocabulary.h"

namespace gnomon::identify {

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kWebUi:
      return "web-ui";
    case Role::kApi:
      return "api";
    case Role::kUpload:
      return "upload";
    case Role::kCdn:
      return "cdn";
    case Role::kAuth:
      return "auth";
    case Role::kTelemetry:
      return "telemetry";
    case Role::kModelDownload:
      return "model-download";
    case Role::kWebsocket:
      return "websocket";
    case Role::kMcp:
      return "mcp";
  }
  return {};
}

std::span<const Role> all_roles() { return kRoles; }

std::string_view to_string(Proof proof) {
  switch (proof) {
    case Proof::kAi:
      return "ai";
    case Proof::kEmbedded:
      return "embedded";
    case Proof::kWidget:
      return "widget";
  }
  return {};
}

std::string Problem::to_string() const {
  std::string text = file;
  if (line != 0) text += ":" + std::to_string(line);
  text += ": ";
  if (!key.empty()) text += "key '" + key + "': ";
  return text + what;
}

std::string_view App::attribute(std::string_view key) const {
  const auto at =
      std::lower_bound(attributes.begin(), attributes.end(), key,
                       [](const Attribute& a, std::string_view k) { return a.key < k; });
  return at != attributes.end() && at->key == key ? at->value : std::string_view{};
}

Catalogue::Catalogue(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}
Catalogue::Catalogue(Catalogue&&) noexcept = default;
Catalogue& Catalogue::operator=(Catalogue&&) noexcept = default;
Catalogue::~Catalogue() = default;

Match Catalogue::match(std::string_view host) const {
  const std::uint32_t found = contents_->hosts.find(host);
  if (found == HostTable::kNone) return {};
  Match match = contents_->matches[found];
  if (match.app == nullptr || match.endpoint != nullptr) return match;
  // Only a domain of the app covers the host. The domain itself is a web site where the app has
  // one; below it the first label may tell what the host is there for.
  const bool domain_itself = host.size() - (host.ends_with('.') ? 1 : 0) == match.pattern.size();
  const std::size_t dot = host.find('.');
  std::array<char, 32> lower;
  if (dot > lower.size()) return match;
  std::transform(host.begin(), host.begin() + static_cast<std::ptrdiff_t>(dot), lower.begin(),
                 to_lower);
  const std::string_view label = domain_itself ? "www" : std::string_view{lower.data(), dot};
  const std::uint32_t known = contents_->label_index.find(label, hash_text(label));
  if (known == TextIndex::kNone) return match;
  const LabelRole& role = contents_->label_roles[known];
  if (domain_itself && !match.app->has_web) return match;
  match.role = role.role;
  match.usage = !role.usage.empty()         ? role.usage
                : role.role == Role::kWebUi ? match.app->web_usage
                                            : match.app->usage;
  return match;
}

Client Catalogue::client(std::string_view user_agent, std::string_view ja4) const {
  return contents_->clients.find(user_agent, ja4);
}

std::span<const App> Catalogue::apps() const { return contents_->apps; }

const App* Catalogue::find(std::string_view id) const {
  const auto at = std::lower_bound(contents_->apps.begin(), contents_->apps.end(), id,
                                   [](const App& app, std::string_view i) { return app.id < i; });
  return at != contents_->apps.end() && at->id == id ? &*at : nullptr;
}

std::span<const Problem> Catalogue::doubts() const { return contents_->doubts; }
std::size_t Catalogue::pattern_count() const { return contents_->hosts.size(); }

}  // namespace gnomon::identify
