#include "prompt_rules.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <fstream>
#include <iterator>

#include "gnomon/yaml/yaml_tree.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kStepsMax =
    20'000;  // of one rule over one text; hostile texts have many hits

Error wrong(const YamlNode& node, const std::string& what) {
  return Error{"line " + std::to_string(node.line) + ": " + what};
}

constexpr PromptSign kSigns[] = {PromptSign::kChatTemplate,   PromptSign::kHiddenText,
                                 PromptSign::kDisguisedWords, PromptSign::kSpreadLetters,
                                 PromptSign::kEncodedAttack,  PromptSign::kFlood,
                                 PromptSign::kManyTurns,      PromptSign::kMarkdownExfiltration};

constexpr Role kSpeakers[] = {Role::kUser, Role::kSystem, Role::kTool, Role::kAssistant};

}  // namespace

bool read_number(const YamlNode* node, float& number) {
  if (node == nullptr || node->kind != YamlNode::Kind::kText) return false;
  const char* end = node->text.data() + node->text.size();
  const auto [at, error] = std::from_chars(node->text.data(), end, number);
  return error == std::errc{} && at == end;
}

Result<YamlNode> read_prompt_file(const std::filesystem::path& path, YamlCache* cache) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return Error{"cannot be read"}.in(path.string());
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto root = read_yaml(text, cache);
  if (!root) return std::move(root.error()).in(path.string());
  if (root->kind != YamlNode::Kind::kMap) return Error{"must be a mapping"}.in(path.string());
  return root;
}

std::string_view to_string(PromptSign sign) {
  switch (sign) {
    case PromptSign::kChatTemplate:
      return "chat-template";
    case PromptSign::kHiddenText:
      return "hidden-text";
    case PromptSign::kDisguisedWords:
      return "disguised-words";
    case PromptSign::kSpreadLetters:
      return "spread-letters";
    case PromptSign::kEncodedAttack:
      return "encoded-attack";
    case PromptSign::kFlood:
      return "flood";
    case PromptSign::kManyTurns:
      return "many-turns";
    case PromptSign::kMarkdownExfiltration:
      return "markdown-exfiltration";
  }
  return {};
}

std::uint16_t PromptRules::group(std::string_view name) const {
  const auto at = std::find(groups_.begin(), groups_.end(), name);
  return at == groups_.end() ? kNoGroup : static_cast<std::uint16_t>(at - groups_.begin());
}

void PromptRules::add_entry(std::uint16_t group, std::string_view text) {
  const bool open_end = text.ends_with('*');
  if (open_end) text.remove_suffix(1);
  PromptText split;
  split_prompt(text, nullptr, split);
  if (split.words.empty()) return;
  Entry entry;
  entry.group = group;
  entry.open_end = open_end;
  for (const PromptWord& word : split.words) {
    // An entry is taken as it is written: "c3po" is no disguise.
    known_.add(word.hash);
    entry.rest.push_back({word.hash, word.size});
  }
  const Piece first = entry.rest.front();
  entry.rest.erase(entry.rest.begin());
  if (!entry.rest.empty() || !open_end) {
    if (entry.rest.empty() || (open_end && entry.rest.size() == 1)) {
      known_.add_word(first.hash);
    } else {
      known_.add_pair(first.hash, entry.rest.front().hash);
    }
    if (!entry.rest.empty()) entry.second = entry.rest.front().hash;
    words_.add(first.hash, std::move(entry));
    return;
  }
  const std::string_view beginning = split.folded_word(split.words[0]);
  known_.add_beginning(beginning);
  beginnings_.add(first.hash, std::move(entry));
  maybe_open_.insert(first.hash);
  if (first.size >= 3 && first.size < 64) {
    maybe_sizes_[beginning_of(beginning)] |= std::uint64_t{1} << first.size;
    return;
  }
  const auto at = std::lower_bound(other_sizes_.begin(), other_sizes_.end(), first.size);
  if (at == other_sizes_.end() || *at != first.size) other_sizes_.insert(at, first.size);
}

