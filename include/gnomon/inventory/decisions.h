#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"
#include "gnomon/inventory/review.h"

namespace gnomon::inventory {

// What a decision speaks of: an app, or one usage of it ("web-chat", "api", "upload" ...), or what
// the clients of one group do with it, or both.
struct DecisionScope {
  std::string app;
  std::string usage;         // empty: all
  std::string client_group;  // empty: all
  auto operator<=>(const DecisionScope&) const = default;
};

struct Decision {
  DecisionScope scope;
  Review review;
  std::vector<std::string> links;  // attachments: addresses of documents
  std::int64_t version = 0;        // counts the changes, from 1; 0: nothing is stored yet
  Time updated_at;                 // wall clock
  std::string updated_by;
};

// One that is to be stored. With `expected_version` somebody else's change since then is a
// conflict: Decision::version as it was read, 0 when there was none.
struct DecisionChange {
  DecisionScope scope;
  Review review;
  std::vector<std::string> links;
  std::optional<std::int64_t> expected_version;
};

// What is wrong with a change, or with a line of an imported file.
struct DecisionProblem {
  enum class Kind : std::uint8_t { kRefused, kConflict, kUnknownApp };
  Kind kind = Kind::kRefused;
  std::size_t change = 0;  // which one, from 0
  std::string field;       // "status" ...; empty when it is about all
  std::string message;
  std::size_t line = 0;    // of a file, from 1; 0 when there is none
  std::size_t column = 0;  // of the table, from 1
};

struct DecisionsStored {
  std::size_t changed = 0;
  std::size_t unchanged = 0;
  // When there are any, nothing was stored.
  std::vector<DecisionProblem> problems;
};

// Stores all of them or none, in one transaction with their rows of the audit (who, when, what
// before and after). The error is of the database. `at` is the wall clock. On trial what it would
// come to is said, and nothing is stored.
Result<DecisionsStored> set_decisions(const std::filesystem::path& database,
                                      std::span<const DecisionChange> changes,
                                      std::string_view actor, Time at, bool on_trial = false);

// Takes a decision of a scope away (the app's own becomes unreviewed); audited.
Result<DecisionsStored> remove_decision(const std::filesystem::path& database,
                                        const DecisionScope& scope,
                                        std::optional<std::int64_t> expected_version,
                                        std::string_view actor, Time at, bool on_trial = false);

// All, sorted by scope; of one app when it is not empty.
Result<std::vector<Decision>> read_decisions(const std::filesystem::path& database,
                                             std::string_view app = {});

// The decision that holds for a usage by a client of a group: of those that fit, one of this usage
// and group before one of the group, before one of the usage, before the app's own. A group that is
// empty is that of nobody's. Null when none fits: unreviewed. `decisions` are of one app.
const Decision* effective_decision(std::span<const Decision> decisions, std::string_view usage,
                                   std::string_view client_group);

// Decisions as a table for spreadsheets: a heading, then a row each. Text that a spreadsheet would
// run as a formula (= + - @ and control characters in front) gets an apostrophe in front, which the
// import takes away again.
std::string decisions_to_csv(std::span<const Decision> decisions);

struct DecisionImport {
  std::vector<DecisionChange> changes;
  std::vector<std::size_t> lines;         // of each change
  std::vector<DecisionProblem> problems;  // of every line that cannot be taken
};
// Reads such a table, with the columns in any order; only `app` and `status` must be there. A
// column "version" makes changes that expect it. What a missing column would hold is taken from
// `stored`.
DecisionImport decisions_from_csv(std::string_view text, std::span<const Decision> stored);

struct AuditEntry {
  std::int64_t id = 0;
  Time at;  // wall clock
  std::string actor;
  std::string action;   // "review", "candidate", "group", "policy", "override", "reveal" ...
  std::string subject;  // app, host, group ...
  std::string field;
  std::string before;
  std::string after;
  std::string reason;
};

}  // namespace gnomon::inventory
