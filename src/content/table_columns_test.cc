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

TEST_CASE("rows of a table that was created need not name its columns", "[content][table]") {
  const std::string mysql =
      "CREATE TABLE `people` (\n  `id` int NOT NULL, -- it's a key, no more\n"
      "  `name` varchar(10) DEFAULT 'a, (b' COMMENT 'of a passport, or so',\n"
      "  `passport` varchar(20),\n  `city` text,\n  PRIMARY KEY (`id`),\n"
      "  KEY `passport` (`passport`)\n) ENGINE=InnoDB;\n\nLOCK TABLES `people` WRITE;\n";
  const std::string rows = " VALUES (1,'Ada','C01X00T47','Rome'),(2,'Bo', '77889' , 'Oslo');\n";
  CHECK(names(mysql + "INSERT INTO `people`" + rows, "77889", "passport"));
  CHECK(named(mysql + "INSERT INTO `people`" + rows, "Oslo").empty());
  CHECK(
      names(mysql + "INSERT INTO people\nVALUES\n(2,'Bo','77889','Oslo');\n", "77889", "passport"));
  CHECK(names(mysql + "INSERT IGNORE INTO db.`people`" + rows, "77889", "passport"));
  CHECK(names(mysql + "REPLACE INTO PEOPLE" + rows, "77889", "passport"));
  CHECK(named(mysql + "INSERT INTO `others`" + rows, "77889").empty());
  const std::string sqlite =
      "CREATE TABLE IF NOT EXISTS people(id INTEGER PRIMARY KEY, passport TEXT, city TEXT);\n";
  CHECK(names(
      sqlite +
          "INSERT INTO people VALUES(1,'A1','x');\nINSERT INTO people VALUES(2,'77889','y');\n",
      "77889", "passport"));
  CHECK(named(sqlite + "INSERT INTO people VALUES(2,'A1','77889');\n", "77889").empty());
  // An INSERT that names columns has those.
  CHECK(named(sqlite + "INSERT INTO people (passport, city) VALUES ('A1','77889');\n", "77889")
            .empty());
  CHECK(named("CREATE TABLE people (id int, passport text", "passport").empty());
  CHECK(named("CREATE VIEW people AS SELECT passport FROM x;\nINSERT INTO people" + rows, "77889")
            .empty());
}

TEST_CASE("a dump creates all of its tables before it fills one", "[content][table]") {
  const auto table = [](const std::string& name, const std::string& column) {
    return "CREATE TABLE public." + name + " (\n    id integer NOT NULL,\n    " + column +
           " text\n);\n";
  };
  const std::string rows = "INSERT INTO public.people VALUES (2, '77889');\n";
  const std::string people = table("people", "passport");
  CHECK(names(people + table("orders", "total") + "ALTER TABLE public.people OWNER TO x;\n" + rows,
              "77889", "passport"));
  CHECK(names(people + table("seamen", "pesel") + "INSERT INTO seamen VALUES (1, 'A1');\n" + rows,
              "77889", "passport"));
  CHECK(named(people + table("seamen", "pesel") + "INSERT INTO seamen VALUES (1, '77889');\n",
              "77889")
            .find("pesel") != std::string::npos);
  CHECK(named(people + table("PEOPLE", "total") + rows, "77889").empty());  // made anew
  // So many are kept, the last ones.
  std::string more = people;
  for (int i = 0; i < 63; ++i) more += table("t" + std::to_string(i), "passport");
  CHECK(names(more + rows, "77889", "passport"));
  CHECK(named(more + table("t63", "passport") + rows, "77889").empty());
  // And in the windows to come.
  TableColumns columns{shipped_detectors().compiled()};
  const std::string first = people + table("seamen", "pesel") + "INSERT INTO seamen VALUES (1, '";
  columns.begin(first, 0);
  columns.end(first.size() - 1);
  const std::string second = "'A1'), (2, '99887');\n" + rows;
  columns.begin(second, first.size() - 1);
  CHECK(columns.cell_at(second.find("99887")).words != nullptr);
  CHECK(columns.cell_at(second.find("77889")).words != nullptr);
}

TEST_CASE("statements of SQL are read as tools write them", "[content][table]") {
  const std::string rows = " VALUES (N'Ada', N'C01X00T47'), (N'Bo', N'77889')\nGO\n";
  CHECK(names("INSERT [dbo].[people] ([name], [passport])" + rows, "77889", "passport"));
  CHECK(names("INSERT people (name, passport)" + rows + "INSERT people (name, passport)" + rows,
              "77889", "passport"));
  CHECK(names("INSERT p (a, passport, b) VALUES (CAST(N'1, 2' AS Date), N'77889', 1)\n", "77889",
              "passport"));
  CHECK(named("Insert people (name, passport) into the form:\n(77889)\n", "77889").empty());
  TableColumns columns{shipped_detectors().compiled()};
  const std::string first =
      "CREATE TABLE p (id int, passport text);\nINSERT INTO p VALUES (1, 'A1'), (2, '";
  columns.begin(first, 0);
  columns.end(first.size() - 1);
  // The line goes on, its tuples with blanks between them; then another statement.
  const std::string second =
      "'B2'), (3, '77889'), (4, 'C3');\n\nINSERT INTO p VALUES (5, '99887');\n";
  columns.begin(second, first.size() - 1);
  CHECK(columns.cell_at(second.find("77889")).words != nullptr);
  CHECK(columns.cell_at(second.find("99887")).words != nullptr);
  CHECK(columns.cell_at(second.find("(4") + 1).words == nullptr);
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