void PromptRules::Entries::arrange() {
  std::stable_sort(all_.begin(), all_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  places_.assign(std::bit_ceil(2 * all_.size() + 2), 0);
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (i > 0 && all_[i].first == all_[i - 1].first) continue;
    std::size_t place = all_[i].first & (places_.size() - 1);
    while (places_[place] != 0) place = (place + 1) & (places_.size() - 1);
    places_[place] = static_cast<std::uint32_t>(i + 1);
  }
}

PromptRules::Entries::Range PromptRules::Entries::find(std::uint64_t hash) const {
  for (std::size_t place = hash & (places_.size() - 1); places_[place] != 0;
       place = (place + 1) & (places_.size() - 1)) {
    auto first = all_.begin() + (places_[place] - 1);
    if (first->first != hash) continue;
    auto last = first;
    while (last != all_.end() && last->first == hash) ++last;
    return {first, last};
  }
  return {all_.end(), all_.end()};
}

Result<PromptRules> PromptRules::load(const std::filesystem::path& folder, YamlCache* cache) {
  PromptRules all;
  const std::filesystem::path words_file = folder / "words.yaml";
  auto words = read_prompt_file(words_file, cache);
  if (!words) return words.error();
  for (const auto& [name, lists] : words->members) {
    if (all.groups_.size() >= kGroupsMax)
      return wrong(lists, "too many groups").in(words_file.string());
    all.groups_.push_back(name);
    const auto group = static_cast<std::uint16_t>(all.groups_.size() - 1);
    if (lists.kind != YamlNode::Kind::kList)
      return wrong(lists, "key '" + name + "': must be a list of lists of words")
          .in(words_file.string());
    for (const YamlNode& list : lists.items) {
      if (list.kind != YamlNode::Kind::kList)
        return wrong(list, "key '" + name + "': must be a list of words").in(words_file.string());
      for (const YamlNode& entry : list.items) {
        if (entry.kind != YamlNode::Kind::kText || entry.text.empty())
          return wrong(entry, "key '" + name + "': must be words").in(words_file.string());
        all.add_entry(group, entry.text);
      }
    }
  }
  all.words_.arrange();
  all.beginnings_.arrange();

  const std::filesystem::path rules_file = folder / "rules.yaml";
  auto root = read_prompt_file(rules_file, cache);
  if (!root) return root.error();
  const auto refuse = [&](const YamlNode& node, const std::string& what) {
    return wrong(node, what).in(rules_file.string());
  };
  if (!read_number(root->find("low"), all.base_.low) ||
      !read_number(root->find("high"), all.base_.high) || all.base_.low <= 0 ||
      all.base_.high < all.base_.low)
    return refuse(*root, "low and high must be numbers, low above 0 and high not below it");
  if (const YamlNode* machine = root->find("machine_text"))
    if (!read_number(machine, all.machine_text_) || all.machine_text_ < 1)
      return refuse(*machine, "key 'machine_text': must be a number from 1");
  if (const YamlNode* longer = root->find("longer_texts"))
    for (const YamlNode& each : longer->items) {
      float above = 0;
      Longer step;
      if (!read_number(each.find("above"), above) || !read_number(each.find("factor"), step.factor))
        return refuse(each, "key 'longer_texts': needs above and factor");
      step.above = static_cast<std::uint32_t>(above);
      all.longer_.push_back(step);
    }
  if (const YamlNode* roles = root->find("roles"))
    for (const YamlMember& member : roles->members) {
      const std::string& name = member.key;
      const YamlNode& node = member.node;
      const auto* const role = std::find_if(std::begin(kSpeakers), std::end(kSpeakers),
                                            [&](Role each) { return to_string(each) == name; });
      float factor = 0;
      if (role == std::end(kSpeakers) || !read_number(&node, factor) || factor <= 0)
        return refuse(node, "key 'roles': '" + name + "' must be a role with a number above 0");
      all.roles_[static_cast<std::size_t>(*role)] = factor;
    }
  std::uint64_t shared = 0;
  if (const YamlNode* names = root->find("shared"))
    for (const YamlNode& name : names->items) {
      const std::uint16_t group = all.group(name.text);
      if (group == kNoGroup) return refuse(name, "no group '" + name.text + "' in words.yaml");
      shared |= std::uint64_t{1} << group;
    }
  const YamlNode* rules = root->find("rules");
  if (rules == nullptr || rules->kind != YamlNode::Kind::kList)
    return refuse(*root, "key 'rules': must be a list");
  for (const YamlNode& node : rules->items) {
    PromptRule rule;
    const YamlNode* id = node.find("id");
    const YamlNode* detector = node.find("detector");
    const YamlNode* find = node.find("find");
    float within = 0;
    if (id == nullptr || detector == nullptr || find == nullptr || find->items.empty() ||
        !read_number(node.find("within"), within) || within < 1 ||
        !read_number(node.find("weight"), rule.weight))
      return refuse(node, "a rule needs id, detector, find, within (from 1) and weight");
    if (find->items.size() > PromptRule::kFindMax)
      return refuse(node,
                    "a rule finds " + std::to_string(PromptRule::kFindMax) + " groups at most");
    rule.shared = shared;
    rule.id = id->text;
    rule.detector = detector->text;
    rule.within = static_cast<std::uint32_t>(within);
    const YamlNode* in_order = node.find("in_order");
    rule.in_order = in_order != nullptr && in_order->text == "true";
    for (const YamlNode& name : find->items) {
      const std::uint16_t group = all.group(name.text);
      if (group == kNoGroup) return refuse(name, "no group '" + name.text + "' in words.yaml");
      rule.find.push_back(group);
      rule.groups |= std::uint64_t{1} << group;
    }
    for (const PromptRule& other : all.rules_)
      if (other.id == rule.id) return refuse(node, "'" + rule.id + "' is there twice");
    all.rules_.push_back(std::move(rule));
  }
  const YamlNode* signs = root->find("signs");
  for (const PromptSign sign : kSigns) {
    const YamlNode* node = signs == nullptr ? nullptr : signs->find(to_string(sign));
    Sign& known = all.signs_[static_cast<std::size_t>(sign)];
    if (node == nullptr || node->find("detector") == nullptr ||
        !read_number(node->find("weight"), known.weight))
      return refuse(
          *root, "key 'signs': '" + std::string{to_string(sign)} + "' needs detector and weight");
    known.detector = node->find("detector")->text;
  }
  const std::filesystem::path tails_file = folder / "tails.yaml";
  if (std::error_code absent; std::filesystem::exists(tails_file, absent)) {
    auto tails = PromptTails::load(tails_file, cache);
    if (!tails) return tails.error();
    all.tails_ = std::move(*tails);
  }
  return all;
}

