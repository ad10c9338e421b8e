#include <algorithm>
#include <string_view>

#include "gnomon/bytes/ascii.h"
#include "prompt_scan.h"

// Words that hide: other letters and digits for some of theirs.
namespace gnomon::content {
namespace {

constexpr std::size_t kDisguisedLettersMax = 18;  // of a word that somebody would read
constexpr std::size_t kConsonantsMax = 4;         // in a row

bool is_consonant(char c) {
  return is_lower(c) && std::string_view{"aeiouy"}.find(c) == std::string_view::npos;
}

// Keys, identifiers and what is encoded have digits among letters too, but nobody reads them: hex
// digits, capitals behind small letters, no vowels.
bool looks_random(std::string_view written, std::string_view folded) {
  if (folded.size() > kDisguisedLettersMax) return true;
  if (written.size() >= 4 &&
      std::all_of(written.begin(), written.end(), [](char c) { return hex_value(c) >= 0; }))
    return true;
  bool capital_inside = false;
  for (std::size_t i = 1; i < written.size(); ++i)
    capital_inside = capital_inside || (is_upper(written[i]) &&
                                        (is_lower(written[i - 1]) || is_digit(written[i - 1])));
  if (capital_inside && std::any_of(written.begin(), written.end(), is_lower)) return true;
  std::size_t consonants = 0;
  for (const char c : folded) {
    consonants = is_consonant(c) ? consonants + 1 : 0;
    if (consonants > kConsonantsMax) return true;
  }
  return false;
}

}  // namespace

bool PromptScan::is_disguised(std::string_view text) const {
  std::size_t disguised = 0;
  std::size_t known = 0;
  for (const std::uint32_t index : text_.disguised) {
    const PromptWord& word = text_.words[index];
    if (word.size < 3) continue;
    const std::string_view folded = text_.folded_word(word);
    const auto latin = std::count_if(folded.begin(), folded.end(), is_lower);
    if (latin < 3) continue;
    if (!looks_random(text.substr(word.begin, word.end - word.begin), folded)) ++disguised;
    known += word.size >= 4 && rules_.known().knows(word.hash) ? 1 : 0;
  }
  return known >= 2 || (disguised >= 4 && disguised * 10 >= text_.words.size() * 3);
}

}  // namespace gnomon::content
