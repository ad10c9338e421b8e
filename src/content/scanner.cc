#include "gnomon/content/scanner.h"

#include <hs/hs.h>

#include <algorithm>
#include <deque>
#include <optional>

#include "document_scan.h"
#include "gnomon/bytes/hash.h"
#include "gnomon/content/registered.h"
#include "mask.h"
#include "plain_blanks.h"
#include "prompt_scan.h"
#include "window_scan.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kWindowMax = std::size_t{112} << 10U;
constexpr std::size_t kAhead = std::size_t{8} << 10U;  // a match may reach so far beyond its start
constexpr std::size_t kBehind = 1024;                  // context kept before what is new
constexpr double kPartLeast = 0.05;  // of a registered document, to be named at all
constexpr double kPartSure = 0.2;
// Of a system prompt, in an answer: to be a sentence or two that it needed, and to be the prompt
// itself.
constexpr double kEchoLeast = 0.2;
constexpr double kEchoSure = 0.5;
constexpr std::ptrdiff_t kInsideMax = 8;  // matches that are looked at inside another
constexpr std::size_t kEventsMax = std::size_t{1} << 18U;  // of one window; beyond, hooks are lost

}  // namespace

struct Scanner::State {
  explicit State(const DetectorSet& owner)
      : set(owner), compiled(owner.compiled()), window_scan(compiled) {
    hs_scratch_t* allocated = nullptr;
    hs_error_t made = hs_alloc_scratch(compiled.database.get(), &allocated);
    if (made == HS_SUCCESS && compiled.languages)
      made = hs_alloc_scratch(compiled.languages.get(), &allocated);
    scratch.reset(allocated);
    if (made != HS_SUCCESS) scratch.reset();
    if (compiled.prompts) prompt_scan.emplace(*compiled.prompts);
  }

  // Scans text[from..to) given the window around it, and emits what starts in it.
  void window(std::string_view text, bool at_begin, bool at_end, std::size_t from, std::size_t to,
              std::uint64_t base, std::vector<Match>& matches);
  void find_hooks(std::string_view text);
  void drop_guesses_inside();
  void drop_parts_inside();
  void believe_what_is_given();
  void emit(const RawMatch& raw, std::uint64_t base, std::vector<Match>& matches);
  void emit_prompts(std::string_view text, bool at_end, std::uint64_t base,
                    std::vector<Match>& matches);
  void finish(std::vector<Match>& matches, std::size_t first);
  void reset(const TextContext& given) {
    context = given;
    document.phrases.clear();
    document.head.clear();
    document.bytes = 0;
    document.address_hashes.clear();
    document.address_domains.clear();
    held.clear();
    held_base = 0;
    done = 0;
    values.clear();
    prints.reset();
    if (compiled.options.document_prints) prints.emplace(*compiled.options.document_prints);
  }

  const DetectorSet& set;
  const DetectorSet::Compiled& compiled;
  std::unique_ptr<hs_scratch, FreeScratch> scratch;
  WindowScan window_scan;
  std::optional<PromptScan> prompt_scan;
  std::vector<PromptFinding> prompt_findings;
  TextContext context;
  DocumentState document;
  std::vector<HookEvent> events;
  std::vector<RawMatch> raw;
  std::vector<std::size_t> specific_starts;  // of secrets of known forms in the window, in order
  std::vector<std::size_t> specific_ends;    // the farthest of each and all before
  std::string plain_room;                    // of with_plain_blanks()
  std::string held;             // of a stream: from kBehind before what is not done to its end
  std::uint64_t held_base = 0;  // where `held` begins in the stream
  std::uint64_t done = 0;       // what starts before was emitted
  std::deque<std::string> values;
  std::optional<DocumentPrints::Reader> prints;  // of the text so far
};

