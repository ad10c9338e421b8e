#include "hook_lanes.h"

#include <algorithm>
#include <bit>
#include <utility>

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

std::optional<std::uint8_t> HookLanes::row_of(char byte) {
  std::size_t at = mark_bytes_.find(byte);
  if (at == std::string::npos) {
    if (mark_bytes_.size() == kMarksMax) return {};
    at = mark_bytes_.size();
    mark_bytes_ += byte;
  }
  return static_cast<std::uint8_t>(HookRow::kClasses + at);
}

HookLanes::Mark& HookLanes::mark_of(std::uint8_t row) {
  const auto found =
      std::find_if(marks_.begin(), marks_.end(), [&](const Mark& mark) { return mark.row == row; });
  if (found != marks_.end()) return *found;
  marks_.emplace_back().row = row;
  return marks_.back();
}

bool HookLanes::take(std::uint32_t hook, const std::vector<ByteSet>& lead) {
  if (lead.size() > ByteBlock::kBytes) return false;
  const ByteSet digits = range('0', '9');
  const ByteSet capitals = range('A', 'Z');
  const ByteSet hex = digits | range('a', 'f') | range('A', 'F');
  const ByteSet token = digits | capitals | range('a', 'z') | range('_', '_') | range('-', '-') |
                        range('+', '+') | range('/', '/');

  auto mark =
      std::find_if(lead.begin(), lead.end(), [](const ByteSet& set) { return set.count() == 1; });
  const bool is_byte = mark != lead.end();
  if (!is_byte)
    mark = std::find_if(lead.begin(), lead.end(),
                        [&](const ByteSet& set) { return within(set, capitals); });
  if (mark == lead.end()) return false;
  unsigned byte = 0;
  while (!mark->test(byte)) ++byte;

  Lane lane;
  lane.hook = hook;
  lane.before = static_cast<std::size_t>(mark - lead.begin());
  lane.lead = lead;
  // The most telling first.
  const std::pair<std::uint8_t, const ByteSet*> classes[] = {{HookRow::kDigit, &digits},
                                                             {HookRow::kCapital, &capitals},
                                                             {HookRow::kHex, &hex},
                                                             {HookRow::kToken, &token}};
  // What is told of the other places.
  for (const auto& [kind, set] : classes) {
    for (std::size_t i = 0; i < lead.size(); ++i) {
      const int offset = static_cast<int>(i) - static_cast<int>(lane.before);
      const bool told =
          std::any_of(lane.conditions.begin(), lane.conditions.end(),
                      [&](const Condition& condition) { return condition.offset == offset; });
      if (offset != 0 && !told && within(lead[i], *set)) lane.conditions.push_back({kind, offset});
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
  const std::optional<std::uint8_t> row =
      is_byte ? row_of(static_cast<char>(byte)) : HookRow::kCapital;
  if (!row) return false;
  Mark& own = mark_of(*row);
  for (Beside& beside : own.beside) {
    const std::size_t at = lane.before + static_cast<std::size_t>(beside.offset);
    if (at < lead.size()) beside.bytes |= lead[at];
    beside.any = beside.any || at >= lead.size();
    beside.row = HookRow::kClasses;
    for (const auto& [kind, set] : classes)
      if (!beside.any && beside.row == HookRow::kClasses && within(beside.bytes, *set))
        beside.row = kind;
  }
  own.lanes.push_back(std::move(lane));
  return true;
}

void HookLanes::find(std::string_view text, std::vector<HookEvent>& events,
                     std::size_t most) const {
  if (marks_.empty() || text.empty()) return;
  Rows rows[3] = {};
  auto* before = &rows[0];
  auto* here = &rows[1];
  auto* next = &rows[2];
  const auto read = lane_kernels().read_hook_rows;
  read(text, 0, mark_bytes_.data(), mark_bytes_.size(), *here);
  const auto beside = [&](std::uint8_t row, int offset) {
    return offset > 0 ? (*here)[row] >> offset | (*next)[row] << (64 - offset)
                      : (*here)[row] << -offset | (*before)[row] >> (64 + offset);
  };
  for (std::size_t at = 0; at < text.size(); at += ByteBlock::kBytes) {
    read(text, at + ByteBlock::kBytes, mark_bytes_.data(), mark_bytes_.size(), *next);
    for (const Mark& mark : marks_) {
      std::uint64_t marked = (*here)[mark.row];
      for (const Beside& each : mark.beside)
        if (marked != 0 && each.row != HookRow::kClasses) marked &= beside(each.row, each.offset);
      if (marked == 0) continue;
      for (const Lane& lane : mark.lanes) {
        std::uint64_t bits = marked;
        for (const Condition& condition : lane.conditions) {
          bits &= beside(condition.row, condition.offset);
          if (bits == 0) break;
        }
        for (; bits != 0; bits &= bits - 1) {
          const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(bits));
          if (place < lane.before || !fits_lead(text, place - lane.before, lane.lead)) continue;
          if (events.size() < most)
            events.push_back(
                {lane.hook, static_cast<std::uint32_t>(place - lane.before + lane.lead.size())});
        }
      }
    }
    std::swap(before, here);
    std::swap(here, next);
  }
}

}  // namespace gnomon::content
