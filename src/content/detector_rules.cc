#include "detector_rules.h"

#include <algorithm>
#include <optional>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/hex.h"
#include "gnomon/content/file_type.h"
#include "rule_words.h"

namespace gnomon::content {
namespace {

constexpr double kHookBitsWanted = 45;
constexpr double kHookBitsEnough = 15;
constexpr double kHookBitsLeast = 7;
constexpr std::size_t kHookWidthMax = 20;
constexpr std::size_t kCaptionsLeast = 3;  // of a head that tells what the table is

// How much a place tells in ordinary text, in bits.
double told_by(const ByteSet& set) {
  const std::size_t count = set.count();
  if (count <= 2) return 5;
  if (count <= 8) return 3.5;
  if (count <= 10) return 3;
  if (count <= 22) return 2;
  return 0.4;
}

constexpr std::pair<std::string_view, Raise> kRaises[] = {
    {"low", Raise::kLow},
    {"context", Raise::kContext},
    {"proof", Raise::kProof},
    {"form", Raise::kForm},
};

class RuleReader {
 public:
  explicit RuleReader(std::vector<Rule>& rules) : rules_(rules) {}

  bool file(const YamlNode& root) {
    if (root.kind != YamlNode::Kind::kMap) return fail(root, "a map with 'detectors' or 'profiles' is wanted");
    std::optional<Category> category;
    const YamlNode* list = nullptr;
    bool others = false;
    for (const auto& [key, node] : root.members) {
      if (key == "category") {
        category = choose(node.text, kCategories);
        if (!category) return fail(node, "'" + node.text + "' is not a category");
      } else if (key == "detectors") {
        list = &node;
      } else if (key == "profiles") {
        if (node.kind != YamlNode::Kind::kList) return fail(node, "a list of profiles is wanted");
        others = true;  // read when all detectors are known
      } else if (key == "countries") {
        others = true;  // read for all files
      } else if (key != "about" && key != "sources") {
        return fail(node, "'" + key + "' is not known here");
      }
    }
    if (list == nullptr && others) return true;
    if (list == nullptr || list->kind != YamlNode::Kind::kList)
      return fail(root, "there is no list 'detectors'");
    for (const YamlNode& entry : list->items)
      if (!detector(entry, category)) return false;
    return true;
  }
  const std::string& error() const { return error_; }

 private:
  bool fail(const YamlNode& node, const std::string& why) {
    if (error_.empty()) error_ = "line " + std::to_string(node.line) + ": " + id_ + why;
    return false;
  }

  bool texts(const YamlNode& node, std::vector<std::string>& out) {
    if (node.kind == YamlNode::Kind::kText) {
      out.push_back(node.text);
      return true;
    }
    for (const YamlNode& item : node.items) {
      if (item.kind != YamlNode::Kind::kText) return fail(item, "text is wanted");
      out.push_back(item.text);
    }
    return node.kind == YamlNode::Kind::kList || fail(node, "a list is wanted");
  }

  bool number(const YamlNode& node, std::size_t& out, std::size_t most) {
    if (node.text.empty() || node.text.size() > 6 ||
        node.text.find_first_not_of("0123456789") != std::string::npos)
      return fail(node, "a number is wanted");
    out = std::stoul(node.text);
    return out <= most || fail(node, "at most " + std::to_string(most));
  }

  bool detector(const YamlNode& entry, std::optional<Category> category) {
    id_.clear();
    if (entry.kind != YamlNode::Kind::kMap) return fail(entry, "a detector is a map");
    Rule rule;
    for (const auto& [key, node] : entry.members) {
      if (key == "id") {
        rule.detector.id = node.text;
        id_ = node.text + ": ";
      }
      if (key == "vendor-words" && !texts_in_lower_case(node, rule.vendor_words)) return false;
    }
    if (rule.detector.id.empty()) return fail(entry, "has no id");
    for (const auto& [key, node] : entry.members)
      if (!member(rule, key, node, category)) return false;
    if (!category) return fail(entry, "has no category");
    rule.detector.category = *category;
    if (rule.detector.name.empty()) return fail(entry, "has no name");
    if (rule.patterns.empty() && rule.forms.empty() && rule.phrases.empty() &&
        rule.built_in.empty() && rule.file_types.empty() && rule.table_heads.empty())
      return fail(
          entry,
          "finds nothing: no patterns, numbers, phrases, file-types, table-heads or built-in");
    rule.placeholder_check = *category == Category::kSecret;
    rules_.push_back(std::move(rule));
    return true;
  }

