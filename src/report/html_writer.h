#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gnomon/bytes/time.h"

namespace gnomon::report {

// Writes HTML into a string that the caller owns. Markup of ours goes through raw(), everything
// else through text(), which fits between tags and between quotes.
class HtmlWriter {
 public:
  explicit HtmlWriter(std::string& out) : out_(out) {}

  HtmlWriter& raw(std::string_view markup) {
    out_ += markup;
    return *this;
  }
  // Made printable, then escaped: no byte of it can be taken for markup.
  HtmlWriter& text(std::string_view any);
  HtmlWriter& number(std::uint64_t value);  // "1,204"
  HtmlWriter& plain(std::int64_t value);    // "-1204", for attributes

  // Table cells; `label` is the column's name, shown where tables become cards.
  HtmlWriter& cell(std::string_view label, std::string_view any);
  HtmlWriter& number_cell(std::string_view label, std::uint64_t value);
  // As used_text(); ordered by who used it.
  HtmlWriter& used_cell(std::string_view label, std::uint64_t used, std::uint64_t all);
  HtmlWriter& bytes_cell(std::string_view label, std::uint64_t bytes);
  HtmlWriter& time_cell(std::string_view label, Time time);  // sorts by the time

 private:
  std::string& out_;
};

// JSON that may stand inside a script element: nothing in it ends the element.
std::string script_safe(std::string_view json);

}  // namespace gnomon::report
