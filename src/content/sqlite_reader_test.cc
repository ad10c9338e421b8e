#include <catch2/catch.hpp>
#include <string>

#include "document_reader.h"
#include "part_log.h"
#include "sqlite_table.h"

using namespace gnomon;
using namespace gnomon::content;

namespace {

constexpr std::size_t kPage = 512;

std::string header(char encoding) {
  std::string page = "SQLite format 3" + std::string(1, '\0') + std::string("\x02\0", 2);
  page.resize(kPage, '\0');
  page[59] = encoding;
  return page;
}
// A leaf of a table with one cell at its end.
std::string leaf(const std::string& cell) {
  std::string page(kPage, '\0');
  const std::size_t at = kPage - cell.size();
  page[0] = 13;
  page[4] = 1;
  page[8] = static_cast<char>(at >> 8);
  page[9] = static_cast<char>(at);
  return page.replace(at, cell.size(), cell);
}

std::string said(const std::string& file, std::string* why = nullptr, bool* cut = nullptr) {
  PartLog log;
  BodyContext context;
  context.events = &log;
  context.sent_bytes = file.size();
  PartStatus status;
  read_document(context, bytes_of(file), {"sqlite", FileFamily::kDocument}, {}, 0, status);
  CHECK(log.valid);
  CHECK(log.nested);
  if (why != nullptr) *why = status.not_opened;
  if (cut != nullptr) *cut = status.truncated;
  return log.said;
}

template <std::size_t N>
std::string lit(const char (&text)[N]) {
  return {text, N - 1};
}

// A page of any kind with one cell at its end, behind `before` bytes.
std::string page_of(char kind, const std::string& cell, std::size_t before = 0) {
  const bool leaf = kind == 10 || kind == 13;
  std::string page(kPage, '\0');
  const std::size_t at = kPage - cell.size();
  page[before] = kind;
  page[before + 4] = 1;
  page[before + (leaf ? 8 : 12)] = static_cast<char>(at >> 8);
  page[before + (leaf ? 9 : 13)] = static_cast<char>(at);
  return page.replace(at, cell.size(), cell);
}
// A row of texts, behind what its cell begins with.
std::string row_of(const std::vector<std::string>& texts) {
  std::string head;
  std::string values;
  for (const std::string& text : texts) {
    const std::size_t type = text.size() == 1 && text[0] < ' ' ? 1 : 13 + 2 * text.size();
    if (type > 127) head += static_cast<char>(0x80 | type >> 7);
    head += static_cast<char>(type & 0x7f);
    values += text;
  }
  return static_cast<char>(head.size() + 1) + head + values;
}
std::string cell_of(char number, const std::string& row) {
  std::string size;
  if (row.size() > 127) size += static_cast<char>(0x80 | row.size() >> 7);
  size += static_cast<char>(row.size() & 0x7f);
  return number == 0 ? size + row : size + number + row;
}
// The first page, whose schema has one table.
std::string schema(const std::string& sql, char root) {
  std::string page =
      page_of(13, cell_of(1, row_of({"table", "t", "t", std::string(1, root), sql})), 100);
  return page.replace(0, 100, header(1).substr(0, 100));
}

// Two texts, a number of one byte, one of two, NULL and one.
const std::string kRow = lit("\x12\1\7\x15\x15\1\2\0\x09") + "namevalu" + lit("\xfe\1\0");

}  // namespace

TEST_CASE("rows of a database are lines, their columns apart") {
  CHECK(said(header(1) + leaf(kRow)) == "name\tvalu\t-2\t256\t\t1\n");
  const std::string wide = lit("\6\1\2\x15") + lit("a\0b\0");
  CHECK(said(header(2) + leaf(wide)) == "ab\n");
  CHECK(said(header(1)).empty());
}

