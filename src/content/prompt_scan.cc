#include "prompt_scan.h"

#include <algorithm>
#include <cstdio>

#include "text_lines.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kFiredMax = 128;

std::string weighed(std::string_view id, float weight) {
  char number[32];
  std::snprintf(number, sizeof number, " %+.1f", static_cast<double>(weight));
  return std::string{id} + number;
}

}  // namespace

void PromptScan::scan(std::string_view utf8, Role role, std::vector<PromptFinding>& findings,
                      bool at_end) {
  const std::size_t first = findings.size();
  std::size_t at = 0;
  for (;;) {
    std::size_t size = std::min(kSegmentBytes, utf8.size() - at);
    const bool last = at + size == utf8.size();
    // Not within a character.
    while (!last && size > 1 && (static_cast<unsigned char>(utf8[at + size]) & 0xc0) == 0x80)
      --size;
    segment(utf8.substr(at, size), at, role, findings);
    if (last) break;
    at += size - kOverlapBytes;
    while (at > 0 && (static_cast<unsigned char>(utf8[at]) & 0xc0) == 0x80) --at;
  }
  // Users end requests so, neither operators nor models.
  if (at_end && rules_.tails() && (role == Role::kUser || role == Role::kNone)) {
    const auto tail = rules_.tails()->find(utf8);
    if (tail && !is_machine_text(utf8.substr(at)))
      findings.push_back({rules_.tails()->detector(), tail->begin, tail->end, Confidence::kLow,
                          weighed("adversarial-tail", tail->weight)});
  }
  // What lies where segments overlap was found twice.
  const auto begin = findings.begin() + static_cast<std::ptrdiff_t>(first);
  std::sort(begin, findings.end(), [](const PromptFinding& a, const PromptFinding& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    if (a.detector != b.detector) return a.detector < b.detector;
    return a.confidence > b.confidence;
  });
  findings.erase(std::unique(begin, findings.end(),
                             [](const PromptFinding& a, const PromptFinding& b) {
                               return a.begin == b.begin && a.detector == b.detector;
                             }),
                 findings.end());
}

void PromptScan::segment(std::string_view text, std::size_t base, Role role,
                         std::vector<PromptFinding>& findings) {
  std::vector<Fired> fired;
  const float sum = judge(text, role, nullptr, fired);
  PromptRules::Thresholds wanted = rules_.thresholds(text_.length(), role);
  if (sum < wanted.low) return;
  // Comments and messages of programs order, override and ignore all the time, and no model is
  // meant.
  if (role != Role::kTool && is_machine_text(text)) wanted = wanted.times(rules_.machine_text());
  if (sum < wanted.low) return;

  const Confidence confidence = sum >= wanted.high ? Confidence::kHigh : Confidence::kLow;
  std::string why;
  for (const Fired& each : fired) {
    why += (why.empty() ? "" : ", ") + weighed(each.id, each.weight);
  }
  const std::size_t already = findings.size();
  const auto heaviest =
      std::max_element(fired.begin(), fired.end(),
                       [](const Fired& a, const Fired& b) { return a.weight < b.weight; });
  for (const Fired& each : fired) {
    if (each.weight <= 0) continue;
    const auto same = std::find_if(
        findings.begin() + static_cast<std::ptrdiff_t>(already), findings.end(),
        [&](const PromptFinding& finding) { return finding.detector == each.detector; });
    if (same != findings.end()) continue;
    findings.push_back({each.detector, base + each.begin, base + each.end,
                        each.detector == heaviest->detector ? confidence : Confidence::kLow, why});
  }
}

