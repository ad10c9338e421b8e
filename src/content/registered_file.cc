#include "registered_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "gnomon/bytes/hex.h"

namespace gnomon::content {

RegisteredFile::RegisteredFile(std::string_view magic, const RegisteredKey& key) {
  text_ = std::string{magic} + "\n" + hex_of(key) + "\n";
}

void RegisteredFile::number(std::uint64_t value) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
  text_.append(digits, end);
  text_ += ' ';
}

void RegisteredFile::text(std::string_view word) {
  for (const char c : word) text_ += c == '\n' || c == '\r' ? ' ' : c;
  text_ += ' ';
}

Result<std::size_t> RegisteredFile::write(const std::filesystem::path& path) const {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file.write(text_.data(), static_cast<std::streamsize>(text_.size()));
  file.close();
  if (!file) return Error{std::strerror(errno)}.in(path.string());
  std::error_code error;
  std::filesystem::permissions(
      path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  return text_.size();
}

Result<RegisteredFileReader> RegisteredFileReader::open(const std::filesystem::path& path,
                                                        std::string_view magic) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return Error{std::strerror(errno)}.in(path.string());
  RegisteredFileReader reader;
  reader.text_.assign(std::istreambuf_iterator<char>{file}, {});
  if (!reader.next_line() || reader.line_ != magic || !reader.next_line() ||
      reader.line_.size() != 64)
    return Error{"does not begin with '" + std::string{magic} + "' and a key"}.in(path.string());
  for (std::size_t i = 0; i < 32; ++i) {
    const char* digits = reader.line_.data() + i * 2;
    if (std::from_chars(digits, digits + 2, reader.key_[i], 16).ptr != digits + 2)
      return Error{"the key is not hexadecimal"}.in(path.string());
  }
  return reader;
}

bool RegisteredFileReader::next_line() {
  if (at_ >= text_.size()) return false;
  const std::size_t end = std::min(text_.find('\n', at_), text_.size());
  line_ = std::string_view{text_}.substr(at_, end - at_);
  at_ = end + 1;
  return true;
}

std::optional<std::uint64_t> RegisteredFileReader::number() {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(line_.data(), line_.data() + line_.size(), value, 16);
  if (error != std::errc{}) return std::nullopt;
  line_.remove_prefix(static_cast<std::size_t>(end - line_.data()));
  if (!line_.empty() && line_.front() == ' ') line_.remove_prefix(1);
  return value;
}

bool RegisteredFileReader::take_text(std::string_view word) {
  if (!line_.starts_with(word)) return false;
  line_.remove_prefix(word.size());
  if (!line_.empty() && line_.front() == ' ') line_.remove_prefix(1);
  return true;
}

}  // namespace gnomon::content
