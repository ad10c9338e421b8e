#include "pattern.h"

#include <algorithm>

namespace gnomon::content {

std::optional<Pattern::Found> Pattern::match_at(std::string_view text, std::size_t at) const {
  std::size_t left = kStepsMax;
  return match_within(text, at, left);
}

std::optional<Pattern::Found> Pattern::match_at(std::string_view text, std::size_t at,
                                                std::size_t& budget) const {
  const std::size_t most = std::clamp(budget, kStepsLeast, kStepsMax);
  std::size_t left = most;
  const std::optional<Found> found = match_within(text, at, left);
  budget -= std::min(budget, most - left);
  return found;
}

std::optional<Pattern::Found> Pattern::match_within(std::string_view text, std::size_t at,
                                                    std::size_t& left) const {
  std::size_t saved[2] = {std::string_view::npos, std::string_view::npos};
  const std::optional<std::size_t> end = run(text, at, 0, saved, left);
  if (!end) return std::nullopt;
  Found found;
  found.whole_end = *end;
  const bool grouped = saved[0] != std::string_view::npos && saved[1] != std::string_view::npos;
  found.start = grouped ? saved[0] : at;
  found.end = grouped ? saved[1] : *end;
  return found;
}

std::optional<std::size_t> Pattern::run(std::string_view text, std::size_t at, std::size_t pc,
                                        std::size_t (&saved)[2], std::size_t& left) const {
  struct Choice {
    std::size_t pc;
    std::size_t at;
    std::size_t last;  // a repeat may also end anywhere between `last` and `at`, stepping `step`
    int step;
    std::size_t saved[2];
  };
  std::vector<Choice> stack;
  stack.reserve(8);
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  while (true) {
    if (left == 0) return std::nullopt;
    --left;
    bool failed = false;
    const Instruction& instruction = program_[pc];
    switch (instruction.op) {
      case Op::kMatch:
        return at;
      case Op::kSet:
        failed = at >= text.size() || !sets_[instruction.set].test(byte(at));
        ++at;
        ++pc;
        break;
      case Op::kRepeat:
      case Op::kLazy: {
        const ByteSet& set = sets_[instruction.set];
        const std::size_t most =
            std::min<std::size_t>(instruction.second, text.size() - std::min(at, text.size()));
        std::size_t count = 0;
        while (count < most && set.test(byte(at + count))) ++count;
        if (count < instruction.first) {
          failed = true;
          break;
        }
        ++pc;
        if (instruction.op == Op::kRepeat) {
          if (count > instruction.first)
            stack.push_back({pc, at + count - 1, at + instruction.first, -1, {saved[0], saved[1]}});
          at += count;
        } else {
          if (count > instruction.first)
            stack.push_back({pc, at + instruction.first + 1, at + count, 1, {saved[0], saved[1]}});
          at += instruction.first;
        }
        break;
      }
      case Op::kSplit:
        stack.push_back({instruction.second, at, at, 0, {saved[0], saved[1]}});
        pc = instruction.first;
        break;
      case Op::kJump:
        pc = instruction.first;
        break;
      case Op::kSave:
        saved[instruction.first] = at;
        ++pc;
        break;
      case Op::kAssert: {
        bool holds = false;
        const bool before = at > 0 && is_word(text[at - 1]);
        const bool after = at < text.size() && is_word(text[at]);
        switch (instruction.assertion) {
          case Assertion::kWordEdge:
            holds = before != after;
            break;
          case Assertion::kNotWordEdge:
            holds = before == after;
            break;
          case Assertion::kBegin:
            holds = at == 0;
            break;
          case Assertion::kEnd:
            holds = at == text.size();
            break;
          case Assertion::kBehind:
            holds = at > 0 && sets_[instruction.set].test(byte(at - 1));
            break;
          case Assertion::kNotBehind:
            holds = at == 0 || !sets_[instruction.set].test(byte(at - 1));
            break;
        }
        failed = !holds;
        ++pc;
        break;
      }
      case Op::kLook: {
        std::size_t inner[2] = {0, 0};
        const bool found = run(text, at, pc + 1, inner, left).has_value();
        failed = found == instruction.negative;
        pc = instruction.first;
        break;
      }
    }
    if (!failed) continue;
    if (stack.empty()) return std::nullopt;
    Choice& back = stack.back();
    pc = back.pc;
    at = back.at;
    saved[0] = back.saved[0];
    saved[1] = back.saved[1];
    if (back.step == 0 || back.at == back.last) {
      stack.pop_back();
    } else {
      back.at = back.step > 0 ? back.at + 1 : back.at - 1;
    }
  }
}

}  // namespace gnomon::content
