#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

// How the objects of a PDF are written (ISO 32000-1, 7.2 and 7.3).
namespace gnomon::content {

struct PdfToken {
  enum class Kind : std::uint8_t { kEnd, kName, kString, kWord, kOpen, kClose, kBracket };
  Kind kind = Kind::kEnd;
  std::string text;  // of names and strings without their marks and escapes
};

inline constexpr std::size_t kPdfStringBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kPdfObjectsMax = 100'000;  // of which something is remembered

// Takes tokens off the bytes; each takes one byte at least.
class PdfTokens {
 public:
  explicit PdfTokens(std::string_view text) : text_(text) {}

  PdfToken next();
  [[nodiscard]] std::size_t at() const { return at_; }
  void go_to(std::size_t at) { at_ = at; }

 private:
  void skip_blanks();
  void take_name(std::string& out, bool escapes);
  void take_string(std::string& out);
  void take_hex(std::string& out);

  std::string_view text_;
  std::size_t at_ = 0;
};

// The text of a string (7.9.2.2).
std::string pdf_text(std::string_view string);

// A number without a sign, 0 for anything else.
std::uint32_t pdf_number(std::string_view word);

// How long a stream is, as its dictionary says: itself or by an object that holds the number.
struct PdfLength {
  std::optional<std::uint32_t> bytes;
  std::uint32_t object = 0;
};

// The streams of one file (7.3.8).
class PdfStreams {
 public:
  explicit PdfStreams(std::string_view file) : file_(file) {}

  // Where the data lie that begin behind the word "stream", which ended at `at`: as many bytes as
  // are said where "endstream" stands behind them, else all before the next of that word.
  std::string_view data_at(std::size_t at, const PdfLength& length);

 private:
  std::optional<std::uint32_t> number_in(std::uint32_t object);

  std::string_view file_;
  std::optional<std::map<std::uint32_t, std::uint32_t>> numbers_;  // objects that are one
};

// Whether what the file says of itself (7.5.5, 7.5.8) names an encryption, whatever its texts and
// the files in it say.
bool is_encrypted_pdf(std::string_view file);

}  // namespace gnomon::content
