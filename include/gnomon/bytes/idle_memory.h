#pragma once

namespace gnomon {

// For a thread that has just done something large and has nothing to do for minutes: lets the
// allocator give back the pages that this thread freed. jemalloc keeps them for the thread and
// looks at them again only when it allocates. Does nothing with other allocators.
void give_back_idle_memory();

}  // namespace gnomon