TEST_CASE("rows of a table stand below the names of its columns") {
  const std::string row = lit("\4\0\x11\x13") + "ab" + "abc";
  const auto behind_schema = [](const std::string& text) {
    return text.substr(text.find('\n') + 1);
  };
  const std::string file = schema("CREATE TABLE t(id INTEGER PRIMARY KEY, a, \"b\tc\")", 2) +
                           leaf(cell_of(9, row)) + leaf(cell_of(8, row));
  // The page behind the table's is one of rows that were deleted.
  CHECK(behind_schema(said(file)) == "id\ta\tb c\n9\tab\tabc\n\tab\tabc\n");
  const std::string inner = schema("CREATE TABLE t(a, b, c)", 2) +
                            page_of(5, lit("\0\0\0\4\1")).replace(8, 4, lit("\0\0\0\3")) +
                            leaf(cell_of(9, row_of({"last"}))) +
                            leaf(cell_of(8, row_of({"first"})));
  CHECK(behind_schema(said(inner)) == "a\tb\tc\nfirst\nlast\n");
  // Pages that point at each other are read once.
  std::string ring = inner;
  ring[kPage + 11] = 2;
  ring[2 * kPage - 2] = 1;
  CHECK(behind_schema(said(ring)) == "last\nfirst\n");
}

TEST_CASE("a table without row numbers is kept as an index is") {
  const std::string file =
      schema("CREATE TABLE t(v TEXT, k TEXT PRIMARY KEY) WITHOUT ROWID", 2) +
      page_of(2, lit("\0\0\0\3") + cell_of(0, row_of({"b", "2"}))).replace(8, 4, lit("\0\0\0\4")) +
      page_of(10, cell_of(0, row_of({"a", "1"}))) + page_of(10, cell_of(0, row_of({"c", "3"})));
  const std::string text = said(file);
  CHECK(text.substr(text.find('\n') + 1) == "k\tv\nb\t2\na\t1\nc\t3\n");
  // Of another table such pages are an index, which holds nothing more.
  std::string index = file;
  index.replace(index.find("WITHOUT"), 7, "without").replace(index.find("ROWID"), 5, "     ");
  CHECK_THAT(said(index), !Catch::Contains("a\t1"));
}

TEST_CASE("what CREATE TABLE says of the values of a row") {
  struct Case {
    std::string sql;
    std::string columns;  // joined; # behind the one that is the row's number
    bool without_rowid = false;
  };
  const auto test = GENERATE(values<Case>({
      {"CREATE TABLE t(a, b text, c)", "a,b,c"},
      {"create table \"x (y\" (a INTEGER PRIMARY KEY, b)", "a#,b"},
      {"CREATE TABLE t(a INTEGER PRIMARY KEY DESC, b)", "a,b"},
      {"CREATE TABLE t(a INT PRIMARY KEY, b)", "a,b"},
      {"CREATE TABLE t(a integer not null primary key autoincrement)", "a#"},
      {"CREATE TABLE t(b, a INTEGER, PRIMARY KEY(a DESC))", "b,a#"},
      {"CREATE TABLE t(a INTEGER, b, CONSTRAINT k PRIMARY KEY(a, b))", "a,b"},
      {"CREATE TABLE t([a b] text, `c``d` x, 'e''f', \"g\"\"h\")", "a b,c`d,e'f,g\"h"},
      {"CREATE TABLE t(a decimal(10,2) DEFAULT (1+2), b CHECK(b IN (1,2)), UNIQUE(a,b))", "a,b"},
      {"CREATE TABLE t(a, -- one, two\n b /* , c */, d)", "a,b,d"},
      {"CREATE TABLE t(a, b AS (a+1), c GENERATED ALWAYS AS (a) STORED)", "a,c"},
      {"CREATE TABLE t(v, k, PRIMARY KEY(k)) WITHOUT ROWID", "k,v", true},
      {"CREATE TABLE t(k INTEGER PRIMARY KEY, v) STRICT, without rowid", "k,v", true},
      {"CREATE TABLE t(\"primary\" text, b)", "primary,b"},
      {"CREATE TABLE t(a, b", "a,b"},
      {"CREATE TABLE t", ""},
      {"CREATE TABLE t((((", "("},
      {"SELECT (a)", ""},
      {"", ""},
  }));
  INFO(test.sql);
  const SqliteTable table = sqlite_table(test.sql);
  std::string columns;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    if (column > 0) columns += ',';
    columns += table.columns[column];
    if (table.row_number == column) columns += '#';
  }
  CHECK(columns == test.columns);
  CHECK(table.without_rowid == test.without_rowid);
  for (std::size_t cut = 0; cut < test.sql.size(); ++cut) sqlite_table(test.sql.substr(0, cut));
}