// Of all that is looked for in one pass, where it ends, in order.
void Scanner::State::find_hooks(std::string_view text) {
  events.clear();
  if (!scratch || text.empty()) return;
  hs_scan(
      compiled.database.get(), text.data(), static_cast<unsigned>(text.size()), 0, scratch.get(),
      [](unsigned id, unsigned long long, unsigned long long end, unsigned, void* user) -> int {
        auto& all = *static_cast<std::vector<HookEvent>*>(user);
        if (all.size() >= kEventsMax) return 1;
        all.push_back({id, static_cast<std::uint32_t>(end)});
        return 0;
      },
      &events);
  std::size_t kept = 0;
  for (HookEvent event : events) {
    event.hook = compiled.hook_of_expression[event.hook];
    const Hook& hook = compiled.hooks[event.hook];
    if (!hook.lead.empty()) {
      const std::size_t end = event.end + hook.ahead;
      if (end < hook.width || !fits_lead(text, end - hook.width, hook.lead)) continue;
      event.end = static_cast<std::uint32_t>(end);
    }
    events[kept++] = event;
  }
  events.resize(kept);
  compiled.hook_lanes.find(text, events, kEventsMax);
  std::sort(events.begin(), events.end(), [](const HookEvent& a, const HookEvent& b) {
    return a.end != b.end ? a.end < b.end : a.hook < b.hook;
  });
}

void Scanner::State::window(std::string_view text, bool at_begin, bool at_end, std::size_t from,
                            std::size_t to, std::uint64_t base, std::vector<Match>& matches) {
  raw.clear();
  const std::string_view plain = with_plain_blanks(text, plain_room);
  find_hooks(plain);
  document.base = base;
  if (document.head.size() < kDocumentHeadMax && from < to)
    document.head.append(
        text.substr(from, std::min(to - from, kDocumentHeadMax - document.head.size())));
  document.bytes += to - from;
  if (prints) prints->read(text.substr(from, to - from));
  window_scan.scan({plain, at_begin, at_end}, events, document, raw);

  if (const auto& table = compiled.options.exact_table) {
    const std::uint32_t rule = compiled.built_in_rule("exact-match");
    if (rule != kNoRule)
      for (const ExactTable::Hit& hit : table->find(text))
        raw.push_back({rule, hit.start, hit.end, Confidence::kHigh, false,
                       "row " + std::to_string(hit.row), Reason::kNone,
                       Signs{} | Sign::kRegistered});
  }

  std::sort(raw.begin(), raw.end(), [](const RawMatch& a, const RawMatch& b) {
    if (a.start != b.start) return a.start < b.start;
    if (a.generic != b.generic) return !a.generic;
    if (a.confidence != b.confidence) return a.confidence > b.confidence;
    if (a.end != b.end) return a.end > b.end;
    return a.rule < b.rule;
  });
  // Two forms of one detector may fit.
  raw.erase(std::unique(raw.begin(), raw.end(),
                        [](const RawMatch& a, const RawMatch& b) {
                          return a.rule == b.rule && a.start == b.start && a.end == b.end;
                        }),
            raw.end());
  window_scan.settle_same_digits(raw);
  drop_guesses_inside();
  drop_parts_inside();
  // What begins in another part of the text was or will be emitted there.
  std::erase_if(raw, [&](const RawMatch& each) {
    return each.start < from || (each.start >= to && !at_end);
  });
  believe_what_is_given();
  // One of a kind at a place; the generic ones give way to every other secret there.
  specific_ends.clear();
  specific_starts.clear();
  for (const RawMatch& each : raw) {
    if (each.generic || compiled.rules[each.rule].detector.category != Category::kSecret) continue;
    specific_starts.push_back(each.start);
    specific_ends.push_back(std::max(each.end, specific_ends.empty() ? 0 : specific_ends.back()));
  }
  const auto overlaps_specific = [&](const RawMatch& each) {
    const auto before = std::lower_bound(specific_starts.begin(), specific_starts.end(), each.end) -
                        specific_starts.begin();
    return before > 0 && specific_ends[static_cast<std::size_t>(before) - 1] > each.start;
  };
  // NAME=value as one run, where the value alone was sure.
  const auto holds_sure = [&](const RawMatch& each) {
    if (each.confidence == Confidence::kHigh) return false;
    const RawMatch* const end = raw.data() + raw.size();
    for (const RawMatch* next = &each + 1; next < end && next < &each + kInsideMax; ++next) {
      if (next->start >= each.end) break;
      if (next->generic && next->confidence == Confidence::kHigh && next->end <= each.end)
        return true;
    }
    return false;
  };
  const RawMatch* last_generic = nullptr;
  for (const RawMatch& each : raw) {
    if (each.generic) {
      if (overlaps_specific(each) || holds_sure(each)) continue;
      if (last_generic != nullptr && last_generic->end > each.start &&
          (last_generic->confidence >= each.confidence))
        continue;
      last_generic = &each;
    }
    emit(each, base, matches);
  }
  emit_prompts(text.substr(from, to - from), at_end, base + from, matches);
}

