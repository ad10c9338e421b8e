#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <variant>

#include "gnomon/inventory/decisions.h"

namespace gnomon::inventory {

// Decides about an app as a whole; the first problem is told.
inline Result<std::monostate> set_review(const std::filesystem::path& database,
                                         std::string_view app, const Review& review,
                                         std::string_view actor, Time at) {
  DecisionChange change;
  change.scope.app = app;
  change.review = review;
  auto done = set_decisions(database, std::span{&change, 1}, actor, at);
  if (!done) return done.error();
  if (!done->problems.empty()) return Error{done->problems.front().message};
  return std::monostate{};
}

}  // namespace gnomon::inventory
