#include "secret_gap.h"

#include <algorithm>
#include <array>

#include "window_scan.h"

namespace gnomon::content {
namespace {

using View = std::string_view;

constexpr std::size_t kTagMax = 24;
constexpr std::size_t kWordsMax = 6;  // between a name and its verb
constexpr std::size_t kWordMax = 24;
constexpr std::size_t kNameMax = 40;    // of a name before the word in it
constexpr std::size_t kMembersMax = 4;  // of a variable, up to its default

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_space(char c) { return is_blank(c) || c == '\r' || c == '\n'; }

template <std::size_t kCount>
bool is_one_of(View word, const std::array<View, kCount>& words) {
  return std::any_of(words.begin(), words.end(), [&](View each) {
    return word.size() == each.size() &&
           std::equal(word.begin(), word.end(), each.begin(),
                      [](char a, char b) { return to_lower(a) == b; });
  });
}

// Letters of any script; digits, and marks within a word.
View word_at(View text, std::size_t at, std::size_t stop) {
  std::size_t end = at;
  while (end < stop && end - at < kWordMax &&
         (is_alnum(text[end]) || static_cast<unsigned char>(text[end]) >= 0x80 ||
          text[end] == '-' || text[end] == '_' || text[end] == '\'' || text[end] == '.'))
    ++end;
  return text.substr(at, end - at);
}

std::size_t behind_blanks(View text, std::size_t at, std::size_t stop) {
  while (at < stop && is_blank(text[at])) ++at;
  return at;
}

std::size_t behind_opening_quote(View text, std::size_t at) {
  for (const View quote : {"„", "“", "«", "‚", "‘", "「"})
    if (text.substr(at).starts_with(quote))
      return behind_blanks(text, at + quote.size(), text.size());
  return at;
}

}  // namespace

std::size_t behind_value_word(View text, std::size_t at, std::size_t stop) {
  stop = std::min(stop, text.size());
  std::size_t next = at;
  while (next < stop && (is_space(text[next]) || text[next] == ',')) ++next;
  if (next == at) return at;
  const char quote = next < stop && (text[next] == '"' || text[next] == '\'') ? text[next] : '\0';
  if (quote != '\0') ++next;
  constexpr std::array<View, 1> kValue{"value"};
  if (next + 5 >= stop || !is_one_of(text.substr(next, 5), kValue)) return at;
  next += 5;
  if (quote != '\0' && text[next++] != quote) return at;
  next = behind_blanks(text, next, stop);
  return next < stop && (text[next] == ':' || text[next] == '=') ? next + 1 : at;
}

std::size_t behind_default(View text, std::size_t at, std::size_t stop) {
  stop = std::min(stop, text.size());
  std::size_t next = behind_blanks(text, at, stop);
  if (next >= stop || text[next] != '{') return at;
  ++next;
  for (std::size_t members = 0; members < kMembersMax; ++members) {
    while (next < stop && is_space(text[next])) ++next;
    const View member = word_at(text, next, stop);
    const std::size_t equals = behind_blanks(text, next + member.size(), stop);
    if (member.empty() || equals >= stop || text[equals] != '=') return at;
    if (member == "default") return equals + 1;
    next = text.find('\n', equals);
    if (next >= stop) return at;
  }
  return at;
}

std::size_t behind_string_of(View text, std::size_t at, std::size_t stop) {
  constexpr View kCall = "String::from(";
  return at + kCall.size() < std::min(stop, text.size()) && text.substr(at).starts_with(kCall)
             ? at + kCall.size()
             : at;
}

std::size_t behind_reference(View text, std::size_t at, std::size_t stop) {
  constexpr View kStatic = "'static ";
  if (at >= std::min(stop, text.size()) || text[at] != '&') return at;
  ++at;
  return text.substr(at).starts_with(kStatic) ? at + kStatic.size() : at;
}

bool opens_binary(View text, std::size_t at) {
  if (text.substr(at, 3) != "<<\"" || at == 0) return false;
  const std::size_t before = text.find_last_not_of(' ', at - 1);
  return before != View::npos && (text[before] == ',' || text[before] == '=');
}

bool is_verdict(View text, std::size_t name_start, std::size_t name_end) {
  if (text.substr(name_start, name_end - name_start) != "PASS" ||
      text.substr(name_end, 2) != ": " || (name_start > 0 && text[name_start - 1] != '\n'))
    return false;
  const auto says_so = [&](std::size_t line) {
    for (const View verdict : {"PASS", "FAIL", "XFAIL", "XPASS", "SKIP", "ERROR", "KFAIL",
                               "UNSUPPORTED", "UNRESOLVED", "UNTESTED"})
      if (text.substr(line).starts_with(verdict) && text.substr(line + verdict.size(), 2) == ": ")
        return true;
    return false;
  };
  const std::size_t behind = text.find('\n', name_end);
  if (behind != View::npos && says_so(behind + 1)) return true;
  if (name_start < 2) return false;
  const std::size_t before = text.rfind('\n', name_start - 2);
  return says_so(before == View::npos ? 0 : before + 1);
}

bool is_of_dense_script(View text, std::size_t at) {
  if (at + 1 >= text.size()) return false;
  const auto byte = static_cast<unsigned char>(text[at]);
  const auto next = static_cast<unsigned char>(text[at + 1]);
  return (byte >= 0xe3 && byte <= 0xed) || (byte == 0xef && (next == 0xbc || next == 0xbd));
}

bool is_set_by_command(View text, std::size_t name_start) {
  const View before = text.substr(0, name_start);
  return before == "ENV " || before.ends_with("\nENV ") || before.ends_with("setx ");
}

bool opens_call(std::string_view text, std::size_t name_start) {
  std::size_t at = name_start;
  while (at > 0 && name_start - at < kNameMax && (is_alnum(text[at - 1]) || text[at - 1] == '.'))
    --at;
  if (at == 0 || (text[at - 1] != '"' && text[at - 1] != '\'')) return false;
  --at;
  while (at > 0 && text[at - 1] == ' ') --at;
  // A word before it: ("String", "name".
  if (at > 2 && text[at - 1] == ',' && text[at - 2] == '"') {
    at -= 2;
    while (at > 0 && is_letter(text[at - 1])) --at;
    if (at == 0 || text[at - 1] != '"') return false;
    --at;
  }
  return at > 0 && (text[at - 1] == '(' || text[at - 1] == '[' || text[at - 1] == '{');
}

bool is_line_of_settings(std::string_view text, std::size_t name_start, std::size_t name_end) {
  if (name_end + 1 >= text.size() || text[name_end] != '=') return false;
  const char first = text[name_end + 1];
  if (first == '"' || first == '\'' || first == '`' || first == ' ') return false;
  const std::string_view name = text.substr(name_start, name_end - name_start);
  if (std::any_of(name.begin(), name.end(),
                  [](char c) { return !is_upper(c) && !is_digit(c) && c != '_'; }))
    return false;
  const std::string_view before = text.substr(0, name_start);
  return before.empty() || before.ends_with('\n') || before.ends_with("\nexport ") ||
         before == "export ";
}

std::size_t behind_tag(View text, std::size_t at, std::size_t stop) {
  stop = std::min({stop, text.size(), at + kTagMax});
  if (at >= stop || text[at] != '<') return at;
  std::size_t end = at + 1;
  while (end < stop && (is_alnum(text[end]) || text[end] == '/' || text[end] == ':' ||
                        text[end] == '-' || text[end] == '_'))
    ++end;
  return end > at + 1 && end < stop && text[end] == '>' ? end + 1 : at;
}

std::size_t behind_next_element(View text, std::size_t at, std::size_t stop) {
  stop = std::min(stop, text.size());
  if (at + 1 >= stop || text[at] != '<' || text[at + 1] != '/') return at;
  std::size_t next = behind_tag(text, at, stop);
  if (next == at) return at;
  while (next < stop && is_space(text[next])) ++next;
  const std::size_t opened = behind_tag(text, next, stop);
  return opened != next && text[next + 1] != '/' ? opened : at;
}

bool is_digest_of_file(View text, std::size_t name_start, std::size_t name_end,
                       std::size_t value_at) {
  constexpr View kData = "<data>";
  constexpr std::size_t kPathMax = 256;
  if (value_at < kData.size() || text.substr(value_at - kData.size(), kData.size()) != kData)
    return false;
  const View before = text.substr(0, name_end);
  const std::size_t begin = before.find_last_of("<>", name_start);
  return begin != before.npos && name_end - begin < kPathMax &&
         before.substr(begin).find_first_of("/.") != before.npos;
}

bool ends_base64(View text, std::size_t name_end) {
  std::size_t at = name_end;
  while (at < text.size() && at - name_end < 2 && text[at] == '=') ++at;
  return at > name_end && at < text.size() &&
         (text[at] == '\n' || text[at] == '\r' || text.substr(at, 2) == "</");
}

std::size_t behind_verb(View text, std::size_t at, std::size_t stop) {
  static constexpr std::array<View, 16> kVerbs = {"is",  "was", "ist", "lautet", "est", "es",
                                                  "è",   "é",   "és",  "är",     "er",  "je",
                                                  "war", "это", "是",  "は"};
  static constexpr std::array<View, 4> kOnto = {"to", "auf", "en", "set"};
  static constexpr std::array<View, 14> kBefore = {"for", "of",  "on",   "to", "in", "für", "von",
                                                   "zum", "vom", "pour", "du", "de", "del", "от"};
  stop = std::min(stop, text.size());
  // Particles of languages that write them without a blank.
  for (const View particle : {"是", "为", "は", "는", "은"})
    if (text.substr(at).starts_with(particle))
      return behind_opening_quote(text, behind_blanks(text, at + particle.size(), stop));
  std::size_t next = at;
  for (std::size_t words = 0; words < kWordsMax && next < stop; ++words) {
    View word = word_at(text, next, stop);
    if (word.empty()) return at;
    std::size_t behind = next + word.size();
    const bool colon = behind + 1 < stop && text[behind] == ':' && is_blank(text[behind + 1]);
    // "the key is:", and it stands on a line of its own.
    if (behind + 1 < stop && text[behind] == ':' && is_space(text[behind + 1]) && !colon &&
        is_one_of(word, kVerbs)) {
      while (++behind < stop && is_space(text[behind])) continue;
      return behind_opening_quote(text, behind);
    }
    if (behind >= stop || !(is_blank(text[behind]) || colon)) return at;
    behind = behind_blanks(text, behind + (colon ? 1 : 0), stop);
    if (is_one_of(word, kVerbs) || (colon && words > 0)) {
      for (const View more : {"now ", "now: ", "set to ", "jetzt ", "nun "})
        if (text.substr(behind).starts_with(more)) behind += more.size();
      return behind_opening_quote(text, behind);
    }
    // "changed to Abc123": what follows is no word of the sentence.
    if (is_one_of(word, kOnto) && !colon) {
      const View value = word_at(text, behind, stop);
      if (std::any_of(value.begin(), value.end(), is_digit)) return behind;
    }
    if (words == 0 && !is_one_of(word, kBefore) && word != "set") return at;
    next = behind;
  }
  return at;
}

View without_closing_marks(View value) {
  for (bool again = true; again;) {
    again = false;
    for (const View mark : {"”", "“", "»", "’", "‘", "」", "。", "，", "\xc2\xa0"})
      if (value.ends_with(mark)) {
        value.remove_suffix(mark.size());
        again = true;
      }
  }
  return value;
}

}  // namespace gnomon::content
