#pragma once

#include <cstddef>

namespace gnomon {

// Empties a buffer that is used again and again. It keeps its room, but not that of the one giant in a
// thousand: of thousands of pooled buffers each would meet one in time.
template <class Buffer>
void empty_keeping(Buffer& buffer, std::size_t kept_max) {
  if (buffer.capacity() > kept_max) {
    Buffer{}.swap(buffer);
  } else {
    buffer.clear();
  }
}

}  // namespace gnomon
