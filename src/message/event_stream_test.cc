#include "gnomon/message/event_stream.h"

#include <catch2/catch.hpp>
#include <string>

using namespace gnomon::message;

namespace {

// Data as they are, events as <type id>, with ! when incomplete, 0 when without data.
struct Log final : StreamEvents {
  std::string text, strays;
  void on_event_data(std::string_view data) override { text += data; }
  void on_event(const StreamEvent& event) override {
    text += '<' + std::string{event.type};
    if (!event.id.empty()) text += ' ' + std::string{event.id};
    text += event.has_data ? "" : "0";
    text += event.complete ? ">" : "!>";
  }
  void on_retry(std::uint64_t milliseconds) override { text += std::to_string(milliseconds) + '~'; }
  void on_stray(std::string_view stray, bool first) override {
    if (first) strays += '|';
    strays += stray;
  }
};

Log log_of(std::string_view bytes, std::size_t size) {
  EventStreamReader reader;
  Log log;
  for (std::size_t at = 0; at < bytes.size(); at += size)
    reader.feed(std::string{bytes.substr(at, size)}, log);
  reader.close(log);
  return log;
}

// In pieces of every size.
void check(std::string_view bytes, const std::string& expected, const std::string& strays = {}) {
  for (std::size_t size = 1; size <= bytes.size() + 1; ++size) {
    INFO("in parts of " << size << ": " << bytes);
    const Log log = log_of(bytes, size);
    CHECK(log.text == expected);
    CHECK(log.strays == strays);
  }
}

}  // namespace

TEST_CASE("events of a stream are told one by one") {
  check("data: {\"a\":1}\n\ndata: [DONE]\n\n", "{\"a\":1}<message>[DONE]<message>");
  check("event: content_block_delta\ndata: x\n\ndata: y\n\n", "x<content_block_delta>y<message>");
  check("data: YHOO\ndata: +2\ndata: 10\n\n", "YHOO\n+2\n10<message>");
  check("data: x\nid: 7\n\ndata: y\n\nid\ndata: z\n\n", "x<message 7>y<message 7>z<message>");
  check("retry: 3000\n\n", "3000~<message0>");
}

TEST_CASE("lines end with CR, LF or both, and a mark may stand before the first") {
  check("data: a\rdata: b\r\r", "a\nb<message>");
  check("data: a\r\ndata: b\r\n\r\n", "a\nb<message>");
  check("data: a\r\ndata: b\n\r", "a\nb<message>");
  check("data: a\n\n\n\ndata: b\r\n\r\n\r\n", "a<message>b<message>");
  check("\xef\xbb\xbf" "data: a\n\n", "a<message>");
}

TEST_CASE("one blank behind the colon is no part of the value") {
  check("data:a\n\ndata: a\n\ndata:  a\n\n", "a<message>a<message> a<message>");
  check("data\n\ndata\ndata\n\ndata:\n\n", "<message>\n<message><message>");
  check("event:\ndata: a\n\nevent: b\nevent: c\ndata: a\n\n", "a<message>a<c>");
  check("data: a: b\n\n", "a: b<message>");
}

TEST_CASE("comments and what is no field are no data") {
  check(": keep-alive\n\n:\n\ndata: a\n: x\ndata: b\n\n", "a\nb<message>");
  check("event: ping\n\n", "<ping0>");
  check("dat: a\n\n", "", "|dat: a\n");
  check("data : a\nDATA: a\nevents: a\n\n", "", "|data : a\n|DATA: a\n|events: a\n");
  check("{\"error\":\"no\"}\n", "", "|{\"error\":\"no\"}\n");
  check("data: a\nfoo: b\ndata: c\n\n", "a\nc<message>", "|foo: b\n");
  check("\xef\xbb" "data: a\n\ndata: b\n\n", "b<message>", "|\xef\xbb" "data: a\n");
  // Only the first mark is one.
  check("\xef\xbb\xbf\xef\xbb\xbf" "data: a\n\n", "", "|\xef\xbb\xbf" "data: a\n");
}

TEST_CASE("retry is a number, an id has no zero byte") {
  check("retry: soon\n\nretry: -1\n\nretry: 1 \n\nretry:\n\n", "<message0><message0><message0><message0>");
  check("retry: 99999999999999999999\n\n", "<message0>");
  check("id: 1\ndata: a\n\n", "a<message 1>");
  check({"id: 1\nid: 2\0" "3\ndata: a\n\n", 23}, "a<message 1>");
}

TEST_CASE("an event that the end cuts is incomplete") {
  check("data: a\n", "a<message!>");
  check("data: a", "a<message!>");
  check("data: a\n\nev", "a<message>", "|ev");
  check("\xef", "", "|\xef");
  check("", "");
  // Wherever it is cut, no whole event is made of a part.
  const std::string whole = "event: e\nid: 1\nretry: 5\ndata: a\ndata: b\n\n";
  for (std::size_t cut = 0; cut < whole.size(); ++cut)
    CHECK(log_of(whole.substr(0, cut), 3).text.find("<e 1>") == std::string::npos);
}

TEST_CASE("behind a gap reading goes on at the next line") {
  EventStreamReader reader;
  Log log;
  reader.feed("data: a\n\ndata: b", log);
  reader.gap(log);
  reader.feed("c\ndata: d\n\n", log);
  CHECK(log.text == "a<message>b<message!>d<message>");
  CHECK(reader.events() == 2);
  reader.reset();
  reader.feed("\xef\xbb\xbf" "data: a\n\n", log);
  CHECK(log.text == "a<message>b<message!>d<message>a<message>");
}

TEST_CASE("types and ids are kept to a limit, data not at all") {
  const std::string longest(EventStreamReader::kEventFieldBytesMax, 'x');
  Log log;
  EventStreamReader reader;
  reader.feed("event: " + longest + "yyy\nid: " + longest + "zzz\ndata: a\n\n", log);
  CHECK(log.text == "a<" + longest + ' ' + longest + '>');
  for (int i = 0; i < 1000; ++i) reader.feed("data: " + longest, log);
  CHECK(reader.memory_bytes() < 2048);
}

TEST_CASE("a stream is known by its first bytes") {
  for (const std::string_view yes : {"data: x", "data:", "event: x", "id: 1", "retry: 1", ": hello",
                                     "\n\ndata: x", "\xef\xbb\xbf" "data: x"})
    CHECK(begins_event_stream(yes));
  for (const std::string_view no : {"", "data", "dat: x", "{\"data\": 1}", "Data: x", "<html>", "date: x",
                                    "data uri", " data: x", "events: x", "\xef\xbb"})
    CHECK_FALSE(begins_event_stream(no));
}
