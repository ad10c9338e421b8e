#pragma once

#include <string>
#include <string_view>

namespace gnomon::inventory {

// What the governance team decided about an app. An app without one is "unreviewed".
struct Review {
  std::string status = "unreviewed";  // ... | under-review | sanctioned | tolerated | unsanctioned
  std::string owner;
  std::string purpose;
  std::string department;
  std::string data_class;
  std::string review_date;  // YYYY-MM-DD, when to look again; empty for never
  std::string reason;

  bool operator==(const Review&) const = default;
};

bool is_review_status(std::string_view word);
// A day of the calendar written YYYY-MM-DD.
bool is_date(std::string_view text);

}  // namespace gnomon::inventory
