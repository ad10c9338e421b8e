#include <string>

#include "gnomon/message/json_rpc.h"

using namespace gnomon::message;

namespace {

struct Log final : JsonRpcMessages {
  std::string text;
  void on_json_rpc(const JsonRpcMessage& message) override {
    if (message.method.size() > JsonRpcReader::kTextBytesMax ||
        message.id.size() > JsonRpcReader::kTextBytesMax ||
        message.name.size() > JsonRpcReader::kTextBytesMax)
      __builtin_trap();
    text += std::to_string(static_cast<int>(message.kind)) + std::string{message.method} + '#' +
            std::string{message.id} + '(' + std::string{message.name} + ')' +
            std::to_string(message.error_code) + (message.batch ? "*" : "") +
            (message.complete ? ";" : "!");
  }
};

std::string log_of(std::string_view bytes, std::size_t part) {
  JsonRpcReader reader;
  Log log;
  for (std::size_t at = 0; at < bytes.size(); at += part) {
    const std::string copy{bytes.substr(at, part)};
    reader.feed(copy, log);
  }
  reader.finish(log);
  return log.text;
}

}  // namespace

// However the bytes are cut, the same is told.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const std::string whole = log_of(bytes, size + 1);
  if (log_of(bytes, 1) != whole || log_of(bytes, 7) != whole) __builtin_trap();
  return 0;
}
