#include "gnomon/message/http2_connection.h"
#include "http_event_log.h"
#include "stream_steps.h"

using namespace gnomon;
using namespace gnomon::message;

namespace {

struct Outcome {
  std::string text;
  bool lost = false;
};

// The first byte tells how the connection starts; the rest are steps.
Outcome run(Http2Connection& connection, Bytes script, std::size_t part) {
  HttpEventLog log;
  ByteReader in{script};
  connection.reset(static_cast<Http2Connection::Start>(in.u8() % 3));
  const bool gaps = play_script(connection, in, part, log, [&] {
    if (connection.memory_bytes() > std::size_t{1} << 20) __builtin_trap();
  });
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
  if (!whole.lost && !pieces.lost && whole.text != pieces.text) __builtin_trap();
  return 0;
}
