#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "gnomon/bytes/result.h"

struct sqlite3;

namespace gnomon::inventory {

// "Gnom": what PRAGMA application_id says of an inventory.
inline constexpr std::int32_t kApplicationId = 0x476e6f6d;

// What brings a database from the version before to `version`. Numbers follow one another from 1;
// what has been released is never changed, only followed by another.
struct Migration {
  std::int32_t version;
  const char* sql;
};

std::span<const Migration> migrations();
inline std::int32_t newest_version(std::span<const Migration> all) { return all.back().version; }

struct SchemaState {
  std::int32_t application_id = 0;
  std::int32_t version = 0;
  bool empty = false;  // no table yet
};

// Fails when the file is not a database, or cannot be read.
Result<SchemaState> schema_state(sqlite3* database);

// Why a database in this state is not for us to use; nothing when it is.
std::optional<Error> refuse(const SchemaState& state, std::span<const Migration> all);

// Runs what is missing, all in one transaction.
std::optional<Error> migrate(sqlite3* database, const SchemaState& state,
                             std::span<const Migration> all);

}  // namespace gnomon::inventory
