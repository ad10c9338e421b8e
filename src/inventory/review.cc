#include "gnomon/inventory/review.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "gnomon/inventory/decisions.h"

namespace gnomon::inventory {
namespace {

constexpr std::string_view kStatuses[] = {"unreviewed", "under-review", "sanctioned", "tolerated",
                                          "unsanctioned"};

}  // namespace

bool is_review_status(std::string_view word) {
  return std::find(std::begin(kStatuses), std::end(kStatuses), word) != std::end(kStatuses);
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [text](std::size_t from, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(from, count)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 0 || month < 0 || day < 0) return false;
  return std::chrono::year_month_day{std::chrono::year{year},
                                     std::chrono::month{static_cast<unsigned>(month)},
                                     std::chrono::day{static_cast<unsigned>(day)}}
      .ok();
}

Result<std::monostate> set_review(const std::filesystem::path& path, std::string_view app,
                                  const Review& review, std::string_view actor, Time at) {
  auto stored = read_decisions(path, app);
  if (!stored) return stored.error();
  DecisionChange change;
  change.scope.app = app;
  change.review = review;
  for (const Decision& each : *stored)
    if (each.scope == change.scope) change.links = each.links;
  auto done = set_decisions(path, std::span{&change, 1}, actor, at);
  if (!done) return done.error();
  if (!done->problems.empty()) return Error{done->problems.front().message};
  return std::monostate{};
}

}  // namespace gnomon::inventory
