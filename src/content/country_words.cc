#include "country_words.h"

#include <algorithm>

#include "gnomon/bytes/ascii.h"
#include "letter_case.h"
#include "window_scan.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kWordMax = 32;  // no first word of a country's name is longer

bool is_word_byte(char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; }

// Whether nothing else stands in the cell, or in the quotes, of text[start, end).
bool is_cell(std::string_view text, std::size_t start, std::size_t end) {
  constexpr std::string_view kEdges = ",;|\t\n\r\"'()";
  while (start > 0 && text[start - 1] == ' ') --start;
  while (end < text.size() && text[end] == ' ') ++end;
  return (start == 0 || kEdges.find(text[start - 1]) != kEdges.npos) &&
         (end == text.size() || kEdges.find(text[end]) != kEdges.npos);
}

// Whether the word is the end of an e-mail address: "ada@post.example.it".
bool ends_address(std::string_view text, std::size_t start, std::size_t end) {
  if (start == 0 || text[start - 1] != '.') return false;
  if (end + 1 < text.size() && text[end] == '.' && is_word_byte(text[end + 1])) return false;
  if (end < text.size() && (text[end] == '-' || text[end] == '@')) return false;
  std::size_t at = start - 1;
  while (at > 0 && (is_alnum(text[at - 1]) || text[at - 1] == '.' || text[at - 1] == '-')) --at;
  return at > 0 && text[at - 1] == '@';
}

}  // namespace

Result<std::size_t> CountryWords::read(const YamlNode& list) {
  const auto fail = [](const YamlNode& node, const std::string& why) {
    return Error{"line " + std::to_string(node.line) + ": " + why};
  };
  if (list.kind != YamlNode::Kind::kList) return fail(list, "a list of countries is wanted");
  for (const YamlNode& entry : list.items) {
    const YamlNode* const id = entry.find("id");
    const YamlNode* const words = entry.find("words");
    if (id == nullptr || id->text.size() != 2)
      return fail(entry, "a country has an id of two letters");
    if (words == nullptr || words->kind != YamlNode::Kind::kList)
      return fail(entry, "a country has a list 'words'");
    const auto country = static_cast<Country>(ids_.size());
    if (!ids_.try_emplace(lowered(id->text), country).second)
      return fail(entry, "'" + id->text + "' is there twice");
    for (const YamlNode& word : words->items) {
      const bool capitals = std::all_of(word.text.begin(), word.text.end(), is_upper);
      std::vector<std::string> forms{lowered(word.text)};
      add_capitals(forms);
      for (const std::string& form : forms) {
        const auto first_end = std::find_if_not(form.begin(), form.end(), is_word_byte);
        const std::string first{form.begin(), first_end};
        if (first.empty() || first.size() > kWordMax)
          return fail(word, "'" + word.text + "' does not begin with a word of 32 bytes at most");
        names_[first].push_back({{first_end, form.end()}, country, capitals});
      }
    }
  }
  return ids_.size();
}

Country CountryWords::find(std::string_view id) const {
  const std::string small = lowered(id);
  const auto found = ids_.find(small == "uk" ? "gb" : small);
  return found == ids_.end() ? kNoCountry : found->second;
}

// What the word text[start, end) tells.
Country CountryWords::told_at(std::string_view text, std::size_t start, std::size_t end) const {
  const std::string_view word = text.substr(start, end - start);
  if (word.size() == 2 && ((is_upper(word[0]) && is_upper(word[1]) && is_cell(text, start, end)) ||
                           ends_address(text, start, end)))
    if (const Country country = find(word); country != kNoCountry) return country;
  const auto found = names_.find(lowered(word));
  if (found == names_.end()) return kNoCountry;
  for (const Name& name : found->second) {
    if (name.capitals && std::any_of(word.begin(), word.end(), is_lower)) continue;
    const std::string_view after = text.substr(end, name.rest.size());
    const std::size_t last = end + name.rest.size();
    if (last < text.size() && is_word_byte(text[last])) continue;
    if (std::equal(after.begin(), after.end(), name.rest.begin(), name.rest.end(),
                   [](char a, char b) {
                     return to_lower(a) == b || ((a == '_' || a == '-') && b == ' ');
                   }))
      return name.country;
  }
  return kNoCountry;
}

Country CountryWords::nearest(std::string_view text, std::size_t from, std::size_t to,
                              std::size_t start, std::size_t end) const {
  Country best = kNoCountry;
  std::size_t best_distance = SIZE_MAX;
  to = std::min(to, text.size());
  for (std::size_t at = from; at < to;) {
    if (!is_word_byte(text[at])) {
      ++at;
      continue;
    }
    const std::size_t word = at;
    while (at < to && is_word_byte(text[at])) ++at;
    if (at - word > kWordMax || (word < end && at > start)) continue;
    const std::size_t distance = at <= start ? start - at : word - end;
    if (distance >= best_distance) continue;
    const Country country = told_at(text, word, at);
    if (country == kNoCountry) continue;
    best = country;
    best_distance = distance;
  }
  return best;
}

}  // namespace gnomon::content
