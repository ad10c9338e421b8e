#include "gnomon/message/http2_connection.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "http2_samples.h"
#include "http_event_log.h"
#include "stream_steps.h"

using namespace gnomon;
using namespace gnomon::message;
using namespace gnomon::message::http2_samples;

namespace {

using Start = Http2Connection::Start;
using Type = Http2FrameType;

const std::string kPreface{kHttp2Preface};
constexpr unsigned kEnd = kHttp2EndStream;
constexpr unsigned kWhole = kHttp2EndHeaders;

std::string log_of(Http2Connection& connection, Start start, const std::vector<StreamStep>& steps,
                   std::size_t size) {
  connection.reset(start);
  HttpEventLog log;
  play(connection, steps, size, log);
  connection.close(Direction::kToServer, log);
  connection.close(Direction::kToClient, log);
  return log.text;
}

Http2Counters check(const std::vector<StreamStep>& steps, const std::string& expected,
                    Start start = Start::kWhole) {
  Http2Connection connection;
  CHECK(log_of(connection, start, steps, std::string::npos) == expected);
  const Http2Counters counters = connection.counters();
  for (std::size_t size = 1; size <= 12; ++size) {
    INFO("in parts of " << size);
    CHECK(log_of(connection, start, steps, size) == expected);
  }
  return counters;
}

}  // namespace

TEST_CASE("streams interleave, and each is told as itself") {
  check({client(kPreface + frame(Type::kSettings, 0, 0, {}) +
                frame(Type::kHeaders, kWhole, 1, kPostRoot + literal("content-type", "t")) +
                frame(Type::kHeaders, kWhole | kEnd, 3, kGetRoot) + frame(Type::kData, 0, 1, "he") +
                frame(Type::kPing, 0, 0, "12345678") + frame(Type::kData, kEnd, 1, "llo")),
         server(frame(Type::kSettings, 0, 0, {}) + frame(Type::kHeaders, kWhole, 3, kOk) +
                frame(Type::kHeaders, kWhole, 1, kOk) + frame(Type::kData, kEnd, 3, "three") +
                frame(Type::kData, kEnd, 1, "one"))},
        "request 1 POST|http|h|/|HTTP/2 content-type=t\nrequest 3 GET|http|h|/|HTTP/2 bodiless\n"
        "end> 3 complete\nbody> 1 hello\nend> 1 complete body=5\nresponse 3 200\nresponse 1 200\n"
        "body< 3 three\nend< 3 complete body=5\nbody< 1 one\nend< 1 complete body=3");
}

TEST_CASE("padding and priority are taken off") {
  check({client(kPreface +
                frame(Type::kHeaders, kWhole | kHttp2Padded | kHttp2Priority, 1,
                      std::string("\x03") + std::string(5, 'p') + kPostRoot + "xxx") +
                frame(Type::kData, kHttp2Padded, 1, std::string("\x02") + "ab" + "xx") +
                frame(Type::kData, kHttp2Padded, 1, std::string("\x02") + "xx") +
                frame(Type::kData, kHttp2Padded, 1, std::string("\0", 1) + "c") +
                frame(Type::kData, kHttp2Padded | kEnd, 1, std::string("\0", 1)))},
        "request 1 POST|http|h|/|HTTP/2\nbody> 1 abc\nend> 1 complete body=3");
}

TEST_CASE("a block over several frames is one, and fields refer to earlier blocks") {
  const std::string block = kGetRoot + literal("x-long", "0123456789", true);
  check({client(kPreface + frame(Type::kHeaders, kEnd, 1, block.substr(0, 4)) +
                frame(Type::kContinuation, 0, 1, block.substr(4, 3)) +
                frame(Type::kContinuation, 0, 1, {}) +
                frame(Type::kContinuation, kWhole, 1, block.substr(7)) +
                frame(Type::kHeaders, kEnd | kWhole, 3, kGet + kRoot + "\xbf\xbe"))},
        "request 1 GET|http|h|/|HTTP/2 x-long=0123456789 bodiless\nend> 1 complete\n"
        "request 3 GET||h|/|HTTP/2 x-long=0123456789 bodiless\nend> 3 complete");
}

