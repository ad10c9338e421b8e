#include "document_scan.h"

#include <hs/hs.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <optional>

#include "code_shape.h"
#include "document_structures.h"

namespace gnomon::content {
namespace {

using View = std::string_view;

constexpr std::size_t kLanguageBytes = 16384;
constexpr double kCodeScoreMin = 0.2;
// Languages that are written in sentences or in columns (COBOL, assembly) are told by their words
// alone.
constexpr double kTalkScoreMin = -0.25;
constexpr int kWordsMin = 3;
constexpr int kWordsSure = 5;
constexpr std::size_t kListMin = 25;  // addresses that make a list
constexpr std::size_t kListDomainsMin = 3;

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
    const bool is_script = head.starts_with("#!/") || head.starts_with("#! /");
    const bool is_built_so = is_script || score >= kCodeScoreMin;
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
