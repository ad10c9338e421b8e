#include "gnomon/message/http1_stream.h"
#include "http1_event_log.h"

using namespace gnomon;
using namespace gnomon::message;

namespace {

// The input is a list of steps: a byte that tells what (bit 0 the direction; 6 and 7 of 8 a gap,
// 0xfe and above a close), two bytes of length, and for a feed as many bytes.
std::string log_of(Http1Connection& connection, Bytes script, std::size_t part) {
  connection.reset();
  Http1EventLog log;
  ByteReader in{script};
  while (!in.at_end()) {
    const std::uint8_t what = in.u8();
    const std::size_t size = in.u16();
    if (!in.ok()) break;
    const Direction direction = (what & 1) == 0 ? Direction::kToServer : Direction::kToClient;
    if (what >= 0xfe) {
      connection.close(direction, (size & 1) != 0, log);
    } else if (what % 8 >= 6) {
      connection.gap(direction, size, log);
    } else {
      ByteReader bytes{in.take(std::min(size, in.remaining()))};
      while (!bytes.at_end()) {
        const Bytes piece = bytes.take(std::min(part, bytes.remaining()));
        const std::vector<std::uint8_t> copy(piece.begin(), piece.end());
        connection.feed(direction, copy, log);
      }
    }
    if (connection.memory_bytes() >
        sizeof(connection) + 2 * (kHttp1HeadBytesMax + kHttp1LateFieldBytesMax))
      __builtin_trap();
  }
  return log.text;
}

}  // namespace

// However the bytes are cut, the same is told; what is kept is bounded; a likeness does not change
// its mind.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes script{data, size};
  Http1Connection connection;
  const std::string whole = log_of(connection, script, size + 1);
  if (log_of(connection, script, 1) != whole) __builtin_trap();
  if (log_of(connection, script, 7) != whole) __builtin_trap();

  Likeness before = Likeness::kNotYet;
  for (std::size_t cut = 0; cut <= std::min<std::size_t>(size, 64); ++cut) {
    const Likeness now = http1_response_likeness(script.first(cut));
    if (before != Likeness::kNotYet && now != before) __builtin_trap();
    before = now;
  }
  return 0;
}
