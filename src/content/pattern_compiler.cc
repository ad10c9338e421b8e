#include <algorithm>
#include <memory>

#include "gnomon/bytes/ascii.h"
#include "pattern.h"

namespace gnomon::content {
namespace {

void add_range(ByteSet& set, unsigned from, unsigned to) {
  for (unsigned c = from; c <= to; ++c) set.set(c);
}

struct Node {
  enum class Kind : std::uint8_t {
    kEmpty,
    kSet,
    kConcat,
    kChoice,
    kRepeat,
    kGroup,
    kAssert,
    kLook
  };
  Kind kind = Kind::kEmpty;
  ByteSet set;
  int assertion = 0;
  bool negative = false;
  bool lazy = false;
  bool capture = false;
  std::size_t least = 0;
  std::size_t most = 0;
  std::vector<std::unique_ptr<Node>> parts;
};
using NodePtr = std::unique_ptr<Node>;

NodePtr make(Node::Kind kind) {
  auto node = std::make_unique<Node>();
  node->kind = kind;
  return node;
}

}  // namespace

class PatternCompiler {
 public:
  PatternCompiler(std::string_view text, bool caseless) : text_(text), caseless_(caseless) {}

  Result<Pattern> compile() {
    if (text_.starts_with("(?i)")) {
      caseless_ = true;
      at_ = 4;
    }
    NodePtr root = choice(0);
    if (error_.empty() && at_ < text_.size()) error_ = "')' without '('";
    if (error_.empty()) {
      emit(*root);
      add(Pattern::Op::kMatch);
      lead(*root);
    }
    if (!error_.empty())
      return Error{error_ + " at byte " + std::to_string(at_)}.in("'" + std::string{text_} + "'");
    return std::move(pattern_);
  }

 private:
  static constexpr int kDepthMax = 40;

