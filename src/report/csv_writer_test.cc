#include "gnomon/report/csv_writer.h"

#include <catch2/catch.hpp>

namespace gnomon::report {

struct Field {
  std::string_view text;
  std::string_view written;
};

TEST_CASE("fields are quoted where they must be, and never are formulas", "[csv_writer]") {
  const auto row = GENERATE(values<Field>({
      {"", ""},
      {"chat.example", "chat.example"},
      {"a b", "a b"},
      {"a,b", "\"a,b\""},
      {"say \"hi\"", "\"say \"\"hi\"\"\""},
      {"\"", "\"\"\"\""},
      {"a\nb", R"(a\x0ab)"},
      {"=1+1", "'=1+1"},
      {"+1", "'+1"},
      {"-1", "'-1"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"\t=1", R"('\x09=1)"},
      {"\r=1", R"('\x0d=1)"},
      {"=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""},
      {"a=1", "a=1"},
      {"'=1", "'=1"},
      {"\xff", R"(\xff)"},
  }));
  std::string out;
  CsvWriter csv{out};
  csv.field(row.text);
  csv.end_row();
  CHECK(out == std::string{row.written} + "\r\n");
}

TEST_CASE("rows have commas between fields and end as RFC 4180 says", "[csv_writer]") {
  std::string out;
  CsvWriter csv{out};
  csv.field("a");
  csv.field(std::uint64_t{18'446'744'073'709'551'615u});
  csv.field(std::int64_t{-5});
  csv.empty();
  csv.field("");
  csv.end_row();
  csv.empty();
  csv.field("b");
  csv.end_row();
  CHECK(out == "a,18446744073709551615,-5,,\r\n,b\r\n");
}

}  // namespace gnomon::report
