#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gnomon::content {

// What a table of SQLite keeps in its rows, as the statement that made it says.
struct SqliteTable {
  std::vector<std::string> columns;       // in the order in which rows hold their values
  std::optional<std::size_t> row_number;  // the column whose value is the row's own number
  bool without_rowid = false;             // kept as an index is, by its primary key
};

// Reads a CREATE TABLE (sqlite.org/lang_createtable.html); no columns where it is none.
SqliteTable sqlite_table(std::string_view sql);

}  // namespace gnomon::content
