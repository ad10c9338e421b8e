#include <string>
#include <string_view>

#include "detector_rules.h"
#include "gnomon/bytes/ascii.h"

namespace gnomon::content {

std::string expand_example(std::string_view example) {
  struct Kind {
    std::string_view name;
    std::string_view letters;
  };
  static constexpr Kind kKinds[] = {
      {"hex", "0123456789abcdef"},
      {"HEX", "0123456789ABCDEF"},
      {"digit", "0123456789"},
      {"lower", "abcdefghijklmnopqrstuvwxyz"},
      {"UPPER", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
      {"alnum", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"},
      {"lowernum", "0123456789abcdefghijklmnopqrstuvwxyz"},
      {"UPPERNUM", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
      {"b64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"},
      {"url64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"},
      {"b32", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"},
      {"B32", "abcdefghijklmnopqrstuvwxyz234567"},
  };
  std::string out;
  std::uint64_t state = 88172645463325252U + example.size();
  const auto next = [&](std::size_t below) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    return static_cast<std::size_t>(state % below);
  };
  while (!example.empty()) {
    const std::size_t open = example.find("${");
    out += example.substr(0, open);
    if (open == std::string_view::npos) break;
    example.remove_prefix(open + 2);
    const std::size_t close = example.find('}');
    const std::string_view inside = example.substr(0, close);
    example.remove_prefix(close == std::string_view::npos ? example.size() : close + 1);
    if (inside.empty()) continue;  // ${} breaks a word that would look like a secret in this file
    if (inside == "uuid") {
      const auto hex = [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) out += kKinds[0].letters[next(16)];
      };
      hex(8);
      out += '-';
      hex(4);
      out += "-4";
      hex(3);
      out += "-a";
      hex(3);
      out += '-';
      hex(12);
      continue;
    }
    const std::size_t colon = inside.find(':');
    std::size_t count = 0;
    for (const char c : inside.substr(std::min(colon, inside.size() - 1) + 1))
      if (is_digit(c) && count < 10000) count = count * 10 + static_cast<std::size_t>(c - '0');
    for (const Kind& kind : kKinds)
      if (kind.name == inside.substr(0, colon))
        for (std::size_t i = 0; i < count; ++i) out += kind.letters[next(kind.letters.size())];
  }
  return out;
}

}  // namespace gnomon::content
