#pragma once

#include <set>
#include <string>
#include <string_view>

#include "database.h"

namespace gnomon::inventory {

// The part of a query that says which apps are asked for: some by their ids, or all of them. What
// is bound comes first of a query's parameters, and stands in it once.
class SomeApps {
 public:
  explicit SomeApps(const std::set<std::string>* ids) : ids_(ids) {}

  // " WHERE s.app IN (?,?)"; nothing for all.
  [[nodiscard]] std::string where(std::string_view column) const { return text(" WHERE ", column); }
  [[nodiscard]] std::string also(std::string_view column) const { return text(" AND ", column); }
  void bind(Statement& query) const {
    int index = 0;
    if (ids_ == nullptr) return;
    for (const std::string& id : *ids_) query.bind(++index, id);
  }

 private:
  [[nodiscard]] std::string text(std::string_view begin, std::string_view column) const {
    if (ids_ == nullptr) return {};
    std::string text = std::string{begin} + std::string{column} + " IN (";
    for (std::size_t i = 0; i < ids_->size(); ++i) text += i == 0 ? "?" : ",?";
    return text + ")";
  }

  const std::set<std::string>* ids_;
};

}  // namespace gnomon::inventory
