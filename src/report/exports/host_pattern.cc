#include "host_pattern.h"

#include <algorithm>

#include "gnomon/bytes/ascii.h"

namespace gnomon::report {
namespace {

constexpr std::size_t kNameBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;

bool is_label_byte(char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '_'; }

}  // namespace

bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > kNameBytesMax) return false;
  std::size_t labels = 0;
  bool last_is_number = false;
  while (true) {
    const std::size_t end = std::min(name.find('.'), name.size());
    const std::string_view label = name.substr(0, end);
    if (label.empty() || label.size() > kLabelBytesMax) return false;
    if (!std::all_of(label.begin(), label.end(), is_label_byte)) return false;
    if (label.front() == '-' || label.back() == '-') return false;
    last_is_number = std::all_of(label.begin(), label.end(), is_digit);
    ++labels;
    if (end == name.size()) break;
    name.remove_prefix(end + 1);
  }
  // A last label of digits is an address, or would be taken for a part of one.
  return labels >= 2 && !last_is_number;
}

std::optional<HostPattern> parse_host_pattern(std::string_view pattern) {
  HostPattern parsed;
  if (pattern.starts_with("*.")) {
    parsed.breadth = Breadth::kBelow;
    pattern.remove_prefix(2);
  }
  if (pattern.ends_with('.')) pattern.remove_suffix(1);
  parsed.name = lowered(pattern);
  if (!is_host_name(parsed.name)) return std::nullopt;
  return parsed;
}

std::string_view parent_of(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

bool covers(std::string_view name, Breadth breadth, std::string_view host) {
  if (host == name) return breadth != Breadth::kBelow;
  return breadth != Breadth::kName && host.size() > name.size() && host.ends_with(name) &&
         host[host.size() - name.size() - 1] == '.';
}

std::string pattern_text(std::string_view name, Breadth breadth) {
  return (breadth == Breadth::kBelow ? "*." : "") + std::string{name};
}

}  // namespace gnomon::report
