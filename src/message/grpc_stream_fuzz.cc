#include <string>
#include <vector>

#include "gnomon/message/grpc_stream.h"

using namespace gnomon;
using namespace gnomon::message;

namespace {

struct Log final : GrpcEvents {
  std::string text;
  void on_grpc_message(std::uint32_t size) override { text += std::to_string(size) + ':'; }
  void on_grpc_data(Bytes bytes) override {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void on_grpc_end(bool complete) override { text += complete ? "." : "!"; }
};

std::string log_of(Bytes bytes, std::size_t part) {
  GrpcStream stream;
  stream.reset("gzip");
  Log log;
  ByteReader in{bytes};
  while (!in.at_end()) {
    const Bytes piece = in.take(std::min(part, in.remaining()));
    const std::vector<std::uint8_t> copy(piece.begin(), piece.end());
    stream.feed(copy, log);
  }
  stream.close(log);
  return log.text;
}

}  // namespace

// However the bytes are cut, as many messages are told, and the same of those that are whole.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string whole = log_of({data, size}, size + 1);
  if (whole.find('!') == std::string::npos && log_of({data, size}, 3) != whole) __builtin_trap();
  return 0;
}
