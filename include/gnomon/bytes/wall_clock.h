#pragma once

#include <chrono>

#include "gnomon/bytes/time.h"

namespace gnomon {

// What the machine's clock says. Packets bring their own time: only what runs live, and commands
// that note when somebody did something, ask for this one.
inline Time wall_clock() {
  return std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now());
}

}  // namespace gnomon
