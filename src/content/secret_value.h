#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// What stands as a value behind a name that says secret, and whether it is one.
namespace gnomon::content {

// How many bytes of each kind a value has, and how often the next is of another kind.
struct ValueShape {
  std::size_t lower = 0;
  std::size_t upper = 0;
  std::size_t digits = 0;
  std::size_t other = 0;
  std::size_t changes = 0;
};
ValueShape shape_of(std::string_view value);

// What binds a value to its name.
enum class Binding : std::uint8_t {
  kMention,   // words or more than a few characters between them
  kNext,      // nothing but blanks and marks: "token - abc", "Token abc"
  kArgument,  // ("name", "value")
  kOperator,  // = : := => or an element of XML
};

struct NamedValue {
  std::string_view name;  // the whole identifier that the word is a part of
  std::string_view value;
  Binding binding = Binding::kMention;
  bool quoted = false;
  bool line_end = false;     // nothing follows the value on its line
  // All of a line behind NAME=, as files of settings for the environment have it: no code goes on
  // there.
  bool line_of_settings = false;
  bool vendor_near = false;  // the name of a service that gives out keys stands near
};

// Whether a value behind a word like "token" is sure to be a secret: it looks made by chance, and
// its name means a secret rather than a digest or an identifier. Examples and placeholders never
// are.
bool is_sure_secret(const NamedValue& place, const ValueShape& shape);
// The same behind "password" and its like, where people choose the value.
bool is_sure_password(const NamedValue& place, const ValueShape& shape);

// Nothing but hexadecimal digits, in either case.
inline bool is_hex(std::string_view value) {
  return value.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}
// What code writes where a value would stand: calls, members, variables, templates; or the name
// again. value_reference.cc
bool is_reference(std::string_view name, std::string_view value, const ValueShape& shape);
// Every kind of value in its own measure: what chance makes is rarely poorer than this.
bool looks_random(std::string_view value, const ValueShape& shape, bool vendor);
// Names in lower case whose random value is no secret: digests, identifiers, keys of rows and
// caches.
bool is_public_name(std::string_view lower_name);
// What is said of passwords in settings: how they are encrypted, how long they must be, where they
// lie.
bool is_about_passwords(std::string_view lower_name);
// Words of a language, not something made up by chance: no digits, few changes of case.
bool is_wordy(std::string_view value, const ValueShape& shape);
// "string", "null", "required": what stands for a value in code and in schemas.
bool is_word_of_code(std::string_view value);
// "2024-03-15T14:30:00.123Z" (ISO 8601): letters among digits, and no secret.
bool is_timestamp(std::string_view text);

}  // namespace gnomon::content
