#include "gnomon/content/json_line.h"

#include <simdjson.h>

#include "gnomon/content/utf8.h"

namespace gnomon::content {

struct JsonLineReader::Parser {
  simdjson::dom::parser parser;
  std::string id;
  std::string repaired;
};

namespace {

void repair(std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t length = 1;
    const auto first = static_cast<unsigned char>(text[at]);
    if (first >= 0x80) {
      length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
      const std::string_view one = std::string_view{text}.substr(at, length);
      const bool surrogate =
          first == 0xed && one.size() > 1 && static_cast<unsigned char>(one[1]) >= 0xa0;
      if (one.size() < length || surrogate || !is_utf8(one)) {
        text[at] = '?';
        length = 1;
      }
    }
    at += length;
  }
}

bool is_surrogate(std::string_view text, std::size_t at, char first, char last) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return false;
  const auto lower = [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; };
  const char kind = lower(text[at + 3]);
  return lower(text[at + 2]) == 'd' && kind >= first && kind <= last;
}

// Halves of characters alone, as some programs write them (Python's json for names that are no UTF-8),
// become U+FFFD, which takes three bytes as they would: places stay what they were.
void replace_lone_surrogates(std::string& text) {
  for (std::size_t at = 0; at + 1 < text.size();) {
    if (text[at] != '\\') {
      ++at;
    } else if (is_surrogate(text, at, '8', 'b') && is_surrogate(text, at + 6, 'c', 'f')) {
      at += 12;
    } else if (is_surrogate(text, at, '8', 'f')) {
      text.replace(at + 2, 4, "fffd");
      at += 6;
    } else {
      at += 2;  // whatever is escaped
    }
  }
}

}  // namespace

JsonLineReader::JsonLineReader() : parser_(std::make_unique<Parser>()) {}
JsonLineReader::~JsonLineReader() = default;

Result<LabelledText> JsonLineReader::read(std::string_view line) {
  simdjson::dom::object object;
  auto error = parser_->parser.parse(line.data(), line.size()).get(object);
  if (error == simdjson::UTF8_ERROR) {
    // Bytes that are no UTF-8 become question marks, one for one: places stay what they were.
    parser_->repaired.assign(line);
    repair(parser_->repaired);
    error = parser_->parser.parse(parser_->repaired).get(object);
  }
  if (error == simdjson::STRING_ERROR) {
    parser_->repaired.assign(line);
    repair(parser_->repaired);
    replace_lone_surrogates(parser_->repaired);
    error = parser_->parser.parse(parser_->repaired).get(object);
  }
  if (error) return Error{simdjson::error_message(error)};
  LabelledText read;
  simdjson::dom::element id;
  if (object["id"].get(id)) return Error{"has no \"id\""};
  parser_->id = simdjson::minify(id);
  read.id_json = parser_->id;
  std::string_view text;
  if (object["text"].get(text)) return Error{"has no \"text\""};
  read.text.assign(text);
  std::string_view word;
  if (!object["direction"].get(word)) read.context.to_server = word != "response";
  if (!object["role"].get(word)) {
    read.context.role = word == "user"        ? Role::kUser
                        : word == "system"    ? Role::kSystem
                        : word == "tool"      ? Role::kTool
                        : word == "assistant" ? Role::kAssistant
                                              : Role::kNone;
  }
  return read;
}

}  // namespace gnomon::content