float PromptScan::judge(std::string_view text, Role role, const float* least,
                        std::vector<Fired>& fired) {
  float sum = 0;
  const auto fire = [&](PromptSign sign) {
    const PromptRules::Sign& known = rules_.sign(sign);
    sum += known.weight;
    fired.push_back({known.detector, to_string(sign), known.weight, 0, text.size()});
  };
  mark_prompt(text, text_);
  Done done;
  const bool encoded = least == nullptr && holds_encoded_attack(text, done);
  const bool spread = is_spread(text, spread_);
  if (has_exfiltrating_image(text)) fire(PromptSign::kMarkdownExfiltration);
  if (has_chat_template(text, text_.marks)) fire(PromptSign::kChatTemplate);
  if (has_many_turns(text)) fire(PromptSign::kManyTurns);
  if (encoded) fire(PromptSign::kEncodedAttack);
  if (spread) fire(PromptSign::kSpreadLetters);

  if (spread) {
    done = {};
    split_prompt(spread_, &rules_.known(), text_);
  } else if (!done.cut) {
    cut_prompt(text, &rules_.known(), text_);
  }
  if (!done.found) rules_.find_words(text_, hits_);
  if (text_.hidden_tags + text_.hidden_other / 2 >= 5) fire(PromptSign::kHiddenText);
  // What is decoded is a file, a list of keys or of identifiers more often than not: digits among
  // their letters count where words of an attack stand beside them.
  const bool disguised = is_disguised(spread ? std::string_view{spread_} : text);
  const bool decoded = least != nullptr;
  if (disguised && !decoded) fire(PromptSign::kDisguisedWords);
  if (is_flood()) fire(PromptSign::kFlood);
  const std::size_t words_from = fired.size();
  const float wanted = least != nullptr ? *least : rules_.thresholds(text_.length(), role).low;
  const float held = disguised && decoded ? rules_.sign(PromptSign::kDisguisedWords).weight : 0;
  sum += judge_words(wanted - sum - held, fired);
  if (disguised && decoded &&
      std::any_of(fired.begin() + static_cast<std::ptrdiff_t>(words_from), fired.end(),
                  [](const Fired& each) { return each.weight > 0; }))
    fire(PromptSign::kDisguisedWords);
  if (spread)  // places in the text without backslashes say nothing
    for (std::size_t i = words_from; i < fired.size(); ++i) {
      fired[i].begin = 0;
      fired[i].end = text.size();
    }
  return sum;
}

// All that rules for an attack can come to with words of these groups.
float PromptScan::most_of(std::uint64_t groups) const {
  float sum = 0;
  for (const PromptRule& rule : rules_.rules())
    if (rule.weight > 0 && (rule.groups & ~groups) == 0) sum += rule.weight;
  return sum;
}

float PromptScan::judge_words(float least, std::vector<Fired>& fired) {
  const std::size_t words = text_.words.size();
  if (words <= kStretchWords) {
    const float sum = judge_hits(hits_, true, fired);
    return sum + judge_hits(hits_, false, fired);
  }
  // The stretch with the most; half of each is in the next.
  constexpr std::size_t kStep = kStretchWords / 2;
  stretch_groups_.assign((words - 1) / kStep, 0);
  for (std::size_t group = 0; group < hits_.size(); ++group)
    for (const PromptHit& hit : hits_[group])
      for (std::size_t at = hit.first / kStep, i = 0; i < 2 && at < words; ++i, --at)
        if (at < stretch_groups_.size() && hit.last < at * kStep + kStretchWords)
          stretch_groups_[at] |= std::uint64_t{1} << group;
  float most = 0;
  std::vector<Fired> best, here;
  for (std::size_t from = 0; from + kStep < words; from += kStep) {
    const float bound = most_of(stretch_groups_[from / kStep]);
    constexpr float kRounded = 0.001F;  // sums of the same weights in another order
    if (bound + kRounded <= most || bound + kRounded < least) continue;
    stretch_hits_.resize(hits_.size());
    for (std::size_t group = 0; group < hits_.size(); ++group) {
      const auto& all = hits_[group];
      const auto first =
          std::lower_bound(all.begin(), all.end(), from,
                           [](const PromptHit& hit, std::size_t word) { return hit.first < word; });
      const auto last = std::find_if(
          first, all.end(), [&](const PromptHit& hit) { return hit.last >= from + kStretchWords; });
      stretch_hits_[group].assign(first, last);
    }
    here.clear();
    const float sum = judge_hits(stretch_hits_, true, here);
    if (sum <= most) continue;
    most = sum;
    best.swap(here);
  }
  fired.insert(fired.end(), best.begin(), best.end());
  // What speaks against an attack counts wherever it stands.
  return most + judge_hits(hits_, false, fired);
}

// The sum of the rules that speak for an attack, or of those that speak against one.
float PromptScan::judge_hits(const PromptRules::Hits& hits, bool attacks,
                             std::vector<Fired>& fired) const {
  std::uint64_t groups = 0;  // with hits
  for (std::size_t group = 0; group < hits.size(); ++group)
    groups |= std::uint64_t{!hits[group].empty()} << group;
  float sum = 0;
  for (const PromptRule& rule : rules_.rules()) {
    PromptHit where;
    if ((rule.groups & ~groups) != 0 || (rule.weight > 0) != attacks ||
        !PromptRules::fulfils(rule, hits, where))
      continue;
    sum += rule.weight;
    if (fired.size() < kFiredMax)
      fired.push_back({rule.detector, rule.id, rule.weight, text_.words[where.first].begin,
                       text_.words[where.last].end});
  }
  return sum;
}

}  // namespace gnomon::content
