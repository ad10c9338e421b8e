#pragma once

#include <vector>

#include "database.h"
#include "gnomon/inventory/decisions.h"

namespace gnomon::inventory {

struct ReviewField {
  std::string_view name;  // of the column
  std::string Review::*member;
};
// In the order of the table's columns.
inline constexpr ReviewField kReviewFields[] = {
    {"status", &Review::status},         {"owner", &Review::owner},
    {"purpose", &Review::purpose},       {"department", &Review::department},
    {"data_class", &Review::data_class}, {"review_date", &Review::review_date},
    {"reason", &Review::reason},
};

// All, sorted by scope; of one app when it is not empty.
Result<std::vector<Decision>> read_decisions(Database& database, std::string_view app = {});

// What policy rules said of an app: its tags, and whether they want a decision.
struct AppFlags {
  std::vector<std::string> tags;
  bool review_required = false;
};
Result<AppFlags> read_flags(Database& database, std::string_view app);

// "chatgpt", "chatgpt, upload", "chatgpt by finance": for the audit and for messages.
std::string scope_text(const DecisionScope& scope);

std::string joined_lines(const std::vector<std::string>& lines);

// What is wrong with the values of a change, by field; nothing about other rows.
void check_values(const DecisionChange& change, std::vector<DecisionProblem>& problems);

}  // namespace gnomon::inventory
