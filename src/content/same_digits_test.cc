#include <catch2/catch.hpp>
#include <string>

#include "country_words.h"
#include "shipped_detectors.h"

namespace gnomon::content {
namespace {

std::string sure(std::string_view text) {
  return found_ids(text, [](const Match& each) { return each.confidence == Confidence::kHigh; });
}

TEST_CASE("digits that fit several countries' forms are told as one kind", "[content][numbers]") {
  struct Case {
    std::string_view text;
    std::string_view kinds;
  };
  const auto& row = GENERATE(values<Case>({
      {"passport no. 309275184", "passport-number"},
      {"US citizen? Her passport no. 309275184",
       "passport-number"},  // a word of two letters in a text
      {"American, passport no. 309275184", "us-passport"},
      {"American, now British: passport no. 309275184", "gb-passport"},  // the nearer one
      {"Norwegian, passport no. 309275184", "passport-number"},
      {"Reisepass C01X00T47", "de-passport"},  // a word of one country's
      {"passport C01X00T47", "passport-number"},
      {"name,passport,nation\nAda,309275184,GB\n", "gb-passport"},
      {"name,passport,nation\nAda,309275184,\nBo,,GB\n", "passport-number"},  // another row's
      {"name,passport,mail\nAda,309275184,ada@post.example.us\n", "us-passport"},
      {"VAT GB398309409", "gb-vat"},  // France's form too
      {"EIN 20-3508179", "us-ein"},   // of us-tax-id as well
      {"SIN 122-401-854", "ca-sin"},  // of ca-tax-id as well
      {"DNI 51867836F", "es-nif"},
      {"IBAN IL43 6273 5325 0747 4555 560", "iban"},  // a payment card's digits are in it
      {"sort code and account number 03-33-42 54836958", "uk-sort-code-account"},
      {"passport 309275184, SSN 219-09-9998", "passport-number us-ssn"},
  }));
  INFO(row.text);
  CHECK(sure(row.text) == row.kinds);
}

TEST_CASE("what nothing tells apart stays, and says so", "[content][numbers]") {
  const auto shares_its_form = [](const Match& each) {
    return each.confidence == Confidence::kHigh &&
           (each.signs & static_cast<Signs>(Sign::kSharedForm)) != 0;
  };
  CHECK(found_ids("DNI 74291806", shares_its_form) == "ar-dni pe-cui");
  CHECK(sure("DNI 74291806") == "ar-dni pe-cui");
  CHECK(sure("Documento peruano, DNI 74291806") == "pe-cui");
}

TEST_CASE("countries are told by names, cells and addresses", "[content][numbers]") {
  CountryWords words;
  const auto tree = read_yaml(
      "- {id: de, words: [germany, 'deutsch']}\n- {id: gb, words: ['united kingdom', 'GBR']}\n"
      "- {id: ru, words: ['\xd1\x80\xd0\xbe\xd1\x81\xd1\x81\xd0\xb8\xd1\x8f']}\n");
  REQUIRE(tree);
  const auto read = words.read(*tree);
  REQUIRE(read);
  CHECK(*read == 3);
  const auto told = [&](std::string_view text) {
    const std::size_t at = text.find('#');
    return words.nearest(text, 0, text.size(), at, at + 1);
  };
  const Country de = words.find("DE"), gb = words.find("uk"), ru = words.find("ru");
  CHECK(words.find("gb") == gb);
  CHECK(words.find("xx") == kNoCountry);
  CHECK(told("Germany: #") == de);
  CHECK(told("#, United_Kingdom") == gb);
  CHECK(told("United Kingdoms: #") == kNoCountry);
  CHECK(told("germanyx #") == kNoCountry);
  CHECK(told("GBR #") == gb);
  CHECK(told("gbr #") == kNoCountry);
  CHECK(told("\xd0\xa0\xd0\xbe\xd1\x81\xd1\x81\xd0\xb8\xd1\x8f #") == ru);  // with a capital
  CHECK(told("germany and the united kingdom #") == gb);
  CHECK(told("# germany and the united kingdom") == de);
  CHECK(told("a,DE,#") == de);
  CHECK(told("a DE #") == kNoCountry);
  CHECK(told("a,de,#") == kNoCountry);
  CHECK(told("ada@x.example.de #") == de);
  CHECK(told("ada@x.de.example #") == kNoCountry);
  CHECK(told("www.example.de #") == kNoCountry);
  CHECK(told("#") == kNoCountry);
}

TEST_CASE("what is wrong with a list of countries is said with its line", "[content][numbers]") {
  for (const auto& [text, says] :
       {std::pair{"- {id: deu, words: [a]}", "two letters"},
        {"- {id: de}", "a list 'words'"},
        {"- {id: de, words: [a]}\n- {id: de, words: [b]}", "line 2: 'de' is there twice"},
        {"- {id: de, words: ['-a']}", "begin with a word"},
        {"a: b", "a list of countries"}}) {
    CountryWords words;
    const auto tree = read_yaml(text);
    REQUIRE(tree);
    const auto read = words.read(*tree);
    REQUIRE_FALSE(read);
    CHECK(read.error().message.find(says) != std::string::npos);
  }
}

}  // namespace
}  // namespace gnomon::content
