#include "table_columns.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "scan_pieces.h"
#include "shipped_detectors.h"

namespace gnomon::content {
namespace {

// The context words of the column in which `what` stands; empty when in none.
std::string named(const std::string& text, const std::string& what) {
  TableColumns columns{shipped_detectors().compiled()};
  columns.begin(text, 0);
  const auto cell = columns.cell_at(text.find(what));
  std::string all;
  if (cell.words == nullptr) return all;
  for (const std::uint32_t word : *cell.words)
    all += shipped_detectors().compiled().words[word] + ';';
  return all;
}

bool names(const std::string& text, const std::string& what, const std::string& word) {
  return named(text, what).find(word + ';') != std::string::npos;
}

TEST_CASE("the head of a column names what stands in it", "[content][table]") {
  const std::string rest = "\n1,Ada,x1234567,Rome\n2,\"Bo, B.\",A7654321,Oslo\n";
  CHECK(names("id,name,passport,city" + rest, "A7654321", "passport"));
  CHECK(named("id,name,passport,city" + rest, "Oslo").empty());
  CHECK(names("Here it is:\n```csv\nid,name,passportNo,city" + rest, "A7654321", "passport"));
  CHECK(names("id\tname\tsocial_security_number\n1\tAda\t12\n2\tBo\t77889\n", "77889",
              "social security"));
  CHECK(names("| Name | PESEL |\n|------|-------|\n| Ada | 4405 |\n| Bo | 77889 |\n", "77889",
              "pesel"));
  CHECK(names(" id | passport \n----+----\n 1 | 12345\n 2 | 77889\n", "77889", "passport"));
  CHECK(names("name;Geburtsdatum;Steuer-ID\nAda;1.2.1990;123\nBo;3.4.1980;77889\n", "77889",
              "steuer-id"));
}

TEST_CASE("tuples of SQL and lines of COPY have the columns of their statement",
          "[content][table]") {
  const std::string tuples = "(1, 'O\\'Neil, (A)', 'A1'),\n(2, 'Bo', '77889');\n";
  CHECK(names("INSERT INTO t (id, name, passport) VALUES\n" + tuples, "77889", "passport"));
  CHECK(names("insert into t\n  (id, name, passport)\nvalues\n" + tuples, "77889", "passport"));
  CHECK(names("INSERT INTO t (id, passport) VALUES (1,'A1'),(2,'77889');", "77889", "passport"));
  CHECK(named("INSERT INTO t (id, passport) VALUES (1,'A1'),(22222,'B2');", "22222").empty());
  CHECK(named("INSERT INTO passport VALUES (1,'A1'),(2,'77889');", "77889").empty());
  CHECK(names("COPY t (id, passport) FROM stdin;\n1\tA1\n2\t77889\n", "77889", "passport"));
}

TEST_CASE("what is no table has no columns", "[content][table]") {
  CHECK(named("id,passport\n1,2\n4,5,77889,\n4,77889,5\n", "77889,5").empty());  // other rows
  CHECK(named("id,passport\n1,2\n\nbags, 77889\n", "77889").empty());            // after its end
  CHECK(named("{\"a\": 1, \"passport\": 2}\n{\"a\": 1, \"b\": 77889}\n", "77889").empty());
  CHECK(named("id,colour\n1,77889\n", "77889").empty());
}

TEST_CASE("a table goes on in the next window", "[content][table]") {
  TableColumns columns{shipped_detectors().compiled()};
  const std::string first = "id,passport\n1,A1234567\n2,B12345";
  columns.begin(first, 0);
  columns.end(15);
  const std::string second = "34567\n2,B1234567\n3,77889\n";
  columns.begin(second, 15);
  CHECK(columns.cell_at(0).words == nullptr);  // the line that was cut
  CHECK(columns.cell_at(second.find("77889")).words != nullptr);
  columns.begin(second, 0);  // of another stream
  CHECK(columns.cell_at(second.find("77889")).words == nullptr);
}

TEST_CASE("numbers in a long table are told by its head, in pieces as at once",
          "[content][table]") {
  std::string text = "id,name,passport\n";
  for (int i = 0; i < 20000; ++i)
    text += std::to_string(i) + ",Person Somebody,C" + std::to_string(1234567 + 17 * i) + "\n";
  Scanner scanner{shipped_detectors()};
  std::vector<Match> whole;
  scanner.scan(text, {}, whole);
  const auto sure = [](const std::vector<Match>& all) {
    return std::count_if(all.begin(), all.end(), [](const Match& match) {
      return match.confidence == Confidence::kHigh && match.detector->id == "passport-number";
    });
  };
  CHECK(sure(whole) > 19900);
  CHECK(sure(found_in_pieces(scanner, text, 5000)) == sure(whole));
}

}  // namespace
}  // namespace gnomon::content
