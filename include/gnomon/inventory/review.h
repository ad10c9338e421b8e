#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"

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

// Stores the decision about an app as a whole (decisions.h has the rest) and, in the same transaction, appends to the audit who (`actor`)
// changed what from what at `at` (the wall clock, told by the caller). Refuses an app that the
// inventory does not hold, a status or a date that is none. Storing what is stored already is no
// change and no audit row.
Result<std::monostate> set_review(const std::filesystem::path& database, std::string_view app,
                                  const Review& review, std::string_view actor, Time at);

}  // namespace gnomon::inventory