  bool member(Rule& rule, const std::string& key, const YamlNode& node,
              std::optional<Category>& category) {
    if (key == "id" || key == "sources" || key == "note") return true;
    if (key == "name") {
      rule.detector.name = node.text;
      return true;
    }
    if (key == "family") {
      rule.detector.family = node.text;
      return true;
    }
    if (key == "category") {
      category = choose(node.text, kCategories);
      return category || fail(node, "'" + node.text + "' is not a category");
    }
    if (key == "severity") {
      const auto severity = choose(node.text, kSeverities);
      if (!severity) return fail(node, "'" + node.text + "' is not a severity");
      rule.detector.severity = *severity;
      return true;
    }
    if (key == "high") {
      const auto raise = choose(node.text, kRaises);
      if (!raise) return fail(node, "'" + node.text + "' is not low, context, proof or form");
      rule.raise = *raise;
      return true;
    }
    if (key == "references") return texts(node, rule.detector.references);
    if (key == "built-in") {
      rule.built_in = node.text;
      return true;
    }
    if (key == "file-types") {
      rule.detector.is_document = true;
      if (!texts(node, rule.file_types)) return false;
      for (const std::string& type : rule.file_types)
        if (!is_marked_type(type))
          return fail(node, "'" + type + "' is no type of files that is told by a mark");
      return true;
    }
    if (key == "keywords") return texts_in_lower_case(node, rule.keywords);
    if (key == "heads") return texts_in_lower_case(node, rule.heads);
    if (key == "account-heads") return texts_in_lower_case(node, rule.account_heads);
    if (key == "doubtful-heads") return texts_in_lower_case(node, rule.doubtful_heads);
    if (key == "table-heads") return table_heads(rule, node);
    if (key == "document") {
      rule.detector.is_document = node.text == "yes";
      return true;
    }
    if (key == "general") {
      rule.general = node.text == "yes";
      return true;
    }
    if (key == "patterns") return patterns(rule, node);
    if (key == "numbers") return numbers(rule, node);
    if (key == "layouts") return texts(node, rule.layouts);
    if (key == "layout-needed") {
      rule.layout_needed = node.text == "yes";
      return true;
    }
    if (key == "alone") {
      rule.alone = node.text == "low";
      return rule.alone || fail(node, "'" + node.text + "' is not low");
    }
    if (key == "gives-way") {
      rule.gives_way = node.text == "yes";
      return rule.gives_way || fail(node, "'" + node.text + "' is not yes");
    }
    if (key == "vendor-words") return true;  // read before
    if (key == "checks") return checks(rule, node);
    if (key == "context") return context(rule, node);
    if (key == "exclude") return exclusions(rule, node);
    if (key == "phrases") return texts_in_lower_case(node, rule.phrases);
    if (key == "phrases-needed") return number(node, rule.phrases_needed, 100);
    if (key == "examples") {
      for (const auto& [kind, list] : node.members) {
        if (kind != "match" && kind != "other") return fail(list, "examples are match or other");
        if (!texts(list, kind == "match" ? rule.match_examples : rule.other_examples)) return false;
      }
      return true;
    }
    return fail(node, "'" + key + "' is not known here");
  }

  bool texts_in_lower_case(const YamlNode& node, std::vector<std::string>& out) {
    if (!texts(node, out)) return false;
    for (std::string& word : out) word = lowered(word);
    return true;
  }

