#include "header_fields.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base64_decoder.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/text_parts.h"
#include "gnomon/content/text_decoder.h"
#include "text_guess.h"

namespace gnomon::content {
namespace {

bool is_blank_or_control(char c) { return static_cast<unsigned char>(c) <= ' '; }

// The next `name=value` of a field; both empty at its end. Always shortens the field.
struct Parameter {
  std::string name;
  std::string value;
};
Parameter next_parameter(std::string_view& field) {
  Parameter parameter;
  while (!field.empty() && (field.front() == ';' || is_blank_or_control(field.front()))) {
    field.remove_prefix(1);
  }
  std::size_t at = 0;
  while (at < field.size() && field[at] != '=' && field[at] != ';')
    parameter.name += to_lower(field[at++]);
  while (!parameter.name.empty() && parameter.name.back() <= ' ') parameter.name.pop_back();
  if (at < field.size() && field[at] == '=') {
    ++at;
    while (at < field.size() && (field[at] == ' ' || field[at] == '\t')) ++at;
    if (at < field.size() && field[at] == '"') {
      ++at;
      while (at < field.size() && field[at] != '"') {
        // Browsers do not escape backslashes in Windows paths; only quotes need it.
        if (field[at] == '\\' && at + 1 < field.size() &&
            (field[at + 1] == '"' || field[at + 1] == '\\')) {
          ++at;
        }
        parameter.value += field[at++];
      }
      while (at < field.size() && field[at] != ';') ++at;
    } else {
      while (at < field.size() && field[at] != ';') parameter.value += field[at++];
      parameter.value = trimmed(parameter.value, is_blank_or_control);
    }
  }
  field.remove_prefix(at);
  return parameter;
}

std::string to_utf8(std::string_view charset, Bytes bytes) {
  std::string text;
  TextDecoder decoder{charset_named(charset)};
  decoder.write(bytes, text);
  decoder.finish(text);
  return text;
}

}  // namespace

std::string media_type_of(std::string_view field) {
  field = trimmed(field.substr(0, std::min(field.find(';'), field.size())), is_blank_or_control);
  std::string type;
  for (const char c : field.substr(0, 128)) type += to_lower(c);
  return type;
}

std::string parameter_of(std::string_view field, std::string_view name) {
  const std::size_t semicolon = field.find(';');
  if (semicolon == std::string_view::npos) return {};
  field.remove_prefix(semicolon);
  std::string plain;
  std::string extended;
  std::string continued;
  bool has_plain = false;
  while (!field.empty()) {
    const Parameter parameter = next_parameter(field);
    if (parameter.name == name && !has_plain) {
      plain = parameter.value;
      has_plain = true;
    } else if (parameter.name.size() > name.size() &&
               parameter.name.compare(0, name.size(), name) == 0 &&
               parameter.name[name.size()] == '*') {
      std::string_view value = parameter.value;
      const bool encoded = parameter.name.back() == '*';
      const bool first = parameter.name.size() == name.size() + 1 ||
                         parameter.name.compare(name.size(), 2, "*0") == 0;
      std::string charset;
      if (encoded && first) {
        const std::size_t one = value.find('\'');
        const std::size_t two = one == value.npos ? one : value.find('\'', one + 1);
        if (two != value.npos) {
          charset = value.substr(0, one);
          value.remove_prefix(two + 1);
        }
      }
      const std::string bytes = encoded ? percent_decoded(value) : std::string{value};
      std::string text = to_utf8(
          charset, Bytes{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
      if (parameter.name.size() == name.size() + 1) {
        extended = std::move(text);
      } else if (continued.size() < 1024) {
        continued += text;
      }
    }
  }
  if (!extended.empty()) return extended;
  return has_plain ? plain : continued;
}

std::string field_text(std::string_view bytes) {
  return to_utf8("utf-8", Bytes{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::string base_name(std::string_view path) {
  if (const std::size_t at = path.find_last_of("/\\"); at != path.npos) path.remove_prefix(at + 1);
  std::string name = field_text(path);
  name.erase(std::remove_if(name.begin(), name.end(),
                            [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }),
             name.end());
  if (name.size() > 255) {
    std::size_t end = 255;
    while (end > 0 && (static_cast<std::uint8_t>(name[end]) & 0xc0) == 0x80) --end;
    name.resize(end);
  }
  return name;
}

std::string decoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t at = text.find("=?");
    out += text.substr(0, std::min(at, text.size()));
    if (at == text.npos) break;
    text.remove_prefix(at);
    const std::size_t charset_end = text.find('?', 2);
    const std::size_t end = charset_end == text.npos || charset_end + 2 >= text.size()
                                ? text.npos
                                : text.find("?=", charset_end + 3);
    if (end == text.npos || text[charset_end + 2] != '?') {
      out += "=?";
      text.remove_prefix(2);
      continue;
    }
    const std::string_view word = text.substr(charset_end + 3, end - charset_end - 3);
    std::vector<std::uint8_t> bytes;
    if (to_lower(text[charset_end + 1]) == 'b') {
      Base64Decoder decoder;
      decoder.write(word, bytes);
    } else {
      std::string spaced{word};
      std::replace(spaced.begin(), spaced.end(), '_', ' ');
      QuotedPrintableDecoder decoder;
      decoder.write(spaced, bytes);
      decoder.finish(bytes);
    }
    out += to_utf8(text.substr(2, charset_end - 2), Bytes{bytes});
    text.remove_prefix(end + 2);
    // Blanks between two encoded words belong to neither.
    std::size_t next = 0;
    while (next < text.size() && static_cast<unsigned char>(text[next]) <= ' ') ++next;
    if (text.substr(next, 2) == "=?") text.remove_prefix(next);
  }
  return out;
}

}  // namespace gnomon::content
