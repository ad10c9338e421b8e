#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiled_set.h"
#include "secret_head.h"

namespace gnomon::content {

// A column whose head names secrets, and what its cells have shown so far.
struct SecretColumn {
  std::uint32_t column = 0;
  SecretHead head = SecretHead::kNone;
  std::uint64_t filled = 0;                    // cells with anything in them
  std::uint64_t good = 0;                      // of them, those that may be secrets by themselves
  std::array<std::uint64_t, 2> good_values{};  // hashes of the first two that differ
  std::uint64_t first_value = 0;
  bool differs = false;  // not all have that one
  // Of a table that its whole head tells: the rule that knows it, and where in the stream the first
  // two rows begin that have something in this column.
  std::uint32_t table_rule = kNoRule;
  std::uint64_t first_row = UINT64_MAX;
  std::uint64_t second_row = UINT64_MAX;
};

// The head of a table: for each column the context words in it, sorted.
struct TableHead {
  char separator = ',';  // '(' for the tuples of SQL
  std::size_t columns = 0;
  std::vector<std::vector<std::uint32_t>> words;
  std::vector<SecretColumn> secrets;  // by column
};

// "INSERT INTO t", "INSERT OR IGNORE INTO `s`.`t`", "INSERT [s].[t] (...) VALUES".
struct InsertHead {
  std::string_view table;  // empty: it is none
  std::size_t after = 0;   // where it goes on behind the table's name
};
InsertHead insert_head(std::string_view line);
// Where the tuples of the line begin, behind the columns of an INSERT.
std::size_t tuples_begin(std::string_view line);

// Which column of a table a place stands in, and what the column's head says: lines of CSV, TSV and
// Markdown, tuples behind INSERT INTO and lines behind COPY. Lines are read once, and only as far
// as something is asked of. Places are a window's; a table that the next window goes on with is
// kept.
class TableColumns {
 public:
  explicit TableColumns(const DetectorSet::Compiled& set) : set_(set) {}

  // `base` is where the text begins in its stream. At 0 tables of another stream are forgotten.
  // `secret_names`: where words for secrets end that may be a caption, in order; they are kept by
  // the caller. Heads without one name no secrets.
  void begin(std::string_view text, std::uint64_t base,
             std::span<const std::size_t> secret_names = {});
  struct Cell {
    const std::vector<std::uint32_t>* words = nullptr;  // null: in no column that a word names
    std::size_t start = 0;
    std::size_t end = 0;
  };
  Cell cell_at(std::size_t at);
  // The columns of secrets that the text has cells of, in order of their heads, and those cells.
  struct SecretCell {
    std::size_t start = 0;
    std::size_t end = 0;
    std::size_t row = 0;  // where its row begins
  };
  struct SecretCells {
    SecretColumn* column = nullptr;  // until end() or begin()
    char separator = ',';
    std::vector<SecretCell> cells;
  };
  std::vector<SecretCells> secret_cells();
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
  std::size_t read_create(std::size_t at);
  void forget_created(std::string_view table);
  [[nodiscard]] std::int32_t created_head(std::string_view table) const;
  enum class Heads : std::uint8_t { kAll, kSecrets, kNoSecrets };
  bool read_columns(std::string_view list, char separator, Heads wanted = Heads::kAll);
  bool add_head(const std::vector<std::string_view>& cells, char separator, Heads wanted,
                bool secrets);
  [[nodiscard]] bool may_name_secrets(std::string_view list) const;
  [[nodiscard]] std::uint32_t table_rule_of(const std::vector<std::string>& captions) const;
  std::size_t row_end(std::size_t start, std::size_t line_end, char separator, std::size_t columns);
  bool read_table_head(std::string_view line, std::size_t next);
  void cut(const Line& line);
  void cut_tuples(std::string_view text, std::size_t start, bool inside);

  const DetectorSet::Compiled& set_;
  std::string_view text_;
  std::uint64_t base_ = 0;
  std::span<const std::size_t> secret_names_;
  std::vector<TableHead> heads_;
  std::string_view list_;  // the columns of the last of heads_, where they stand in the text
  std::vector<Line> lines_;
  std::size_t read_ = 0;            // lines_ reach so far
  std::int32_t head_ = -1;          // of the lines to come
  std::size_t lines_of_block_ = 0;  // since the last blank line
  enum class Sql : std::uint8_t { kNone, kWantsColumns, kWantsRows };
  Sql sql_ = Sql::kNone;
  // Tables that were created, the last ones: their columns, which an INSERT into them need not
  // name. A dump creates all of its tables before it fills the first.
  struct Created {
    std::string name;        // in small letters
    std::int32_t head = -1;  // in heads_
  };
  std::vector<Created> created_;
  std::int32_t inserted_ = -1;         // the head of the table that the last INSERT is into
  std::size_t create_end_ = 0;         // of the last CREATE TABLE
  std::size_t not_joined_before_ = 0;  // rows of several lines that begin there were sought in vain
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
