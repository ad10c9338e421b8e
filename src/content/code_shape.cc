#include "code_shape.h"

#include <algorithm>
#include <array>
#include <utility>

#include "document_lines.h"
#include "window_scan.h"

namespace gnomon::content {
namespace {

using View = std::string_view;

constexpr std::array<bool, 256> marks_table() {
  std::array<bool, 256> table{};
  for (const char c : View{"(){}[]=<>;&|+*/%!^~#$@\\_:\"'"})
    table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kMarks = marks_table();

constexpr View kCodeWords[] = {
    "if ",     "for ",      "while ",     "return ",  "return",     "def ",      "fn ",
    "func ",   "function ", "class ",     "module ",  "let ",       "var ",      "const ",
    "val ",    "package ",  "using ",     "include ", "public ",    "private ",  "static ",
    "void ",   "int ",      "begin",      "end",      "else",       "case ",     "type ",
    "struct ", "enum ",     "procedure ", "program ", "sub ",       "proc ",     "define ",
    "set ",    "use ",      "require ",   "open ",    "namespace ", "interface "};

constexpr std::size_t kBytesMax = 16384;
constexpr std::size_t kLinesMax = 400;
constexpr View kTextsApart =
    "\x1e";  // between texts of one body: strings of JSON, parts of a document

// "key": value, as a member of JSON is told or stands on a line of its own: says nothing of the
// rest.
bool is_member(View line) {
  const std::size_t end = line.find('"', 1);
  return line.front() == '"' && end != View::npos && line.substr(end + 1).starts_with(':');
}

// Whether lines stand inside of a comment over several of them, whose sentences are no prose.
class BlockComment {
 public:
  // Takes the next line, and says whether it is inside.
  bool take(View line) {
    if (close_.empty())
      for (const auto& [open, close] : kPairs)
        if (line.starts_with(open)) close_ = close;
    if (close_.empty()) return false;
    if (has(line, close_)) close_ = {};
    return true;
  }

 private:
  static constexpr std::pair<View, View> kPairs[] = {{"/*", "*/"}, {"(*", "*)"}, {"{-", "-}"}};
  View close_;
};

bool begins_comment(View line) {
  constexpr View kOpeners[] = {"//", "--", ";", "%", "#", "!", "dnl ", "REM ", "rem ", "' "};
  return std::any_of(std::begin(kOpeners), std::end(kOpeners),
                     [&](View opener) { return line.starts_with(opener); });
}

// Numbers alone: a row of a table, which code and data have alike.
bool is_row_of_numbers(View line) {
  return line.find_first_not_of("0123456789abcdefABCDEFxX+-., \t") == View::npos &&
         is_digit(line[std::min(line.find_first_not_of("+-. \t"), line.size() - 1)]);
}

}  // namespace

double code_score(View text) {
  // Strings in rows are JSON where it begins so; elsewhere a list in code.
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  const bool is_data = begin != View::npos && View{"{[\""}.find(text[begin]) != View::npos;
  BlockComment comment;
  std::size_t looked_at = 0;
  std::size_t lines = 0;
  std::size_t code = 0;
  std::size_t prose = 0;
  std::size_t data = 0;
  std::size_t members = 0;
  each_line(text.substr(0, kBytesMax), [&](View raw) {
    const View line = trimmed(raw);
    if (line.empty() || line == kTextsApart) return true;
    if (++looked_at > kLinesMax) return false;
    if (is_member(line)) {
      ++members;
      return true;
    }
    if (comment.take(line) || is_row_of_numbers(line)) return true;
    const char last = line.back();
    const char first = line.front();
    const std::size_t blanks = static_cast<std::size_t>(std::count(line.begin(), line.end(), ' '));
    std::size_t marks = 0;
    std::size_t letters = 0;
    for (const char c : line) {
      if (is_letter(c)) ++letters;
      if (kMarks[static_cast<unsigned char>(c)]) ++marks;
    }
    bool is_code =
        last == ';' || last == '{' || last == '}' || (last == ')' && marks >= 2) || line == ")" ||
        line == "end" || line == "];" || (last == ':' && blanks <= 6 && marks >= 2) ||
        line.starts_with("//") || line.starts_with("#include") || line.starts_with("* ") ||
        line.starts_with("--") || line.starts_with(";;") || line.starts_with("import ") ||
        (has(line, " = ") && marks >= 1) || has(line, ":=") || has(line, "->") || has(line, "=>") ||
        has(line, "::") || (first == '(' && marks >= 2) || (first == '#' && line.size() > 1) ||
        (first == '@' && is_letter(line.size() > 1 ? line[1] : ' '));
    if (!is_code && marks * 6 > line.size() && letters > 0) is_code = true;
    const char letter = to_lower(first);
    for (const View word : kCodeWords)
      if (word.front() == letter && line.size() >= word.size() &&
          std::equal(word.begin(), word.end(), line.begin(),
                     [](char a, char b) { return to_lower(b) == a; })) {
        if (marks > 0 || blanks <= 3) is_code = true;
        break;
      }
    // Comments of many languages, keys with values, short indented lines.
    const bool indented = raw.front() == ' ' || raw.front() == '\t';
    if (!is_code && blanks <= 12 &&
        (View{";%!$*\\.'"}.find(first) != View::npos || has(line, "==") ||
         line.starts_with("NB.") || line.starts_with("REM") || (has(line, "=") && blanks <= 2)))
      is_code = true;
    if (!is_code && blanks <= 4 && last != '.' && last != ',' && last != '?' &&
        (indented || (raw.find('\t') != View::npos && marks > 0)))
      is_code = true;
    if (!is_code && is_digit(first) && blanks >= 1 && blanks <= 8 &&
        is_upper(line[line.find(' ') + 1 < line.size() ? line.find(' ') + 1 : 0]) && last != '.')
      is_code = true;
    const bool sentence = blanks >= 6 && marks * 12 < line.size() &&
                          (last == '.' || is_letter(last) || last == ',' || last == ':');
    const std::size_t colon = line.find(':');  // a line of a log: 10:11:12
    const bool timed = colon != View::npos && colon >= 2 && line.size() > colon + 5 &&
                       is_digit(line[colon - 1]) && is_digit(line[colon + 1]) &&
                       line[colon + 3] == ':' && is_digit(line[colon + 4]);
    if (sentence && begins_comment(line)) return true;
    const bool json =
        (first == '"' && (last == ',' || last == '{' || last == '[' || last == '"')) ||
        line == "}," || line == "]," || line == "{" || line == "}" ||
        (line.starts_with("{\"") && (last == '}' || last == ','));
    if (json && !is_data && line.size() > 2) return true;
    ++lines;
    code += is_code && !sentence && !timed ? 1 : 0;
    prose += sentence ? 1 : 0;
    data += json ? 1 : 0;
    return true;
  });
  if (lines < 2) return 0;
  if ((data + members) * 10 > (lines + members) * 6) return 0;  // JSON
  const double share = static_cast<double>(code) / static_cast<double>(lines);
  const double talk = static_cast<double>(prose) / static_cast<double>(lines);
  return share - talk;
}

}  // namespace gnomon::content
