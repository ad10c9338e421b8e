#include "sheet_text.h"

#include <algorithm>
#include <cstdint>

#include "gnomon/bytes/ascii.h"
#include "gnomon/content/text_decoder.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kStringsBytesMax = std::size_t{64} << 20;
constexpr std::size_t kSheetBytesMax = std::size_t{64} << 20;

// One tag and the text behind it.
struct Token {
  std::string_view name;  // without prefix; "/row" closes
  std::string_view attributes;
  std::string_view text;
  bool literal = false;  // CDATA: '&' is itself
};

// Takes the next token off `xml`, which it always shortens. False at its end.
bool next_token(std::string_view& xml, Token& token) {
  token.literal = false;
  const std::size_t open = xml.find('<');
  if (open == std::string_view::npos) return false;
  xml.remove_prefix(open + 1);
  const std::size_t close = std::min(xml.find('>'), xml.size());
  std::string_view tag = xml.substr(0, close);
  xml.remove_prefix(std::min(close + 1, xml.size()));
  const bool empty = !tag.empty() && tag.back() == '/';
  if (empty) tag.remove_suffix(1);
  const std::size_t blank = std::min(tag.find_first_of(" \t\r\n"), tag.size());
  token.attributes = tag.substr(blank);
  token.name = tag.substr(0, blank);
  const bool closing = !token.name.empty() && token.name.front() == '/';
  if (const std::size_t colon = token.name.rfind(':'); colon != token.name.npos) {
    token.name.remove_prefix(closing ? colon : colon + 1);
    // "/x:row" must stay a closing tag: its name then begins with the colon.
  }
  token.text = xml.substr(0, std::min(xml.find('<'), xml.size()));
  constexpr std::string_view kCdata = "<![CDATA[";
  if (token.text.empty() && xml.substr(0, kCdata.size()) == kCdata) {
    xml.remove_prefix(kCdata.size());
    const std::size_t end = std::min(xml.find("]]>"), xml.size());
    token.text = xml.substr(0, end);
    token.literal = true;
    xml.remove_prefix(std::min(end + 3, xml.size()));
  }
  return true;
}

bool closes(std::string_view name, std::string_view element) {
  return name.size() == element.size() + 1 && (name[0] == '/' || name[0] == ':') &&
         name.substr(1) == element;
}

std::string_view attribute(std::string_view attributes, std::string_view name) {
  std::size_t at = 0;
  while ((at = attributes.find(name, at)) != attributes.npos) {
    const std::size_t equals = at + name.size();
    const bool starts = at > 0 && static_cast<unsigned char>(attributes[at - 1]) <= ' ';
    if (starts && attributes.substr(equals, 2) == "=\"") {
      const std::size_t end = attributes.find('"', equals + 2);
      return attributes.substr(equals + 2, std::min(end, attributes.size()) - equals - 2);
    }
    at = equals;
  }
  return {};
}

void append_entities(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const std::size_t mark = std::min(text.find('&'), text.size());
    out += text.substr(0, mark);
    text.remove_prefix(mark);
    if (text.empty()) return;
    const std::size_t end = text.find(';');
    const std::string_view name = end < 10 ? text.substr(1, end - 1) : std::string_view{};
    if (name == "amp")
      out += '&';
    else if (name == "lt")
      out += '<';
    else if (name == "gt")
      out += '>';
    else if (name == "quot")
      out += '"';
    else if (name == "apos")
      out += '\'';
    else if (name.size() > 1 && name[0] == '#') {
      std::uint32_t code = 0;
      const bool hex = name[1] == 'x';
      for (const char c : name.substr(hex ? 2 : 1)) {
        const int digit = hex || is_digit(c) ? std::max(hex_value(c), 0) : 0;
        code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
      }
      append_utf8(code, out);
    } else {
      out += '&';
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(end + 1);
  }
}

void append_text(const Token& token, std::string& out) {
  if (token.literal) {
    out += token.text;
  } else {
    append_entities(token.text, out);
  }
}

}  // namespace

