#include "token_claim.h"

#include <algorithm>
#include <cstdint>

namespace gnomon::identify {
namespace {

// RFC 4648, section 5; -1: not of its alphabet.
constexpr int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

void skip_spaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

}  // namespace

std::string_view token_payload(std::string_view value, std::span<char> room) {
  const std::string_view none{room.data(), 0};
  if (const std::size_t space = value.rfind(' '); space != std::string_view::npos)
    value.remove_prefix(space + 1);
  // An object that begins with a name: all tokens do.
  if (!value.starts_with("eyJ")) return none;
  const std::size_t first = value.find('.');
  if (first == std::string_view::npos) return none;
  value.remove_prefix(first + 1);
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t size = 0;
  for (const char c : value.substr(0, value.find('.'))) {
    const int six = value_of(c);
    if (six < 0) return none;
    bits = (bits << 6 | static_cast<std::uint32_t>(six)) & 0xfff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    if (size == room.size()) break;
    room[size++] = static_cast<char>(bits >> held & 0xff);
  }
  return {room.data(), size};
}

std::string_view claim_of(std::string_view payload, std::string_view claim) {
  while (true) {
    const std::size_t at = payload.find(claim);
    if (at == std::string_view::npos || claim.empty()) return {};
    const bool named = at > 0 && payload[at - 1] == '"';
    payload.remove_prefix(at + claim.size());
    if (!named || !payload.starts_with('"')) continue;
    std::string_view rest = payload.substr(1);
    skip_spaces(rest);
    if (!rest.starts_with(':')) continue;
    rest.remove_prefix(1);
    skip_spaces(rest);
    if (!rest.starts_with('"')) continue;
    rest.remove_prefix(1);
    const std::size_t end = rest.find('"');
    return end == std::string_view::npos ? std::string_view{} : rest.substr(0, end);
  }
}

}  // namespace gnomon::identify
