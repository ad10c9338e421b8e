#include "gnomon/report/csv_writer.h"

#include "gnomon/report/display_text.h"

namespace gnomon::report {

void CsvWriter::field(std::string_view text) {
  separate();
  std::string shown;
  if (!text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos)
    shown += '\'';
  shown += printable(text);
  if (shown.find_first_of("\",\r\n") == std::string::npos) {
    out_ += shown;
    return;
  }
  out_ += '"';
  for (const char c : shown) {
    if (c == '"') out_ += '"';
    out_ += c;
  }
  out_ += '"';
}

void CsvWriter::field(std::uint64_t number) {
  separate();
  out_ += std::to_string(number);
}

void CsvWriter::field(std::int64_t number) {
  separate();
  out_ += std::to_string(number);
}

void CsvWriter::end_row() {
  out_ += "\r\n";
  first_ = true;
}

}  // namespace gnomon::report
