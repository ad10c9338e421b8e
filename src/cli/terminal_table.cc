#include "terminal_table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "gnomon/report/display_text.h"

namespace gnomon::cli {
namespace {

using report::display_width;

constexpr std::size_t kGap = 2;              // between columns
constexpr std::size_t kColumnsUnknown = 80;  // when neither COLUMNS nor the terminal tells

std::size_t terminal_columns() {
  if (const char* text = std::getenv("COLUMNS")) {
    const std::string_view digits{text};
    std::size_t columns = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), columns);
    if (error == std::errc{} && end == digits.data() + digits.size() && columns > 0) return columns;
  }
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kColumnsUnknown;
}

// SGR parameters; 256 colours that stay apart for colour-blind eyes, on dark and on light.
std::string_view sgr(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "1";
    case Style::kDim:
    case Style::kMinimal:
      return "2";
    case Style::kLow:
      return "38;5;32";
    case Style::kMedium:
      return "38;5;178";
    case Style::kHigh:
      return "38;5;202";
    case Style::kCritical:
      return "1;38;5;199";
  }
  return "";
}

std::size_t total(const std::vector<std::size_t>& widths) {
  std::size_t sum = 0;
  std::size_t shown = 0;
  for (const std::size_t width : widths) {
    sum += width;
    shown += width > 0 ? 1 : 0;
  }
  return shown == 0 ? 0 : sum + kGap * (shown - 1);
}

}  // namespace

Terminal Terminal::of_standard_output() {
  Terminal terminal;
  if (::isatty(STDOUT_FILENO) != 1) return terminal;
  terminal.columns = terminal_columns();
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  terminal.colour = (no_colour == nullptr || *no_colour == '\0') && kind != nullptr &&
                    std::string_view{kind} != "dumb";
  return terminal;
}

std::string styled(std::string_view text, Style style, bool colour) {
  if (!colour || style == Style::kPlain) return std::string{text};
  return "\x1b[" + std::string{sgr(style)} + "m" + std::string{text} + "\x1b[0m";
}

void TerminalTable::add_row(std::vector<std::string> cells) {
  std::vector<Cell>& row = rows_.emplace_back();
  for (const std::string& cell : cells) row.push_back({report::printable(cell), Style::kPlain});
  row.resize(columns_.size());
}

void TerminalTable::style_last(std::size_t column, Style style) {
  rows_.back().at(column).style = style;
}

std::vector<std::size_t> TerminalTable::fit(const Terminal& terminal) const {
  std::vector<std::size_t> wanted;
  for (const Column& column : columns_) wanted.push_back(display_width(column.title));
  for (const std::vector<Cell>& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      wanted[i] = std::max(wanted[i], display_width(row[i].text));
  if (!terminal.columns) return wanted;

  const auto least = [this, &wanted](std::size_t i) {
    return columns_[i].width_min == 0 ? wanted[i] : std::min(wanted[i], columns_[i].width_min);
  };
  std::vector<std::size_t> widths(columns_.size());
  for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = least(i);
  while (total(widths) > *terminal.columns) {
    std::size_t victim = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (widths[i] > 0 && columns_[i].rank > 0 &&
          (victim == columns_.size() || columns_[i].rank > columns_[victim].rank))
        victim = i;
    if (victim == columns_.size()) break;  // what cannot be left out is wider than the terminal
    widths[victim] = 0;
  }
  // What is left over goes to the columns that were cut, in turn.
  for (bool grew = true; grew;) {
    grew = false;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] == 0 || widths[i] >= wanted[i] || total(widths) >= *terminal.columns) continue;
      ++widths[i];
      grew = true;
    }
  }
  return widths;
}

TerminalTable::Rendered TerminalTable::render(const Terminal& terminal) const {
  const std::vector<std::size_t> widths = fit(terminal);
  Rendered rendered;
  for (std::size_t i = 0; i < widths.size(); ++i)
    if (widths[i] == 0) rendered.left_out.push_back(columns_[i].title);

  const auto add_line = [&](auto text_of, auto style_of) {
    std::string line;
    std::size_t owed = 0;  // blanks before the next text: none are written at the end of a line
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] == 0) continue;
      const std::string text = report::shortened(text_of(i), widths[i]);
      const std::size_t blank = widths[i] - std::min(widths[i], display_width(text));
      if (columns_[i].right) owed += blank;
      if (!text.empty()) {
        line.append(owed, ' ');
        owed = 0;
        line += styled(text, style_of(i), terminal.colour);
      }
      if (!columns_[i].right) owed += blank;
      owed += kGap;
    }
    rendered.text += line + "\n";
  };
  add_line([this](std::size_t i) -> std::string_view { return columns_[i].title; },
           [](std::size_t) { return Style::kBold; });
  for (const std::vector<Cell>& row : rows_)
    add_line([&row](std::size_t i) -> std::string_view { return row[i].text; },
             [&row](std::size_t i) { return row[i].style; });
  return rendered;
}

std::string wrapped(std::string_view text, std::optional<std::size_t> columns, std::size_t indent,
                    std::size_t used) {
  if (!columns) return std::string{text};
  std::string out;
  bool at_start = true;  // of a line
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const std::size_t width = display_width(word);
    if (!at_start && used + 1 + width > *columns) {
      out += '\n';
      out.append(indent, ' ');
      used = indent;
    } else if (!at_start) {
      out += ' ';
      ++used;
    }
    out += word;
    used += width;
    at_start = false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace gnomon::cli
