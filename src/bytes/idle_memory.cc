#include "gnomon/bytes/idle_memory.h"

#include <cstddef>

// Null where the program is not linked with jemalloc.
extern "C" int mallctl(const char* name, void* old_value, std::size_t* old_size, void* new_value,
                       std::size_t new_size) __attribute__((weak));

namespace gnomon {

void give_back_idle_memory() {
  if (mallctl != nullptr) (void)mallctl("thread.idle", nullptr, nullptr, nullptr, 0);
}

}  // namespace gnomon
