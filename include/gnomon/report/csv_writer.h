#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gnomon::report {

// Writes RFC 4180 into a string that the caller owns: CRLF, fields quoted where they must be.
// Made to be opened in a spreadsheet: text that it would take for a formula (beginning with = + -
// @, tab or carriage return) gets an apostrophe in front, as hosts come from the network.
// Text that is not UTF-8, and control characters, are written as printable escapes.
class CsvWriter {
 public:
  explicit CsvWriter(std::string& out) : out_(out) {}

  void field(std::string_view text);
  void field(std::uint64_t number);
  void field(std::int64_t number);
  void empty() { separate(); }
  void end_row();

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace gnomon::report