// A key of a known form that does not stand its check may be mistyped, or of a form newer than what
// is known. Where the same bytes are surely a secret by the name that they are given to, it is sure
// too. `raw` is in order of starts.
void Scanner::State::believe_what_is_given() {
  for (std::size_t first = 0; first < raw.size();) {
    std::size_t last = first;
    bool given = false;
    for (; last < raw.size() && raw[last].start == raw[first].start; ++last)
      given = given || (raw[last].generic && raw[last].confidence == Confidence::kHigh);
    for (; given && first < last; ++first)
      if (!raw[first].generic && raw[first].confidence == Confidence::kLow &&
          compiled.rules[raw[first].rule].detector.category == Category::kSecret) {
        raw[first].confidence = Confidence::kHigh;
        raw[first].reason = Reason::kGiven;
        raw[first].signs |= Sign::kGiven;
      }
    first = last;
  }
}

// A number that only looks like one of some kind is none when it is a part of one that is sure: twelve
// digits of a payment card's sixteen. `raw` is in order of starts, at each the sure ones first.
void Scanner::State::drop_guesses_inside() {
  const auto is_number = [this](const RawMatch& each) {
    const Category category = compiled.rules[each.rule].detector.category;
    return category == Category::kPii || category == Category::kFinancial;
  };
  std::size_t before_end = 0;  // of sure ones that start before
  std::size_t here = 0;        // where those of here_end start
  std::size_t here_end = 0;
  std::erase_if(raw, [&](const RawMatch& each) {
    if (each.start != here) {
      before_end = std::max(before_end, here_end);
      here = each.start;
      here_end = 0;
    }
    if (!is_number(each)) return false;
    if (each.confidence == Confidence::kHigh) {
      here_end = std::max(here_end, each.end);
      return false;
    }
    return each.end <= before_end || each.end < here_end;
  });
}

// Tokens of vendors are made of what is a secret by itself elsewhere: GitHub's of a JWT. `raw` is
// in order of starts.
void Scanner::State::drop_parts_inside() {
  std::size_t before_end = 0;  // of sure secrets that start before
  std::size_t here = 0;        // where those of here_end start
  std::size_t here_end = 0;
  std::erase_if(raw, [&](const RawMatch& each) {
    if (each.start != here) {
      before_end = std::max(before_end, here_end);
      here = each.start;
      here_end = 0;
    }
    const Rule& rule = compiled.rules[each.rule];
    if (rule.gives_way) return each.start < before_end;
    if (!each.generic && each.confidence == Confidence::kHigh &&
        rule.detector.category == Category::kSecret)
      here_end = std::max(here_end, each.end);
    return false;
  });
}

// Attacks on models show the rules that told them instead of a sample: nothing of the text.
void Scanner::State::emit_prompts(std::string_view text, bool at_end, std::uint64_t base,
                                  std::vector<Match>& matches) {
  if (!prompt_scan || text.empty()) return;
  prompt_findings.clear();
  prompt_scan->scan(text, context.role, prompt_findings, at_end);
  for (PromptFinding& each : prompt_findings) {
    const std::uint32_t rule = compiled.built_in_rule(std::string{each.detector});
    if (rule == kNoRule) continue;
    Match match;
    match.detector = &compiled.detectors[rule];
    match.start = base + each.begin;
    match.end = base + each.end;
    match.confidence = each.confidence;
    match.severity =
        each.confidence == Confidence::kLow ? Severity::kLow : match.detector->severity;
    match.value = values.emplace_back(text.substr(each.begin, each.end - each.begin));
    match.value_hash = hash_text(match.value);
    match.sample = std::move(each.why);
    match.signs = Signs{} | Sign::kRules;
    matches.push_back(std::move(match));
  }
}

void Scanner::State::emit(const RawMatch& each, std::uint64_t base, std::vector<Match>& matches) {
  Match match;
  match.detector = &compiled.detectors[each.rule];
  match.start = base + each.start;
  match.end = base + each.end;
  match.confidence = each.confidence;
  match.severity = match.detector->severity;
  if (each.confidence == Confidence::kLow && match.severity > Severity::kLow)
    match.severity = Severity::kLow;
  match.reason = each.reason;
  match.signs = each.signs;
  match.value_hash = hash_text(each.value);
  if (!match.detector->is_document) match.sample = masked(each.value, match.detector->category);
  match.value = values.emplace_back(each.value);
  matches.push_back(std::move(match));
}

