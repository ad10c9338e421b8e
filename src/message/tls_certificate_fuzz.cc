#include "gnomon/message/tls_certificate.h"

namespace {

using namespace gnomon::message;
using gnomon::Bytes;

bool inside(std::string_view text, Bytes bytes) {
  const auto* begin = reinterpret_cast<const char*>(bytes.data());
  return text.data() >= begin && text.data() + text.size() <= begin + bytes.size();
}

}  // namespace

// A certificate alone, and the same bytes as a server's stream. Names lie within what was read and
// are host names; a longer stream never takes back what a shorter one said.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes{data, size};
  std::string host;
  if (const auto names = parse_certificate(bytes)) {
    for (const std::string_view name : names->all()) {
      if (!inside(name, bytes) || name.find('.') == name.npos || name.size() > 255)
        __builtin_trap();
      certificate_covers(name, "a.example");
    }
    certificate_host(names->all(), host);
  }
  static TlsScratch scratch;
  const auto early = read_server_certificate(bytes.first(size / 2), scratch);
  const auto* not_yet = std::get_if<TlsNotYet>(&early);
  if (not_yet != nullptr && not_yet->bytes_wanted <= size / 2) __builtin_trap();
  const std::size_t early_kind = early.index();
  const auto late = read_server_certificate(bytes, scratch);
  if (not_yet == nullptr && late.index() != early_kind) __builtin_trap();
  return 0;
}
