#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "site.h"

// Sorting rows by what ?sort= and ?order= say.
namespace gnomon::report::console {

inline std::uint64_t bytes_of(const inventory::Counts& counts) {
  return counts.bytes_to_server + counts.bytes_to_client;
}

// One way to order rows; negative, zero or positive as a is less, equal or more than b.
template <class Row>
struct Order {
  std::string_view name;
  int (*compare)(const Row& a, const Row& b);
  bool descends;  // unless it is asked for otherwise
};

template <class T>
int compared(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

template <class Row, std::size_t count>
void sort_rows(Call& call, std::vector<Row>& rows, const Order<Row> (&orders)[count]) {
  std::vector<std::string_view> names;
  for (const auto& each : orders) names.push_back(each.name);
  const std::string sort = call.parameters.word("sort", names);
  constexpr std::string_view kDirections[] = {"", "asc", "desc"};
  const std::string direction = call.parameters.word("order", kDirections);
  for (const auto& each : orders) {
    if (each.name != sort) continue;
    const bool descending = direction.empty() ? each.descends : direction == "desc";
    std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
      const int order = each.compare(a, b);
      return descending ? order > 0 : order < 0;
    });
  }
}

// The words of a filter that takes what is as good or better.
inline constexpr std::string_view kGrades[] = {"", "dns", "name", "session", "use", "content"};
inline constexpr std::string_view kLevels[] = {"", "minimal", "low", "medium", "high", "critical"};

template <std::size_t count>
int place_of(const std::string_view (&words)[count], const std::string& word) {
  for (std::size_t i = 0; i < count; ++i)
    if (words[i] == word) return static_cast<int>(i);
  return 0;
}

}  // namespace gnomon::report::console
