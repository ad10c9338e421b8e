#pragma once

namespace gnomon {

// Empties a buffer and gives back its room, for what goes back into a pool. Thousands of pooled buffers
// that each keep the room of the largest they ever held grow for days: each meets a large one in time.
template <class Buffer>
void free_room(Buffer& buffer) {
  Buffer{}.swap(buffer);
}

}  // namespace gnomon
