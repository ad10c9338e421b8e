#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "document_reader.h"
#include "gnomon/content/text_decoder.h"
#include "sqlite_table.h"
#include "text_guess.h"
#include "text_writer.h"

// Databases of SQLite (sqlite.org/fileformat2.html): the rows of all tables, a line each with tabs
// between the columns, below a line with their names. What lies in pages of no table, as rows that
// were deleted do, is told without names.
namespace gnomon::content {
namespace {

constexpr std::size_t kHeaderBytes = 100;  // of the file, before what is on its first page
constexpr std::size_t kColumnsMax = 2000;  // as SQLite's own limit
constexpr std::size_t kBlobBytesMin = 64;  // of one that may be a file
constexpr std::size_t kTablesMax = 10'000;
// Kinds of pages. Those of indexes are read where a table is kept as one (WITHOUT ROWID); there
// also the inner ones hold rows.
constexpr std::uint8_t kIndexInner = 2;
constexpr std::uint8_t kTableInner = 5;
constexpr std::uint8_t kIndexLeaf = 10;
constexpr std::uint8_t kTableLeaf = 13;

// Reads numbers of the file's kind; 0 where the bytes end before them.
std::uint32_t big_endian(Bytes bytes, std::size_t at, std::size_t width) {
  std::uint32_t value = 0;
  if (at > bytes.size() || width > bytes.size() - at) return 0;
  for (std::size_t index = 0; index < width; ++index) value = value << 8 | bytes[at + index];
  return value;
}
// Seven bits a byte, nine bytes at most, the last of which has eight.
std::uint64_t varint(Bytes bytes, std::size_t& at) {
  std::uint64_t value = 0;
  for (std::size_t count = 0; count < 9 && at < bytes.size(); ++count) {
    const std::uint8_t byte = bytes[at++];
    if (count == 8) return value << 8 | byte;
    value = value << 7 | (byte & 0x7f);
    if (byte < 0x80) break;
  }
  return value;
}
std::size_t width_of(std::uint64_t type) {
  constexpr std::size_t kWidths[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
  return type < 12 ? kWidths[type] : static_cast<std::size_t>((type - 12) / 2);
}

// The values of a row as they lie in it.
struct Value {
  std::uint64_t type = 0;
  Bytes bytes;
};

// A signed number of one to eight bytes.
std::int64_t integer_of(Bytes bytes) {
  std::uint64_t number = !bytes.empty() && (bytes[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return static_cast<std::int64_t>(number);
}

void append_real(double number, std::string& line) {
  constexpr double kWholeMax = 9007199254740992;  // up to which each whole number is one
  if (std::abs(number) <= kWholeMax && number == std::trunc(number)) {
    line += std::to_string(static_cast<std::int64_t>(number));
  } else if (std::isfinite(number)) {
    std::array<char, 32> digits;
    const int size = std::snprintf(digits.data(), digits.size(), "%.15g", number);
    line.append(digits.data(), static_cast<std::size_t>(size));
  }
}

class SqliteReader {
 public:
  SqliteReader(BodyContext& context, Bytes bytes, const PartHints& hints, std::uint32_t depth,
               PartStatus& status)
      : context_(context),
        bytes_(bytes),
        hints_(hints),
        depth_(depth),
        status_(status),
        writer_(context, depth) {
    page_bytes_ = big_endian(bytes, 16, 2);
    if (page_bytes_ == 1) page_bytes_ = 65536;
    const std::uint32_t reserved = big_endian(bytes, 20, 1);
    usable_ = page_bytes_ > reserved ? page_bytes_ - reserved : 0;
    const std::uint32_t encoding = big_endian(bytes, 56, 4);
    if (encoding == 2) charset_ = Charset::kUtf16Le;
    if (encoding == 3) charset_ = Charset::kUtf16Be;
  }

  void read() {
    if (page_bytes_ < 512 || usable_ < 480) {
      status_.not_opened = "damaged";
      return;
    }
    seen_.resize(bytes_.size() / page_bytes_ + 1);
    in_table_ = true;
    in_schema_ = true;
    read_tree(1);
    in_schema_ = false;
    for (Table& table : tables_) {
      if (context_.stopped) break;
      table_ = &table;
      read_tree(table.root);
    }
    in_table_ = false;
    table_ = nullptr;
    for (std::size_t page = 0; page < seen_.size() && !context_.stopped; ++page) {
      if (seen_[page] || kind_of(page) != kTableLeaf) continue;
      read_rows(page, kTableLeaf);
      writer_.brk();
    }
    writer_.finish();
    for (const Bytes blob : blobs_) {
      if (context_.stopped) return;
      tell_blob(blob);
    }
  }

 private:
  struct Table {
    std::uint32_t root = 0;
    SqliteTable shape;
    bool named = false;  // its columns were told
  };

  // Pages count from 0 here, from 1 in the file.
  [[nodiscard]] Bytes page_at(std::uint64_t page) const {
    const std::uint64_t begin = page * page_bytes_;
    if (begin >= bytes_.size()) return {};
    const Bytes rest = bytes_.subspan(static_cast<std::size_t>(begin));
    return rest.first(std::min<std::size_t>(rest.size(), usable_));
  }
  static std::size_t header_at(std::uint64_t page) { return page == 0 ? kHeaderBytes : 0; }
  [[nodiscard]] std::uint32_t kind_of(std::uint64_t page) const {
    return big_endian(page_at(page), header_at(page), 1);
  }
  [[nodiscard]] std::size_t cells_of(std::uint64_t number) const {
    const Bytes page = page_at(number);
    return std::min<std::size_t>(big_endian(page, header_at(number) + 3, 2), page.size() / 4);
  }
  [[nodiscard]] std::size_t cell_at(std::uint64_t number, std::size_t cell, bool leaf) const {
    return big_endian(page_at(number), header_at(number) + (leaf ? 8 : 12) + 2 * cell, 2);
  }

  // The pages of one table in the order of its rows, each once whatever points to it.
  void read_tree(std::uint32_t root) {
    std::vector<std::uint32_t> wanted{root};  // the next one last
    const bool index = table_ != nullptr && table_->shape.without_rowid;
    while (!wanted.empty() && !context_.stopped) {
      const std::uint32_t next = wanted.back();
      wanted.pop_back();
      if (next == 0 || next > seen_.size()) {
        cut();
        continue;
      }
      if (seen_[next - 1]) continue;
      const std::uint32_t page = next - 1;
      const std::uint32_t kind = kind_of(page);
      if (kind == (index ? kIndexLeaf : kTableLeaf)) {
        seen_[page] = true;
        read_rows(page, kind);
      } else if (kind == (index ? kIndexInner : kTableInner)) {
        seen_[page] = true;
        if (index) read_rows(page, kind);
        wanted.push_back(big_endian(page_at(page), header_at(page) + 8, 4));
        for (std::size_t cell = cells_of(page); cell-- > 0;)
          wanted.push_back(big_endian(page_at(page), cell_at(page, cell, false), 4));
      } else {
        cut();
      }
    }
    writer_.brk();
  }

  void read_rows(std::uint64_t number, std::uint32_t kind) {
    const Bytes page = page_at(number);
    const bool leaf = kind == kTableLeaf || kind == kIndexLeaf;
    const std::size_t cells = cells_of(number);
    for (std::size_t cell = 0; cell < cells && !context_.stopped; ++cell) {
      const std::size_t at = cell_at(number, cell, leaf) + (leaf ? 0 : 4);
      if (at > 0 && at < page.size()) read_row(page, at, kind);
    }
  }

  // A row that does not fit goes on in a chain of pages.
  void read_row(Bytes page, std::size_t at, std::uint32_t kind) {
    const std::uint64_t size = varint(page, at);
    std::uint64_t number = 0;
    if (kind == kTableLeaf) number = varint(page, at);
    if (size == 0 || at >= page.size()) return;
    const std::uint64_t most = kind == kTableLeaf ? usable_ - 35 : (usable_ - 12) * 64 / 255 - 23;
    if (size <= most) {
      const Bytes row = page.subspan(at, std::min<std::size_t>(size, page.size() - at));
      if (row.size() < size) cut();
      tell_row(row, number, true);
      return;
    }
    const std::uint64_t least = (usable_ - 12) * 32 / 255 - 23;
    const std::uint64_t fits = least + (size - least) % (usable_ - 4);
    const std::size_t here = static_cast<std::size_t>(fits <= most ? fits : least);
    if (here + 4 > page.size() - at) return cut();
    std::vector<std::uint8_t> row(page.begin() + static_cast<std::ptrdiff_t>(at),
                                  page.begin() + static_cast<std::ptrdiff_t>(at + here));
    // No row is longer than the file, but a chain may bite its tail.
    const std::uint64_t whole = std::min<std::uint64_t>(size, bytes_.size());
    std::uint32_t next = big_endian(page, at + here, 4);
    while (row.size() < whole && next > 0) {
      const Bytes more = page_at(next - 1);
      if (more.size() <= 4) break;
      const Bytes piece =
          more.subspan(4, std::min<std::size_t>(more.size() - 4, whole - row.size()));
      row.insert(row.end(), piece.begin(), piece.end());
      next = big_endian(more, 0, 4);
    }
    if (row.size() < size) cut();
    tell_row(Bytes{row}, number, false);
  }
  // What was deleted may be overwritten in part; a table's row should be whole.
  void cut() {
    if (in_table_) status_.truncated = true;
  }

  void tell_row(Bytes row, std::uint64_t number, bool in_file) {
    std::size_t at = 0;
    const std::uint64_t header = varint(row, at);
    if (header > row.size()) return;
    const Bytes types = row.first(static_cast<std::size_t>(header));
    std::size_t end = types.size();
    values_.clear();
    while (at < types.size() && values_.size() < kColumnsMax) {
      const std::uint64_t type = varint(types, at);
      const std::size_t width = width_of(type);
      if (width > row.size() - end) break;
      values_.push_back({type, row.subspan(end, width)});
      end += width;
    }
    std::string line;
    for (std::size_t column = 0; column < values_.size(); ++column) {
      if (column > 0) line += '\t';
      // What is the row's number is kept as NULL.
      if (values_[column].type == 0 && table_ != nullptr && table_->shape.row_number == column)
        line += std::to_string(static_cast<std::int64_t>(number));
      else
        tell_value(values_[column], in_file, line);
    }
    line += '\n';
    if (in_schema_) learn_table();
    if (!context_.admit(line.size())) return;
    tell_columns();
    writer_.write(line, hints_.role);
  }
  // The row of the schema that has just been read: type, name, name of the table, root, statement.
  void learn_table() {
    if (values_.size() < 5 || tables_.size() == kTablesMax) return;
    const auto text = [&](std::size_t column) {
      std::string out;
      const Value& value = values_[column];
      if (value.type >= 13 && value.type % 2 == 1) append(value.bytes, charset_, out);
      return out;
    };
    const Value& root = values_[3];
    if (text(0) != "table" || root.type > 6) return;
    const std::int64_t page = root.type == 0 ? 0 : integer_of(root.bytes);
    if (page < 2 || page > std::numeric_limits<std::uint32_t>::max()) return;
    tables_.push_back({static_cast<std::uint32_t>(page), sqlite_table(text(4))});
  }
  // Before the first row of a table.
  void tell_columns() {
    if (table_ == nullptr || table_->named) return;
    table_->named = true;
    std::string line;
    for (const std::string& column : table_->shape.columns) {
      if (!line.empty()) line += '\t';
      for (const char c : column) line += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    }
    if (line.empty() || !context_.admit(line.size())) return;
    writer_.write(line + '\n', hints_.role);
  }
  void tell_value(const Value& value, bool in_file, std::string& line) {
    const auto& [type, bytes] = value;
    if (type >= 13 && type % 2 == 1) return append(bytes, charset_, line);
    if (type >= 12) {
      if (bytes.size() < kBlobBytesMin || looks_like_text(bytes)) {
        append(bytes, Charset::kUtf8, line);
      } else if (in_file ? blobs_.size() >= context_.limits.parts_max / 2
                         : context_.parts >= context_.limits.parts_max / 2) {
        status_.truncated = true;
      } else if (in_file) {
        blobs_.push_back(bytes);
      } else {
        tell_blob(bytes);
      }
    } else if (type == 8 || type == 9) {
      line += type == 8 ? '0' : '1';
    } else if (type == 7) {
      append_real(std::bit_cast<double>(integer_of(bytes)), line);
    } else if (type >= 1 && type <= 6) {
      line += std::to_string(integer_of(bytes));
    }
  }
  static void append(Bytes bytes, Charset charset, std::string& line) {
    TextDecoder decoder{charset};
    decoder.write(bytes, line);
    decoder.finish(line);
  }
  void tell_blob(Bytes blob) {
    if (!context_.admit(blob.size())) return;
    PartHints inner;
    inner.role = hints_.role;
    inner.file = true;
    const auto part = make_part_reader(context_, inner, depth_ + 1);
    part->write(blob);
    part->finish(true);
  }

  BodyContext& context_;
  Bytes bytes_;
  const PartHints& hints_;
  std::uint32_t depth_;
  PartStatus& status_;
  TextWriter writer_;
  std::vector<Bytes> blobs_;
  std::vector<bool> seen_;     // pages that were read
  std::vector<Table> tables_;  // that the schema names
  std::vector<Value> values_;  // of the row that is being read
  Table* table_ = nullptr;     // whose rows are read
  bool in_schema_ = false;
  bool in_table_ = false;  // the schema's or another
  std::size_t page_bytes_ = 0;
  std::size_t usable_ = 0;
  Charset charset_ = Charset::kUtf8;
};

}  // namespace

void read_sqlite(BodyContext& context, Bytes bytes, const PartHints& hints, std::uint32_t depth,
                 PartStatus& status) {
  SqliteReader{context, bytes, hints, depth, status}.read();
}

}  // namespace gnomon::content
