#include <catch2/catch.hpp>
#include <string>

#include "../message/aws_event_samples.h"
#include "part_log.h"

using namespace gnomon;
using namespace gnomon::content;
using message::aws_chunk;
using message::aws_event;

namespace {

constexpr std::string_view kAws = "application/vnd.amazon.eventstream";

Reading read(std::string_view body, std::string_view type, bool to_server = false) {
  BodyFacts facts;
  facts.content_type = type;
  facts.to_server = to_server;
  Reading whole = read_in_pieces(facts, bytes_of(body), 1 << 20);
  CHECK(whole.log.valid);
  CHECK(whole.log.nested);
  for (const std::size_t step : {1, 3, 64})
    CHECK(read_in_pieces(facts, bytes_of(body), step).log.text == whole.log.text);
  return whole;
}

// Two items, in which an answer breaks off and goes on.
std::string list_of(const std::string& first, const std::string& second) {
  return "[{\n  \"candidates\": [{\"content\": {\"role\": \"model\", \"parts\": [{\"text\": \"" +
         first +
         "\"}]}}],\n  \"modelVersion\": \"gemini-2\"\n}\n,\r\n{\n  \"candidates\": [{\"content\": "
         "{\"role\": \"model\", \"parts\": [{\"text\": \"" +
         second + "\"}]}, \"finishReason\": \"STOP\"}]\n}\n]\n";
}

}  // namespace

TEST_CASE("an answer that comes as the items of a list is one text") {
  const std::string list = list_of("The card is 4111 11", "11 1111 1111.");
  CHECK_THAT(read(list, "application/json; charset=UTF-8").log.text,
             Catch::Contains("The card is 4111 1111 1111 1111."));
  CHECK_THAT(read("\xef\xbb\xbf\n " + list, "").log.text,
             Catch::Contains("The card is 4111 1111 1111 1111."));
  // What is sent, and other lists, are texts of their own.
  CHECK_THAT(read(list, "application/json", true).log.text,
             Catch::Contains("4111 11|") && !Catch::Contains("4111 1111"));
  CHECK_THAT(read("[{\"text\":\"4111 11\"},{\"text\":\"11 1111\"}]", "application/json").log.text,
             Catch::Contains("4111 11|11 1111"));
}

TEST_CASE("answers that AWS streams are one text") {
  struct Case {
    std::string body;
    std::string told;
  };
  const auto test = GENERATE(values<Case>({
      {aws_event("contentBlockDelta",
                 R"({"contentBlockIndex":0,"delta":{"text":"The card is 4111 11"}})") +
           aws_event("contentBlockDelta",
                     R"({"contentBlockIndex":0,"delta":{"text":"11 1111 1111."}})"),
       "The card is 4111 1111 1111 1111."},
      {aws_chunk(
           R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"4111 11"}})") +
           aws_chunk(
               R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"11 1111"}})"),
       "4111 1111 1111"},
      {aws_chunk(R"({"generation":"4111 11"})") + aws_chunk(R"({"generation":"11 1111"})"),
       "4111 1111 1111"},
      {aws_chunk(R"({"outputText":"4111 11"})") + aws_chunk(R"({"outputText":"11 1111"})"),
       "4111 1111 1111"},
      // An agent's words.
      {aws_chunk("The card is 4111 11") + aws_chunk("11 1111 1111."),
       "The card is 4111 1111 1111 1111."},
      // SageMaker's pieces are of a stream that is cut anywhere.
      {aws_event("PayloadPart", "data: {\"token\":{\"text\":\"4111") +
           aws_event("PayloadPart", " 11\"}}\n\nda") +
           aws_event("PayloadPart", "ta: {\"token\":{\"text\":\"11 1111\"}}\n\n"),
       "4111 1111 1111"},
  }));
  const Reading reading = read(test.body, kAws);
  CHECK_THAT(reading.log.text, Catch::Contains(test.told) && Catch::Contains("{assistant}"));
  CHECK(reading.counters.malformed == 0);
}

TEST_CASE("what only is called a stream of AWS is counted and no more") {
  const Reading reading = read("{\"text\":\"of an error's own form\"}", kAws);
  CHECK(reading.counters.malformed == 1);
  CHECK(reading.log.said.empty());
  const std::string delta = aws_event("contentBlockDelta", R"({"delta":{"text":"some words"}})");
  for (std::size_t cut = 0; cut < delta.size(); ++cut)
    read(std::string_view{delta}.substr(0, cut), kAws);
}