  // Lists of captions that stand beside one another, in lower case.
  bool table_heads(Rule& rule, const YamlNode& node) {
    rule.detector.is_document = true;
    if (node.kind != YamlNode::Kind::kList) return fail(node, "a list of heads is wanted");
    for (const YamlNode& head : node.items) {
      std::vector<std::string> captions;
      if (!texts_in_lower_case(head, captions)) return false;
      if (captions.size() < kCaptionsLeast)
        return fail(head,
                    "a head of at least " + std::to_string(kCaptionsLeast) + " columns is wanted");
      rule.table_heads.push_back(std::move(captions));
    }
    return true;
  }

  bool patterns(Rule& rule, const YamlNode& node) {
    if (node.kind == YamlNode::Kind::kText) return pattern(rule, node);
    for (const YamlNode& item : node.items)
      if (!pattern(rule, item)) return false;
    return true;
  }

  bool pattern(Rule& rule, const YamlNode& node) {
    TextPattern made;
    std::string expression = node.text;
    std::string hook;
    bool caseless = false;
    for (const auto& [key, value] : node.members) {
      if (key == "re") {
        expression = value.text;
      } else if (key == "hook") {
        hook = value.text;
      } else if (key == "reach") {
        if (!number(value, made.reach, 200)) return false;
      } else if (key == "caseless") {
        caseless = value.text == "yes";
      } else if (key == "edges") {
        made.left_edge = value.text == "both" || value.text == "left";
        made.right_edge = value.text == "both" || value.text == "right";
      } else {
        return fail(value, "'" + key + "' is not known in a pattern");
      }
    }
    auto compiled = Pattern::compile(expression, caseless);
    if (!compiled) return fail(node, compiled.error().message);
    made.pattern = std::move(*compiled);
    if (!rule.vendor_words.empty()) {  // looked for behind a vendor's word: needs no hook
      rule.patterns.push_back(std::move(made));
      return true;
    }
    std::vector<ByteSet> lead = made.pattern.lead();
    made.starts = made.pattern.starts();
    if (!hook.empty() && !hook.starts_with("token ")) {
      auto hooked = Pattern::compile(hook, caseless);
      if (!hooked) return fail(node, hooked.error().message);
      lead = hooked->lead();
      made.starts = hooked->starts();
    }
    if (hook.starts_with("token ")) {  // tried at every long run of letters and digits
      made.token_least = std::strtoul(hook.c_str() + 6, nullptr, 10);
      if (made.token_least < 16) return fail(node, "a token of at least 16 is wanted");
      rule.patterns.push_back(std::move(made));
      return true;
    }
    // Narrow places cost Hyperscan nothing, wide ones do: those only while it is not enough yet.
    double bits = 0;
    std::size_t width = 0;
    while (width < lead.size() && width < kHookWidthMax && bits < kHookBitsWanted &&
           (!hook.empty() || bits < kHookBitsEnough || lead[width].count() <= 2))
      bits += told_by(lead[width++]);
    if (bits < kHookBitsLeast)
      return fail(node, "'" + expression + "' begins with too little to look for: give a hook");
    made.hook_width = width;
    lead.resize(width);
    for (auto& start : made.starts) start.resize(width);
    made.hook = made.starts.empty() ? as_expression(lead) : as_expression(made.starts);
    made.lead = std::move(lead);
    rule.patterns.push_back(std::move(made));
    return true;
  }