TEST_CASE("numbers with a point are told as such, whole ones as whole") {
  const auto real = [](const std::string& bytes) {
    return said(header(1) + leaf(lit("\x0a\1\2\7") + bytes));
  };
  CHECK(real(lit("\x3f\xf8\0\0\0\0\0\0")) == "1.5\n");
  CHECK(real(lit("\x40\x59\0\0\0\0\0\0")) == "100\n");
  CHECK(real(lit("\x7f\xf0\0\0\0\0\0\0")) == "\n");
}

TEST_CASE("a row that is not there whole is told as cut") {
  const std::string sql = "CREATE TABLE t(a)";
  bool cut = true;
  said(schema(sql, 2) + leaf(cell_of(1, row_of({"abc"}))), nullptr, &cut);
  CHECK_FALSE(cut);
  // More than the file has, in a chain that leads nowhere.
  const std::string long_row = lit("\x84\x80\x80\0\1") + std::string(400, 'a');
  said(schema(sql, 2) + leaf(long_row), nullptr, &cut);
  CHECK(cut);
  said(schema(sql, 9), nullptr, &cut);
  CHECK(cut);
  // Of what was deleted nobody expects it whole.
  said(header(1) + leaf(long_row), nullptr, &cut);
}

TEST_CASE("a row that does not fit goes on in other pages") {
  // 1000 bytes of text: 2013 as a serial type; 488 + 4 of the row lie here at most.
  const std::size_t size = 1003;
  const std::size_t least = (kPage - 12) * 32 / 255 - 23;
  std::size_t here = least + (size - least) % (kPage - 4);
  if (here > kPage - 35) here = least;
  std::string row = lit("\3\x8f\x5d");
  for (std::size_t at = 0; row.size() < size; ++at) row += static_cast<char>('a' + at % 26);
  std::string file = header(1) + leaf(lit("\x87\x6b\1") + row.substr(0, here) + lit("\0\0\0\3"));
  std::string rest = row.substr(here);
  for (char next = 4; !rest.empty(); ++next) {
    const std::string some = rest.substr(0, kPage - 4);
    rest.erase(0, some.size());
    file += lit("\0\0\0") + (rest.empty() ? '\0' : next) + some;
    file.resize((file.size() + kPage - 1) / kPage * kPage, '\0');
  }
  CHECK(said(file) == row.substr(3) + "\n");
  // A chain that bites its tail ends when the row is full.
  file[kPage * 2 + 3] = 3;
  CHECK(said(file).size() <= size);
}

TEST_CASE("a damaged database is read as far as it goes") {
  for (const std::string& whole :
       {schema("CREATE TABLE t(id INTEGER PRIMARY KEY, a)", 2) + leaf(cell_of(1, row_of({"a"}))),
        schema("CREATE TABLE t(k PRIMARY KEY) WITHOUT ROWID", 2) +
            page_of(2, lit("\0\0\0\3") + cell_of(0, row_of({"b"})))}) {
    for (std::size_t at = 100; at < whole.size(); ++at) {
      std::string broken = whole;
      broken[at] = '\xff';
      said(broken);
      said(whole.substr(0, at));
    }
  }
  std::string why;
  said("SQLite format 3" + std::string(100, '\0'), &why);
  CHECK(why == "damaged");
  const std::string file = header(1) + leaf(kRow);
  for (std::size_t cut = 0; cut < file.size(); ++cut) said(file.substr(0, cut));
  for (std::size_t at = kPage; at < file.size(); ++at) {
    std::string broken = file;
    broken[at] = '\xff';
    said(broken);
  }
}
