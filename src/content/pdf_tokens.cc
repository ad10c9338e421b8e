#include "pdf_tokens.h"

#include <algorithm>
#include <utility>

#include "body_context.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/content/text_decoder.h"
#include "text_guess.h"

namespace gnomon::content {
namespace {

bool is_blank(std::uint8_t c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0;
}
bool is_delimiter(std::uint8_t c) {
  return c == '(' || c == ')' || c == '<' || c == '>' || c == '[' || c == ']' || c == '/' ||
         c == '%';
}

// The number at `at`, which then stands behind it; nothing where there is none.
std::optional<std::uint32_t> take_number(std::string_view text, std::size_t& at) {
  const std::size_t begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at == begin || at - begin > 9) return std::nullopt;
  return pdf_number(text.substr(begin, at - begin));
}

// Where the word begins that ends before `end`, which it may not do.
std::size_t word_before(std::string_view text, std::size_t& end) {
  while (end > 0 && is_blank(static_cast<std::uint8_t>(text[end - 1]))) --end;
  std::size_t begin = end;
  while (begin > 0 && is_digit(text[begin - 1])) --begin;
  return begin;
}

}  // namespace

PdfToken PdfTokens::next() {
  skip_blanks();
  PdfToken token;
  if (at_ >= text_.size()) return token;
  const char c = text_[at_];
  if (c == '/') {
    ++at_;
    token.kind = PdfToken::Kind::kName;
    take_name(token.text, true);
  } else if (c == '(') {
    token.kind = PdfToken::Kind::kString;
    take_string(token.text);
  } else if (text_.substr(at_, 2) == "<<" || text_.substr(at_, 2) == ">>") {
    token.kind = c == '<' ? PdfToken::Kind::kOpen : PdfToken::Kind::kClose;
    at_ += 2;
  } else if (c == '<') {
    token.kind = PdfToken::Kind::kString;
    take_hex(token.text);
  } else if (is_delimiter(static_cast<std::uint8_t>(c))) {
    token.kind = PdfToken::Kind::kBracket;
    token.text = c;
    ++at_;
  } else {
    token.kind = PdfToken::Kind::kWord;
    take_name(token.text, false);
  }
  return token;
}

void PdfTokens::skip_blanks() {
  while (at_ < text_.size()) {
    if (text_[at_] == '%') {
      at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
    } else if (is_blank(static_cast<std::uint8_t>(text_[at_]))) {
      ++at_;
    } else {
      return;
    }
  }
}

// 7.3.5: in names a byte may be written as # and two digits.
void PdfTokens::take_name(std::string& out, bool escapes) {
  while (at_ < text_.size()) {
    auto c = static_cast<std::uint8_t>(text_[at_]);
    if (is_blank(c) || is_delimiter(c)) return;
    ++at_;
    if (escapes && c == '#' && text_.size() - at_ >= 2) {
      const int high = hex_value(text_[at_]);
      const int low = hex_value(text_[at_ + 1]);
      if (high >= 0 && low >= 0) {
        c = static_cast<std::uint8_t>(high * 16 + low);
        at_ += 2;
      }
    }
    if (out.size() < 128) out += static_cast<char>(c);
  }
}

// 7.3.4.2: brackets in pairs stand for themselves.
void PdfTokens::take_string(std::string& out) {
  std::size_t open = 1;
  for (++at_; at_ < text_.size() && out.size() < kPdfStringBytesMax; ++at_) {
    char c = text_[at_];
    if (c == '\\') {
      if (++at_ >= text_.size()) return;
      c = text_[at_];
      constexpr std::string_view kFrom = "nrtbf";
      constexpr std::string_view kTo = "\n\r\t\b\f";
      if (const std::size_t which = kFrom.find(c); which != kFrom.npos) {
        out += kTo[which];
      } else if (c >= '0' && c <= '7') {
        unsigned value = 0;
        std::size_t digits = 0;
        for (; digits < 3 && at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '7';
             ++digits) {
          value = value * 8 + static_cast<unsigned>(text_[at_++] - '0');
        }
        --at_;
        out += static_cast<char>(value);
      } else if (c == '\r') {
        if (text_.substr(at_ + 1, 1) == "\n") ++at_;
      } else if (c != '\n') {
        out += c;
      }
      continue;
    }
    if (c == '(') ++open;
    if (c == ')' && --open == 0) {
      ++at_;
      return;
    }
    out += c;
  }
}

void PdfTokens::take_hex(std::string& out) {
  int high = -1;
  for (++at_; at_ < text_.size() && out.size() < kPdfStringBytesMax; ++at_) {
    if (text_[at_] == '>') {
      ++at_;
      break;
    }
    const int digit = hex_value(text_[at_]);
    if (digit < 0) continue;
    if (high >= 0) out += static_cast<char>(high * 16 + digit);
    high = high < 0 ? digit : -1;
  }
  if (high >= 0) out += static_cast<char>(high * 16);
}

