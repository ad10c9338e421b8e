#include <algorithm>
#include <tuple>

#include "window_scan.h"

// One number that fits the forms of several kinds: which of them it is told as.
namespace gnomon::content {
namespace {

constexpr std::size_t kCountryBefore = 200;  // from a country's name to a number of it
constexpr std::size_t kCountryBehind = 100;
constexpr std::size_t kLineMax = 400;  // of a row, to either side

// What speaks for a kind, the weightiest first.
struct Claim {
  bool prefix = false;   // the number begins with the country's letters
  bool country = false;  // the text tells the country
  int label = 0;         // 2: the word that names it is one country's alone; 1: two countries'
  bool proven = false;

  auto operator<=>(const Claim&) const = default;
};

bool has(const RawMatch& match, Sign sign) { return (match.signs & static_cast<Signs>(sign)) != 0; }

bool begins_with_country(std::string_view value, std::string_view id) {
  return value.size() > 2 && id.size() > 2 && id[2] == '-' && is_letter(value[0]) &&
         to_lower(value[0]) == id[0] && to_lower(value[1]) == id[1];
}

}  // namespace

// Of sure kinds at one place the one with the best claim stays sure, the others are no more than
// their form. Where nothing tells them apart the general one stands for them (a passport's number),
// or they stay as they are: which country's it is can't be said. Of a number inside of a longer
// one, which its check digits or its groups tell, the named one stays, else the longer one. `raw`
// is in order of starts.
void WindowScan::settle_same_digits(std::vector<RawMatch>& raw) {
  const auto sure_number = [this](const RawMatch& each) {
    const Category category = set_.rules[each.rule].detector.category;
    return each.confidence == Confidence::kHigh && !each.generic &&
           (category == Category::kPii || category == Category::kFinancial ||
            category == Category::kTaxBusiness || category == Category::kHealth) &&
           !set_.rules[each.rule].forms.empty();
  };
  const auto any_has = [](const std::vector<RawMatch*>& all, Sign sign) {
    return std::any_of(all.begin(), all.end(),
                       [&](const RawMatch* each) { return has(*each, sign); });
  };
  bool changed = false;
  const auto lower = [&](std::vector<RawMatch*>& all) {
    for (RawMatch* each : all) {
      each->confidence = Confidence::kLow;
      each->signs |= Sign::kSharedForm;
    }
    all.clear();
    changed = true;
  };
  outer_.clear();
  for (std::size_t first = 0; first < raw.size();) {
    const RawMatch& begin = raw[first];
    if (!sure_number(begin)) {
      ++first;
      continue;
    }
    same_.clear();
    for (; first < raw.size() && raw[first].start == begin.start && raw[first].end == begin.end;
         ++first)
      if (sure_number(raw[first])) same_.push_back(&raw[first]);
    if (!outer_.empty() && begin.end <= outer_.front()->end) {
      const bool named = any_has(same_, Sign::kLabel);
      const bool outer_named = any_has(outer_, Sign::kLabel);
      if (named && !outer_named) {
        lower(outer_);
      } else if (!any_has(same_, Sign::kChecksum) || any_has(outer_, Sign::kChecksum)) {
        lower(same_);
        continue;
      }
    }
    if (same_.size() > 1) {
      settle_one_place(same_);
      changed = true;
      std::erase_if(same_, [&](const RawMatch* each) { return !sure_number(*each); });
    }
    if ((any_has(same_, Sign::kChecksum) || any_has(same_, Sign::kFormat)) &&
        (outer_.empty() || begin.end > outer_.front()->end))
      outer_ = same_;
  }
  if (changed)
    std::stable_sort(raw.begin(), raw.end(), [](const RawMatch& a, const RawMatch& b) {
      return std::tuple{a.start, a.generic, b.confidence} <
             std::tuple{b.start, b.generic, a.confidence};
    });
}

void WindowScan::settle_one_place(std::vector<RawMatch*>& same) {
  const std::size_t start = same.front()->start;
  const std::size_t end = same.front()->end;
  std::size_t from = start > kCountryBefore ? start - kCountryBefore : 0;
  std::size_t to = end + kCountryBehind;
  if (columns_.cell_at(start).words != nullptr) {  // other rows speak of others
    from = start;
    while (from > 0 && start - from < kLineMax && text_[from - 1] != '\n') --from;
    to = end;
    while (to < text_.size() && to - end < kLineMax && text_[to] != '\n') ++to;
  }
  const Country told = set_.countries.nearest(text_, from, to, start, end);
  find_labels(start, end, kLabelReach);

  const auto claim_of = [&](const RawMatch& match) {
    const Rule& rule = set_.rules[match.rule];
    Claim claim;
    claim.prefix = begins_with_country(match.value, rule.detector.id);
    claim.country = told != kNoCountry && rule.country == told;
    if (!rule.general)
      for (const std::uint32_t word : labels_)
        if (std::binary_search(set_.context_words[match.rule].begin(),
                               set_.context_words[match.rule].end(), word))
          claim.label = std::max(claim.label, 3 - std::min<int>(set_.countries_of_word[word], 3));
    claim.proven = has(match, Sign::kChecksum);
    return claim;
  };
  Claim best;
  for (const RawMatch* each : same) best = std::max(best, claim_of(*each));
  const RawMatch* general = nullptr;
  std::size_t bests = 0;
  for (const RawMatch* each : same) {
    if (claim_of(*each) != best) continue;
    ++bests;
    if (general == nullptr && set_.rules[each->rule].general) general = each;
  }
  for (RawMatch* each : same) {
    const bool stays = general != nullptr ? each == general : claim_of(*each) == best;
    if (!stays) each->confidence = Confidence::kLow;
    if (!stays || (general == nullptr && bests > 1)) each->signs |= Sign::kSharedForm;
  }
}

}  // namespace gnomon::content
