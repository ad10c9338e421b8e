#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "compiled_set.h"

namespace gnomon::content {

// The head of a table: for each column the context words in it, sorted.
struct TableHead {
  char separator = ',';  // '(' for the tuples of SQL
  std::size_t columns = 0;
  std::vector<std::vector<std::uint32_t>> words;
};

// Which column of a table a place stands in, and what the column's head says: lines of CSV, TSV and
// Markdown, tuples behind INSERT INTO and lines behind COPY. Lines are read once, and only as far
// as something is asked of. Places are a window's; a table that the next window goes on with is
// kept.
class TableColumns {
 public:
  explicit TableColumns(const DetectorSet::Compiled& set) : set_(set) {}

  // `base` is where the text begins in its stream. At 0 tables of another stream are forgotten.
  void begin(std::string_view text, std::uint64_t base);
  struct Cell {
    const std::vector<std::uint32_t>* words = nullptr;  // null: in no column that a word names
    std::size_t start = 0;
    std::size_t end = 0;
  };
  Cell cell_at(std::size_t at);
  // What comes next begins at `from` in the stream: keeps the table that stands there.
  void end(std::uint64_t from);

 private:
  struct Line {
    std::uint32_t start = 0;
    std::uint32_t end = 0;
    std::int32_t head = -1;  // in heads_
  };
  void read_to(std::size_t at);
  void read_line(std::size_t start, std::size_t end);
  bool read_insert(std::string_view line);
  bool read_columns(std::string_view list, char separator);
  bool read_table_head(std::string_view line, std::size_t next);
  void cut(const Line& line);
  void cut_tuples(std::string_view text, std::size_t start, bool inside);

  const DetectorSet::Compiled& set_;
  std::string_view text_;
  std::uint64_t base_ = 0;
  std::vector<TableHead> heads_;
  std::vector<Line> lines_;
  std::size_t read_ = 0;            // lines_ reach so far
  std::int32_t head_ = -1;          // of the lines to come
  std::size_t lines_of_block_ = 0;  // since the last blank line
  enum class Sql : std::uint8_t { kNone, kWantsColumns, kWantsRows };
  Sql sql_ = Sql::kNone;
  bool carried_ = false;  // the text begins inside of the table kept before
  // The line that was cut last: where its cells begin, and which column each is.
  std::size_t cut_line_ = SIZE_MAX;
  struct CutCell {
    std::uint32_t start = 0;
    std::uint32_t end = 0;
    std::uint32_t column = 0;
  };
  std::vector<CutCell> cells_;
};

}  // namespace gnomon::content
