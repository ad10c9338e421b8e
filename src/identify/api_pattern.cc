#include "api_pattern.h"

#include <algorithm>
#include <charconv>

#include "gnomon/bytes/ascii.h"

namespace gnomon::identify {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(PathName::kCount)> kNames = {
    "model", "repository", "file", "revision", "tool"};

}  // namespace

bool glob_match_all(std::string_view pattern, std::string_view text, bool ignore_case) {
  std::size_t at = 0, in = 0, star = std::string_view::npos, resume = 0;
  while (in < text.size()) {
    const bool same =
        at < pattern.size() && pattern[at] != '*' &&
        (ignore_case ? to_lower(pattern[at]) == to_lower(text[in]) : pattern[at] == text[in]);
    if (same) {
      ++at;
      ++in;
    } else if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = in;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      ++resume;
      if (at < pattern.size() && pattern[at] != '*') {  // on to where the rest may begin
        const char next = to_lower(pattern[at]);
        while (resume < text.size() && to_lower(text[resume]) != next) ++resume;
      }
      in = resume;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

std::string_view percent_decoded(std::string_view text, std::string& room) {
  if (text.find('%') == std::string_view::npos) return text;
  room.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      room += static_cast<char>(value);
      i += 2;
    } else {
      room += text[i];
    }
  }
  return room;
}

std::string PathPattern::parse(std::string_view text) {
  text_ = text;
  if (text.starts_with("**/")) {
    any_before_ = true;
    text.remove_prefix(2);
  }
  if (!text.starts_with('/')) return "a path begins with / or **/";
  text.remove_prefix(1);
  while (!text.empty()) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    std::string_view part = text.substr(0, slash);
    text.remove_prefix(std::min(slash + 1, text.size()));
    if (any_after_) return "** stands first or last";
    if (part == "**") {
      any_after_ = true;
      continue;
    }
    Segment segment;
    const std::size_t open = part.find_first_of("*{");
    if (open == std::string_view::npos) {
      if (part.empty()) return "has an empty segment";
      segment.before = part;
      if (anchor_.size() <= part.size()) anchor_ = part;
      segments_.push_back(segment);
      continue;
    }
    segment.wild = true;
    segment.before = part.substr(0, open);
    std::size_t end = open + 1;
    if (part[open] == '{') {
      end = part.find('}', open);
      if (end == std::string_view::npos) return "{ is not closed";
      std::string_view name = part.substr(open + 1, end - open - 1);
      ++end;
      if (name.ends_with("...")) {
        segment.count = 0;
        name.remove_suffix(3);
      } else if (name.ends_with(":2") || name.ends_with(":3")) {
        segment.count = static_cast<std::uint8_t>(name.back() - '0');
        name.remove_suffix(2);
      }
      const auto* known = std::find(kNames.begin(), kNames.end(), name);
      if (known == kNames.end()) return "no path names a '" + std::string{name} + "'";
      segment.name = static_cast<PathName>(known - kNames.begin());
    }
    segment.after = part.substr(end);
    if (segment.after.find_first_of("*{") != std::string_view::npos)
      return "one wildcard in a segment is enough";
    if (segment.count == 0 && !text.empty()) return "{...} stands last";
    segments_.push_back(segment);
  }
  return {};
}

std::size_t PathPattern::split(std::string_view path,
                               std::array<std::string_view, kSegmentsMax>& segments) {
  path = path.substr(0, path.find_first_of("?#"));
  std::size_t count = 0;
  while (!path.empty() && count < kSegmentsMax) {
    if (path.front() == '/') {
      path.remove_prefix(1);
      continue;
    }
    const std::size_t slash = std::min(path.find('/'), path.size());
    segments[count++] = path.substr(0, slash);
    path.remove_prefix(slash);
  }
  return count;
}

bool PathPattern::match_here(std::span<const std::string_view> segments, PathNames& names) const {
  PathNames found{};
  std::size_t at = 0;
  for (const Segment& each : segments_) {
    const std::size_t count = each.count == 0 ? segments.size() - at : each.count;
    if (count == 0 || at + count > segments.size()) return false;
    const std::string_view first = segments[at], last = segments[at + count - 1];
    // Segments of one path: the bytes between them are its slashes.
    const std::string_view whole{
        first.data(), static_cast<std::size_t>(last.data() + last.size() - first.data())};
    if (!each.wild) {
      if (whole != each.before) return false;
    } else {
      if (whole.size() <= each.before.size() + each.after.size() ||
          !whole.starts_with(each.before) || !whole.ends_with(each.after))
        return false;
      if (each.name != PathName::kCount)
        found[static_cast<std::size_t>(each.name)] =
            whole.substr(each.before.size(), whole.size() - each.before.size() - each.after.size());
    }
    at += count;
  }
  if (at != segments.size() && !any_after_) return false;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!found[i].empty()) names[i] = found[i];
  return true;
}

bool PathPattern::match(std::span<const std::string_view> segments, PathNames& names) const {
  if (!any_before_) return match_here(segments, names);
  // From the end: the shortest tail that fits names the most particular things.
  for (std::size_t from = segments.size() + 1; from-- > 0;)
    if (match_here(segments.subspan(from), names)) return true;
  return false;
}

}  // namespace gnomon::identify
