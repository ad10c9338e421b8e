#include "html_writer.h"

#include "gnomon/observation/coverage.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/numbers.h"

namespace gnomon::report {

HtmlWriter& HtmlWriter::text(std::string_view any) {
  for (const char c : printable(any)) {
    switch (c) {
      case '&':
        out_ += "&amp;";
        break;
      case '<':
        out_ += "&lt;";
        break;
      case '>':
        out_ += "&gt;";
        break;
      case '"':
        out_ += "&quot;";
        break;
      case '\'':
        out_ += "&#39;";
        break;
      default:
        out_ += c;
    }
  }
  return *this;
}

HtmlWriter& HtmlWriter::number(std::uint64_t value) { return raw(observation::grouped(value)); }

HtmlWriter& HtmlWriter::plain(std::int64_t value) { return raw(std::to_string(value)); }

HtmlWriter& HtmlWriter::cell(std::string_view label, std::string_view any) {
  return raw("<td data-label=\"").text(label).raw("\">").text(any).raw("</td>");
}

HtmlWriter& HtmlWriter::number_cell(std::string_view label, std::uint64_t value) {
  raw("<td class=n data-label=\"").text(label).raw("\" data-v=").raw(std::to_string(value));
  return raw(">").number(value).raw("</td>");
}

HtmlWriter& HtmlWriter::used_cell(std::string_view label, std::uint64_t used, std::uint64_t all) {
  raw("<td class=n data-label=\"").text(label).raw("\" data-v=").raw(std::to_string(used));
  return raw(">").text(used_text(used, all)).raw("</td>");
}

HtmlWriter& HtmlWriter::bytes_cell(std::string_view label, std::uint64_t bytes) {
  raw("<td class=n data-label=\"").text(label).raw("\" data-v=").raw(std::to_string(bytes));
  return raw(">").text(human_bytes(bytes)).raw("</td>");
}

HtmlWriter& HtmlWriter::time_cell(std::string_view label, Time time) {
  const std::string minute = minute_text(time);
  const std::size_t blank = minute.find(' ');
  raw("<td class=when data-label=\"").text(label).raw("\" data-v=");
  plain(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count()).raw(">");
  if (blank != std::string::npos)
    text(minute.substr(0, blank))
        .raw(" <span class=sub>")
        .text(minute.substr(blank + 1))
        .raw("</span>");
  return raw("</td>");
}

std::string script_safe(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    // These three occur in JSON only inside strings, where an escape means the same.
    if (c == '<')
      out += "\\u003c";
    else if (c == '>')
      out += "\\u003e";
    else if (c == '&')
      out += "\\u0026";
    else
      out += c;
  }
  return out;
}

}  // namespace gnomon::report
