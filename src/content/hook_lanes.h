#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lane_kernels.h"
#include "pattern.h"

namespace gnomon::content {

// One event of the pass over a text.
struct HookEvent {
  std::uint32_t hook = 0;
  std::uint32_t end = 0;
};

// Looks for hooks of digits, letters and the like around one mark (":", ".", ","; without one, a
// capital), for which Hyperscan has nothing but slow automatons: a few bits of every byte are
// enough to leave out nearly all places. One such hook given to Hyperscan halves its speed.
class HookLanes {
 public:
  // Takes the hook and returns true when it is such a one. `lead`: the sets of its bytes.
  bool take(std::uint32_t hook, const std::vector<ByteSet>& lead);
  // Appends to `events` where hooks end, in no order; `most` at most are kept in all.
  void find(std::string_view text, std::vector<HookEvent>& events, std::size_t most) const;

 private:
  struct Condition {
    std::uint8_t row = 0;  // a class, or a mark behind the classes
    int offset = 0;        // from the mark
  };
  struct Lane {
    std::uint32_t hook = 0;
    std::size_t before = 0;  // bytes of the hook before its mark
    std::vector<Condition> conditions;
    std::vector<ByteSet> lead;
  };
  // What all hooks around one mark have in common beside it, by which most places are left out.
  struct Beside {
    int offset = 0;                        // from the mark: 1 or -1
    ByteSet bytes;                         // that some hook takes there
    bool any = false;                      // some hook asks nothing there
    std::uint8_t row = HookRow::kClasses;  // a class of all of them; kClasses when there is none
  };
  struct Mark {
    std::uint8_t row = 0;  // of the mark's bits
    std::vector<Lane> lanes;
    Beside beside[2] = {{1, {}, false, HookRow::kClasses}, {-1, {}, false, HookRow::kClasses}};
  };
  static constexpr std::size_t kMarksMax = 12;
  static constexpr std::size_t kConditionsMax = 4;
  using Rows = std::uint64_t[HookRow::kClasses + kMarksMax];

  // The row of this byte's bits; none when there are too many.
  std::optional<std::uint8_t> row_of(char byte);
  Mark& mark_of(std::uint8_t row);

  std::vector<Mark> marks_;
  std::string mark_bytes_;  // of those that are bytes
};

bool fits_lead(std::string_view text, std::size_t start, const std::vector<ByteSet>& lead);

}  // namespace gnomon::content
