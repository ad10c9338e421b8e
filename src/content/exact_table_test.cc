#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "gnomon/content/registered.h"
#include "letter_case.h"

namespace gnomon::content {
namespace {

TEST_CASE("cells are found whatever their case, and beside marks of typesetters",
          "[content][registered]") {
  const auto table = ExactTable::learn(
      "name,phone\nŁukasz Żółć,+48 601 234 567\nΑΝΝΑ Παππα,210 5550187\nNguyễn Ấn,0905 1234567\n",
      RegisteredKey{7});
  REQUIRE(table);
  for (const std::string text : {
           "Łukasz Żółć, 601 234 567 or +48 601 234 567",
           "ŁUKASZ ŻÓŁĆ 48601234567",
           "łukasz żółć: 48601234567",
           "„Łukasz Żółć” – 48 601 234 567",  // quotes and a dash
           "Łukasz\xc2\xa0Żółć, 48\xe2\x80\xaf"
           "601\xc2\xa0"
           "234\xc2\xa0"
           "567",  // blanks that do not break
           "(Άννα) άννα παππα… 2105550187",
           "NGUYỄN ẤN—09051234567",
       }) {
    INFO(text);
    CHECK(table->find(text).size() == (text.starts_with("(") ? 0 : 1));
  }
  CHECK(table->find("Αννα Παππα, 2105550187").size() == 1);
  CHECK(table->find("Łukasz Zolc, 48601234567").empty());
  CHECK(table->find("\xc5").empty());
  CHECK(table->find("Łukasz Żółć 48601234567\xe2\x80").size() == 1);  // cut inside of a character
}

TEST_CASE("a table that was learnt before is read as it was", "[content][registered]") {
  const auto path = std::filesystem::temp_directory_path() / "gnomon-older-table-test";
  REQUIRE(ExactTable::learn("name,phone\nŻółć,+48 601 234 567\nAda Novak,210 5550187\n",
                            RegisteredKey{7})
              ->save(path));
  std::string text;
  {
    std::ifstream file{path};
    text.assign(std::istreambuf_iterator<char>{file}, {});
  }
  REQUIRE(text.starts_with("gnomon-table 2"));
  text[13] = '1';
  std::ofstream{path} << text;
  const auto older = ExactTable::load(path);
  REQUIRE(older);
  CHECK(older->find("Ada Novak, 2105550187").size() == 1);
  CHECK(older->find("„Ada Novak” 2105550187").empty());
  REQUIRE(older->save(path));
  std::ifstream file{path};
  std::string first;
  std::getline(file, first);
  CHECK(first == "gnomon-table 1");
  file.close();
  text[13] = '3';
  std::ofstream{path} << text;
  CHECK_FALSE(ExactTable::load(path));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace gnomon::content
