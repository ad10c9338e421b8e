#pragma once

#include <string>
#include <string_view>

#include "gnomon/inventory/inventory.h"

namespace gnomon::report::console {

// What a decision says, by the names that requests give it.
struct ReviewField {
  std::string_view name;
  std::string inventory::Review::*member;
};
inline constexpr ReviewField kReviewFields[] = {
    {"status", &inventory::Review::status},
    {"owner", &inventory::Review::owner},
    {"purpose", &inventory::Review::purpose},
    {"department", &inventory::Review::department},
    {"data_class", &inventory::Review::data_class},
    {"review_date", &inventory::Review::review_date},
    {"reason", &inventory::Review::reason},
};

}  // namespace gnomon::report::console
