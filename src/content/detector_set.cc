#include <hs/hs.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <numeric>
#include <set>

#include "compiled_set.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/hex.h"
#include "gnomon/bytes/private_file.h"
#include "gnomon/bytes/sha256.h"
#include "gnomon/content/tally.h"
#include "gnomon/yaml/yaml_cache.h"
#include "letter_case.h"
#include "marking_writings.h"

namespace gnomon::content {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCacheBytesMax = std::size_t{256} * 1024 * 1024;

// What Hyperscan is given; equal sources give equal databases.
struct Expressions {
  std::vector<std::string> texts;
  std::vector<unsigned> flags;
};

std::string escaped(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (is_alnum(c)) {
      out += c;
    } else {
      out += "\\x";
      append_hex(static_cast<std::uint8_t>(c), out);
    }
  }
  return out;
}

constexpr std::size_t kNarrowMax = 8;  // a set of so many bytes costs Hyperscan little
constexpr std::size_t kNarrowBytesMax = 8;
constexpr std::size_t kNarrowBytesLeast = 2;

// The longest stretch of narrow sets: from, to.
std::pair<std::size_t, std::size_t> narrow_part(const std::vector<ByteSet>& lead) {
  std::pair<std::size_t, std::size_t> best;
  for (std::size_t from = 0; from < lead.size(); ++from) {
    std::size_t to = from;
    while (to < lead.size() && to - from < kNarrowBytesMax && lead[to].count() <= kNarrowMax) ++to;
    if (to - from > best.second - best.first) best = {from, to};
  }
  return best;
}

// Branch by branch where there are few, which are as good as words to Hyperscan: of "Mon|Tue" it
// would look for M or T, then o or u, then n or e, by an automaton that takes longer than all
// words.
std::string narrow_expression(const TextPattern& pattern, std::size_t from, std::size_t to) {
  const auto cut = [&](const std::vector<ByteSet>& sets) {
    return std::vector<ByteSet>{sets.begin() + static_cast<std::ptrdiff_t>(from),
                                sets.begin() + static_cast<std::ptrdiff_t>(to)};
  };
  if (pattern.starts.empty()) return as_expression(cut(pattern.lead));
  std::vector<std::vector<ByteSet>> starts;
  for (const auto& start : pattern.starts) starts.push_back(cut(start));
  return as_expression(starts);
}

class HookBuilder {
 public:
  HookBuilder(DetectorSet::Compiled& set, Expressions& expressions)
      : set_(set), expressions_(expressions) {}

  void add_words(Hook::Kind kind, const std::string& words, Hook::Target target) {
    const auto [hook, is_new] = hook_of(kind, escaped(words), words.size(), target);
    if (is_new) give(hook, escaped(words), HS_FLAG_CASELESS);
  }

  void add_pattern(const TextPattern& pattern, Hook::Target target) {
    const auto [hook, is_new] =
        hook_of(Hook::Kind::kPattern, pattern.hook, pattern.hook_width, target);
    if (!is_new) return;
    const auto [from, to] = narrow_part(pattern.lead);
    if (to - from >= kNarrowBytesLeast && to - from < pattern.hook_width) {
      set_.hooks[hook].ahead = pattern.hook_width - to;
      set_.hooks[hook].lead = pattern.lead;
      give(hook, narrow_expression(pattern, from, to), 0);
    } else if (to - from == pattern.hook_width || !set_.hook_lanes.take(hook, pattern.lead)) {
      give(hook, pattern.hook, 0);
    }
  }

 private:
  std::pair<std::uint32_t, bool> hook_of(Hook::Kind kind, const std::string& expression,
                                         std::size_t width, Hook::Target target) {
    const auto [found, is_new] = known_.try_emplace(std::pair{kind, expression},
                                                    static_cast<std::uint32_t>(set_.hooks.size()));
    if (is_new) set_.hooks.push_back({kind, width, {}, 0, {}});
    set_.hooks[found->second].targets.push_back(target);
    return {found->second, is_new};
  }

  void give(std::uint32_t hook, const std::string& expression, unsigned flags) {
    set_.hook_of_expression.push_back(hook);
    expressions_.texts.push_back(expression);
    expressions_.flags.push_back(HS_FLAG_DOTALL | flags);
  }

  DetectorSet::Compiled& set_;
  Expressions& expressions_;
  std::map<std::pair<Hook::Kind, std::string>, std::uint32_t> known_;
};

