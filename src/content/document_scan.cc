#include "document_scan.h"

#include <hs/hs.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <optional>

namespace gnomon::content {
namespace {

using View = std::string_view;

bool has(View text, View wanted) { return text.find(wanted) != View::npos; }

std::size_t count_of(View text, View wanted, std::size_t most = 1000) {
  std::size_t count = 0;
  for (std::size_t at = 0; count < most && (at = text.find(wanted, at)) != View::npos;
       at += wanted.size())
    ++count;
  return count;
}

template <class Visit>
void each_line(View text, Visit&& visit) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    View line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!visit(line)) return;
    if (end == View::npos) return;
    text.remove_prefix(end + 1);
  }
}

View trimmed(View line) {
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

// Each says what it is sure of: nothing, low or high.
using Verdictual = std::optional<Confidence>;

Verdictual hl7v2(View text) {
  const std::size_t at = text.find("MSH|^~");
  if (at == View::npos) return {};
  return has(text, "PID|") || has(text, "EVN|") ? Confidence::kHigh : Confidence::kLow;
}

std::optional<std::string> x12(View text) {
  const std::size_t at = text.find("ISA");
  if (at == View::npos || at > 200 || text.size() < at + 106) return {};
  const char separator = text[at + 3];
  if (is_alnum(separator) || separator == ' ') return {};
  if (std::count(text.begin() + static_cast<std::ptrdiff_t>(at),
                 text.begin() + static_cast<std::ptrdiff_t>(at + 106), separator) < 16)
    return {};
  const std::string wanted = std::string{"ST"} + separator;
  for (std::size_t from = at; (from = text.find(wanted, from)) != View::npos; ++from) {
    if (from > 0 && is_alnum(text[from - 1])) continue;
    const View code = text.substr(from + 3, 3);
    for (const View known : {"837", "835", "834", "270", "271", "276", "277", "278"})
      if (code == known) return std::string{"x12-"} + std::string{code};
  }
  return {};
}

Verdictual c_cda(View text) {
  if (!has(text, "<ClinicalDocument") && !has(text, ":ClinicalDocument")) return {};
  return has(text, "urn:hl7-org:v3") ? Confidence::kHigh : Confidence::kLow;
}

Verdictual fhir(View text) {
  std::size_t at = text.find("\"resourceType\"");
  if (at == View::npos) {
    if (has(text, "http://hl7.org/fhir\"") && text.find('<') < 200) return Confidence::kLow;
    return {};
  }
  at = text.find(':', at);
  const std::size_t open = text.find('"', at);
  if (open == View::npos) return {};
  const View type = text.substr(open + 1, text.find('"', open + 1) - open - 1);
  for (const View known : {"Patient",
                           "Observation",
                           "Condition",
                           "Encounter",
                           "MedicationRequest",
                           "Procedure",
                           "DiagnosticReport",
                           "AllergyIntolerance",
                           "Immunization",
                           "CarePlan",
                           "CareTeam",
                           "Claim",
                           "ExplanationOfBenefit",
                           "Coverage",
                           "MedicationStatement",
                           "FamilyMemberHistory",
                           "Goal",
                           "ServiceRequest",
                           "DocumentReference",
                           "Specimen",
                           "RelatedPerson",
                           "MedicationDispense",
                           "QuestionnaireResponse",
                           "Device",
                           "Composition",
                           "Consent",
                           "MedicationAdministration"})
    if (type == known) return Confidence::kHigh;
  if (type == "Bundle" && has(text, "\"Patient\"")) return Confidence::kHigh;
  return Confidence::kLow;
}

Verdictual nacha(View text) {
  std::size_t lines = 0;
  std::size_t records = 0;
  bool header = false;
  bool batch = false;
  each_line(text.substr(0, 8192), [&](View line) {
    if (trimmed(line).empty()) return true;
    ++lines;
    if (lines == 1)
      header = line.size() >= 80 && line.starts_with("101") &&
               line.find_first_not_of(" 0123456789", 3) > 13;
    if (lines == 2) batch = line.starts_with("5") || line.starts_with("9");
    records += line.size() >= 50 && line.size() <= 94 && line[0] >= '1' && line[0] <= '9' ? 1 : 0;
    return lines < 60;
  });
  if (header && lines == 1 && text.size() > 180) {  // without line breaks
    return text[94] == '5' ? Verdictual{Confidence::kHigh} : Verdictual{};
  }
  // A batch without its file header: still records of 94 that nothing else looks like.
  if (!header && lines >= 2 && records == lines && text.starts_with("5") && text.size() >= 95 &&
      text[94] < ' ')
    return Confidence::kLow;
  if (!header || records * 10 < lines * 7) return {};
  return batch ? Confidence::kHigh : Confidence::kLow;
}

Verdictual swift_mt(View text) {
  const std::size_t at = text.find("{1:F");
  if (at == View::npos) return {};
  return has(text.substr(at), "{2:") || has(text.substr(at), "{4:") ? Confidence::kHigh
                                                                    : Confidence::kLow;
}

Verdictual iso20022(View text) {
  const std::size_t at = text.find("urn:iso:std:iso:20022:tech:xsd:");
  if (at == View::npos || at > 4096 || has(text.substr(0, 4096), "<xs:schema")) return {};
  return has(text, "<IBAN>") || has(text, "InstdAmt") || has(text, "<Amt") ? Confidence::kHigh
                                                                           : Confidence::kLow;
}

Verdictual notebook(View text) {
  return has(text, "\"cells\"") && (has(text, "\"nbformat\"") || has(text, "\"cell_type\""))
             ? Verdictual{Confidence::kLow}
             : Verdictual{};
}

Verdictual diff(View text) {
  std::size_t hunks = 0;
  bool files = false;
  each_line(text, [&](View line) {
    if (line.starts_with("@@ -") && has(line.substr(4), "@@")) ++hunks;
    files = files || line.starts_with("diff --git ") || line.starts_with("+++ ") ||
            line.starts_with("Index: ");
    return hunks < 2 || !files;
  });
  return hunks > 0 && files ? Verdictual{Confidence::kLow} : Verdictual{};
}

Verdictual sql_dump(View text) {
  if (!has(text, "CREATE TABLE")) return {};
  return count_of(text, "INSERT INTO", 5) >= 5 ||
                 (has(text, "INSERT INTO") && count_of(text, "),(", 5) >= 5) ||
                 has(text, "PostgreSQL database dump") || has(text, "MySQL dump")
             ? Verdictual{Confidence::kLow}
             : Verdictual{};
}

Verdictual stack_trace(View text) {
  if (has(text, "Traceback (most recent call last)") || count_of(text, "\n\tat ", 3) >= 3 ||
      count_of(text, "\n    at ", 3) >= 3 || has(text, "goroutine 1 [running]"))
    return Confidence::kLow;
  return {};
}

// Rows that name people in columns: CSV, TSV and the like with a header that says so.
Verdictual pii_table(View text) {
  View header;
  std::size_t rows = 0;
  char separator = ',';
  std::size_t columns = 0;
  std::size_t even = 0;
  each_line(text, [&](View line) {
    if (header.empty()) {
      header = line;
      for (const char c : {',', '\t', ';', '|'})
        if (std::count(line.begin(), line.end(), c) > static_cast<long>(columns)) {
          columns = static_cast<std::size_t>(std::count(line.begin(), line.end(), c));
          separator = c;
        }
      return columns >= 1 && columns <= 200;
    }
    ++rows;
    even += static_cast<std::size_t>(std::count(line.begin(), line.end(), separator)) >= columns
                ? 1
                : 0;
    return rows < 200;
  });
  if (rows < 10 || even * 10 < rows * 8 || header.size() > 4000) return {};
  std::size_t kinds = 0;
  for (const auto& names :
       {std::array<View, 5>{"last_name", "lastname", "surname", "nachname", "name"},
        {"email", "e-mail", "email_address", "mail", "email address"},
        {"phone", "phone_number", "mobile", "telephone", "telefon"},
        {"ssn", "social_security", "passport", "national_id", "tax_id"},
        {"dob", "date_of_birth", "birth_date", "birthdate", "geburtsdatum"},
        {"address", "street", "address_line1", "postal_code", "zip"},
        {"iban", "account_number", "card_number", "credit_card", "salary"},
        {"customer_id", "patient_id", "employee_id", "mrn", "member_id"}})
    kinds += std::any_of(names.begin(), names.end(),
                         [&](View name) { return find_word(header, name) != View::npos; })
                 ? 1
                 : 0;
  if (kinds < 2) return {};
  return kinds >= 4 ? Confidence::kHigh : Confidence::kLow;
}

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

double code_score(View text) {
  std::size_t lines = 0;
  std::size_t code = 0;
  std::size_t prose = 0;
  std::size_t data = 0;
  each_line(text.substr(0, 16384), [&](View raw) {
    const View line = trimmed(raw);
    if (line.empty()) return true;
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
    for (const View word : kCodeWords)
      if (line.size() >= word.size() &&
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
  if (data * 10 > lines * 6) return 0;  // JSON
  const double share = static_cast<double>(code) / static_cast<double>(lines);
  const double talk = static_cast<double>(prose) / static_cast<double>(lines);
  return share - talk;
}

constexpr std::size_t kLanguageBytes = 16384;
constexpr double kCodeScoreMin = 0.2;
// Languages that are written in sentences or in columns (COBOL, assembly) are told by their words alone.
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
    struct Structure {
      const char* reader;
      Verdictual (*look)(View text);
    };
    static constexpr Structure kStructures[] = {
        {"hl7v2", hl7v2},         {"c-cda", c_cda},
        {"fhir", fhir},           {"nacha", nacha},
        {"swift-mt", swift_mt},   {"iso20022", iso20022},
        {"notebook", notebook},   {"diff", diff},
        {"sql-dump", sql_dump},   {"stack-trace", stack_trace},
        {"pii-table", pii_table},
    };
    for (const Structure& structure : kStructures)
      if (const Verdictual verdict = structure.look(head)) add(structure.reader, *verdict, 0, size);
    if (const auto kind = x12(head)) add(*kind, Confidence::kHigh, 0, size);
    const double score = code_score(head);
    const bool is_built_so = score >= kCodeScoreMin;
    if (is_built_so || score >= kTalkScoreMin) {
      const std::uint32_t best =
          language_of(set, head.substr(0, kLanguageBytes), is_built_so ? kWordsMin : kWordsSure, scratch);
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
  for (std::uint32_t i = 0; i < set.rules.size() && i < document.phrases.size(); ++i) {
    const Rule& rule = set.rules[i];
    if (rule.phrases.empty() || rule.built_in == "marking") continue;
    const auto seen = static_cast<std::size_t>(std::popcount(document.phrases[i]));
    const std::size_t needed = std::max<std::size_t>(1, rule.phrases_needed);
    if (seen < needed) continue;
    RawMatch match;
    match.rule = i;
    match.start = static_cast<std::size_t>(document.first[i]);
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
