#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"

namespace gnomon::inventory {

struct Check {
  std::string name;                   // "integrity", "hours" ...
  std::string about;                  // what was looked at, in words
  std::vector<std::string> problems;  // the first of them; none: it is as it should be
  bool more = false;                  // there are others
};

struct Verified {
  std::int32_t schema = 0;
  std::int32_t schema_newest = 0;  // that this program makes
  std::uint64_t bytes = 0;
  std::vector<Check> checks;
  std::vector<std::string> notes;  // nothing wrong, but worth knowing

  [[nodiscard]] bool sound() const;
};

// Looks whether an inventory is as it should be: the file's pages and indexes, references between
// tables, the schema, an audit without holes, and sums that add up. Changes nothing; while somebody
// records, what is looked at is one state. Fails on what is no inventory, or of a newer schema.
Result<Verified> verify(const std::filesystem::path& database);

}  // namespace gnomon::inventory
