#include <catch2/catch.hpp>
#include <string>

#include "gnomon/content/json_line.h"
#include "part_log.h"

using namespace gnomon;
using namespace gnomon::content;

namespace {

std::string told(std::string_view json, bool to_server = true,
                 std::string_view type = "application/json") {
  BodyFacts facts;
  facts.content_type = type;
  facts.to_server = to_server;
  const Reading whole = read_in_pieces(facts, bytes_of(json), 1 << 20);
  CHECK(whole.log.valid);
  for (const std::size_t step : {1, 3, 64}) {
    CHECK(read_in_pieces(facts, bytes_of(json), step).log.text == whole.log.text);
  }
  const std::size_t begin = whole.log.text.find('\n') + 1;
  return whole.log.text.substr(begin, whole.log.text.rfind("\n>") - begin);
}

}  // namespace

TEST_CASE("requests of the API families are told with who speaks") {
  struct Case {
    std::string_view body;
    std::string_view told;
  };
  const auto test = GENERATE(values<Case>({
      // chat completions, roles before and after what is said
      {R"({"model":"m","messages":[{"role":"system","content":"be kind"},)"
       R"({"role":"user","content":"hello"}]})",
       "\"model\": \"m\"\n|{system}be kind|{user}hello|"},
      {R"({"messages":[{"content":"first","role":"assistant"},{"content":"no role"}]})",
       "{assistant}first|{user}no role|"},
      {R"({"messages":[{"role":"user","content":[{"type":"text","text":"look"}]}]})",
       "{user}look|"},
      {R"({"messages":[{"role":"tool","tool_call_id":"c1","content":"42"}]})",
       "{tool}\"tool_call_id\": \"c1\"\n|42|"},
      // messages with a system text and a tool's result
      {R"({"system":"rules","messages":[{"role":"user","content":[)"
       R"({"type":"tool_result","tool_use_id":"t","content":"output"}]}]})",
       "{system}rules|{tool}\"tool_use_id\": \"t\"\n|output|"},
      {R"({"instructions":"rules","input":"question"})", "{system}rules|{user}question|"},
      {R"({"input":[{"type":"function_call_output","output":"result"}]})", "{tool}result|"},
      {R"({"tools":[{"name":"f","description":"does things"}]})",
       "{tool}\"name\": \"f\"\n|does things|"},
      // contents with parts
      {R"({"systemInstruction":{"parts":[{"text":"rules"}]},"contents":[{"role":"model",)"
       R"("parts":[{"text":"hi"}]}]})",
       "{system}rules|{assistant}hi|"},
      {R"({"prompt":"once upon","suffix":"the end"})", "{user}once upon|the end|"},
      {R"({"model":"m","prompt":["a","b"]})", "\"model\": \"m\"\n|{user}a|b|"},
      {R"({"input":["a","b"],"encoding_format":"float"})",
       "{user}a|b|{}\"encoding_format\": \"float\"\n"},
      // the web application's own form
      {R"({"messages":[{"author":{"role":"user"},"content":{"parts":["hello"]}}]})",
       "{user}hello|"},
      {R"({"messages":[{"content":{"parts":["late"]},"author":{"role":"system"}}]})",
       "{system}late|"},
      // tool calls: JSON inside a string
      {R"({"jsonrpc":"2.0","method":"tools/call","params":{"arguments":{"path":"/etc"}}})",
       "\"jsonrpc\": \"2.0\"\n\"method\": \"tools/call\"\n{assistant}\"path\": \"/etc\"\n"},
      {R"({"function_call":{"arguments":"{\"card\":\"4111\"}"}})",
       "{assistant}\"card\": \"4111\"\n"},
  }));
  CHECK(told(test.body) == test.told);
}

TEST_CASE("rows of tables are lines, their cells end with tabs; vectors are no rows") {
  struct Case {
    std::string_view body;
    std::string_view told;
  };
  const auto test = GENERATE(values<Case>({
      {R"({"values":[["name","passport"],["Ada","C01"],[7,"C02",null,true,8]]})",
       "name\tpassport\t\nAda\tC01\t\n7\tC02\t\t\t8\t\n"},
      {R"({"columns":["name","passport"],"rows":[["Ada","C01"]]})",
       "name\tpassport\t\nAda\tC01\t\n"},
      {R"({"vectors":[[0.1,2,3],[4,5]],"ids":[[12345678,2]]})", "0.1\n12345678\n"},
      {R"({"rows":[["a",["b"],"c"]]})", "a\t\nb\t\nc\t\n"},
      {R"({"names":["Ada","Bo"]})", "\"names\": \"Ada\"\n\"names\": \"Bo\"\n"},
      {R"({"messages":[{"role":"user","content":["a","b"]}]})", "{user}a|b|"},
  }));
  const std::string all = told(test.body);
  INFO(all);
  CHECK(all.find(test.told) != std::string::npos);
}

