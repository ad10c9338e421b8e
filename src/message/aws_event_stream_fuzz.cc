#include <string>

#include "gnomon/message/aws_event_stream.h"

using namespace gnomon::message;

namespace {

struct Log final : AwsEvents {
  std::string text;
  std::uint64_t bytes = 0;
  std::uint64_t told = 0;
  void on_event_data(std::string_view, std::string_view data) override {
    text += data;
    bytes += data.size();
    told += data.size();
  }
  void on_aws_event(const AwsEvent& event) override {
    if (event.data_bytes != bytes || event.type.size() > AwsEventStreamReader::kTypeBytesMax)
      __builtin_trap();
    bytes = 0;
    text += '<' + std::string{event.type} + (event.complete ? ">" : "!>");
  }
};

// With a gap in front of every `gap_each`th piece; 0 for none.
Log log_of(std::string_view bytes, std::size_t part, std::size_t gap_each) {
  AwsEventStreamReader reader;
  Log log;
  std::size_t number = 0;
  for (std::size_t at = 0; at < bytes.size(); at += part) {
    if (gap_each > 0 && ++number % gap_each == 0) reader.gap(number % 5, log);
    const std::string copy{bytes.substr(at, part)};
    reader.feed(copy, log);
    if (reader.memory_bytes() > 3 * AwsEventStreamReader::kHeaderBytesMax) __builtin_trap();
  }
  reader.close(log);
  return log;
}

}  // namespace

// However the bytes are cut, the same is told; nothing is told that was not sent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const Log whole = log_of(bytes, size + 1, 0);
  for (const std::size_t part : {std::size_t{1}, std::size_t{7}})
    if (log_of(bytes, part, 0).text != whole.text) __builtin_trap();
  if (whole.told > size || log_of(bytes, 11, 3).told > size) __builtin_trap();
  return 0;
}
