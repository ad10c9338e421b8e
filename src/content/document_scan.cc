#include "document_scan.h"

#include <hs/hs.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <optional>

#include "document_lines.h"
#include "document_structures.h"

namespace gnomon::content {
namespace {

using View = std::string_view;

// How much the text is built like code: the share of lines that end, indent or begin as prose does
// not. Prose, tables, logs and JSON stay below.
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

constexpr View kTextsApart =
    "\x1e";  // between texts of one body: strings of JSON, parts of a document

// "key": value, as a member of JSON is told or stands on a line of its own: says nothing of the
// rest.
bool is_member(View line) {
  const std::size_t end = line.find('"', 1);
  return line.front() == '"' && end != View::npos && line.substr(end + 1).starts_with(':');
}

double code_score(View text) {
  std::size_t lines = 0;
  std::size_t code = 0;
  std::size_t prose = 0;
  std::size_t data = 0;
  std::size_t members = 0;
  each_line(text.substr(0, 16384), [&](View raw) {
    const View line = trimmed(raw);
    if (line.empty() || line == kTextsApart) return true;
    if (is_member(line)) {
      ++members;
      return true;
    }
    ++lines;
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
        line.starts_with("//") || line.starts_with("/*") || line.starts_with("#include") ||
        line.starts_with("* ") || line.starts_with("--") || line.starts_with(";;") ||
        line.starts_with("(*") || line.starts_with("import ") || (has(line, " = ") && marks >= 1) ||
        has(line, ":=") || has(line, "->") || has(line, "=>") || has(line, "::") ||
        (first == '(' && marks >= 2) || (first == '#' && line.size() > 1) ||
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
    if (sentence || timed) is_code = false;
    code += is_code ? 1 : 0;
    prose += sentence ? 1 : 0;
    const bool json =
        (first == '"' && (last == ',' || last == '{' || last == '[' || last == '"')) ||
        line == "}," || line == "]," || line == "{" || line == "}" ||
        (line.starts_with("{\"") && (last == '}' || last == ','));
    data += json ? 1 : 0;
    return lines < 400;
  });
  if (lines < 2) return 0;
  if ((data + members) * 10 > (lines + members) * 6) return 0;  // JSON
  const double share = static_cast<double>(code) / static_cast<double>(lines);
  const double talk = static_cast<double>(prose) / static_cast<double>(lines);
  return share - talk;
}

constexpr std::size_t kLanguageBytes = 16384;
constexpr double kCodeScoreMin = 0.2;
// Languages that are written in sentences or in columns (COBOL, assembly) are told by their words
// alone.
constexpr double kTalkScoreMin = -0.25;
constexpr int kWordsMin = 3;
constexpr int kWordsSure = 5;
constexpr std::size_t kListMin = 25;  // addresses that make a list
constexpr std::size_t kListDomainsMin = 3;

}  // namespace

namespace {

// The language whose words are there most, `least` of them at least.
std::uint32_t language_of(const DetectorSet::Compiled& set, View head, int least,
                          hs_scratch* scratch) {
  if (!set.languages || scratch == nullptr) return kNoRule;
  std::vector<std::uint32_t> seen;
  hs_scan(
      set.languages.get(), head.data(), static_cast<unsigned>(head.size()), 0, scratch,
      [](unsigned id, unsigned long long, unsigned long long, unsigned, void* user) -> int {
        static_cast<std::vector<std::uint32_t>*>(user)->push_back(id);
        return 0;
      },
      &seen);
  std::map<std::uint32_t, int> words;
  for (const std::uint32_t id : seen) ++words[set.language_hooks[id].rule];
  std::uint32_t best = kNoRule;
  int most = least - 1;
  for (const auto& [rule, count] : words)
    if (count > most) {
      most = count;
      best = rule;
    }
  return best;
}

}  // namespace

void scan_document(const DetectorSet::Compiled& set, const DocumentState& document,
                   const TextContext&, hs_scratch* scratch, std::vector<RawMatch>& found) {
  const View head = document.head;
  const auto size = static_cast<std::size_t>(document.bytes);
  const auto add = [&](const std::string& reader, Confidence confidence, std::size_t start,
                       std::size_t end) {
    const std::uint32_t rule = set.built_in_rule(reader);
    if (rule == kNoRule) return false;
    RawMatch match;
    match.rule = rule;
    match.start = start;
    match.end = end;
    match.confidence = confidence;
    match.value = set.rules[rule].detector.id;
    match.signs = Signs{} | Sign::kStructure;
    found.push_back(std::move(match));
    return true;
  };
  if (head.size() >= 40) {
    std::array<bool, 256> there{};
    for (const char c : head) there[static_cast<unsigned char>(c)] = true;
    there[0] = true;
    for (const DocumentStructure& structure : document_structures()) {
      if (!there[static_cast<unsigned char>(structure.needs)]) continue;
      if (const auto verdict = structure.look(head)) add(structure.reader, *verdict, 0, size);
    }
    if (const auto kind = x12_reader(head)) add(*kind, Confidence::kHigh, 0, size);
    const double score = code_score(head);
    const bool is_built_so = score >= kCodeScoreMin;
    if (is_built_so || score >= kTalkScoreMin) {
      const std::uint32_t best = language_of(set, head.substr(0, kLanguageBytes),
                                             is_built_so ? kWordsMin : kWordsSure, scratch);
      if (best != kNoRule) {
        RawMatch match;
        match.rule = best;
        match.end = size;
        match.value = set.rules[best].detector.id;
        match.signs = Signs{} | Sign::kStructure;
        found.push_back(std::move(match));
      } else if (is_built_so) {
        add("code", Confidence::kLow, 0, size);
      }
    }
  }
  if (document.address_hashes.size() >= kListMin &&
      document.address_domains.size() >= kListDomainsMin) {
    const std::uint64_t span = document.last_address - document.first_address;
    const bool dense = span / document.address_hashes.size() < 160;
    add("email-list", dense ? Confidence::kHigh : Confidence::kLow,
        static_cast<std::size_t>(document.first_address),
        static_cast<std::size_t>(document.last_address));
  }
  for (const DocumentState::Phrases& each : document.phrases) {
    const Rule& rule = set.rules[each.rule];
    const auto seen = static_cast<std::size_t>(std::popcount(each.seen));
    const std::size_t needed = std::max<std::size_t>(1, rule.phrases_needed);
    if (seen < needed) continue;
    RawMatch match;
    match.rule = each.rule;
    match.start = static_cast<std::size_t>(each.first);
    match.end = size;
    match.confidence =
        rule.raise == Raise::kForm || seen >= needed + 2 ? Confidence::kHigh : Confidence::kLow;
    if (rule.raise == Raise::kLow) match.confidence = Confidence::kLow;
    match.value = rule.detector.id;
    match.signs = Signs{} | Sign::kCaptions;
    found.push_back(std::move(match));
  }
}

}  // namespace gnomon::content