  // "AA9{6}[x]": 9 a digit, A a letter, X either, a lower-case letter or ! digit itself.
  bool numbers(Rule& rule, const YamlNode& node) {
    std::vector<std::string> forms;
    if (!texts(node, forms)) return false;
    for (const std::string& form : forms) {
      NumberForm made;
      for (std::size_t i = 0; i < form.size(); ++i) {
        const char c = form[i];
        std::size_t times = 1;
        std::size_t most = 1;
        const bool literal = c == '!' && i + 1 < form.size();
        const char what = literal ? form[++i] : c;
        if (i + 1 < form.size() && form[i + 1] == '{') {
          const std::size_t close = form.find('}', i);
          if (close == std::string::npos) return fail(node, "'{' without '}'");
          times = std::strtoul(form.c_str() + i + 2, nullptr, 10);
          most = times;
          const std::size_t comma = form.find(',', i);
          if (comma < close) most = std::strtoul(form.c_str() + comma + 1, nullptr, 10);
          if (most > times && close + 1 != form.size())
            return fail(node, "only the last place may repeat between two numbers");
          i = close;
        }
        if (times > 40 || most > 40 || most < times) return fail(node, "repeats too often");
        for (std::size_t k = 0; k < most; ++k) {
          if (k >= times) rule.forms.push_back(made);  // the shorter ones count too
          if (made.length >= 40) return fail(node, "is longer than 40");
          const std::uint64_t bit = std::uint64_t{1} << made.length;
          char fixed = '\0';
          if (!literal && what == '9') {
            made.digits |= bit;
          } else if (!literal && what == 'A') {
            made.letters |= bit;
          } else if (literal || what != 'X') {
            fixed = to_upper(what);
          }
          made.fixed += fixed;
          ++made.length;
        }
      }
      if (made.length < 3) return fail(node, "'" + form + "' is too short");
      rule.forms.push_back(std::move(made));
    }
    return true;
  }

  bool checks(Rule& rule, const YamlNode& node) {
    std::vector<std::string> all;
    if (!texts(node, all)) return false;
    for (const std::string& each : all) {
      const std::size_t space = each.find(' ');
      Check check;
      check.validator = find_validator(each.substr(0, space));
      if (check.validator == nullptr)
        return fail(node, "there is no check '" + each.substr(0, space) + "'");
      if (space != std::string::npos) {
        check.word = each.substr(space + 1);
        check.number = std::strtod(check.word.c_str(), nullptr);
      }
      rule.checks.push_back(std::move(check));
    }
    return true;
  }

  bool context(Rule& rule, const YamlNode& node) {
    if (node.kind == YamlNode::Kind::kList) return texts_in_lower_case(node, rule.context.words);
    for (const auto& [key, value] : node.members) {
      if (key == "words") {
        if (!texts_in_lower_case(value, rule.context.words)) return false;
      } else if (key == "within") {
        if (!number(value, rule.context.within, 1000)) return false;
      } else if (key == "needed") {
        rule.context.needed = value.text == "yes";
      } else {
        return fail(value, "'" + key + "' is not known in a context");
      }
    }
    return true;
  }

  bool exclusions(Rule& rule, const YamlNode& node) {
    std::vector<std::string> all;
    if (!texts(node, all)) return false;
    for (const std::string& each : all) {
      auto compiled = Pattern::compile(each, true);
      if (!compiled) return fail(node, compiled.error().message);
      rule.exclusions.push_back(std::move(*compiled));
    }
    return true;
  }

  std::vector<Rule>& rules_;
  std::string id_;
  std::string error_;
};

}  // namespace

std::string as_expression(const std::vector<ByteSet>& sets) {
  std::string expression;
  for (const ByteSet& set : sets) {
    expression += '[';
    for (unsigned byte = 0; byte < 256; ++byte) {
      if (!set.test(byte)) continue;
      unsigned last = byte;
      while (last < 255 && set.test(last + 1)) ++last;
      const auto add = [&](unsigned value) {
        expression += "\\x";
        append_hex(static_cast<std::uint8_t>(value), expression);
      };
      add(byte);
      if (last > byte) {
        expression += '-';
        add(last);
      }
      byte = last;
    }
    expression += ']';
  }
  return expression;
}

std::string as_expression(const std::vector<std::vector<ByteSet>>& starts) {
  std::vector<std::string> each;
  std::string any;
  for (const auto& start : starts) {
    std::string one = as_expression(start);
    if (std::find(each.begin(), each.end(), one) != each.end()) continue;
    any += each.empty() ? "(?:" : "|";
    any += one;
    each.push_back(std::move(one));
  }
  return each.size() == 1 ? each.front() : any + ")";
}

Result<std::vector<Rule>> read_detectors(const YamlNode& root) {
  std::vector<Rule> rules;
  RuleReader reader{rules};
  if (!reader.file(root)) return Error{reader.error()};
  return rules;
}

}  // namespace gnomon::content
