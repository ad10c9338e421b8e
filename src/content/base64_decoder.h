#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/byte_reader.h"

namespace gnomon::content {

// Undoes base64 and base64url (RFC 4648) that comes in pieces. Line ends, blanks and padding are
// passed over, and so is what else is not of the alphabet.
class Base64Decoder {
 public:
  void write(std::string_view text, std::vector<std::uint8_t>& out);

 private:
  std::uint32_t bits_ = 0;
  std::uint8_t count_ = 0;
};

// Six bits of a digit, or 0xff.
std::uint8_t base64_digit(char c);

// Is all of `text` base64, long enough to mean it? `whole`: it is not cut.
bool looks_like_base64(std::string_view text, bool whole);

// Undoes quoted-printable (RFC 2045 §6.7) that comes in pieces.
class QuotedPrintableDecoder {
 public:
  void write(std::string_view text, std::vector<std::uint8_t>& out);
  void finish(std::vector<std::uint8_t>& out);

 private:
  char held_[2] = {};
  std::uint8_t held_size_ = 0;
};

// Undoes %XX that comes in pieces, and + where it stands for a blank.
class PercentDecoder {
 public:
  explicit PercentDecoder(bool plus_is_blank) : plus_is_blank_(plus_is_blank) {}
  void write(std::string_view text, std::vector<std::uint8_t>& out);
  void finish(std::vector<std::uint8_t>& out);

 private:
  char held_[2] = {};
  std::uint8_t held_size_ = 0;
  bool plus_is_blank_;
};

// All of a text at once; + stands for itself.
std::string percent_decoded(std::string_view text);

}  // namespace gnomon::content
