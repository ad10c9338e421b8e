#include "gnomon/message/aws_event_stream.h"

#include <catch2/catch.hpp>
#include <string>

#include "aws_event_samples.h"

using namespace gnomon::message;

namespace {

// Payloads as they are, messages as <type>, with ! when incomplete.
struct Log final : AwsEvents {
  std::string text;
  void on_event_data(std::string_view, std::string_view data) override { text += data; }
  void on_aws_event(const AwsEvent& event) override {
    text += '<' + std::string{event.type} + (event.complete ? ">" : "!>");
  }
};

struct Outcome {
  std::string text;
  bool broken = false;
  std::uint64_t events = 0;
};

Outcome read(std::string_view bytes, std::size_t size) {
  AwsEventStreamReader reader;
  Log log;
  for (std::size_t at = 0; at < bytes.size(); at += size)
    reader.feed(std::string{bytes.substr(at, size)}, log);
  Outcome outcome;
  outcome.broken = reader.broken();
  reader.close(log);
  outcome.text = log.text;
  outcome.events = reader.events();
  return outcome;
}

std::string with_byte(std::string bytes, std::size_t at, char value) {
  bytes[at] = value;
  return bytes;
}

const std::string kDelta = aws_event("contentBlockDelta", R"({"delta":{"text":"Hi"}})");
const std::string kError = aws_message(
    aws_header(":message-type", "exception") + aws_header(":exception-type", "throttlingException"),
    R"({"message":"slow"})");
// Headers of every type before the one that counts.
const std::string kTypes = [] {
  std::string headers;
  const std::string sizes[] = {"", "", "1", "12", "1234", "12345678"};
  char type = 0;
  for (const std::string& value : sizes) headers += std::string("\1a", 2) + type++ + value;
  headers += std::string("\1b\6\0\3xyz", 8);
  headers += std::string("\1c\10", 3) + "12345678";
  headers += std::string("\1d\11", 3) + "1234567890123456";
  return aws_message(headers + aws_header(":event-type", "last"), "x");
}();

}  // namespace

