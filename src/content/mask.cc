#include "mask.h"

#include <algorithm>

namespace gnomon::content {

std::string masked(std::string_view value, Category category) {
  if (value.empty()) return {};
  const std::size_t kept = value.size() >= 20   ? 4
                           : value.size() >= 12 ? 3
                           : value.size() >= 8  ? 2
                                                : 0;
  const std::size_t dots = std::min<std::size_t>(value.size() - kept, 8);
  const auto plain = [](std::string_view part) {
    std::string out;
    for (const char c : part) out += c > 32 && c < 127 ? c : '*';
    return out;
  };
  // Keys are told by how they begin, numbers of people and accounts by how they end.
  if (category == Category::kSecret) return plain(value.substr(0, kept)) + std::string(dots, '*');
  return std::string(dots, '*') + plain(value.substr(value.size() - kept));
}

}  // namespace gnomon::content
