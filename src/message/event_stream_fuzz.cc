#include <algorithm>
#include <string>

#include "gnomon/message/event_stream.h"

using namespace gnomon::message;

namespace {

struct Log final : StreamEvents {
  std::string text, strays;
  std::uint64_t bytes = 0;
  void on_event_data(std::string_view data) override {
    text += data;
    bytes += data.size();
  }
  void on_event(const StreamEvent& event) override {
    if (event.data_bytes != bytes || event.type.size() > EventStreamReader::kEventFieldBytesMax ||
        event.id.size() > EventStreamReader::kEventFieldBytesMax)
      __builtin_trap();
    bytes = 0;
    text += '<' + std::string{event.type} + ' ' + std::string{event.id} +
            (event.complete ? ">" : "!>");
  }
  void on_retry(std::uint64_t milliseconds) override { text += std::to_string(milliseconds) + '~'; }
  void on_stray(std::string_view stray, bool) override { strays += stray; }
};

Log log_of(std::string_view bytes, std::size_t part) {
  EventStreamReader reader;
  Log log;
  for (std::size_t at = 0; at < bytes.size(); at += part) {
    const std::string copy{bytes.substr(at, part)};
    reader.feed(copy, log);
  }
  reader.close(log);
  return log;
}

}  // namespace

// However the bytes are cut, the same is told; nothing is told that was not sent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const Log whole = log_of(bytes, size + 1);
  for (const std::size_t part : {std::size_t{1}, std::size_t{7}}) {
    const Log parts = log_of(bytes, part);
    if (parts.text != whole.text || parts.strays != whole.strays) __builtin_trap();
  }
  if (whole.strays.size() > size + 1) __builtin_trap();
  return 0;
}