TEST_CASE("messages of AWS are told one by one, however they are cut") {
  struct Case {
    std::string bytes;
    std::string text;
  };
  const std::string long_header(3000, 'h');
  const auto test = GENERATE_COPY(values<Case>({
      {kDelta, R"({"delta":{"text":"Hi"}}<contentBlockDelta>)"},
      {kDelta + kError,
       R"({"delta":{"text":"Hi"}}<contentBlockDelta>{"message":"slow"}<throttlingException>)"},
      {kTypes, "x<last>"},
      {aws_event("initial-response", ""), "<initial-response>"},
      {aws_message("", "no headers"), "no headers<>"},
      // Looked at as far as they are kept.
      {aws_message(aws_header(":event-type", "a") + aws_header("x", long_header), "x"), "x<a>"},
      {aws_message(aws_header("x", long_header) + aws_header(":event-type", "a"), "x"), "x<>"},
      {aws_message("\xff", "x"), "x<>"},
      {aws_message(std::string("\1a\12zz", 5) + aws_header(":event-type", "a"), "x"), "x<>"},
      // What a model wrote, in base64.
      {aws_chunk(R"({"completion":"Hi"})"), R"({"completion":"Hi"}<chunk>)"},
      {aws_chunk("a") + aws_chunk("ab") + aws_chunk("abc"), "a<chunk>ab<chunk>abc<chunk>"},
      {aws_event("chunk", R"({"p":"bytes", "bytes" : "Pz8\/Pz8_"})"),
       std::string(6, '?') + "<chunk>"},
      {aws_event("chunk", R"({"a":"bytes","b":""bytes":"YQ"})"), "a<chunk>"},
      {aws_event("chunk", R"({"attribution":{"citations":[]}})"), "<chunk>"},
      {aws_event("chunk", R"({"bytes":7,"x":"YQ"})"), "<chunk>"},
      {aws_event("chunk", R"({"bytes":"YWI)"), "ab<chunk>"},
  }));
  for (std::size_t size = 1; size <= test.bytes.size() + 1; size += size < 64 ? 1 : 97) {
    const Outcome outcome = read(test.bytes, size);
    CHECK(outcome.text == test.text);
    CHECK_FALSE(outcome.broken);
  }
}

TEST_CASE("a long piece of what a model wrote comes whole") {
  std::string words;
  for (int at = 0; at < 5000; ++at) words += static_cast<char>('a' + at % 26);
  CHECK(read(aws_chunk(words), 100000).text == words + "<chunk>");
}

TEST_CASE("what is no message of AWS ends the reading, a wrong sum is told") {
  struct Case {
    std::string bytes;
    std::string text;
    bool broken;
  };
  const auto test = GENERATE(values<Case>({
      {with_byte(kDelta, 3, 15), "<!>", true},  // another length
      {with_byte(kDelta, 9, 0), "<!>", true},   // another sum of the lengths
      {big_endian(15) + big_endian(0) + sum_of_bytes(big_endian(15) + big_endian(0)), "<!>", true},
      {big_endian(30) + big_endian(15) + sum_of_bytes(big_endian(30) + big_endian(15)), "<!>",
       true},
      {big_endian(1U << 30) + big_endian(0) + sum_of_bytes(big_endian(1U << 30) + big_endian(0)),
       "<!>", true},
      {big_endian(~0U) + big_endian(~0U) + sum_of_bytes(big_endian(~0U) + big_endian(~0U)), "<!>",
       true},
      {"{\"message\":\"no stream\"}", "<!>", true},
      {with_byte(kDelta, kDelta.size() - 1, 0) + kError,
       R"({"delta":{"text":"Hi"}}<contentBlockDelta!>{"message":"slow"}<throttlingException>)",
       false},
  }));
  const Outcome outcome = read(test.bytes, 7);
  CHECK(outcome.text == test.text);
  CHECK(outcome.broken == test.broken);
}

TEST_CASE("a stream of AWS that ends anywhere says that its last message is incomplete") {
  for (std::size_t cut = 0; cut < kDelta.size(); ++cut) {
    const Outcome outcome = read(std::string_view{kDelta}.substr(0, cut), 5);
    CHECK(outcome.events == 0);
    CHECK((outcome.text.find("!>") != std::string::npos) == (cut > 0));
    CHECK(begins_aws_event_stream(std::string_view{kDelta}.substr(0, cut)) == (cut >= 12));
  }
  CHECK(read(kDelta, 5).events == 1);
  CHECK_FALSE(begins_aws_event_stream("{\"a\":\"bcdefgh\"}"));
}

TEST_CASE("missing bytes of AWS cost the message, or the stream where lengths are among them") {
  const std::size_t payload = kDelta.size() - 4 - 10;
  struct Case {
    std::size_t at;
    std::uint64_t missing;
    std::string text;
  };
  const auto test = GENERATE_COPY(values<Case>({
      {payload, 10, "<contentBlockDelta!>{\"message\":\"slow\"}<throttlingException>"},
      {payload, 3, "<contentBlockDelta!>{\"message\":\"slow\"}<throttlingException>"},
      {payload, 11, "<contentBlockDelta!>"},
      {payload, 0, "<contentBlockDelta!>"},
      {6, 3, "<!>"},
      {kDelta.size(), 3, "<contentBlockDelta>"},
  }));
  AwsEventStreamReader reader;
  Log log;
  const std::string both = kDelta + kError;
  reader.feed(std::string_view{both}.substr(0, test.at), log);
  reader.gap(test.missing, log);
  reader.feed(std::string_view{both}.substr(test.at + test.missing), log);
  reader.close(log);
  INFO(log.text);
  CHECK(log.text.ends_with(test.text));
  // And may be used again.
  log.text.clear();
  reader.feed(kDelta, log);
  CHECK(log.text.ends_with("<contentBlockDelta>"));
}
