#include "base64_decoder.h"

#include <array>

#include "gnomon/bytes/ascii.h"

namespace gnomon::content {
namespace {

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  for (std::uint8_t& digit : digits) digit = 0xff;
  for (std::uint8_t at = 0; at < 26; ++at) {
    digits[static_cast<std::size_t>('A' + at)] = at;
    digits[static_cast<std::size_t>('a' + at)] = static_cast<std::uint8_t>(26 + at);
  }
  for (std::uint8_t at = 0; at < 10; ++at) {
    digits[static_cast<std::size_t>('0' + at)] = static_cast<std::uint8_t>(52 + at);
  }
  digits['+'] = digits['-'] = 62;
  digits['/'] = digits['_'] = 63;
  return digits;
}
constexpr std::array<std::uint8_t, 256> kDigits = make_digits();

}  // namespace

std::uint8_t base64_digit(char c) { return kDigits[static_cast<std::uint8_t>(c)]; }

void Base64Decoder::write(std::string_view text, std::vector<std::uint8_t>& out) {
  for (const char c : text) {
    const std::uint8_t digit = base64_digit(c);
    if (digit == 0xff) {
      // Padding ends a group; another encoded run may follow.
      if (c == '=') count_ = 0;
      continue;
    }
    bits_ = (bits_ << 6) | digit;
    ++count_;
    if (count_ == 2) out.push_back(static_cast<std::uint8_t>(bits_ >> 4));
    if (count_ == 3) out.push_back(static_cast<std::uint8_t>(bits_ >> 2));
    if (count_ == 4) {
      out.push_back(static_cast<std::uint8_t>(bits_));
      count_ = 0;
      bits_ = 0;
    }
  }
}

bool looks_like_base64(std::string_view text, bool whole) {
  std::size_t digits = 0;
  std::size_t padding = 0;
  bool lower = false;
  bool upper = false;
  bool number = false;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    if (base64_digit(c) == 0xff || padding > 0) return false;
    ++digits;
    lower |= is_lower(c);
    upper |= is_upper(c);
    number |= is_digit(c) || c == '+' || c == '/';
  }
  if (padding > 2 || digits < 16) return false;
  if (whole && digits % 4 == 1) return false;
  return lower && upper && (number || padding > 0 || digits >= 40);
}

void QuotedPrintableDecoder::write(std::string_view text, std::vector<std::uint8_t>& out) {
  for (const char c : text) {
    if (held_size_ == 0) {
      if (c == '=') {
        held_[held_size_++] = c;
      } else {
        out.push_back(static_cast<std::uint8_t>(c));
      }
    } else if (held_size_ == 1) {
      if (c == '\n') {
        held_size_ = 0;  // a soft line end
      } else {
        held_[held_size_++] = c;
      }
    } else {
      held_size_ = 0;
      const int high = hex_value(held_[1]);
      const int low = hex_value(c);
      if (held_[1] == '\r' && c == '\n') continue;
      if (high >= 0 && low >= 0) {
        out.push_back(static_cast<std::uint8_t>(high * 16 + low));
      } else {
        out.push_back('=');
        out.push_back(static_cast<std::uint8_t>(held_[1]));
        if (c == '=') {
          held_[held_size_++] = c;
        } else {
          out.push_back(static_cast<std::uint8_t>(c));
        }
      }
    }
  }
}

void QuotedPrintableDecoder::finish(std::vector<std::uint8_t>& out) {
  for (std::uint8_t at = 0; at < held_size_; ++at)
    out.push_back(static_cast<std::uint8_t>(held_[at]));
  held_size_ = 0;
}

void PercentDecoder::write(std::string_view text, std::vector<std::uint8_t>& out) {
  for (const char c : text) {
    if (held_size_ == 0) {
      if (c == '%') {
        held_[held_size_++] = c;
      } else {
        out.push_back(c == '+' && plus_is_blank_ ? std::uint8_t{' '}
                                                 : static_cast<std::uint8_t>(c));
      }
    } else if (held_size_ == 1) {
      held_[held_size_++] = c;
    } else {
      held_size_ = 0;
      const int high = hex_value(held_[1]);
      const int low = hex_value(c);
      if (high >= 0 && low >= 0) {
        out.push_back(static_cast<std::uint8_t>(high * 16 + low));
      } else {
        out.push_back('%');
        out.push_back(static_cast<std::uint8_t>(held_[1]));
        out.push_back(static_cast<std::uint8_t>(c));
      }
    }
  }
}

void PercentDecoder::finish(std::vector<std::uint8_t>& out) {
  for (std::uint8_t at = 0; at < held_size_; ++at)
    out.push_back(static_cast<std::uint8_t>(held_[at]));
  held_size_ = 0;
}

std::string percent_decoded(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  PercentDecoder decoder{false};
  decoder.write(text, bytes);
  decoder.finish(bytes);
  return {bytes.begin(), bytes.end()};
}

}  // namespace gnomon::content