// 7.9.2.2: UTF-16 or UTF-8 with a mark, else nearly Latin-1.
std::string pdf_text(std::string_view string) {
  Charset charset = Charset::kLatin1;
  if (string.starts_with("\xfe\xff")) charset = Charset::kUtf16Be;
  if (string.starts_with("\xff\xfe")) charset = Charset::kUtf16Le;
  if (string.starts_with("\xef\xbb\xbf")) charset = Charset::kUtf8;
  std::string raw;
  TextDecoder decoder{charset};
  decoder.write(as_bytes(string), raw);
  decoder.finish(raw);
  std::string out;
  for (const char c : raw) out += c == '\r' ? '\n' : c == '\0' ? ' ' : c;
  return out;
}

std::uint32_t pdf_number(std::string_view word) {
  std::uint32_t number = 0;
  for (const char c : word.substr(0, 9)) {
    if (!is_digit(c)) return 0;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return number;
}

std::optional<std::uint32_t> PdfStreams::number_in(std::uint32_t object) {
  if (!numbers_) {
    numbers_.emplace();
    constexpr std::string_view kMark = "obj";
    for (std::size_t at = file_.find(kMark); at != file_.npos; at = file_.find(kMark, at)) {
      std::size_t end = at;
      at += kMark.size();
      end = word_before(file_, end);  // its generation
      const std::size_t begin = word_before(file_, end);
      const std::uint32_t number = pdf_number(file_.substr(begin, end - begin));
      std::size_t value_at = at;
      while (value_at < file_.size() && is_blank(static_cast<std::uint8_t>(file_[value_at])))
        ++value_at;
      const auto value = take_number(file_, value_at);
      if (number != 0 && value && numbers_->size() < kPdfObjectsMax) (*numbers_)[number] = *value;
    }
  }
  const auto found = numbers_->find(object);
  if (found == numbers_->end()) return std::nullopt;
  return found->second;
}

std::string_view PdfStreams::data_at(std::size_t at, const PdfLength& length) {
  constexpr std::string_view kEnd = "endstream";
  if (file_.substr(at, 2) == "\r\n") {
    at += 2;
  } else if (at < file_.size()) {
    ++at;
  }
  const auto bytes = length.object != 0 ? number_in(length.object) : length.bytes;
  if (bytes && *bytes <= file_.size() - at) {
    std::size_t behind = at + *bytes;
    // Some writers put more than one end of line behind the data.
    while (behind < file_.size() && behind - at - *bytes < 4 &&
           is_blank(static_cast<std::uint8_t>(file_[behind]))) {
      ++behind;
    }
    if (file_.substr(behind, kEnd.size()) == kEnd) return file_.substr(at, *bytes);
  }
  return file_.substr(at, std::min(file_.find(kEnd, at), file_.size()) - at);
}

bool is_encrypted_pdf(std::string_view file) {
  if (file.find("/Encrypt") == file.npos) return false;
  using Kind = PdfToken::Kind;
  PdfTokens tokens{file};
  PdfStreams streams{file};
  PdfLength length;
  std::string key;
  std::string before;  // words that came last: "12 0" of "12 0 R"
  std::string last;
  std::size_t nesting = 0;
  bool trailer = false;  // the dictionary is the file's own: behind that word, or of type XRef
  bool encrypted = false;
  for (PdfToken token = tokens.next(); token.kind != Kind::kEnd; token = tokens.next()) {
    switch (token.kind) {
      case Kind::kOpen:
        ++nesting;
        break;
      case Kind::kClose:
        nesting -= nesting > 0 ? 1 : 0;
        if (nesting == 0 && trailer && encrypted) return true;
        break;
      case Kind::kName:
        if (nesting == 1 && key == "Type" && token.text == "XRef") trailer = true;
        if (nesting == 1 && token.text == "Encrypt") encrypted = true;
        key = token.text;
        break;
      case Kind::kWord:
        if (token.text == "stream") {
          const std::string_view data = streams.data_at(tokens.at(), length);
          tokens.go_to(static_cast<std::size_t>(data.data() - file.data()) + data.size());
        } else if (key == "Length" && nesting == 1) {
          length = token.text == "R" ? PdfLength{{}, pdf_number(before)}
                                     : PdfLength{pdf_number(token.text), 0};
        }
        before = std::exchange(last, token.text);
        if (token.text == "obj" || token.text == "trailer") {
          length = {};
          nesting = 0;
          encrypted = false;
          trailer = token.text == "trailer";
        }
        break;
      case Kind::kString:
      case Kind::kBracket:
      case Kind::kEnd:
        break;
    }
  }
  return trailer && encrypted;
}

}  // namespace gnomon::content