void add_hooks(DetectorSet::Compiled& set, Expressions& expressions, Expressions& languages) {
  HookBuilder builder{set, expressions};
  for (std::uint32_t index = 0; index < set.rules.size(); ++index) {
    const Rule& rule = set.rules[index];
    for (std::uint32_t i = 0; i < rule.patterns.size(); ++i)
      if (rule.patterns[i].token_least != 0)
        set.token_patterns.push_back({index, i});
      else if (rule.vendor_words.empty())
        builder.add_pattern(rule.patterns[i], {index, i});
    for (const std::string& word : rule.vendor_words)
      builder.add_words(Hook::Kind::kVendor, word, {index, 0});
    for (const std::string& word : rule.keywords)
      builder.add_words(Hook::Kind::kKeyword, word, {index, 0});
    if (rule.built_in == "language") {
      for (std::uint32_t i = 0; i < rule.phrases.size(); ++i) {
        set.language_hooks.push_back({index, i});
        languages.texts.push_back(escaped(rule.phrases[i]));
        languages.flags.push_back(HS_FLAG_DOTALL | HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH);
      }
      continue;
    }
    for (std::uint32_t i = 0; i < rule.phrases.size(); ++i)
      builder.add_words(Hook::Kind::kPhrase, rule.phrases[i], {index, i});
  }
}

void add_words(DetectorSet::Compiled& set) {
  std::map<std::string, std::uint32_t> known;
  set.words_by_head.resize(kWordHeads / kHeadsOfOne);
  for (const Rule& rule : set.rules) {
    std::vector<std::uint32_t>& own = set.context_words.emplace_back();
    for (const std::string& word : rule.context.words) {
      if (word.empty()) continue;
      const auto [found, is_new] =
          known.try_emplace(word, static_cast<std::uint32_t>(set.words.size()));
      if (is_new) {
        set.words.push_back(word);
        // Its letters go on behind a blank in camelCase: "tax id" as taxId.
        std::string joined = word;
        std::erase(joined, ' ');
        const std::size_t head = word_head(word);
        const std::size_t joined_head = word_head(joined);
        for (const std::size_t each : {head, joined_head}) {
          std::vector<std::uint32_t>& of_head = set.words_by_head[each / kHeadsOfOne];
          if (std::find(of_head.begin(), of_head.end(), found->second) == of_head.end())
            of_head.push_back(found->second);
          set.heads_in_use[each / 64] |= std::uint64_t{1} << each % 64;
        }
      }
      own.push_back(found->second);
    }
    std::sort(own.begin(), own.end());
  }
}

void count_countries(DetectorSet::Compiled& set) {
  std::vector<std::set<std::uint32_t>> of_word(set.words.size());
  for (std::uint32_t index = 0; index < set.rules.size(); ++index) {
    const Rule& rule = set.rules[index];
    if (rule.general) continue;
    for (const std::uint32_t word : set.context_words[index])
      of_word[word].insert(rule.country != kNoCountry ? rule.country : kNoCountry + 1 + index);
  }
  for (const auto& countries : of_word)
    set.countries_of_word.push_back(
        static_cast<std::uint8_t>(std::min<std::size_t>(countries.size(), 255)));
}

// One form of a rule, and what it leads to.
struct Form {
  const NumberForm* form;
  FormTarget target;
};

constexpr std::size_t kFormStatesMax = 20'000;  // the shipped forms make some 800

// Makes the state of the forms that fit what was read so far, which is `depth` characters, and all
// that follow it.
class FormStates {
 public:
  FormStates(DetectorSet::Compiled& set, const std::vector<Form>& forms)
      : states_(set.form_states), forms_(forms) {}

  // False when there are too many.
  bool make() {
    states_.resize(kFormStart);
    std::vector<std::uint32_t> all(forms_.size());
    std::iota(all.begin(), all.end(), 0U);
    state_of(0, all);
    for (std::size_t i = 0; i < todo_.size(); ++i) {
      if (states_.size() > kFormStatesMax) return false;
      const auto [depth, forms] = todo_[i];
      std::vector<std::uint32_t> with_letter, with_digit;
      FormState& state = states_[kFormStart + i];
      for (const std::uint32_t each : forms) {
        const NumberForm& form = *forms_[each].form;
        if (form.length == depth) {
          state.targets.push_back(forms_[each].target);
          if (forms_[each].target.by_form || forms_[each].target.alone)
            state.strong.push_back(forms_[each].target);
          continue;
        }
        if ((form.digits >> depth & 1) == 0) with_letter.push_back(each);
        if ((form.letters >> depth & 1) == 0) with_digit.push_back(each);
      }
      const std::uint16_t letter = state_of(depth + 1, with_letter);
      const std::uint16_t digit = state_of(depth + 1, with_digit);
      states_[kFormStart + i].with_letter = letter;
      states_[kFormStart + i].with_digit = digit;
    }
    return true;
  }

 private:
  using Key = std::pair<std::size_t, std::vector<std::uint32_t>>;

  std::uint16_t state_of(std::size_t depth, const std::vector<std::uint32_t>& forms) {
    if (forms.empty()) return 0;
    const auto [found, is_new] =
        known_.try_emplace(Key{depth, forms}, static_cast<std::uint16_t>(states_.size()));
    if (is_new) {
      states_.emplace_back();
      todo_.push_back(found->first);
    }
    return found->second;
  }

