#include "gnomon/message/http2_connection.h"
#include "http_event_log.h"

using namespace gnomon;
using namespace gnomon::message;

namespace {

struct Outcome {
  std::string text;
  bool lost = false;
};

// The first byte tells how the connection starts. Then a list of steps: a byte that tells what
// (bit 0 the direction; 7 of 8 a gap), two bytes of length, and for a feed as many bytes.
Outcome run(Http2Connection& connection, Bytes script, std::size_t part) {
  HttpEventLog log;
  ByteReader in{script};
  connection.reset(static_cast<Http2Connection::Start>(in.u8() % 3));
  bool gaps = false;
  while (!in.at_end()) {
    const std::uint8_t what = in.u8();
    const std::size_t size = in.u16();
    if (!in.ok()) break;
    const Direction direction = (what & 1) == 0 ? Direction::kToServer : Direction::kToClient;
    if (what % 8 == 7) {
      connection.gap(direction, size, log);
      gaps = true;
      continue;
    }
    ByteReader bytes{in.take(std::min(size, in.remaining()))};
    while (!bytes.at_end()) {
      const Bytes piece = bytes.take(std::min(part, bytes.remaining()));
      const std::vector<std::uint8_t> copy(piece.begin(), piece.end());
      connection.feed(direction, copy, log);
    }
    if (connection.memory_bytes() > std::size_t{1} << 20) __builtin_trap();
  }
  connection.close(Direction::kToServer, log);
  connection.close(Direction::kToClient, log);
  const bool middle = !script.empty() && script[0] % 3 == 2;
  return {log.text, gaps || middle || connection.counters().lost_step > 0};
}

}  // namespace

// However the bytes are cut, the same is told, unless frames had to be looked for; what is kept is
// bounded.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes script{data, size};
  Http2Connection connection;
  const Outcome whole = run(connection, script, size + 1);
  const Outcome pieces = run(connection, script, 3);
  // A client that is not one begins without the preface, and is searched too.
  if (!whole.lost && !pieces.lost && whole.text != pieces.text &&
      whole.text.find("request") != std::string::npos)
    __builtin_trap();
  return 0;
}