void Scanner::State::finish(std::vector<Match>& matches, std::size_t first) {
  std::vector<RawMatch> found;
  scan_document(compiled, document, context, scratch.get(), found);
  if (prints) {
    const DocumentPrints::Reader::Seen seen = prints->best();
    const std::uint32_t rule = compiled.built_in_rule("document-print");
    if (rule != kNoRule && seen.share >= kPartLeast)
      found.push_back({rule, 0, static_cast<std::size_t>(document.bytes),
                       seen.share >= kPartSure ? Confidence::kHigh : Confidence::kLow, false,
                       std::string{seen.name}, Reason::kNone, Signs{} | Sign::kRegistered});
  }
  for (const RawMatch& each : found) emit(each, 0, matches);
  std::stable_sort(matches.begin() + static_cast<std::ptrdiff_t>(first), matches.end(),
                   [](const Match& a, const Match& b) { return a.start < b.start; });
}

Scanner::Scanner(const DetectorSet& set) : state_(std::make_unique<State>(set)) {}
Scanner::~Scanner() = default;

void Scanner::scan(std::string_view utf8, const TextContext& context, std::vector<Match>& matches) {
  State& state = *state_;
  state.reset(context);
  const std::size_t first = matches.size();
  std::size_t at = 0;
  do {
    const std::size_t from = at > kBehind ? at - kBehind : 0;
    const std::size_t to = std::min(utf8.size(), from + kWindowMax);
    const bool last = to == utf8.size();
    const std::size_t emit_to = last ? to : to - kAhead;
    state.window(utf8.substr(from, to - from), from == 0, last, at - from, emit_to - from, from,
                 matches);
    at = emit_to;
    state.window_scan.go_on(at > kBehind ? at - kBehind : 0);
  } while (at < utf8.size());
  state.finish(matches, first);
}

void Scanner::scan_type(std::string_view file_type, std::vector<Match>& matches) {
  State& state = *state_;
  state.reset({});
  for (const std::uint32_t index : state.compiled.rules_of_types) {
    const Rule& rule = state.compiled.rules[index];
    if (std::find(rule.file_types.begin(), rule.file_types.end(), file_type) !=
        rule.file_types.end())
      state.emit({rule.detector.index, 0, 0,
                  rule.raise == Raise::kForm ? Confidence::kHigh : Confidence::kLow, false,
                  std::string{file_type}, Reason::kForm, Signs{} | Sign::kForm},
                 0, matches);
  }
}

void Scanner::scan_echo(const PromptPrints& prompt, const PromptEcho& echo,
                        std::vector<Match>& matches) {
  State& state = *state_;
  state.reset({});
  const double share = echo.share(prompt);
  const std::uint32_t rule = state.compiled.built_in_rule("system-prompt-leak");
  if (rule == kNoRule || share < kEchoLeast) return;
  state.emit({rule, 0, 0, share >= kEchoSure ? Confidence::kHigh : Confidence::kLow, false,
              std::to_string(prompt.identity()), Reason::kNone, Signs{} | Sign::kRepeats},
             0, matches);
  matches.back().sample = std::to_string(static_cast<int>(share * 100)) + " % of the system prompt";
}

void Scanner::begin(const TextContext& context) { state_->reset(context); }

void Scanner::feed(std::string_view utf8, std::vector<Match>& matches) {
  State& state = *state_;
  state.values.clear();
  while (!utf8.empty()) {
    const std::size_t room = kWindowMax - state.held.size();
    state.held.append(utf8.substr(0, room));
    utf8.remove_prefix(std::min(room, utf8.size()));
    if (state.held.size() < kWindowMax) return;
    const auto from = static_cast<std::size_t>(state.done - state.held_base);
    const std::size_t to = state.held.size() - kAhead;
    state.window(state.held, state.held_base == 0, false, from, to, state.held_base, matches);
    state.done = state.held_base + to;
    const std::size_t drop = to - kBehind;
    state.window_scan.go_on(state.held_base + drop);
    state.held.erase(0, drop);
    state.held_base += drop;
  }
}

void Scanner::end(std::vector<Match>& matches) {
  State& state = *state_;
  state.values.clear();
  const auto from = static_cast<std::size_t>(state.done - state.held_base);
  state.window(state.held, state.held_base == 0, true, from, state.held.size(), state.held_base,
               matches);
  state.finish(matches, matches.size());
  state.held.clear();
}

}  // namespace gnomon::content
