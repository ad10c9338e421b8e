#pragma once

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "gnomon/bytes/result.h"
#include "gnomon/content/registered.h"

namespace gnomon::content {

// A text file of hexadecimal numbers: a first line that says what it is, a line with the key, then
// lines of numbers or words.
class RegisteredFile {
 public:
  RegisteredFile(std::string_view magic, const RegisteredKey& key);
  void number(std::uint64_t value);
  void text(std::string_view word);
  void end_line() {
    if (!text_.empty() && text_.back() == ' ') text_.pop_back();
    text_ += '\n';
  }
  [[nodiscard]] Result<std::size_t> write(const std::filesystem::path& path) const;

 private:
  std::string text_;
};

class RegisteredFileReader {
 public:
  static Result<RegisteredFileReader> open(const std::filesystem::path& path,
                                           std::string_view magic);
  [[nodiscard]] const RegisteredKey& key() const { return key_; }
  bool next_line();
  std::optional<std::uint64_t> number();
  bool take_text(std::string_view word);
  [[nodiscard]] std::string_view rest() const { return line_; }

 private:
  std::string text_;
  std::size_t at_ = 0;
  std::string_view line_;
  RegisteredKey key_{};
};

}  // namespace gnomon::content