  bool more() const { return at_ < text_.size(); }
  char peek() const { return text_[at_]; }
  bool take(std::string_view wanted) {
    if (!text_.substr(at_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }
  void fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
    at_ = text_.size();
  }

  NodePtr choice(int depth) {
    if (depth > kDepthMax) {
      fail("groups are nested too deep");
      return make(Node::Kind::kEmpty);
    }
    NodePtr node = make(Node::Kind::kChoice);
    node->parts.push_back(concat(depth));
    while (more() && take("|")) node->parts.push_back(concat(depth));
    if (node->parts.size() == 1) return std::move(node->parts.front());
    return node;
  }

  NodePtr concat(int depth) {
    NodePtr node = make(Node::Kind::kConcat);
    while (more() && peek() != '|' && peek() != ')') {
      NodePtr part = atom(depth);
      node->parts.push_back(repeat(std::move(part)));
    }
    return node;
  }

  NodePtr repeat(NodePtr part) {
    while (more()) {
      std::size_t least = 0;
      std::size_t most = 0;
      if (take("?")) {
        most = 1;
      } else if (take("*")) {
        most = Pattern::kRepeatMax;
      } else if (take("+")) {
        least = 1;
        most = Pattern::kRepeatMax;
      } else if (peek() == '{' && at_ + 1 < text_.size() && text_[at_ + 1] >= '0' &&
                 text_[at_ + 1] <= '9') {
        ++at_;
        least = number();
        most = least;
        if (take(",")) most = more() && peek() != '}' ? number() : Pattern::kRepeatMax;
        if (!take("}")) fail("'{' without '}'");
        if (most > Pattern::kRepeatMax || least > most) fail("repeats too often");
      } else {
        break;
      }
      NodePtr node = make(Node::Kind::kRepeat);
      node->least = least;
      node->most = most;
      node->lazy = more() && take("?");
      if (part->kind == Node::Kind::kAssert) fail("an assertion cannot repeat");
      node->parts.push_back(std::move(part));
      part = std::move(node);
    }
    return part;
  }

  std::size_t number() {
    std::size_t value = 0;
    while (more() && peek() >= '0' && peek() <= '9' && value < 100000)
      value = value * 10 + static_cast<std::size_t>(text_[at_++] - '0');
    return value;
  }

  NodePtr assertion(int kind, const ByteSet& set = {}) {
    NodePtr node = make(Node::Kind::kAssert);
    node->assertion = kind;
    node->set = set;
    return node;
  }

  NodePtr atom(int depth) {
    if (take("(")) return group(depth);
    if (take("[")) return set_node(class_set());
    if (take(".")) {
      ByteSet all;
      all.set();
      all.reset('\n');
      return set_node(all);
    }
    if (take("^")) return assertion(2);
    if (take("$")) return assertion(3);
    if (take("\\b")) return assertion(0);
    if (take("\\B")) return assertion(1);
    ByteSet set = one();
    if (caseless_) set = folded(set);
    return set_node(set);
  }

  NodePtr group(int depth) {
    NodePtr node;
    if (take("?:")) {
      node = choice(depth + 1);
    } else if (take("?=") || take("?!")) {
      const bool negative = text_[at_ - 1] == '!';
      node = make(Node::Kind::kLook);
      node->negative = negative;
      node->parts.push_back(choice(depth + 1));
    } else if (take("?<=") || take("?<!")) {
      const bool negative = text_[at_ - 1] == '!';
      ByteSet set = take("[") ? class_set() : one();
      node = assertion(negative ? 5 : 4, caseless_ ? folded(set) : set);
    } else if (more() && peek() == '?') {
      fail("a group of a kind that is not known");
      return make(Node::Kind::kEmpty);
    } else {
      node = make(Node::Kind::kGroup);
      node->capture = !pattern_.has_group_;  // only the first counts
      pattern_.has_group_ = true;
      node->parts.push_back(choice(depth + 1));
    }
    if (!take(")")) fail("'(' without ')'");
    return node;
  }

  NodePtr set_node(const ByteSet& set) {
    NodePtr node = make(Node::Kind::kSet);
    node->set = set;
    return node;
  }

  static ByteSet folded(ByteSet set) {
    for (unsigned c = 'a'; c <= 'z'; ++c) {
      if (set.test(c)) set.set(c - 32);
      if (set.test(c - 32)) set.set(c);
    }
    return set;
  }

  // One character or escape, outside of a class or in it.
  ByteSet one() {
    ByteSet set;
    if (!more()) {
      fail("ends too soon");
      return set;
    }
    const char c = text_[at_++];
    if (c != '\\') {
      set.set(static_cast<unsigned char>(c));
      return set;
    }
    if (!more()) {
      fail("ends in '\\'");
      return set;
    }
    const char escaped = text_[at_++];
    switch (escaped) {
      case 'd':
      case 'D':
        add_range(set, '0', '9');
        break;
      case 'w':
      case 'W':
        for (unsigned byte = 0; byte < 256; ++byte)
          if (Pattern::is_word(static_cast<char>(byte))) set.set(byte);
        break;
      case 's':
      case 'S':
        for (const char space : {' ', '\t', '\n', '\r', '\f', '\v'})
          set.set(static_cast<unsigned char>(space));
        break;
      case 'n':
        set.set('\n');
        break;
      case 'r':
        set.set('\r');
        break;
      case 't':
        set.set('\t');
        break;
      case 'x': {
        unsigned value = 0;
        for (int digit = 0; digit < 2; ++digit) {
          const int nibble = hex_value(more() ? text_[at_++] : '\0');
          if (nibble < 0) fail("'\\x' without two hexadecimal digits");
          value = value * 16 + (static_cast<unsigned>(nibble) & 15U);
        }
        set.set(value & 255U);
        break;
      }
      default:
        if (Pattern::is_word(escaped)) fail("an escape that is not known");
        set.set(static_cast<unsigned char>(escaped));
    }
    if (escaped == 'D' || escaped == 'W' || escaped == 'S') set.flip();
    return set;
  }

  ByteSet class_set() {
    ByteSet set;
    const bool negative = take("^");
    bool first = true;
    while (more() && (peek() != ']' || first)) {
      first = false;
      ByteSet item = one();
      if (at_ + 1 < text_.size() && peek() == '-' && text_[at_ + 1] != ']' && item.count() == 1) {
        ++at_;
        const ByteSet last = one();
        const auto value = [](const ByteSet& of) {
          unsigned byte = 0;
          while (byte < 255 && !of.test(byte)) ++byte;
          return byte;
        };
        if (last.count() != 1 || value(last) < value(item)) {
          fail("a range from high to low");
        } else {
          add_range(item, value(item), value(last));
        }
      }
      set |= item;
    }
    if (!take("]")) fail("'[' without ']'");
    if (caseless_) set = folded(set);
    if (negative) set.flip();
    return set;
  }

  std::uint32_t add(Pattern::Op op) {
    if (pattern_.program_.size() >= Pattern::kInstructionsMax) fail("is too large");
    Pattern::Instruction instruction;
    instruction.op = op;
    pattern_.program_.push_back(instruction);
    return static_cast<std::uint32_t>(pattern_.program_.size() - 1);
  }
  Pattern::Instruction& at(std::uint32_t index) { return pattern_.program_[index]; }
  std::uint32_t here() const { return static_cast<std::uint32_t>(pattern_.program_.size()); }

  std::uint32_t set_index(const ByteSet& set) {
    const auto found = std::find(pattern_.sets_.begin(), pattern_.sets_.end(), set);
    if (found != pattern_.sets_.end())
      return static_cast<std::uint32_t>(found - pattern_.sets_.begin());
    pattern_.sets_.push_back(set);
    return static_cast<std::uint32_t>(pattern_.sets_.size() - 1);
  }

  void emit(const Node& node) {
    if (!error_.empty()) return;
    switch (node.kind) {
      case Node::Kind::kEmpty:
        return;
      case Node::Kind::kSet:
        at(add(Pattern::Op::kSet)).set = set_index(node.set);
        return;
      case Node::Kind::kConcat:
        for (const NodePtr& part : node.parts) emit(*part);
        return;
      case Node::Kind::kGroup: {
        if (node.capture) at(add(Pattern::Op::kSave)).first = 0;
        emit(*node.parts.front());
        if (node.capture) at(add(Pattern::Op::kSave)).first = 1;
        return;
      }
      case Node::Kind::kAssert: {
        Pattern::Instruction& instruction = at(add(Pattern::Op::kAssert));
        instruction.assertion = static_cast<Pattern::Assertion>(node.assertion);
        instruction.set = set_index(node.set);
        return;
      }
      case Node::Kind::kLook: {
        const std::uint32_t look = add(Pattern::Op::kLook);
        at(look).negative = node.negative;
        emit(*node.parts.front());
        add(Pattern::Op::kMatch);
        at(look).first = here();
        return;
      }
      case Node::Kind::kChoice: {
        std::vector<std::uint32_t> jumps;
        for (std::size_t i = 0; i < node.parts.size() && error_.empty(); ++i) {
          const bool last = i + 1 == node.parts.size();
          const std::uint32_t split = last ? 0 : add(Pattern::Op::kSplit);
          if (!last) at(split).first = here();
          emit(*node.parts[i]);
          if (!last) {
            jumps.push_back(add(Pattern::Op::kJump));
            at(split).second = here();
          }
        }
        for (const std::uint32_t jump : jumps) at(jump).first = here();
        return;
      }
      case Node::Kind::kRepeat:
        emit_repeat(node);
        return;
    }
  }

  void emit_repeat(const Node& node) {
    const Node& part = *node.parts.front();
    if (part.kind == Node::Kind::kSet) {
      const std::uint32_t index = add(node.lazy ? Pattern::Op::kLazy : Pattern::Op::kRepeat);
      at(index).set = set_index(part.set);
      at(index).first = static_cast<std::uint32_t>(node.least);
      at(index).second = static_cast<std::uint32_t>(node.most);
      return;
    }
    for (std::size_t i = 0; i < node.least && error_.empty(); ++i) emit(part);
    std::vector<std::uint32_t> splits;
    for (std::size_t i = node.least; i < std::min(node.most, node.least + 64) && error_.empty();
         ++i) {
      splits.push_back(add(Pattern::Op::kSplit));
      (node.lazy ? at(splits.back()).second : at(splits.back()).first) = here();
      emit(part);
    }
    for (const std::uint32_t split : splits)
      (node.lazy ? at(split).first : at(split).second) = here();
  }

  // What a pattern begins with: every way to begin, or, where there are more than kStartsMax, none
  // of them but their union.
  struct Starts {
    std::vector<ByteSet> lead;
    std::vector<std::vector<ByteSet>> each{1};

    void add(const ByteSet& set) {
      lead.push_back(set);
      for (auto& start : each) start.push_back(set);
    }
    // What follows is one of the branches. All are cut to the shortest.
    void add(std::vector<Starts>& branches) {
      std::size_t width = branches.front().lead.size();
      for (const Starts& branch : branches) width = std::min(width, branch.lead.size());
      const std::size_t before = lead.size();
      lead.resize(before + width);
      std::vector<std::vector<ByteSet>> ends;
      bool all = true;
      for (Starts& branch : branches) {
        for (std::size_t i = 0; i < width; ++i) lead[before + i] |= branch.lead[i];
        all = all && !branch.each.empty();
        for (auto& start : branch.each) {
          start.resize(width);
          if (std::find(ends.begin(), ends.end(), start) == ends.end())
            ends.push_back(std::move(start));
        }
      }
      std::vector<std::vector<ByteSet>> joined;
      if (all && each.size() * ends.size() <= Pattern::kStartsMax) {
        for (const auto& start : each)
          for (const auto& end : ends) {
            joined.push_back(start);
            joined.back().insert(joined.back().end(), end.begin(), end.end());
          }
      }
      each = std::move(joined);
    }
  };

  void lead(const Node& node) {
    Starts starts;
    lead_into(node, starts);
    pattern_.lead_ = std::move(starts.lead);
    pattern_.starts_ = std::move(starts.each);
  }
  // Appends the sets that `node` begins with; false when what follows it is not at a fixed place.
  static bool lead_into(const Node& node, Starts& starts) {
    constexpr std::size_t kLeadMax = 24;
    if (starts.lead.size() >= kLeadMax) return false;
    switch (node.kind) {
      case Node::Kind::kEmpty:
      case Node::Kind::kAssert:
      case Node::Kind::kLook:
        return true;
      case Node::Kind::kSet:
        starts.add(node.set);
        return true;
      case Node::Kind::kGroup:
        return lead_into(*node.parts.front(), starts);
      case Node::Kind::kConcat:
        for (const NodePtr& part : node.parts)
          if (!lead_into(*part, starts)) return false;
        return true;
      case Node::Kind::kRepeat:
        for (std::size_t i = 0; i < node.least; ++i)
          if (!lead_into(*node.parts.front(), starts)) return false;
        return node.least == node.most;
      case Node::Kind::kChoice: {
        std::vector<Starts> branches(node.parts.size());
        bool fixed = true;
        for (std::size_t i = 0; i < node.parts.size(); ++i) {
          fixed = lead_into(*node.parts[i], branches[i]) && fixed;
          fixed = fixed && branches[i].lead.size() == branches.front().lead.size();
        }
        starts.add(branches);
        return fixed;
      }
    }
    return false;
  }

  std::string_view text_;
  bool caseless_;
  std::size_t at_ = 0;
  std::string error_;
  Pattern pattern_;
};

Result<Pattern> Pattern::compile(std::string_view text, bool caseless) {
  return PatternCompiler{text, caseless}.compile();
}

}  // namespace gnomon::content