TEST_CASE("the cells of a row that breaks off are none of the next document") {
  const std::string all =
      told("data: {\"rows\":[[7,8\n\ndata: {\"rows\":[[\"Ada\"]]}\n\n", false, "text/event-stream");
  INFO(all);
  CHECK(all.find("Ada\t\n") != std::string::npos);
  CHECK(all.find("7\t") == std::string::npos);
}

TEST_CASE("other JSON is told with its keys, whatever is wrong with it") {
  struct Case {
    std::string_view body;
    std::string_view told;
  };
  const auto test = GENERATE(values<Case>({
      {R"({"password":"x1","n":12345678})", "\"password\": \"x1\"\n\"n\": 12345678\n"},
      {R"({"a":true,"b":null})", ""},
      {"[\"a\\u00e9\\n\\ud83d\\ude00\"]", "a\xc3\xa9\n\xf0\x9f\x98\x80|"},
      {"[\"\\ud83dx\"]", "\xef\xbf\xbdx|"},
      {"[\"\\u00zz\"]", "\\u00zz|"},
      {"[\"\\q\"]", "\\q|"},
      {"[\"never ends", "never ends|"},
      {"{\"a\" \"b\"}", "\"a\": \"b\"\n"},
      {"{a:\"b\"}", "\"a\": \"b\"\n"},
      {"{\"a\":[1,2,{\"b\":\"c\"", "\"b\": \"c\"\n"},
      {"}}]]{\"a\":\"b\"}", "\"a\": \"b\"\n"},
      {"[4111111111111111,1,2,3]", "4111111111111111\n"},
      {"[0.1,0.2]", "0.1\n0.2\n"},
      {"{\"a\":\"b\"}{\"c\":\"d\"}", "\"a\": \"b\"\n\"c\": \"d\"\n"},
      {"[\"\xff\xfe\"]", "\xc3\xbf\xc3\xbe|"},
  }));
  CHECK(told(test.body) == test.told);
}

TEST_CASE("an embedding's numbers are not text") {
  std::string json = "{\"embedding\":[";
  for (int at = 0; at < 500; ++at) json += "0.0123" + std::to_string(at) + ",";
  json += "1]}";
  CHECK(told(json).size() < 300);
}

TEST_CASE("base64 and data URIs are parts of their own") {
  struct Case {
    std::string_view body;
    std::string_view wanted;
  };
  // "a secret text that is long enough to be one", and a GIF
  const auto test = GENERATE(values<Case>({
      {R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":)"
       R"("data:text/plain;base64,YSBzZWNyZXQgdGV4dCB0aGF0IGlzIGxvbmcgZW5vdWdoIHRvIGJlIG9uZQ=="}}]}]})",
       "<:text/plain\n{user}a secret text that is long enough to be one\n>text 43\n"},
      {R"({"inlineData":{"mimeType":"text/plain","data":)"
       R"("YSBzZWNyZXQgdGV4dCB0aGF0IGlzIGxvbmcgZW5vdWdoIHRvIGJlIG9uZQ"}})",
       "<:text/plain\na secret text that is long enough to be one\n>text 43\n"},
      {R"({"filename":"n.txt","file_data":)"
       R"("YSBzZWNyZXQgdGV4dCB0aGF0IGlzIGxvbmcgZW5vdWdoIHRvIGJlIG9uZQ"})",
       "<n.txt:\na secret text that is long enough to be one\n>text 43\n"},
      {R"({"images":["R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"]})", ">gif 42\n"},
      {R"(["see ![](data:text/plain;base64,YSBzZWNyZXQgdGV4dCB0aGF0IGlzIGxvbmcgZW5vdWdoIHRvIGJlIG9uZQ==) there"])",
       "see ![](data:text/plain;base64,<:text/plain\na secret text that is long enough to be one\n"
       ">text 43\n) there"},
      {R"({"url":"data:,hello%20world"})", "<:\nhello world\n>text 11\n"},
  }));
  CHECK_THAT(told(test.body), Catch::Contains(std::string{test.wanted}));
}

TEST_CASE("what only looks like base64 stays text") {
  const auto body =
      GENERATE(std::string_view{R"({"data":"plain words and more"})"}, R"({"data":"deadbeef"})",
               R"({"id":"YSBzZWNyZXQgdGV4dCB0aGF0IGlzIGxvbmcgZW5vdWdo"})",
               R"({"image_url":"https://a.example/x"})",
               R"({"data":"YSBzZWNyZXQ!dGV4dCB0aGF0IGlzIGxvbmcgZW5vdWdoIHRvIGJlIG9uZQ"})");
  CHECK(told(body).find('<') == std::string::npos);
}

