#include "letter_case.h"

#include <catch2/catch.hpp>

namespace gnomon::content {

TEST_CASE("letters outside ASCII get capitals of as many bytes", "[content]") {
  struct Case {
    const char* small;
    const char* all;
    const char* first;
  };
  const auto each = GENERATE(values<Case>({
      {"инн", "ИНН", "Инн"},
      {"њђ", "ЊЂ", "Њђ"},
      {"αφμ", "ΑΦΜ", "Αφμ"},
      {"άέήίόύώς", "ΆΈΉΊΌΎΏΣ", "Άέήίόύώς"},
      {"contraseña", "contraseÑa", "contraseña"},  // ASCII is compared without case
      {"émšo", "ÉmŠo", "Émšo"},
      {"hasło", "hasŁo", "hasło"},
      {"żądćńśź", "ŻĄdĆŃŚŹ", "Żądćńśź"},
      {"straße", "straße", "straße"},  // its capital is another letter, of three bytes
      {"a÷b", "a÷b", "a÷b"},
      {"证件", "证件", "证件"},
      {"", "", ""},
  }));
  CHECK(with_capitals(each.small, false) == each.all);
  CHECK(with_capitals(each.small, true) == each.first);
}

TEST_CASE("capitals outside ASCII get small letters", "[content]") {
  CHECK(with_small_letters("ÜBERMUT ÉCLAIR") == "üBERMUT éCLAIR");
  CHECK(with_small_letters("ПРОЕКТ Ѓ") == "проект ѓ");
  CHECK(with_small_letters("ŁÓDŹ straße ÷ 证 \xc3") == "łóDź straße ÷ 证 \xc3");
}

TEST_CASE("each writing of a word is added once", "[content]") {
  std::vector<std::string> words{"инн", "tax id", "ñ"};
  add_capitals(words);
  CHECK(words == std::vector<std::string>{"инн", "tax id", "ñ", "ИНН", "Инн", "Ñ"});
}

}  // namespace gnomon::content
