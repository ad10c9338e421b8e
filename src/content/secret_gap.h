#pragma once

#include <cstddef>
#include <string_view>

// What may stand between a name that says secret and its value, besides marks and blanks. Each
// gives the place behind it, or `at` where it does not stand there; none looks beyond `stop`.
namespace gnomon::content {

// Where a pair is written out: {"name": "password", "value": "..."}, <add key="password"
// value="..."/>, "- name: password" with "value: ..." on the next line.
std::size_t behind_value_word(std::string_view text, std::size_t at, std::size_t stop);
// Terraform's variable "password" { ... default = "..." }.
std::size_t behind_default(std::string_view text, std::size_t at, std::size_t stop);
// Rust's String::from(.
std::size_t behind_string_of(std::string_view text, std::size_t at, std::size_t stop);
// Rust's & of a type: &str, &'static str.
std::size_t behind_reference(std::string_view text, std::size_t at, std::size_t stop);
// Erlang's {password, <<"...">>}: the << where something gives it.
bool opens_binary(std::string_view text, std::size_t at);
// "PASS: name" among lines that say PASS, FAIL, SKIP ...: what tests print, and no password.
bool is_verdict(std::string_view text, std::size_t name_start, std::size_t name_end);
// ("name", [ "name", ("mail.smtp.name" or ("String", "name": the quote before a name stands behind
// what opens a list or a call.
bool opens_call(std::string_view text, std::size_t name_start);
// NAME=value at the beginning of a line, without blanks or quotes: what .env and the like have, and
// shells.
bool is_line_of_settings(std::string_view text, std::size_t name_start, std::size_t name_end);
// A name that a command gives the next word to: ENV NAME value (Dockerfile), setx NAME value.
bool is_set_by_command(std::string_view text, std::size_t name_start);
// </td><td>, </key> and <string> on the next line: the element beside that of the name.
std::size_t behind_next_element(std::string_view text, std::size_t at, std::size_t stop);
// Whether the element beside a name, which begins behind `value_at`, is the digest of a file and
// the name is the file's: <key>Resources/password.nib</key><data>, as in Apple's CodeResources.
bool is_digest_of_file(std::string_view text, std::size_t name_start, std::size_t name_end,
                       std::size_t value_at);
// Whether what stands behind a name is the end of base64 and not a sign that something is given:
// "...pw==" and then the line's end, or a tag.
bool ends_base64(std::string_view text, std::size_t name_end);
// A tag without attributes: </b>, <Value>.
std::size_t behind_tag(std::string_view text, std::size_t at, std::size_t stop);
// "is", "lautet", "est" ..., "set to", and "for the server is" before it; quotes of typesetters
// that the value begins with.
std::size_t behind_verb(std::string_view text, std::size_t at, std::size_t stop);
// A letter or mark of a script that is written without blanks: Han, kana, Hangul, full-width marks.
bool is_of_dense_script(std::string_view text, std::size_t at);
// The closing ones, and full stops of other scripts, taken off.
std::string_view without_closing_marks(std::string_view value);

}  // namespace gnomon::content
