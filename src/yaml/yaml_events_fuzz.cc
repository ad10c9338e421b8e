// Any bytes as a text of YAML, as a row of events that claims to come from one, and as a tree.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gnomon/yaml/yaml_events.h"
#include "gnomon/yaml/yaml_tree.h"

namespace {

using namespace gnomon;

// How many events a row has; each is whole and inside of it.
std::size_t count_events(std::string_view row, YamlKind& last) {
  YamlEventReader in{{reinterpret_cast<const std::uint8_t*>(row.data()), row.size()}};
  std::size_t events = 0;
  for (YamlEvent event = in.next(); event.kind != YamlKind::kNone; event = in.next()) {
    if (++events > row.size()) std::abort();
    if (!event.text.empty() && (event.text.data() < row.data() ||
                                event.text.data() + event.text.size() > row.data() + row.size()))
      std::abort();
    last = event.kind;
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  YamlKind last = YamlKind::kNone;
  count_events(bytes, last);

  std::string row;
  last = YamlKind::kNone;
  const bool good = record_yaml(bytes, row);
  count_events(row, last);
  if (good != (last == YamlKind::kDocumentEnd || last == YamlKind::kNone)) std::abort();
  if (!good && last != YamlKind::kWrong) std::abort();

  YamlNode root;
  const bool is_tree = !read_yaml(bytes, root);
  if (is_tree && !good) std::abort();
  return 0;
}
