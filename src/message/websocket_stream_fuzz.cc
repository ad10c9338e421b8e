#include <string>
#include <vector>

#include "gnomon/message/websocket_stream.h"
#include "stream_steps.h"

using namespace gnomon;
using namespace gnomon::message;

namespace {

struct Log final : WebSocketEvents {
  std::string text;
  int open[2] = {};

  void on_ws_message(Direction direction, bool is_text) override {
    if (++open[static_cast<std::size_t>(direction)] != 1) __builtin_trap();
    text += is_text ? "\ntext " : "\nbinary ";
    text += direction == Direction::kToServer ? '>' : '<';
  }
  void on_ws_data(Direction direction, Bytes bytes) override {
    if (open[static_cast<std::size_t>(direction)] != 1) __builtin_trap();
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void on_ws_end(Direction direction, bool complete) override {
    if (--open[static_cast<std::size_t>(direction)] != 0) __builtin_trap();
    text += complete ? "." : "!";
  }
  void on_ws_close(Direction, std::uint16_t code) override { text += std::to_string(code); }
};

// The first byte tells what was agreed upon; the rest are steps.
std::string log_of(WebSocketStream& stream, Bytes script, std::size_t part, bool& lost) {
  ByteReader in{script};
  const std::uint8_t how = in.u8();
  WebSocketDeflate deflate;
  deflate.on = (how & 1) != 0;
  deflate.client_forgets = (how & 2) != 0;
  deflate.server_forgets = (how & 4) != 0;
  deflate.server_bits = static_cast<std::uint8_t>(8 + (how >> 5));
  stream.reset(deflate);
  Log log;
  lost = play_script(stream, in, part, log, [] {}) || lost;
  stream.close(log);
  lost = lost || stream.counters().bad_frames > 0 || stream.counters().inflate_failed > 0;
  return log.text;
}

}  // namespace

// Messages are told with a beginning and an end; however the bytes are cut, the same is told.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes script{data, size};
  WebSocketStream stream;
  bool lost = false;
  const std::string whole = log_of(stream, script, size + 1, lost);
  const std::string pieces = log_of(stream, script, 3, lost);
  if (!lost && whole != pieces) __builtin_trap();
  return 0;
}
