#pragma once

#include <string_view>

// Parts of a text that is cut at single characters.
namespace gnomon {

// What HTTP calls optional white space (RFC 9110 §5.6.3).
constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Without the characters at both ends that `is` holds of.
template <class Is>
constexpr std::string_view trimmed(std::string_view text, Is is) {
  while (!text.empty() && is(text.front())) text.remove_prefix(1);
  while (!text.empty() && is(text.back())) text.remove_suffix(1);
  return text;
}

constexpr std::string_view trimmed(std::string_view text) { return trimmed(text, is_blank); }

// What stands before `mark`, or all there is without one. Takes it and the mark off a text; always
// shortens one that is not empty.
constexpr std::string_view take_until(std::string_view& text, char mark) {
  const std::size_t end = text.find(mark);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

}  // namespace gnomon