  std::vector<FormState>& states_;
  const std::vector<Form>& forms_;
  std::map<Key, std::uint16_t> known_;
  std::vector<Key> todo_;
};

bool add_forms(DetectorSet::Compiled& set) {
  std::vector<Form> forms;
  set.layouts_of_rule.resize(set.rules.size());
  for (std::uint32_t index = 0; index < set.rules.size(); ++index) {
    const Rule& rule = set.rules[index];
    for (const std::string& layout : rule.layouts) {
      const auto number = static_cast<std::uint32_t>(set.layouts.size() + 1);
      set.layouts_of_rule[index].push_back(set.layouts.try_emplace(layout, number).first->second);
      const std::size_t bit = DetectorSet::Compiled::layout_bit(layout);
      set.maybe_layouts[bit / 64] |= std::uint64_t{1} << bit % 64;
    }
    for (const NumberForm& form : rule.forms) {
      const bool fixed = form.fixed.find_first_not_of('\0') != std::string::npos;
      forms.push_back({&form,
                       {index, fixed ? &form.fixed : nullptr, rule.context.needed,
                        rule.raise == Raise::kForm, !rule.layouts.empty(), rule.alone}});
    }
    if (rule.forms.empty()) continue;
    set.form_reach = std::max(set.form_reach, rule.context.within);
    set.form_rules_of_word.resize(set.words.size());
    for (const std::uint32_t word : set.context_words[index])
      set.form_rules_of_word[word].push_back(index);
  }
  return FormStates{set, forms}.make();
}

std::string cache_name(const Expressions& expressions) {
  Sha256 hash;
  hash.start();
  const auto add = [&](std::string_view text) {
    hash.add(Bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    hash.add(Bytes{reinterpret_cast<const std::uint8_t*>("\n"), 1});
  };
  add(hs_version());
  for (std::size_t i = 0; i < expressions.texts.size(); ++i) {
    add(expressions.texts[i]);
    add(std::to_string(expressions.flags[i]));
  }
  const auto hex = to_hex(hash.finish());
  return "detectors-" + std::string{hex.data(), 32} + ".hsdb";
}

hs_database_t* read_cache(const fs::path& path) {
  const auto bytes = read_private_file(path, kCacheBytesMax);
  hs_database_t* database = nullptr;
  if (!bytes || hs_deserialize_database(bytes->data(), bytes->size(), &database) != HS_SUCCESS)
    return nullptr;
  return database;
}

// Failing to write costs the next start some seconds, no more.
void write_cache(const fs::path& path, const hs_database_t* database) {
  char* bytes = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(database, &bytes, &size) != HS_SUCCESS) return;
  (void)write_private_file(path, {bytes, size});
  std::free(bytes);
}

Result<hs_database_t*> compile(const Expressions& expressions) {
  std::vector<const char*> texts;
  std::vector<unsigned> ids;
  for (std::size_t i = 0; i < expressions.texts.size(); ++i) {
    texts.push_back(expressions.texts[i].c_str());
    ids.push_back(static_cast<unsigned>(i));
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* raw = nullptr;
  const hs_error_t result = hs_compile_multi(texts.data(), expressions.flags.data(), ids.data(),
                                             static_cast<unsigned>(texts.size()), HS_MODE_BLOCK,
                                             nullptr, &database, &raw);
  const Handle<hs_compile_error_t, hs_free_compile_error> error{raw};
  if (result == HS_SUCCESS) return database;
  std::string message = error ? error->message : "no reason given";
  if (error && error->expression >= 0)
    message += " in '" + expressions.texts[static_cast<std::size_t>(error->expression)] + "'";
  return Error{message}.in("compiling detectors");
}

}  // namespace

void FreeDatabase::operator()(hs_database* database) const noexcept { hs_free_database(database); }
void FreeScratch::operator()(hs_scratch* scratch) const noexcept { hs_free_scratch(scratch); }

