#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "pattern.h"

namespace gnomon::content {

// One event of the pass over a text.
struct HookEvent {
  std::uint32_t hook = 0;
  std::uint32_t end = 0;
};

// Looks for hooks of digits, letters and the like around one mark (":", ".", ","), for which
// Hyperscan has nothing but slow automatons: a few bits of every byte are enough to leave out nearly
// all places.
class HookLanes {
 public:
  // Takes the hook and returns true when it is such a one. `lead`: the sets of its bytes.
  bool take(std::uint32_t hook, const std::vector<ByteSet>& lead);
  // Appends to `events` where hooks end, in no order; `most` at most are kept in all.
  void find(std::string_view text, std::vector<HookEvent>& events, std::size_t most) const;

 private:
  enum Class : std::uint8_t { kDigit, kHex, kCapital, kToken, kClasses };
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
  static constexpr std::size_t kMarksMax = 12;
  static constexpr std::size_t kConditionsMax = 4;
  using Rows = std::uint64_t[kClasses + kMarksMax];

  void read(std::string_view text, std::size_t at, Rows& rows) const;

  std::vector<char> marks_;
  std::vector<std::vector<Lane>> lanes_;  // of each mark
};

bool fits_lead(std::string_view text, std::size_t start, const std::vector<ByteSet>& lead);

}  // namespace gnomon::content