TEST_CASE("interim responses, trailers, pushes and resets") {
  check({client(kPreface + frame(Type::kHeaders, kWhole, 1, kPostRoot) +
                frame(Type::kData, 0, 1, "x") +
                frame(Type::kHeaders, kWhole | kEnd, 1, literal("sum", "9"))),
         server(frame(Type::kHeaders, kWhole, 1, literal(":status", "103")) +
                frame(Type::kPushPromise, kWhole, 1, number(2, 4) + kGetRoot) +
                frame(Type::kHeaders, kWhole, 1, kOk) + frame(Type::kHeaders, kWhole, 2, kOk) +
                frame(Type::kData, kEnd, 2, "p") + frame(Type::kRstStream, 0, 1, number(8, 4)))},
        "request 1 POST|http|h|/|HTTP/2\nbody> 1 x\ntrailer> 1 sum=9\nend> 1 complete body=1\n"
        "response 1 103 interim\nrequest 2 GET|http|h|/|HTTP/2 bodiless pushed\nend> 2 complete\n"
        "response 1 200\nresponse 2 200\nbody< 2 p\nend< 2 complete body=1\nend< 1 cut");
}

TEST_CASE("CONNECT and extended CONNECT") {
  check({client(kPreface +
                frame(Type::kHeaders, kWhole, 1, literal(":method", "CONNECT") + authority("d:1")) +
                frame(Type::kHeaders, kWhole, 3,
                      literal(":method", "CONNECT") + literal(":protocol", "websocket") + kHttp +
                          kRoot + authority("h")))},
        "request 1 CONNECT||d:1|d:1|HTTP/2\n"
        "request 3 CONNECT|http|h|/|HTTP/2 protocol=websocket\nend> 1 cut\nend> 3 cut");
}

TEST_CASE("after an upgrade the answer comes on stream 1") {
  check({client(kPreface + frame(Type::kSettings, 0, 0, {})),
         server(frame(Type::kSettings, 0, 0, {}) + frame(Type::kHeaders, kWhole, 1, kOk) +
                frame(Type::kData, kEnd, 1, "hi"))},
        "response 1 200\nbody< 1 hi\nend< 1 complete body=2", Start::kUpgraded);
}

TEST_CASE("a table as large as the other side allows is followed") {
  // SETTINGS_HEADER_TABLE_SIZE 16384, and the encoder uses it: Dynamic Table Size Update.
  const std::string settings = frame(Type::kSettings, 0, 0, number(1, 2) + number(16384, 4));
  check({server(settings), client(kPreface + frame(Type::kHeaders, kWhole | kEnd, 1,
                                                   std::string("\x3f\xe1\x7f") + kGetRoot))},
        "request 1 GET|http|h|/|HTTP/2 bodiless\nend> 1 complete");
  // Without it that is an error.
  const Http2Counters counters =
      check({client(kPreface + frame(Type::kHeaders, kWhole | kEnd, 1,
                                     std::string("\x3f\xe1\x7f") + kGetRoot))},
            "");
  CHECK(counters.blocks_broken == 1);
}

TEST_CASE("a start in the middle reads what does not depend on the past") {
  // 0xbe..: entries from before; 0x7e: a value under such a name.
  check({client(frame(Type::kWindowUpdate, 0, 0, number(9, 4)) +
                frame(Type::kHeaders, kWhole, 5,
                      kPost + "\xc0" + std::string("\x7e\x01v", 3) + literal(":path", "/x", true)) +
                frame(Type::kData, kEnd, 5, "body") +
                frame(Type::kHeaders, kWhole | kEnd, 7, kGet + "\xbe"))},
        "request 5 POST|||/x|HTTP/2 partial\nbody> 5 body\nend> 5 complete body=4\n"
        "request 7 GET|||/x|HTTP/2 bodiless\nend> 7 complete",
        Start::kMiddle);
}