void PromptRules::find_words(const PromptText& text, Hits& hits) const {
  hits.resize(groups_.size());
  for (auto& each : hits) each.clear();
  const auto add = [&](std::uint16_t group, std::size_t first, std::size_t last) {
    if (hits[group].size() >= kHitsMax) return;
    PromptHit hit;
    hit.first = static_cast<std::uint32_t>(first);
    hit.last = static_cast<std::uint32_t>(last);
    hit.from = text.place(hit.first);
    hit.to = text.place(hit.last);
    hits[group].push_back(hit);
  };
  const KnownWords::Filters& filters = known_.filters();
  for (const std::uint32_t i : text.firsts) {
    const PromptWord& word = text.words[i];
    // Most are here because of how they begin, or because of the word behind.
    const bool begins =
        filters.words.maybe(word.hash) ||
        (i + 1 < text.words.size() && filters.may_be_pair(word.hash, text.words[i + 1].hash) != 0);
    for (const auto& [hash, entry] : begins ? words_.find(word.hash) : Entries::Range{}) {
      if (i + entry.rest.size() >= text.words.size()) continue;
      if (!entry.rest.empty() && text.words[i + 1].hash != entry.second &&
          !(entry.open_end && entry.rest.size() == 1))
        continue;
      bool fits = true;
      for (std::size_t k = 0; fits && k < entry.rest.size(); ++k) {
        const PromptWord& next = text.words[i + 1 + k];
        const Piece& piece = entry.rest[k];
        fits = next.hash == piece.hash;
        if (!fits && entry.open_end && k + 1 == entry.rest.size() && next.size > piece.size)
          fits = word_hash(text.folded_word(next).substr(0, piece.size)) == piece.hash;
      }
      if (fits) add(entry.group, i, i + entry.rest.size());
    }
    const auto try_beginning = [&](std::uint32_t size) {
      const std::uint64_t hash =
          size == word.size ? word.hash : word_hash(text.folded_word(word).substr(0, size));
      if (!maybe_open_.maybe(hash)) return;
      for (const auto& each : beginnings_.find(hash)) add(each.second.group, i, i);
    };
    if (word.size >= 3) {
      std::uint64_t sizes = maybe_sizes_[beginning_of(text.folded_word(word))];
      if (word.size < 63) sizes &= (std::uint64_t{2} << word.size) - 1;
      for (; sizes != 0; sizes &= sizes - 1)
        try_beginning(static_cast<std::uint32_t>(std::countr_zero(sizes)));
    }
    for (const std::uint32_t size : other_sizes_) {
      if (size > word.size) break;
      try_beginning(size);
    }
  }
}

