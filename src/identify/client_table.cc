#include "client_table.h"

#include <algorithm>
#include <array>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/hash.h"
#include "host_table.h"

namespace gnomon::identify {
namespace {

constexpr std::size_t kUserAgentBytesMax = 512;  // looked at; what matters stands in front
constexpr std::size_t kTokenBytesMax = 64;

// RFC 9110: tokens end at white space; comments, lists and quotes end them as well.
bool is_end(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == ';' || c == '(' || c == ')' || c == ',' ||
         c == '"' || c == '[' || c == ']' || c == '{' || c == '}';
}

// "OpenAI/Python/1.2" -> "OpenAI/Python"
std::string_view without_version(std::string_view token) {
  for (std::size_t at = 0; at + 1 < token.size(); ++at) {
    if (token[at] != '/') continue;
    const bool v = token[at + 1] == 'v' && at + 2 < token.size() && is_digit(token[at + 2]);
    if (v || is_digit(token[at + 1])) return token.substr(0, at);
  }
  return token.ends_with('/') ? token.substr(0, token.size() - 1) : token;
}

// "t13d1516h2_8daaf6152771_02713d6af862" -> "8daaf6152771"; empty when there are no three parts.
std::string_view middle_of(std::string_view ja4) {
  const std::size_t first = ja4.find('_');
  if (first == std::string_view::npos) return {};
  const std::size_t second = ja4.find('_', first + 1);
  if (second == std::string_view::npos) return {};
  if (ja4.find('_', second + 1) != std::string_view::npos) return {};
  return ja4.substr(first + 1, second - first - 1);
}

}  // namespace

bool ClientTable::is_token(std::string_view token) {
  return !token.empty() && token.size() <= kTokenBytesMax && without_version(token) == token &&
         std::none_of(token.begin(), token.end(),
                      [](char c) { return is_end(c) || c != to_lower(c); });
}

bool ClientTable::is_ja4_pattern(std::string_view pattern) {
  const std::string_view middle = middle_of(pattern);
  return middle.size() == 12 && middle.find_first_not_of("0123456789abcdef") == middle.npos &&
         !pattern.starts_with('_') && !pattern.ends_with('_');
}

bool ClientTable::add_token(std::string_view token) {
  const auto client = static_cast<std::uint32_t>(clients_.size() - 1);
  return tokens_.insert(token, hash_text(token), client) == client;
}

bool ClientTable::add_ja4(std::string_view pattern) {
  for (const Fingerprint& each : fingerprints_)
    if (each.pattern == pattern) return false;
  const std::string_view middle = middle_of(pattern);
  const auto fresh = static_cast<std::uint32_t>(fingerprints_.size());
  const auto client = static_cast<std::uint32_t>(clients_.size() - 1);
  std::uint32_t at = middles_.insert(middle, hash_text(middle), fresh);
  fingerprints_.push_back({pattern, client, TextIndex::kNone});
  if (at == fresh) return true;
  while (fingerprints_[at].next != TextIndex::kNone) at = fingerprints_[at].next;
  fingerprints_[at].next = fresh;
  return true;
}

std::uint32_t ClientTable::by_user_agent(std::string_view user_agent) const {
  std::uint32_t best = TextIndex::kNone;
  user_agent = user_agent.substr(0, kUserAgentBytesMax);
  std::array<char, kTokenBytesMax> text;
  while (!user_agent.empty()) {
    const auto* const end = std::find_if(user_agent.begin(), user_agent.end(), is_end);
    const auto size = static_cast<std::size_t>(end - user_agent.begin());
    const std::string_view token = without_version(user_agent.substr(0, size));
    user_agent.remove_prefix(std::min(size + 1, user_agent.size()));
    if (token.empty() || token.size() > text.size()) continue;
    std::transform(token.begin(), token.end(), text.begin(), to_lower);
    const std::string_view whole{text.data(), token.size()};
    best = std::min(best, tokens_.find(whole, hash_text(whole)));
    if (const std::size_t slash = whole.find('/'); slash != std::string_view::npos) {
      const std::string_view front = whole.substr(0, slash);
      best = std::min(best, tokens_.find(front, hash_text(front)));
    }
  }
  return best;
}

std::uint32_t ClientTable::by_ja4(std::string_view ja4) const {
  const std::string_view middle = middle_of(ja4);
  if (middle.empty()) return TextIndex::kNone;
  std::uint32_t best = TextIndex::kNone;
  for (std::uint32_t at = middles_.find(middle, hash_text(middle)); at != TextIndex::kNone;
       at = fingerprints_[at].next) {
    if (fits(fingerprints_[at].pattern, ja4, '_')) best = std::min(best, fingerprints_[at].client);
  }
  return best;
}

Client ClientTable::find(std::string_view user_agent, std::string_view ja4) const {
  if (const std::uint32_t found = by_user_agent(user_agent); found != TextIndex::kNone)
    return clients_[found];
  const std::uint32_t found = by_ja4(ja4);
  if (found == TextIndex::kNone) return {};
  Client client = clients_[found];
  client.hint = true;
  client.usage = {};  // a fingerprint is shared by whatever uses the same library
  return client;
}

}  // namespace gnomon::identify