TEST_CASE("a gap inside data is stepped over") {
  const std::string data = frame(Type::kData, 0, 1, "0123456789");
  const Http2Counters counters =
      check({client(kPreface + frame(Type::kHeaders, kWhole, 1, kPostRoot) + data.substr(0, 11)),
             client_gap(5), client(data.substr(16) + frame(Type::kData, kEnd, 1, "z"))},
            "request 1 POST|http|h|/|HTTP/2\nbody> 1 01\ngap> 1 5\nbody> 1 789z\n"
            "end> 1 cut body=6 missing=5");
  CHECK(counters.lost_step == 0);
}

TEST_CASE("after any other gap the next frames are found, and what was open is incomplete") {
  Http2Connection connection;
  const std::vector<StreamStep> steps{client(kPreface + frame(Type::kHeaders, kWhole, 1, kPostRoot) +
                                       frame(Type::kData, 0, 1, "0123456789").substr(0, 12)),
                                client_gap(100),
                                client("some rest" + frame(Type::kData, kEnd, 1, "z") +
                                       frame(Type::kHeaders, kWhole | kEnd, 3, kGetRoot + "\xbe"))};
  // The first field that the lost table would have held is unknown; "h" was added anew.
  CHECK(log_of(connection, Start::kWhole, steps, std::string::npos) ==
        "request 1 POST|http|h|/|HTTP/2\nbody> 1 012\ngap> 1 7\nbody> 1 z\n"
        "end> 1 cut body=4 missing=7\nrequest 3 GET|http|h|/|HTTP/2 bodiless\nend> 3 complete");
  CHECK(connection.counters().lost_step == 1);
}

TEST_CASE("a message whose head lacks fields is whole all the same") {
  // The client's table is lost with its first request; what comes later refers to it.
  const std::string first = frame(Type::kHeaders, kWhole, 1, kPostRoot + literal("a", "b", true)) +
                            frame(Type::kData, kEnd, 1, "x");
  const std::string second = frame(Type::kHeaders, kWhole, 3, kPost + kRoot + kHttp + "\xbf\xbe") +
                             frame(Type::kData, kEnd, 3, "two");
  Http2Connection connection;
  CHECK(log_of(connection, Start::kWhole,
               {client(kPreface + frame(Type::kPing, 0, 0, "12345678")), client_gap(first.size()),
                client(second), server(frame(Type::kSettings, 0, 0, {}))},
               std::string::npos) ==
        "request 3 POST|http||/|HTTP/2 partial\nbody> 3 two\nend> 3 complete body=3");
}

