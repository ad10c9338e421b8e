#pragma once

#include <cstddef>
#include <string_view>

// Values that are none of their own: what code, templates and settings write to name another, and
// what is told about values.
namespace gnomon::content {

// $NAME, %NAME%, &name, @name as a whole; ${...}, $(...), {{...}}, #{...} anywhere.
bool is_template(std::string_view value);
// $2y$10$..., $argon2id$v=19$...: hashes in the form of crypt(3).
bool is_crypt_hash(std::string_view value);
// <what to give>, [what to give], {name}: as a whole or cut off, the first anywhere.
bool is_enclosed(std::string_view value);
// name(...): a word, and brackets that close behind it with nothing of a word going on.
bool is_call(std::string_view value);
// Regular expressions: [A-Z0-9], \\d, (?:...).
bool looks_like_pattern(std::string_view value);
// The letters in a row that are the most.
std::size_t longest_word(std::string_view value);

}  // namespace gnomon::content
