// A Location, a line end, and a target at the host of the redirect's URL: whatever the two are, the
// memory answers, and a download of the very URL that a hub gave is the hub's.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gnomon/identify/redirect_memory.h"

using namespace gnomon;
using namespace gnomon::identify;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::size_t end = std::min(text.find('\n'), text.size());
  RedirectMemory memory;
  observation::ArtifactRecord hub;
  hub.host = "hub.example";
  hub.repository = "org/name";
  hub.moved_to = text.substr(0, end);
  memory.remember(hub);
  const bool remembered = memory.counters().remembered > 0;
  if (remembered && hub.moved_to.size() > RedirectMemory::kUrlBytesMax) std::abort();

  observation::ArtifactRecord download;
  download.host = "storage.example";
  download.target = text.substr(std::min(end + 1, text.size()));
  memory.name(download);
  if (!download.repository.empty() && (!remembered || download.host != "hub.example"))
    std::abort();

  // As a client of a proxy asks for it.
  observation::ArtifactRecord same;
  same.host = "hub.example";
  same.target = hub.moved_to;
  memory.name(same);
  if (same.repository.empty() == remembered) std::abort();
  return 0;
}