void SharedStrings::read(std::string_view xml) {
  Token token;
  std::string current;
  std::size_t bytes = 0;
  bool phonetic = false;
  while (next_token(xml, token) && bytes < kStringsBytesMax) {
    if (token.name == "si") {
      current.clear();
    } else if (token.name == "rPh") {
      phonetic = true;
    } else if (closes(token.name, "rPh")) {
      phonetic = false;
    } else if (token.name == "t" && !phonetic) {
      append_text(token, current);
    } else if (closes(token.name, "si")) {
      bytes += current.size() + sizeof(std::string);
      strings_.push_back(current);
    }
  }
  shown_.assign(strings_.size(), false);
}

std::string SharedStrings::rest() const {
  std::string text;
  for (std::size_t at = 0; at < strings_.size(); ++at) {
    if (shown_[at]) continue;
    text += strings_[at];
    text += '\n';
  }
  return text;
}

std::string sheet_text(std::string_view xml, SharedStrings& strings) {
  std::string out;
  Token token;
  std::string_view type;
  bool in_cell = false;
  while (next_token(xml, token) && out.size() < kSheetBytesMax) {
    if (token.name == "c") {
      type = attribute(token.attributes, "t");
      in_cell = true;
    } else if (closes(token.name, "c")) {
      out += '\t';
      in_cell = false;
    } else if (closes(token.name, "row")) {
      out += '\n';
    } else if (token.name == "v" && in_cell) {
      if (type == "s") {
        std::size_t index = 0;
        for (const char c : token.text.substr(0, 9)) {
          if (is_digit(c)) index = index * 10 + static_cast<std::size_t>(c - '0');
        }
        out += strings.at(index);
        strings.mark_shown(index);
      } else {
        append_text(token, out);
      }
    } else if (token.name == "t" && in_cell) {
      append_text(token, out);
    } else if (token.name == "f" && in_cell) {
      // A formula may hold text of its own.
      if (token.text.find("&quot;") != token.text.npos || token.text.find('"') != token.text.npos) {
        append_text(token, out);
        out += ' ';
      }
    } else if (token.name == "dataValidation" || token.name == "hyperlink") {
      // What is said of a cell beside it.
      for (const std::string_view name :
           {"promptTitle", "prompt", "errorTitle", "error", "display", "tooltip", "location"}) {
        if (const std::string_view said = attribute(token.attributes, name); !said.empty()) {
          append_entities(said, out);
          out += '\n';
        }
      }
    } else if (token.name == "formula1" || token.name == "formula2") {
      append_text(token, out);
      out += '\n';
    } else if (token.name == "oddHeader" || token.name == "oddFooter" ||
               token.name == "evenHeader" || token.name == "evenFooter" ||
               token.name == "firstHeader" || token.name == "firstFooter") {
      std::string coded;
      append_text(token, coded);
      out += margin_text(coded);
      out += '\n';
    }
  }
  return out;
}

std::string margin_text(std::string_view coded) {
  constexpr std::size_t kSizeDigitsMax = 3;
  constexpr std::size_t kColorBytes = 6;  // RRGGBB, or a theme's color as 01+000
  std::string out;
  while (!coded.empty()) {
    const std::size_t mark = std::min(coded.find('&'), coded.size());
    out += coded.substr(0, mark);
    coded.remove_prefix(mark);
    if (coded.size() < 2) break;
    const char code = coded[1];
    coded.remove_prefix(2);
    if (code == '&') {
      out += '&';
    } else if (code == '"') {  // "font,style"
      const std::size_t end = coded.find('"');
      coded.remove_prefix(end == coded.npos ? 0 : end + 1);
    } else if (is_digit(code)) {  // its size
      std::size_t digits = 0;
      while (digits + 1 < kSizeDigitsMax && digits < coded.size() && is_digit(coded[digits]))
        ++digits;
      coded.remove_prefix(digits);
    } else if (to_lower(code) == 'k') {
      coded.remove_prefix(std::min(kColorBytes, coded.size()));
    } else if (std::string_view{"lcr"}.find(to_lower(code)) != std::string_view::npos) {
      if (!out.empty()) out += '\n';
    } else if (std::string_view{"pndtgfza"}.find(to_lower(code)) != std::string_view::npos) {
      out += ' ';
    }  // others say how it looks
  }
  return out;
}

}  // namespace gnomon::content