DetectorSet::DetectorSet(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
DetectorSet::DetectorSet(DetectorSet&&) noexcept = default;
DetectorSet& DetectorSet::operator=(DetectorSet&&) noexcept = default;
DetectorSet::~DetectorSet() = default;

Result<DetectorSet> DetectorSet::load(const fs::path& folder, const DetectorOptions& options) {
  if (hs_valid_platform() != HS_SUCCESS)
    return Error{"this processor lacks what Hyperscan needs (SSSE3)"};
  auto files = read_rule_files(folder, options.local_folder);
  if (!files) return files.error();
  YamlCache parsed{options.cache_folder, "detectors"};
  auto book = read_rules(*files, &parsed);
  if (!book) return book.error();

  auto compiled = std::make_unique<Compiled>();
  compiled->options = options;
  compiled->rules = std::move(book->rules);
  compiled->profiles = std::move(book->profiles);
  compiled->countries = std::move(book->countries);
  for (Rule& rule : compiled->rules) {
    if (rule.built_in == "company-marking") {
      auto own = own_marking_writings(options.markings);
      if (!own) return own.error();
      rule.phrases = std::move(*own);
      rule.built_in = "marking";
    } else if (rule.built_in == "marking") {
      rule.phrases = marking_writings(rule.phrases);
    }
    for (std::vector<std::string>* words : {&rule.context.words, &rule.keywords, &rule.heads,
                                            &rule.doubtful_heads, &rule.account_heads, &rule.vendor_words})
      add_capitals(*words);
    if (rule.built_in != "language") add_capitals(rule.phrases);
    compiled->detectors.push_back(rule.detector);
    if (!rule.built_in.empty()) compiled->built_in.emplace(rule.built_in, rule.detector.index);
    if (!rule.file_types.empty()) compiled->rules_of_types.push_back(rule.detector.index);
    if (!rule.table_heads.empty()) compiled->table_rules.push_back(rule.detector.index);
  }
  std::error_code absent;
  if (const fs::path prompts = folder.parent_path() / "prompt-attacks";
      fs::is_directory(prompts, absent)) {
    auto read = PromptRules::load(prompts, &parsed);
    if (!read) return read.error();
    compiled->prompts = std::make_unique<const PromptRules>(std::move(*read));
  }
  parsed.save();
  Expressions expressions;
  Expressions languages;
  add_hooks(*compiled, expressions, languages);
  add_words(*compiled);
  count_countries(*compiled);
  if (!add_forms(*compiled))
    return Error{"too many forms of numbers that differ"}.in("compiling detectors");
  for (auto& [from, to] : {std::pair{&expressions, &compiled->database},
                           std::pair{&languages, &compiled->languages}}) {
    if (from->texts.empty()) continue;
    const fs::path cached =
        options.cache_folder.empty() ? fs::path{} : options.cache_folder / cache_name(*from);
    if (!cached.empty()) to->reset(read_cache(cached));
    if (*to) continue;
    auto database = compile(*from);
    if (!database) return database.error();
    to->reset(*database);
    if (!cached.empty()) write_cache(cached, to->get());
  }
  return DetectorSet{std::move(compiled)};
}

std::span<const Detector> DetectorSet::detectors() const { return compiled_->detectors; }

const Detector* DetectorSet::find(std::string_view id) const {
  const auto& all = compiled_->detectors;
  const auto found = std::lower_bound(
      all.begin(), all.end(), id, [](const Detector& a, std::string_view b) { return a.id < b; });
  return found != all.end() && found->id == id ? &*found : nullptr;
}

std::span<const Profile> DetectorSet::profiles() const { return compiled_->profiles; }

std::vector<std::string> DetectorSet::check_examples() const {
  std::vector<std::string> wrong;
  Scanner scanner{*this};
  std::vector<Match> matches;
  const auto finds = [&](const Rule& rule, const std::string& example, Confidence least) {
    matches.clear();
    scanner.scan(expand_example(example), {}, matches);
    return std::any_of(matches.begin(), matches.end(), [&](const Match& match) {
      return match.detector->id == rule.detector.id && match.confidence >= least;
    });
  };
  for (const Rule& rule : compiled_->rules) {
    for (const std::string& example : rule.match_examples)
      if (!finds(rule, example, Confidence::kLow))
        wrong.push_back(rule.detector.id + ": not found in '" + example + "'");
    for (const std::string& example : rule.other_examples)
      if (finds(rule, example, Confidence::kHigh))
        wrong.push_back(rule.detector.id + ": found in '" + example + "'");
  }
  const auto holds = [&](const Profile& profile, const std::string& example) {
    matches.clear();
    TextContext context{profile.to_server.value_or(true), Role::kNone};
    if (!profile.roles.empty()) context.role = profile.roles.front();
    scanner.scan(expand_example(example), context, matches);
    FindingTally tally{{}};
    tally.add(matches);
    const auto findings = tally.findings(profiles(), context);
    return std::any_of(findings.begin(), findings.end(), [&](const FindingTally::Finding& each) {
      return each.detector == &profile.detector && each.confidence == Confidence::kHigh;
    });
  };
  for (const Profile& profile : compiled_->profiles) {
    for (const std::string& example : profile.match_examples)
      if (!holds(profile, example))
        wrong.push_back(profile.detector.id + ": does not hold for '" + example + "'");
    for (const std::string& example : profile.other_examples)
      if (holds(profile, example))
        wrong.push_back(profile.detector.id + ": holds for '" + example + "'");
  }
  return wrong;
}

}  // namespace gnomon::content
