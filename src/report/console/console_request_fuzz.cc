#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "parameters.h"
#include "site.h"

// What a stranger writes into a request line, a cookie, a host and a body: whatever is accepted has
// no way up, no control characters, and is UTF-8.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gnomon::report::console;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto is_plain = [](std::string_view accepted) {
    if (!is_utf8(accepted)) std::abort();
    for (const char c : accepted)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) std::abort();
  };
  if (auto target = parse_target(text)) {
    for (const auto& segment : target->segments) {
      is_plain(segment);
      if (segment.empty() || segment == "." || segment == "..") std::abort();
    }
    for (const auto& [name, value] : target->query) {
      is_plain(name);
      is_plain(value);
    }
    for (const Route& route : routes()) (void)match(route.path, target->segments);
    Parameters parameters{*target};
    (void)parameters.text("q");
    (void)parameters.number("page", 1, 1, 100);
    (void)parameters.error();
  }
  constexpr std::string_view kKeys[] = {"name", "reason"};
  if (auto body = TextObject::parse(text, kKeys))
    if (!is_utf8(body->text("name")) || !is_utf8(body->text("reason"))) std::abort();
  (void)cookie_of(text, "gnomon");
  (void)host_of(text);
  return 0;
}