TEST_CASE("DATA of many megabytes is read as it comes, where it was allowed") {
  constexpr std::uint32_t kLarge = 15'000'000;
  const std::string settings = frame(Type::kSettings, 0, 0, number(5, 2) + number(0xffffff, 4));
  const std::string head = frame(Type::kHeaders, kWhole, 1, kPostRoot);
  const std::string data = number(kLarge, 3) + std::string("\0\1", 2) + number(1, 4);
  const std::vector<std::uint8_t> piece(100'000, 'x');
  const std::string next = frame(Type::kHeaders, kWhole | kEnd, 3, kGetRoot);
  const bool lossy = GENERATE(false, true);
  Http2Connection connection;
  connection.reset(Start::kWhole);
  struct : HttpEvents {
    std::uint64_t bytes = 0;
    std::string ends;
    unsigned requests = 0;
    void on_request(HttpExchangeId, const HttpRequest&) override { ++requests; }
    void on_response(HttpExchangeId, const HttpResponse&) override {}
    void on_body(Direction, HttpExchangeId, Bytes body) override { bytes += body.size(); }
    void on_body_gap(Direction, HttpExchangeId, std::uint64_t) override {}
    void on_end(Direction, HttpExchangeId, const HttpEnding& ending) override {
      ends += ending.complete ? '+' : '-';
    }
  } log;
  const auto feed = [&](Direction direction, const std::string& text) {
    connection.feed(direction, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                    log);
  };
  feed(Direction::kToClient, settings);
  feed(Direction::kToServer, kPreface);
  // Behind a gap too, the large frame proves the one before it.
  if (lossy) connection.gap(Direction::kToServer, 10, log);
  feed(Direction::kToServer, head + data);
  for (std::size_t sent = 0; sent < kLarge; sent += piece.size())
    connection.feed(Direction::kToServer, piece, log);
  feed(Direction::kToServer, next);
  CHECK(log.requests == 2);
  CHECK(log.bytes == kLarge);
  CHECK(log.ends == "++");
  CHECK(connection.memory_bytes() < 256 * 1024);
}

TEST_CASE("behind a damaged preface the frames are looked for") {
  std::string damaged = kPreface;
  damaged[10] = '?';
  Http2Connection connection;
  CHECK(log_of(connection, Start::kWhole,
               {client(damaged + frame(Type::kSettings, 0, 0, {}) +
                       frame(Type::kHeaders, kWhole | kEnd, 1, kGetRoot))},
               std::string::npos) == "request 1 GET|http|h|/|HTTP/2 bodiless\nend> 1 complete");
  CHECK(connection.counters().lost_step == 1);
}

TEST_CASE("a connection that never was HTTP/2 fails after a while") {
  Http2Connection connection;
  HttpEventLog log;
  connection.reset(Start::kMiddle);
  const std::vector<std::uint8_t> noise(20000, 0xaa);
  for (int i = 0; i < 4 && !connection.failed(Direction::kToClient); ++i)
    connection.feed(Direction::kToClient, noise, log);
  CHECK(connection.failed(Direction::kToClient));
  CHECK_FALSE(connection.failed());
  CHECK(connection.memory_bytes() < 256 * 1024);
  CHECK(log.text.empty());
}

TEST_CASE("a flood of CONTINUATION is cut off, and reading goes on") {
  std::string flood = kPreface + frame(Type::kHeaders, 0, 1, kGetRoot);
  for (int i = 0; i < 5000; ++i) flood += frame(Type::kContinuation, 0, 1, literal("a", "b"));
  flood += frame(Type::kContinuation, kWhole, 1, {});
  flood += frame(Type::kHeaders, kWhole | kEnd, 3, kGetRoot);
  Http2Connection connection;
  CHECK(log_of(connection, Start::kWhole, {client(flood)}, 1000) ==
        "request 3 GET|http|h|/|HTTP/2 bodiless\nend> 3 complete");
  CHECK(connection.counters().continuation_floods == 1);
}

TEST_CASE("a block that is too long is not kept") {
  std::string bytes = kPreface + frame(Type::kHeaders, 0, 1, kGetRoot);
  for (int i = 0; i < 5; ++i) bytes += frame(Type::kContinuation, 0, 1, std::string(16000, '\x82'));
  bytes += frame(Type::kContinuation, kWhole, 1, {});
  Http2Connection connection;
  CHECK(log_of(connection, Start::kWhole, {client(bytes)}, 1 << 20).empty());
  CHECK(connection.counters().blocks_too_long == 1);
  CHECK(connection.memory_bytes() < 256 * 1024);
}

TEST_CASE("a few bytes that stand for many fields are not kept beyond the limit") {
  // One entry of about 4,000 bytes, referred to 16,000 times: 64 MB of fields.
  const std::string value(120, 'v');
  std::string big = "\x40\x01z";
  big += "\x7f\x80\x1e" + std::string(3967, 'v');
  const std::string bomb = kGetRoot + big + std::string(12000, '\xbe');
  Http2Connection connection;
  const std::string log =
      log_of(connection, Start::kWhole,
             {client(kPreface + frame(Type::kHeaders, kWhole | kEnd, 1, bomb))}, 4096);
  CHECK(log.size() < HttpFieldBlock::kBytesMax + 1000);
  CHECK(log.ends_with("bodiless partial\nend> 1 cut"));
  CHECK(connection.counters().fields_dropped == 1);
  CHECK(connection.memory_bytes() < 512 * 1024);
}

TEST_CASE("too many open streams end the oldest") {
  std::string bytes = kPreface;
  for (std::uint32_t i = 0; i <= HttpStreamTable::kStreamsMax; ++i)
    bytes += frame(Type::kHeaders, kWhole, 2 * i + 1, kGetRoot);
  Http2Connection connection;
  const std::string log = log_of(connection, Start::kWhole, {client(bytes)}, 1 << 20);
  CHECK(connection.streams_dropped() == 1);
  CHECK(log.find("end> 1 cut\nrequest 513 ") != std::string::npos);
}

TEST_CASE("frames that lie lose the step, and are never believed") {
  const std::string head = kPreface + frame(Type::kHeaders, kWhole, 1, kPostRoot);
  const std::string bad =
      GENERATE(frame(Type::kData, kHttp2Padded, 1, "\x09xx"),     // more padding than payload
               number(0xffffff, 3) + std::string(6, '\0') + "x",  // longer than any frame may be
               frame(Type::kData, 0, 0, "x"), frame(Type::kPing, 0, 0, "x"),
               frame(Type::kRstStream, 0, 1, "x"), frame(Type::kSettings, 0, 1, {}),
               frame(Type::kHeaders, kWhole, 0, kGetRoot));
  Http2Connection connection;
  const std::string log = log_of(connection, Start::kWhole, {client(head + bad)}, 1 << 20);
  CHECK(log == "request 1 POST|http|h|/|HTTP/2\nend> 1 cut");
  CHECK(connection.counters().lost_step == 1);
}

TEST_CASE("frames are sought in one pass, whatever chains stand there") {
  const auto sought = [](const std::string& text) {
    return find_http2_frames({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                             kHttp2FrameBytesDefault);
  };
  // Chains of empty frames begin here at several offsets of nine, and break at the very end.
  std::string chains;
  while (chains.size() + 64 < kHttp2SoughtBytesMax) chains += frame(Type::kSettings, 0, 0, {});
  const std::string broken = chains + std::string(14, '\xff');
  // Followed from each offset anew, this is thousands of millions of frames.
  for (unsigned i = 0; i < 500; ++i) REQUIRE(sought(broken) == broken.size());

  const std::string good = frame(Type::kPing, 0, 0, "12345678");
  CHECK(sought(good) == 0);
  CHECK(sought(good + good) == 0);
  const std::string more = std::string(kHttp2SoughtBytesMax, '\xff') + good;
  CHECK(sought(more) == kHttp2SoughtBytesMax);
  CHECK(sought(std::string(kHttp2SoughtBytesMax + 1, '\xff')) == kHttp2SoughtBytesMax + 1);
  CHECK(sought(std::string(9, '\xff') + good + good) == 9);
  // One that a broken chain led past is found behind its beginning.
  const std::string around = frame(Type::kData, 0, 1, std::string(3, '\xff') + good + good);
  CHECK(sought(around) == 0);
  CHECK(sought(broken + good + good) == broken.size());
}

TEST_CASE("the preface and frames are told from other things") {
  const auto bytes = [](std::string_view text) {
    return Bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  };
  for (std::size_t cut = 0; cut < kPreface.size(); ++cut)
    CHECK(http2_preface_likeness(bytes(kPreface).first(cut)) == Likeness::kNotYet);
  CHECK(http2_preface_likeness(bytes(kPreface + "x")) == Likeness::kYes);
  CHECK(http2_preface_likeness(bytes("PRO")) == Likeness::kNo);

  const std::string settings = frame(Type::kSettings, 0, 0, number(3, 2) + number(100, 4));
  CHECK(looks_like_http2_frames(bytes(settings)));
  CHECK(looks_like_http2_frames(bytes(settings + "rest")));
  CHECK(looks_like_http2_frames(
      bytes(frame(Type::kData, 0, 1, "a") + frame(Type::kPing, 1, 0, "12345678"))));
  CHECK_FALSE(looks_like_http2_frames(bytes(frame(Type::kData, 0, 1, "a"))));
  CHECK_FALSE(looks_like_http2_frames(bytes(frame(Type::kData, 0, 1, "a") + "more")));
  CHECK_FALSE(
      looks_like_http2_frames(bytes(frame(Type::kSettings, 0, 0, number(99, 2) + number(1, 4)))));
  CHECK_FALSE(looks_like_http2_frames(bytes(std::string(64, '\0'))));
  CHECK_FALSE(looks_like_http2_frames(bytes("GET / HTTP/1.1\r\n\r\n")));
  CHECK_FALSE(looks_like_http2_frames({}));
}