TEST_CASE("texts told in deltas are joined, each stream for itself") {
  struct Case {
    std::string_view type;
    std::string_view body;
    std::string_view told;
  };
  const auto test = GENERATE(values<Case>({
      {"text/event-stream",
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"4111 1111 "
       "\"}}]}\n\n"
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"1111 11\"}}]}\n\n"
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"11\"}}]}\r\n\r\ndata: [DONE]\n\n",
       "4111 1111 1111 1111"},
      {"text/event-stream",
       "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
       "{\"type\":\"text_delta\",\"text\":\"AKIA\"}}\n\n: comment\n\n"
       "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":"
       "{\"type\":\"text_delta\",\"text\":\"other\"}}\n\n"
       "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
       "{\"type\":\"text_delta\",\"text\":\"IOSFODNN\"}}\n\n",
       "AKIAIOSFODNN"},
      {"text/event-stream", "data: {\"v\":\"one \"}\n\ndata: {\"v\":\"two\"}\n\n", "one two"},
      {"text/event-stream", "data: plain\n\ndata:  words\n\n", "plain words"},
      {"text/event-stream", "data: {\"text\":\ndata: \"two lines\"}\n\n", "two lines"},
      {"text/event-stream",
       "\xef\xbb\xbf"
       "data: {\"v\":\"one \"}\r\rdata: {\"v\":\"two\"}\r\r",
       "one two"},
      // What is no event is read as what it is.
      {"text/event-stream", "{\"error\":{\"message\":\n\"too long\"}}\n", "too long"},
      {"text/event-stream", "foo: a word\n\ndata: {\"v\":\"one\"}\n\n", "foo: a word"},
      {"text/event-stream", "foo: a word\n\ndata: {\"v\":\"one\"}\n\n", "one"},
      {"application/x-ndjson",
       "{\"message\":{\"role\":\"assistant\",\"content\":\"4111\"},\"done\":false}\n"
       "{\"message\":{\"role\":\"assistant\",\"content\":\"1111\"},\"done\":false}\n",
       "41111111"},
      {"application/json", "{\"response\":\"a\"}\n{\"response\":\"b\"}\n", "ab"},
      {"text/plain", "0:\"Hel\"\n0:\"lo\"\nd:{\"finishReason\":\"stop\"}\n", "Hello"},
  }));
  CHECK_THAT(told(test.body, false, test.type), Catch::Contains(std::string{test.told}));
}

TEST_CASE("deltas that go on for long are told before the end, cut between words only") {
  std::string body;
  for (int at = 0; at < 20000; ++at)
    body += "data: {\"v\":\"word" + std::to_string(at) + " \"}\n\n";
  BodyFacts facts;
  facts.content_type = "text/event-stream";
  facts.to_server = false;
  const Reading reading = read_in_pieces(facts, bytes_of(body), 1400);
  CHECK(reading.memory < 256 * 1024);
  std::string wanted;
  for (int at = 0; at < 20000; ++at) wanted += "word" + std::to_string(at) + " ";
  CHECK(reading.log.said == wanted);
}

TEST_CASE("JSON of any depth is read in bounded memory") {
  for (const std::size_t depth : {100U, 10'000U, 100'000U, 2'000'000U}) {
    std::string body;
    for (std::size_t at = 0; at < depth; ++at) body += at % 2 == 0 ? "[" : "{\"k\":";
    body += "\"found\"";
    BodyFacts facts;
    facts.content_type = "application/json";
    const Reading reading = read_in_pieces(facts, bytes_of(body), 4096);
    CHECK(reading.memory < 256 * 1024);
    CHECK_THAT(reading.log.said, Catch::Contains("found"));
    CHECK(reading.counters.malformed == 1);
  }
}

TEST_CASE("messages of a WebSocket go on where the last ended") {
  BodyFacts facts;
  facts.messages = true;
  facts.to_server = false;
  PartLog log;
  BodyReader reader{BodyLimits{}, log};
  reader.begin(facts);
  for (const std::string_view message :
       {R"({"type":"response.text.delta","delta":"4111 11"})",
        R"({"type":"response.text.delta","delta":"11 1111 1111"})"}) {
    reader.feed(bytes_of(message));
    reader.next_message();
  }
  reader.end(true);
  CHECK_THAT(log.said, Catch::Contains("4111 1111 1111 1111"));
}

TEST_CASE("halves of characters in a line of JSON cost no more than themselves", "[content]") {
  struct Case {
    const char* line;
    const char* text;
  };
  const auto each = GENERATE(values<Case>({
      {R"({"id": 1, "text": "a \ud83d\ude00 b"})", "a \xf0\x9f\x98\x80 b"},
      {R"({"id": 1, "text": "a \ud83d b"})", "a \xef\xbf\xbd b"},
      {R"({"id": 1, "text": "a \udE00\uD83D b"})", "a \xef\xbf\xbd\xef\xbf\xbd b"},
      {R"({"id": 1, "text": "\\ud83d \ud83d"})", "\\ud83d \xef\xbf\xbd"},
  }));
  JsonLineReader reader;
  const auto read = reader.read(each.line);
  INFO(each.line);
  REQUIRE(read);
  CHECK(read->text == each.text);
}
