#include "secret_gap.h"

#include <catch2/catch.hpp>

namespace gnomon::content {
namespace {

using Behind = std::size_t (*)(std::string_view, std::size_t, std::size_t);

std::string_view rest(Behind behind, std::string_view text) {
  return text.substr(behind(text, 0, text.size()));
}

TEST_CASE("what leads from a name to its value is read over", "[content][secret]") {
  CHECK(rest(behind_value_word, ",\"value\":\"x\"") == "\"x\"");
  CHECK(rest(behind_value_word, " value=\"x\"") == "\"x\"");
  CHECK(rest(behind_value_word, "\n  value: x") == " x");
  CHECK(rest(behind_next_element, "</td>\n<td>x</td>") == "x</td>");
  CHECK(rest(behind_tag, "<Value>x") == "x");
  CHECK(rest(behind_default, " {\n  type    = string\n  default = \"x\"\n}") == " \"x\"\n}");
  CHECK(rest(behind_string_of, "String::from(\"x\")") == "\"x\")");
  CHECK(is_set_by_command("FROM a\nENV NAME x", 11));
  CHECK(is_set_by_command("setx NAME x", 5));
  CHECK(rest(behind_verb, "is x") == "x");
  CHECK(rest(behind_verb, "for the server is:\n\nx") == "x");
  CHECK(rest(behind_verb, "lautet: x") == "x");
  CHECK(rest(behind_verb, "for the server is x") == "x");
  CHECK(rest(behind_verb, "ist „x“") == "x“");
  CHECK(rest(behind_verb, "to Abc123") == "Abc123");
  CHECK(without_closing_marks("x“") == "x");
}

TEST_CASE("what leads elsewhere is left where it is", "[content][secret]") {
  const auto [behind, text] = GENERATE(table<Behind, std::string_view>({
      {behind_value_word, "value=x"},                // part of the name
      {behind_value_word, " values=x"},              // another word
      {behind_value_word, ",\"value"},               // cut off
      {behind_next_element, "</td></tr>"},           // nothing beside it
      {behind_next_element, "<td>x"},                // no end of the name's own
      {behind_tag, "<input type=\"text\">"},         // attributes
      {behind_tag, "<Value"},                        // cut off
      {behind_default, " {\n  type = string\n}\n"},  // none
      {behind_default, " {\n  default"},             // cut off
      {behind_default, "[\n  default = \"x\"\n"},    // no variable
      {behind_string_of, "String::new(\"x\")"},      // of something else
      {behind_verb, "hash is x"},                    // of something else
      {behind_verb, "for the server, it is x"},      // another part of the sentence
      {behind_verb, "to nobody"},                    // a word of the sentence
      {behind_verb, "is"},                           // cut off
  }));
  CAPTURE(text);
  CHECK(rest(behind, text) == text);
}

TEST_CASE("only commands at the beginning of a line set names", "[content][secret]") {
  CHECK_FALSE(is_set_by_command("in ENV NAME x", 7));
  CHECK_FALSE(is_set_by_command("the NAME x", 4));
  CHECK_FALSE(is_set_by_command("NAME x", 0));
}

TEST_CASE("nothing beyond the stop is read", "[content][secret]") {
  CHECK(behind_value_word(" value=x", 0, 6) == 0);
  CHECK(behind_next_element("</td><td>x", 0, 6) == 0);
  CHECK(behind_verb("is x", 0, 2) == 0);
}

}  // namespace
}  // namespace gnomon::content
