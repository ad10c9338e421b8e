#pragma once

#include <cstddef>
#include <string_view>

#include "gnomon/bytes/text_parts.h"

// What readers of documents as a whole share.
namespace gnomon::content {

inline bool has(std::string_view text, std::string_view wanted) {
  return text.find(wanted) != std::string_view::npos;
}

// How often `wanted` is there, `most` at most.
inline std::size_t count_of(std::string_view text, std::string_view wanted, std::size_t most) {
  std::size_t count = 0;
  for (std::size_t at = 0; count < most && (at = text.find(wanted, at)) != std::string_view::npos;
       at += wanted.size())
    ++count;
  return count;
}

// Calls visit(line), without its end, until that is false.
template <class Visit>
void each_line(std::string_view text, Visit&& visit) {
  // Files of old Macs end lines by CR alone.
  const char last = text.find('\n') == std::string_view::npos ? '\r' : '\n';
  while (!text.empty()) {
    const std::size_t end = text.find(last);
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!visit(line)) return;
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace gnomon::content
