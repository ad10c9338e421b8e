#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "text_guess.h"

// Texts of before Unicode: Windows' code pages, those of ISO 8859 and of East Asia.
namespace gnomon::content {

// What bytes 0x80 to 0xff mean; null for charsets of another kind.
const std::array<std::uint16_t, 128>* code_page_of(Charset charset);

// Of a code page's number in RTF (\ansicpg1251) and of a font's (\fcharset204); kLatin1 for others.
Charset charset_of_page(std::int64_t number);
Charset charset_of_font(std::int64_t number);

// Text of two bytes a character (GBK, Big5, Shift_JIS, EUC-JP, EUC-KR) by the C library's iconv.
class MultibyteReader {
 public:
  // Null for charsets of another kind, and where the library has not got it.
  static std::unique_ptr<MultibyteReader> open(Charset charset);
  ~MultibyteReader();
  MultibyteReader(const MultibyteReader&) = delete;
  MultibyteReader& operator=(const MultibyteReader&) = delete;

  // Appends UTF-8. What is no character is passed over, half a character waits.
  void write(Bytes bytes, std::string& out);
  void forget_half() { held_size_ = 0; }

 private:
  explicit MultibyteReader(void* converter) : converter_(converter) {}
  std::size_t convert(Bytes bytes, std::string& out);

  void* converter_;
  std::array<std::uint8_t, 4> held_{};
  std::size_t held_size_ = 0;
};

// The charset of a text that nothing names: kUtf8 where it is none of Cyrillic (1251), Chinese
// (GBK, Big5), Japanese (Shift_JIS, EUC-JP) or Korean (EUC-KR), which their letters' frequent
// places tell.
Charset guess_code_page(Bytes head);

}  // namespace gnomon::content
