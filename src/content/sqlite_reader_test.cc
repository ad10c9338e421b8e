#include <catch2/catch.hpp>
#include <string>

#include "document_reader.h"
#include "part_log.h"

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

std::string said(const std::string& file, std::string* why = nullptr) {
  PartLog log;
  BodyContext context;
  context.events = &log;
  context.sent_bytes = file.size();
  PartStatus status;
  read_document(context, bytes_of(file), {"sqlite", FileFamily::kDocument}, {}, 0, status);
  CHECK(log.valid);
  CHECK(log.nested);
  if (why != nullptr) *why = status.not_opened;
  return log.said;
}

template <std::size_t N>
std::string lit(const char (&text)[N]) {
  return {text, N - 1};
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
