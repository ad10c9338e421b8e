#include "gnomon/message/http3_connection.h"
#include "http_event_log.h"

using namespace gnomon;
using namespace gnomon::message;

namespace {

// A list of steps: a byte that tells what (bit 0 the direction, bit 1 the end of the stream; 7 of 8
// a gap, 5 of 8 a reset), a byte that names the stream, two bytes of length, and for a feed as many
// bytes.
std::string log_of(Http3Connection& connection, Bytes script, std::size_t part) {
  connection.reset();
  HttpEventLog log;
  ByteReader in{script};
  while (!in.at_end()) {
    const std::uint8_t what = in.u8();
    const std::uint64_t stream = in.u8();
    const std::size_t size = in.u16();
    if (!in.ok()) break;
    const Direction direction = (what & 1) == 0 ? Direction::kToServer : Direction::kToClient;
    if (what % 8 == 7) {
      connection.gap(direction, stream, size, log);
      continue;
    }
    if (what % 8 == 5) {
      connection.reset_stream(direction, stream, log);
      continue;
    }
    ByteReader bytes{in.take(std::min(size, in.remaining()))};
    while (!bytes.at_end()) {
      const Bytes piece = bytes.take(std::min(part, bytes.remaining()));
      const std::vector<std::uint8_t> copy(piece.begin(), piece.end());
      connection.feed(direction, stream, copy, false, log);
    }
    if ((what & 2) != 0) connection.feed(direction, stream, {}, true, log);
    if (connection.memory_bytes() > std::size_t{8} << 20) __builtin_trap();
  }
  connection.close(log);
  return log.text;
}

}  // namespace

// Nothing crashes, and what is kept is bounded. What is told may depend on how the encoder stream
// is cut: the table's size is guessed from its first piece where no settings were seen.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Http3Connection connection;
  const Bytes script{data, size};
  log_of(connection, script, size + 1);
  log_of(connection, script, 3);
  return 0;
}
