#include "text_lines.h"

#include <algorithm>

#include "validator.h"
#include "window_scan.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kLinesMin = 6;

bool is_name(char c) {
  return is_alnum(c) || c == '_' || c == '.' || c == '-' || c == '|' || c == '/' || c == '$';
}

// key: or key=, in lower case, or NAME=: "Name:" begins what a person says.
bool begins_with_key(std::string_view line) {
  if (line.starts_with("- ")) line.remove_prefix(2);
  const bool lower = !line.empty() && is_lower(line[0]);
  std::size_t at = 0;
  while (at < line.size() && is_name(line[at])) ++at;
  if (at > 0 && at < line.size() && line[at] == '=') return true;
  while (at < line.size() && line[at] == ' ') ++at;
  return lower && at < line.size() && (line[at] == ':' || line[at] == '=');
}

// <rule>, </text>: prompts set their parts apart by such lines, so they tell nothing.
bool is_bare_tag(std::string_view line) {
  return line.size() > 2 && line.front() == '<' && line.back() == '>' &&
         std::all_of(line.begin() + 1, line.end() - 1, is_name);
}

// `line` has no blanks at either end; `indented` tells of those before it.
bool is_machine_line(std::string_view line, bool indented) {
  const char first = line.front();
  const char last = line.back();
  if (first == '#' || first == '<' || first == '@' || first == '$' || first == '{' ||
      first == '}' || first == ')' || first == ']' || first == ';' || line.starts_with("//") ||
      line.starts_with("/*") || line.starts_with("- '") || line.starts_with("- \"") ||
      line.starts_with("--") || (indented && first == '*'))
    return true;
  if (last == ';' || last == '{' || last == '}' || last == '(' || last == '[' || last == ']' ||
      last == '>' || last == '=' || last == '\\' || last == ',')
    return true;
  if (line.starts_with("- ") && line.find(' ', 2) == std::string_view::npos) return true;
  return begins_with_key(line);
}

}  // namespace

bool is_machine_text(std::string_view text) {
  std::size_t lines = 0;
  std::size_t machine = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t from = line.find_first_not_of(" \t\r");
    if (from == std::string_view::npos) continue;
    line = line.substr(from, line.find_last_not_of(" \t\r") + 1 - from);
    if (is_bare_tag(line)) continue;
    ++lines;
    if (is_machine_line(line, from > 0)) ++machine;
  }
  return lines >= kLinesMin && 2 * machine > lines;
}

bool is_note_in_code(std::string_view text, std::size_t line_start) {
  constexpr std::size_t kHeadMax = 4096;  // what comments at a file's head may take
  const auto is_comment = [](std::string_view line, bool inner) {
    return line.starts_with("//") || line.starts_with("/*") || (inner && line.starts_with('*'));
  };
  const auto line_at = [&](std::size_t at) {
    const std::string_view line = text.substr(at, std::min(text.find('\n', at), text.size()) - at);
    return line.substr(std::min(line.find_first_not_of(" \t\r"), line.size()));
  };
  if (!is_comment(line_at(line_start), false)) return false;
  if (line_start > kHeadMax) return true;
  for (std::size_t at = 0; at < line_start;) {
    const std::string_view line = line_at(at);
    if (!line.empty() && !is_comment(line, true)) return true;
    at = std::min(text.find('\n', at), line_start) + 1;
  }
  return false;
}

}  // namespace gnomon::content
