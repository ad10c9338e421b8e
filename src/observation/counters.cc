#include "gnomon/observation/counters.h"

namespace gnomon::observation {

// By the end of its name, or by its group: a word anywhere in it may be that of a group which
// counts.
bool is_gauge(std::string_view name) {
  for (const std::string_view group :
       {"health.", "interval."})  // states, of 0 to 3; what was lately
    if (name.starts_with(group)) return true;
  for (const std::string_view end : {".memory_bytes", ".active", ".peak", ".pairs", ".servers"})
    if (name.ends_with(end)) return true;
  return false;
}

}  // namespace gnomon::observation
