#include "gnomon/message/client_hello.h"
#include "gnomon/message/ech.h"
#include "gnomon/message/ja4.h"

namespace {

using gnomon::Bytes;

bool inside(Bytes whole, Bytes part) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

bool inside(Bytes whole, std::string_view part) {
  return inside(whole, Bytes{reinterpret_cast<const std::uint8_t*>(part.data()), part.size()});
}

}  // namespace

// Whatever the bytes, parsing must end, must not touch a byte outside them, and must not hand back
// a view that points outside them; what the strict parser takes, the lenient one takes alike; and a
// whole hello has a fingerprint or too many values for one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gnomon::message;
  const Bytes body{data, size};
  const auto strict = parse_client_hello(body);
  const auto lenient = parse_partial_client_hello(body);
  if (strict && (!lenient || lenient->server_name != strict->server_name ||
                 lenient->alpn_count != strict->alpn_count))
    __builtin_trap();
  for (const auto& hello : {strict, lenient}) {
    if (!hello) continue;
    if (!inside(body, hello->server_name) || !inside(body, hello->cipher_suites) ||
        !inside(body, hello->extensions) || !inside(body, hello->random) ||
        !inside(body, hello->encrypted_client_hello))
      __builtin_trap();
    for (std::size_t i = 0; i < hello->alpn_kept(); ++i)
      if (!inside(body, hello->alpn[i])) __builtin_trap();
    if (classify_ech(*hello) == EchKind::kNone && hello->has_ech) __builtin_trap();
  }
  if (strict) {
    const auto ja4 = ja4_of(*strict, HelloTransport::kTcp);
    if (!ja4 && strict->cipher_suites.size() <= kJa4ValuesMax &&
        strict->signature_algorithms.size() <= kJa4ValuesMax)
      __builtin_trap();
    for (const char c : ja4 ? ja4->view() : std::string_view{})
      if (c <= ' ' || c > '~') __builtin_trap();
  }
  if (!inside(body, read_ech_public_name(body))) __builtin_trap();
  return 0;
}
