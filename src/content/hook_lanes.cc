#include "hook_lanes.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "byte_lanes.h"

namespace gnomon::content {
namespace {

ByteSet range(unsigned first, unsigned last) {
  ByteSet set;
  for (unsigned byte = first; byte <= last; ++byte) set.set(byte);
  return set;
}
bool within(const ByteSet& set, const ByteSet& wider) { return (set & ~wider).none(); }

}  // namespace

bool fits_lead(std::string_view text, std::size_t start, const std::vector<ByteSet>& lead) {
  if (start > text.size() || lead.size() > text.size() - start) return false;
  for (std::size_t i = 0; i < lead.size(); ++i)
    if (!lead[i].test(static_cast<unsigned char>(text[start + i]))) return false;
  return true;
}

bool HookLanes::take(std::uint32_t hook, const std::vector<ByteSet>& lead) {
  if (lead.size() > ByteBlock::kBytes) return false;
  const auto mark = std::find_if(lead.begin(), lead.end(),
                                 [](const ByteSet& set) { return set.count() == 1; });
  if (mark == lead.end()) return false;
  unsigned byte = 0;
  while (!mark->test(byte)) ++byte;
  const auto mark_of = [&](char c) {
    auto at = std::find(marks_.begin(), marks_.end(), c);
    if (at == marks_.end()) at = marks_.insert(at, c);
    return static_cast<std::size_t>(at - marks_.begin());
  };
  const char c = static_cast<char>(byte);
  if (marks_.size() == kMarksMax && std::find(marks_.begin(), marks_.end(), c) == marks_.end())
    return false;

  const ByteSet digits = range('0', '9');
  const ByteSet capitals = range('A', 'Z');
  const ByteSet hex = digits | range('a', 'f') | range('A', 'F');
  const ByteSet token = digits | capitals | range('a', 'z') | range('_', '_') | range('-', '-') |
                        range('+', '+') | range('/', '/');

  Lane lane;
  lane.hook = hook;
  lane.before = static_cast<std::size_t>(mark - lead.begin());
  lane.lead = lead;
  // What is told of the other places, the most telling first.
  for (const auto& [kind, set] : {std::pair{kDigit, &digits}, std::pair{kCapital, &capitals},
                                  std::pair{kHex, &hex}, std::pair{kToken, &token}}) {
    for (std::size_t i = 0; i < lead.size(); ++i) {
      const int offset = static_cast<int>(i) - static_cast<int>(lane.before);
      const bool told = std::any_of(
          lane.conditions.begin(), lane.conditions.end(),
          [&](const Condition& condition) { return condition.offset == offset; });
      if (offset != 0 && !told && within(lead[i], *set))
        lane.conditions.push_back({static_cast<std::uint8_t>(kind), offset});
    }
  }
  if (lane.conditions.size() < 2) return false;
  if (lane.conditions.size() > kConditionsMax) {  // those that are far from one another
    std::sort(lane.conditions.begin(), lane.conditions.end(),
              [](const Condition& a, const Condition& b) { return a.offset < b.offset; });
    std::vector<Condition> some;
    for (std::size_t i = 0; i < kConditionsMax; ++i)
      some.push_back(lane.conditions[i * (lane.conditions.size() - 1) / (kConditionsMax - 1)]);
    lane.conditions = std::move(some);
  }
  const std::size_t own = mark_of(c);
  lanes_.resize(marks_.size());
  lanes_[own].push_back(std::move(lane));
  return true;
}

void HookLanes::read(std::string_view text, std::size_t at, Rows& rows) const {
  if (at >= text.size()) {
    std::memset(rows, 0, sizeof rows);
    return;
  }
  const ByteBlock bytes{text, at};
  const Lanes digits = bytes.between('0', '9');
  rows[kDigit] = digits.bits();
  rows[kHex] = (digits | bytes.letters('a', 'f')).bits();
  rows[kCapital] = bytes.between('A', 'Z').bits();
  rows[kToken] = (digits | bytes.letters() | bytes.is('_') | bytes.is('-') | bytes.is('+') |
                  bytes.is('/'))
                     .bits();
  for (std::size_t i = 0; i < marks_.size(); ++i) rows[kClasses + i] = bytes.is(marks_[i]).bits();
}

void HookLanes::find(std::string_view text, std::vector<HookEvent>& events,
                     std::size_t most) const {
  if (lanes_.empty() || text.empty()) return;
  Rows rows[3] = {};
  auto* before = &rows[0];
  auto* here = &rows[1];
  auto* next = &rows[2];
  read(text, 0, *here);
  for (std::size_t at = 0; at < text.size(); at += ByteBlock::kBytes) {
    read(text, at + ByteBlock::kBytes, *next);
    for (std::size_t mark = 0; mark < lanes_.size(); ++mark) {
      const std::uint64_t marked = (*here)[kClasses + mark];
      if (marked == 0) continue;
      for (const Lane& lane : lanes_[mark]) {
        std::uint64_t bits = marked;
        for (const Condition& condition : lane.conditions) {
          const int offset = condition.offset;
          bits &= offset > 0 ? (*here)[condition.row] >> offset |
                                   (*next)[condition.row] << (64 - offset)
                             : (*here)[condition.row] << -offset |
                                   (*before)[condition.row] >> (64 + offset);
          if (bits == 0) break;
        }
        for (; bits != 0; bits &= bits - 1) {
          const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(bits));
          if (place < lane.before || !fits_lead(text, place - lane.before, lane.lead)) continue;
          if (events.size() < most)
            events.push_back({lane.hook, static_cast<std::uint32_t>(place - lane.before +
                                                                    lane.lead.size())});
        }
      }
    }
    std::swap(before, here);
    std::swap(here, next);
  }
}

}  // namespace gnomon::content
