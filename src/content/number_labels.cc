#include <algorithm>

#include "window_scan.h"

// Words that name a number.
namespace gnomon::content {
namespace {

constexpr std::size_t kLabelBehind = 24;  // from a number to the word that names it

// A word behind what ends a cell, a line or a sentence.
bool begins_anew(std::string_view between) {
  std::size_t letters = 0;
  bool ended = false;
  for (std::size_t at = 0; at < between.size(); ++at) {
    const char c = between[at];
    const bool stop =
        (c == '.' || c == '!' || c == '?') &&
        (at + 1 == between.size() || between[at + 1] == ' ' || between[at + 1] == '\n');
    if (c == ',' || c == ';' || c == '|' || c == '\t' || c == '\n' || stop) {
      ended = true;
      letters = 0;
    } else if (is_letter(c) || static_cast<unsigned char>(c) >= 0x80) {
      if (++letters > 1 && ended) return true;
    }
  }
  return false;
}

// "309275184 is the passport", "309275184 (passport)".
bool says_what_it_is(std::string_view between) {
  for (const std::string_view opens : {" (", " is ", " was ", " ist ", " est ", " es "})
    if (between.starts_with(opens)) return true;
  return false;
}

// 20170107: a day, which stands behind such words as often as any number.
bool is_day(std::string_view text) {
  return text.size() == 8 && (text.starts_with("19") || text.starts_with("20")) &&
         text.substr(4, 2) >= "01" && text.substr(4, 2) <= "12" && text.substr(6) >= "01" &&
         text.substr(6) <= "31";
}

constexpr std::size_t kNamedReach = 8;  // from such a word to its number

}  // namespace

bool is_ordinary_word(std::string_view word) {
  constexpr std::string_view kWords[] = {"run", "rut", "ci",  "ico", "cni", "cc",  "dl", "pin",
                                         "sin", "fin", "ice", "bis", "cin", "sim", "vid"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

bool is_plain_number(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_digit);
}

bool names_number(std::string_view text, std::size_t word_start, std::size_t word_end,
                  std::size_t start, std::size_t end) {
  if (word_end > start || start - word_end > kNamedReach) return false;
  const std::string_view word = text.substr(word_start, word_end - word_start);
  std::string_view between = text.substr(word_end, start - word_end);
  if (between.find_first_of("\n\r,;|") != std::string_view::npos) return false;
  const std::string_view value = text.substr(start, end - start);
  if (is_day(value)) return false;
  const bool given = between.find_first_of(":=#") != std::string_view::npos;
  // "n.", "No", "nr." may stand between.
  for (const std::string_view number : {" no", " No", " NO", " nr", " Nr", " n"})
    if (between.starts_with(number)) {
      between.remove_prefix(number.size());
      break;
    }
  if (std::any_of(between.begin(), between.end(),
                  [](char c) { return is_letter(c) || is_digit(c); }))
    return false;
  const bool capitals = std::none_of(word.begin(), word.end(), is_lower);
  return capitals || given || !is_plain_number(value);
}

// A word names the number before which it stands, with no other number and no other cell, line or
// sentence between that has words of its own: "passport no. 123456789", "passport_no": "123456789",
// not "passport control, bag 123456789". Or it is said so behind it: "123456789 is my SSN".
bool WindowScan::has_label(const Rule& rule, std::size_t start, std::size_t end) {
  if (in_column_of(rule, start)) return true;
  const std::vector<std::uint32_t>& wanted = set_.context_words[rule.detector.index];
  find_labels(start, end, std::min(kLabelReach, rule.context.within));
  return std::any_of(labels_.begin(), labels_.end(), [&](std::uint32_t word) {
    return std::binary_search(wanted.begin(), wanted.end(), word);
  });
}

void WindowScan::find_labels(std::size_t start, std::size_t end, std::size_t reach) {
  labels_.clear();
  if (const auto* named = columns_.cell_at(start).words) labels_ = *named;
  const std::size_t from = start > 2 * kLabelReach ? start - 2 * kLabelReach : 0;
  index_words(from, end + kLabelBehind);
  auto word = std::lower_bound(words_.begin(), words_.end(), from,
                               [](const ContextWord& a, std::size_t b) { return a.start < b; });
  for (; word != words_.end() && word->start <= end + kLabelBehind; ++word) {
    if (word->end <= start && start - word->end <= reach) {
      const std::string_view between = text_.substr(word->end, start - word->end);
      if (std::none_of(between.begin(), between.end(), is_digit) && !begins_anew(between))
        labels_.push_back(word->word);
    } else if (word->start >= end) {
      const std::string_view between = text_.substr(end, word->start - end);
      if (between.find_first_of(".,;|\t\n0123456789") == between.npos && says_what_it_is(between))
        labels_.push_back(word->word);
    }
  }
}

}  // namespace gnomon::content
