#include "gnomon/bytes/slot_hash.h"

#include <random>

namespace gnomon {
namespace {

SlotKeys fresh_keys() {
  std::random_device device;
  const auto odd = [&] { return std::uint64_t{device()} << 32 | device() | 1; };
  SlotKeys keys{};
  for (std::uint64_t* const each : {&keys.first, &keys.second, &keys.third, &keys.fourth})
    *each = odd();
  return keys;
}

}  // namespace

const SlotKeys kSlotKeys = fresh_keys();

}  // namespace gnomon
