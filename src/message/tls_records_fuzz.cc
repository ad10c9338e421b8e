#include "gnomon/message/tls_records.h"

namespace {

using namespace gnomon::message;
using gnomon::Bytes;

// The more of a stream has come, the more is known, and what is known stays: a shorter front may
// say "not yet", and must not say anything else that the whole does not.
void check_front(Bytes stream, std::size_t front, TlsScratch& scratch) {
  const auto early = read_client_hello(stream.first(front), scratch);
  const auto* not_yet = std::get_if<TlsNotYet>(&early);
  if (not_yet != nullptr) {
    if (not_yet->bytes_wanted <= front) __builtin_trap();
    return;
  }
  const bool found = std::holds_alternative<TlsClientHello>(early);
  const std::size_t name = found ? std::get<TlsClientHello>(early).hello.server_name.size() : 0;
  const auto late = read_client_hello(stream, scratch);
  if (late.index() != early.index()) __builtin_trap();
  if (found && std::get<TlsClientHello>(late).hello.server_name.size() != name) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static TlsScratch scratch;
  const Bytes stream{data, size};
  for (std::size_t front = 0; front <= size && front < 64; ++front)
    check_front(stream, front, scratch);
  check_front(stream, size / 2, scratch);
  check_front(stream, size, scratch);

  const auto reading = read_client_hello(stream, scratch);
  if (const auto* found = std::get_if<TlsClientHello>(&reading)) {
    if (found->bytes_consumed == 0 || found->bytes_consumed > size) __builtin_trap();
    if (found->hello.server_name.size() > size) __builtin_trap();
  }
  const auto cut = read_cut_client_hello(stream, scratch);
  if (std::holds_alternative<TlsNotYet>(cut)) __builtin_trap();
  read_client_hello(stream, scratch, HelloOrder::kFurther);
  const auto server = read_server_hello(stream, scratch);
  if (const auto* found = std::get_if<TlsServerHello>(&server))
    if (found->bytes_consumed > size || found->hello.alpn.size() > 255) __builtin_trap();
  looks_like_client_hello(stream);
  if (proxy_header_bytes(stream) > size) __builtin_trap();
  return 0;
}
