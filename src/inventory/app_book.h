#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "batch_writer.h"
#include "gnomon/inventory/attributes.h"

namespace gnomon::inventory {

// What is known of apps, by their id. Never changes, so threads may share it.
class AppBook {
 public:
  explicit AppBook(std::vector<AppFacts> apps) : apps_(std::move(apps)) {
    for (std::size_t i = 0; i < apps_.size(); ++i) by_id_.emplace(apps_[i].id, i);
  }

  // Facts before the first row that names the app. False when it failed.
  bool write(BatchWriter& writer, const std::string& app) const {
    const auto known = by_id_.find(app);
    return known == by_id_.end() ? writer.write_unknown_app(app)
                                 : writer.write_facts(apps_[known->second]);
  }

 private:
  std::vector<AppFacts> apps_;
  std::unordered_map<std::string, std::size_t> by_id_;
};
using AppBookPointer = std::shared_ptr<const AppBook>;

}  // namespace gnomon::inventory
