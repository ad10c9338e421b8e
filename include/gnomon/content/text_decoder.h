#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/utf8.h"

namespace gnomon::content {

enum class Charset : std::uint8_t;
class MultibyteReader;

// Makes UTF-8 of text that comes in pieces. Bytes that are not valid UTF-8 are taken as
// Windows-1252, one by one, so nothing of a badly labelled text is lost; zeros become spaces.
class TextDecoder {
 public:
  explicit TextDecoder(Charset charset);
  ~TextDecoder();
  TextDecoder(TextDecoder&&) noexcept;
  TextDecoder& operator=(TextDecoder&&) noexcept;

  // Appends to `out` what can be told; never ends inside a character.
  void write(Bytes bytes, std::string& out);
  // What was held back.
  void finish(std::string& out);
  // Something is missing here: half a character before it does not go on.
  void gap(std::string& out) { finish(out); }

 private:
  void unit16(std::uint32_t unit, std::string& out);
  void invalid(std::string& out);

  std::array<std::uint8_t, 4> held_{};
  std::uint8_t held_size_ = 0;
  std::uint32_t high_surrogate_ = 0;
  Charset charset_;
  std::unique_ptr<MultibyteReader> multibyte_;
  bool first_ = true;  // a byte order mark may come
};

// "utf-16le", "windows-1251" and such of a charset parameter; kUtf8 for what is not known.
Charset charset_named(std::string_view name);

// How many bytes at the front of `bytes` are whole, valid characters.
std::size_t valid_utf8_prefix(Bytes bytes);
double valid_utf8_share(Bytes bytes);

}  // namespace gnomon::content
