#pragma once

#include <sqlite3.h>

#include <array>
#include <cstring>

#include "database.h"

namespace gnomon::inventory {

// Whether the file of a database begins as one (SQLite's file format, 1.3), whatever the connection
// remembers of it. Read through the connection's own descriptor: closing another would give up the
// locks that this process holds on the file.
inline bool begins_as_database(const Database& database) {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(database.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr)
    return true;  // cannot be told
  constexpr char kMagic[] = "SQLite format 3";
  std::array<char, sizeof kMagic> bytes{};
  return file->pMethods->xRead(file, bytes.data(), static_cast<int>(bytes.size()), 0) ==
             SQLITE_OK &&
         std::memcmp(bytes.data(), kMagic, sizeof kMagic) == 0;
}

}  // namespace gnomon::inventory
