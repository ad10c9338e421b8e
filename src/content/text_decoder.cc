#include "gnomon/content/text_decoder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "code_pages.h"
#include "gnomon/bytes/ascii.h"
#include "text_guess.h"

namespace gnomon::content {
namespace {

// What Windows-1252 has at 0x80 to 0x9f.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

void append_1252(std::uint8_t byte, std::string& out) {
  append_utf8(byte >= 0x80 && byte < 0xa0 ? kWindows1252[byte - 0x80] : byte, out);
}

// Names of charsets as the WHATWG Encoding Standard has them, without blanks and hyphens.
constexpr std::pair<std::string_view, Charset> kNames[] = {{"windows1250", Charset::kWindows1250},
                                                           {"cp1250", Charset::kWindows1250},
                                                           {"windows1251", Charset::kWindows1251},
                                                           {"cp1251", Charset::kWindows1251},
                                                           {"windows1253", Charset::kWindows1253},
                                                           {"cp1253", Charset::kWindows1253},
                                                           {"windows1254", Charset::kWindows1254},
                                                           {"iso88599", Charset::kWindows1254},
                                                           {"latin5", Charset::kWindows1254},
                                                           {"windows1255", Charset::kWindows1255},
                                                           {"iso88598", Charset::kWindows1255},
                                                           {"iso88598i", Charset::kWindows1255},
                                                           {"windows1256", Charset::kWindows1256},
                                                           {"windows1257", Charset::kWindows1257},
                                                           {"windows1258", Charset::kWindows1258},
                                                           {"windows874", Charset::kWindows874},
                                                           {"tis620", Charset::kWindows874},
                                                           {"iso885911", Charset::kWindows874},
                                                           {"iso88592", Charset::kIso8859_2},
                                                           {"latin2", Charset::kIso8859_2},
                                                           {"iso88595", Charset::kIso8859_5},
                                                           {"iso88597", Charset::kIso8859_7},
                                                           {"iso885913", Charset::kIso8859_13},
                                                           {"koi8r", Charset::kKoi8R},
                                                           {"koi8u", Charset::kKoi8U},
                                                           {"ibm850", Charset::kIbm850},
                                                           {"cp850", Charset::kIbm850},
                                                           {"ibm866", Charset::kIbm866},
                                                           {"cp866", Charset::kIbm866},
                                                           {"macintosh", Charset::kMacintosh},
                                                           {"gbk", Charset::kGbk},
                                                           {"gb2312", Charset::kGbk},
                                                           {"gb18030", Charset::kGbk},
                                                           {"big5", Charset::kBig5},
                                                           {"big5hkscs", Charset::kBig5},
                                                           {"shiftjis", Charset::kShiftJis},
                                                           {"sjis", Charset::kShiftJis},
                                                           {"windows31j", Charset::kShiftJis},
                                                           {"eucjp", Charset::kEucJp},
                                                           {"euckr", Charset::kEucKr},
                                                           {"ksc56011987", Charset::kEucKr},
                                                           {"cp949", Charset::kEucKr}};

// Bytes of the character that `lead` begins; 0: it begins none.
std::size_t length_of(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

bool fits(const std::uint8_t* bytes, std::size_t have) {
  if (have >= 2) {
    const std::uint8_t second = bytes[1];
    if ((second & 0xc0) != 0x80) return false;
    if (bytes[0] == 0xe0 && second < 0xa0) return false;
    if (bytes[0] == 0xed && second >= 0xa0) return false;
    if (bytes[0] == 0xf0 && second < 0x90) return false;
    if (bytes[0] == 0xf4 && second >= 0x90) return false;
  }
  for (std::size_t at = 2; at < have; ++at) {
    if ((bytes[at] & 0xc0) != 0x80) return false;
  }
  return true;
}

std::size_t ascii_prefix(Bytes bytes) {
  std::size_t at = 0;
  while (at + 8 <= bytes.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    if ((word & 0x8080808080808080ULL) != 0) break;
    // A zero byte anywhere.
    if (((word - 0x0101010101010101ULL) & ~word & 0x8080808080808080ULL) != 0) break;
    at += 8;
  }
  while (at < bytes.size() && bytes[at] < 0x80 && bytes[at] != 0) ++at;
  return at;
}

}  // namespace

std::size_t valid_utf8_prefix(Bytes bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    at += ascii_prefix(bytes.subspan(at));
    if (at == bytes.size()) break;
    const std::size_t length = length_of(bytes[at]);
    if (bytes[at] == 0 || length == 0 || length > bytes.size() - at ||
        !fits(bytes.data() + at, length)) {
      break;
    }
    at += length;
  }
  return at;
}

double valid_utf8_share(Bytes bytes) {
  if (bytes.empty()) return 1;
  std::size_t bad = 0;
  std::size_t at = 0;
  while (at < bytes.size()) {
    at += valid_utf8_prefix(bytes.subspan(at));
    // A character that the end cuts is not wrong.
    if (bytes.size() - at < 4 && at < bytes.size() && length_of(bytes[at]) > bytes.size() - at &&
        fits(bytes.data() + at, bytes.size() - at)) {
      break;
    }
    if (at < bytes.size()) {
      ++bad;
      ++at;
    }
  }
  return 1 - static_cast<double>(bad) / static_cast<double>(bytes.size());
}

Charset charset_named(std::string_view name) {
  std::string low;
  for (const char c : name.substr(0, 32)) {
    if (c == '"' || c == '\'' || c == ' ' || c == '_' || c == '-') continue;
    low += to_lower(c);
  }
  if (low == "utf16le" || low == "ucs2") return Charset::kUtf16Le;
  if (low == "utf16be") return Charset::kUtf16Be;
  if (low == "utf32le") return Charset::kUtf32Le;
  if (low == "utf32be") return Charset::kUtf32Be;
  if (low == "iso88591" || low == "latin1" || low == "windows1252" || low == "cp1252" ||
      low == "iso885915") {
    return Charset::kLatin1;
  }
  for (const auto& [known, charset] : kNames)
    if (low == known) return charset;
  return Charset::kUtf8;
}

TextDecoder::TextDecoder(Charset charset)
    : charset_(charset), multibyte_(MultibyteReader::open(charset)) {
  // A charset that this system has not got is read as UTF-8 that is wrong.
  if (charset >= Charset::kGbk && !multibyte_) charset_ = Charset::kUtf8;
}
TextDecoder::~TextDecoder() = default;
TextDecoder::TextDecoder(TextDecoder&&) noexcept = default;
TextDecoder& TextDecoder::operator=(TextDecoder&&) noexcept = default;

void TextDecoder::unit16(std::uint32_t unit, std::string& out) {
  if (first_) {
    first_ = false;
    if (unit == 0xfeff) return;
  }
  if (unit >= 0xd800 && unit < 0xdc00) {
    if (high_surrogate_ != 0) append_utf8(0xfffd, out);
    high_surrogate_ = unit;
    return;
  }
  if (unit >= 0xdc00 && unit < 0xe000 && high_surrogate_ != 0) {
    append_utf8(0x10000 + ((high_surrogate_ - 0xd800) << 10) + (unit - 0xdc00), out);
    high_surrogate_ = 0;
    return;
  }
  if (high_surrogate_ != 0) {
    append_utf8(0xfffd, out);
    high_surrogate_ = 0;
  }
  append_utf8(unit, out);
}

void TextDecoder::invalid(std::string& out) {
  // The first byte held begins no character: take it for what it is in Windows-1252.
  first_ = false;
  append_1252(held_[0], out);
  std::copy(held_.begin() + 1, held_.end(), held_.begin());
  --held_size_;
}

void TextDecoder::write(Bytes bytes, std::string& out) {
  if (charset_ == Charset::kLatin1) {
    for (const std::uint8_t byte : bytes) append_1252(byte, out);
    return;
  }
  if (multibyte_) return multibyte_->write(bytes, out);
  if (const auto* const page = code_page_of(charset_)) {
    for (const std::uint8_t byte : bytes)
      append_utf8(byte == 0 ? ' ' : byte < 0x80 ? byte : (*page)[byte - std::size_t{0x80}], out);
    return;
  }
  if (charset_ != Charset::kUtf8) {
    const std::size_t width =
        charset_ == Charset::kUtf32Le || charset_ == Charset::kUtf32Be ? 4 : 2;
    for (const std::uint8_t byte : bytes) {
      held_[held_size_++] = byte;
      if (held_size_ < width) continue;
      held_size_ = 0;
      const auto at = [&](std::size_t index) { return std::uint32_t{held_[index]}; };
      switch (charset_) {
        case Charset::kUtf16Le:
          unit16(at(0) | at(1) << 8, out);
          break;
        case Charset::kUtf16Be:
          unit16(at(1) | at(0) << 8, out);
          break;
        case Charset::kUtf32Le:
        case Charset::kUtf32Be: {
          const std::uint32_t code = charset_ == Charset::kUtf32Le
                                         ? at(0) | at(1) << 8 | at(2) << 16 | at(3) << 24
                                         : at(3) | at(2) << 8 | at(1) << 16 | at(0) << 24;
          if (!(first_ && code == 0xfeff)) append_utf8(code, out);
          first_ = false;
          break;
        }
        default:
          break;
      }
    }
    return;
  }
  std::size_t at = 0;
  while (at < bytes.size() || held_size_ > 0) {
    if (held_size_ == 0) {
      const std::size_t whole = valid_utf8_prefix(bytes.subspan(at));
      std::string_view text = as_chars(bytes.subspan(at, whole));
      if (first_ && !text.empty()) {
        if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
        first_ = false;
      }
      out += text;
      at += whole;
      if (at == bytes.size()) return;
      if (bytes[at] == 0) {
        out += ' ';
        ++at;
        continue;
      }
      held_[held_size_++] = bytes[at++];
    }
    const std::size_t length = length_of(held_[0]);
    if (length == 0 || !fits(held_.data(), held_size_)) {
      invalid(out);
    } else if (held_size_ == length) {
      const bool mark = first_ && held_[0] == 0xef && held_[1] == 0xbb && held_[2] == 0xbf;
      first_ = false;
      if (held_[0] == 0) {
        out += ' ';
      } else if (!mark) {
        out.append(reinterpret_cast<const char*>(held_.data()), held_size_);
      }
      held_size_ = 0;
    } else if (at < bytes.size()) {
      held_[held_size_++] = bytes[at++];
    } else {
      return;
    }
  }
}

void TextDecoder::finish(std::string& out) {
  if (multibyte_) return multibyte_->forget_half();
  if (charset_ == Charset::kUtf8) {
    while (held_size_ > 0) invalid(out);
  }
  held_size_ = 0;
  if (high_surrogate_ != 0) append_utf8(0xfffd, out);
  high_surrogate_ = 0;
}

}  // namespace gnomon::content
