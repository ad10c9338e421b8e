#pragma once

#include <string>
#include <string_view>

// Fields of MIME parts and of HTTP that have parameters (RFC 2045, 2183, 2231, 6266, 7578).
namespace gnomon::content {

// "multipart/form-data" of `multipart/form-data; boundary=x`, lower case, trimmed.
std::string media_type_of(std::string_view field);

// A parameter's value, quotes and escapes undone; `name*` in RFC 5987's form goes before `name`.
// Continued parameters (name*0, name*1) are joined. Empty when absent.
std::string parameter_of(std::string_view field, std::string_view name);

// The last component of a path in either notation, control characters dropped, 255 bytes at most.
std::string base_name(std::string_view path);

// Bytes of a field as text: UTF-8 where they are, else Windows-1252; zero bytes become blanks.
std::string field_text(std::string_view bytes);

// RFC 2047: =?utf-8?B?...?= and =?utf-8?Q?...?=.
std::string decoded_words(std::string_view text);

}  // namespace gnomon::content