namespace {

// Chooses one hit of each group so that all lie within the rule's words of one another.
class Chooser {
 public:
  Chooser(const PromptRule& rule, const PromptRules::Hits& hits) : rule_(rule), hits_(hits) {}

  bool choose(std::size_t position, PromptHit& span, std::uint32_t last) {
    if (position == rule_.find.size()) return true;
    const auto& all = hits_[rule_.find[position]];
    const std::uint32_t reach = (rule_.within + static_cast<std::uint32_t>(rule_.find.size()) - 1) *
                                PromptText::kPartsOfWord;
    auto at = all.begin();
    if (position > 0) {
      const std::uint32_t from = span.to > reach ? span.to - reach : 0;
      at = std::lower_bound(all.begin(), all.end(), from,
                            [](const PromptHit& hit, std::uint32_t b) { return hit.from < b; });
    }
    for (; at != all.end(); ++at) {
      if (++steps_ > kStepsMax) return false;
      PromptHit wider = *at;
      if (is_within_chosen(*at, position)) continue;
      chosen_[position] = *at;
      if (position > 0) {
        if (at->from > span.from + reach) break;
        if (rule_.in_order && at->first <= last) continue;
        wider = {std::min(span.first, at->first), std::max(span.last, at->last),
                 std::min(span.from, at->from), std::max(span.to, at->to)};
        if (wider.to - wider.from > reach) continue;
      }
      if (!choose(position + 1, wider, at->last)) continue;
      span = wider;
      return true;
    }
    return false;
  }

 private:
  // One phrase is one sign: "security audit" is not a claim of authority and, with the "security"
  // in it, a guardrail besides.
  [[nodiscard]] bool is_within_chosen(const PromptHit& hit, std::size_t position) const {
    const auto is_shared = [&](std::size_t i) { return (rule_.shared >> rule_.find[i] & 1) != 0; };
    if (is_shared(position)) return false;
    for (std::size_t i = 0; i < position; ++i)
      if (!is_shared(i) && hit.first <= chosen_[i].last && chosen_[i].first <= hit.last)
        return true;
    return false;
  }

  const PromptRule& rule_;
  const PromptRules::Hits& hits_;
  std::array<PromptHit, PromptRule::kFindMax> chosen_;
  std::size_t steps_ = 0;
};

}  // namespace

bool PromptRules::fulfils(const PromptRule& rule, const Hits& hits, PromptHit& where) {
  for (const std::uint16_t group : rule.find)
    if (hits[group].empty()) return false;
  where = {};
  return Chooser{rule, hits}.choose(0, where, 0);
}

PromptRules::Thresholds PromptRules::thresholds(std::size_t words, Role role) const {
  float factor = roles_[static_cast<std::size_t>(role)];
  float longer = 1;
  for (const Longer& step : longer_)
    if (words > step.above) longer = std::max(longer, step.factor);
  factor *= longer;
  return {base_.low * factor, base_.high * factor};
}

}  // namespace gnomon::content
