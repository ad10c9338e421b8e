#include "gnomon/message/websocket_stream.h"

#include <zlib.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "stream_steps.h"

using namespace gnomon;
using namespace gnomon::message;

namespace {

struct Log final : WebSocketEvents {
  std::string text;

  void on_ws_message(Direction direction, bool is_text) override {
    line(direction, is_text ? "text " : "binary ");
  }
  void on_ws_data(Direction, Bytes bytes) override {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void on_ws_gap(Direction, std::uint64_t bytes) override {
    text += "[" + std::to_string(bytes) + "]";
  }
  void on_ws_end(Direction, bool complete) override { text += complete ? "." : " cut"; }
  void on_ws_close(Direction direction, std::uint16_t code) override {
    line(direction, "close " + std::to_string(code));
  }
  void line(Direction direction, const std::string& what) {
    if (!text.empty()) text += '\n';
    text += direction == Direction::kToServer ? '>' : '<';
    text += what;
  }
};

// A short frame as a client masks it.
std::string masked(int first, std::string_view payload) {
  std::string text{static_cast<char>(first), static_cast<char>(0x80 | payload.size()), 1, 2, 3, 4};
  for (std::size_t i = 0; i < payload.size(); ++i)
    text += static_cast<char>(payload[i] ^ static_cast<char>(1 + i % 4));
  return text;
}
std::string plain(int first, std::string_view payload) {
  return std::string{static_cast<char>(first), static_cast<char>(payload.size())} +
         std::string{payload};
}

std::string log_of(WebSocketStream& stream, const WebSocketDeflate& deflate,
                   const std::vector<StreamStep>& steps, std::size_t size) {
  stream.reset(deflate);
  Log log;
  play(stream, steps, size, log);
  stream.close(log);
  return log.text;
}

WebSocketCounters check(const std::vector<StreamStep>& steps, const std::string& expected,
                        const WebSocketDeflate& deflate = {}) {
  WebSocketStream stream;
  CHECK(log_of(stream, deflate, steps, std::string::npos) == expected);
  const WebSocketCounters counters = stream.counters();
  for (std::size_t size = 1; size <= 7; ++size) {
    INFO("in parts of " << size);
    CHECK(log_of(stream, deflate, steps, size) == expected);
  }
  return counters;
}

const WebSocketDeflate kDeflate = read_websocket_extensions("permessage-deflate");

}  // namespace

TEST_CASE("messages are unmasked, and put together from fragments") {
  check({client(masked(0x81, "Hello")), client("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
         server(plain(0x01, "Hel") + plain(0x89, "ping") + plain(0x80, "lo")),
         server(plain(0x82, "")), client(masked(0x8a, "pong"))},
        ">text Hello.\n>text Hello.\n<text Hello.\n<binary .");
}

TEST_CASE("lengths of 16 and 64 bits") {
  const std::string long_one(300, 'a');
  const std::string longer(70000, 'b');
  check({server(std::string("\x81\x7e\x01\x2c") + long_one),
         server(std::string("\x82\x7f\0\0\0\0\0\x01\x11\x70", 10) + longer)},
        "<text " + long_one + ".\n<binary " + longer + ".");
}

TEST_CASE("a message of 2^62 bytes is read as far as it comes, one of 2^63 is a lie") {
  WebSocketCounters counters =
      check({server(std::string("\x82\x7f\x40\0\0\0\0\0\0\0", 10) + "abc")}, "<binary abc cut");
  CHECK(counters.bad_frames == 0);
  counters = check({server(std::string("\x82\x7f\x80\0\0\0\0\0\0\0", 10))}, "");
  CHECK(counters.bad_frames == 1);
}

TEST_CASE("closing tells the code, and nothing after it is read") {
  check({client(masked(0x01, "a") + masked(0x88, "\x03\xe8") + masked(0x81, "b")),
         server(plain(0x88, ""))},
        ">text a cut\n>close 1000\n<close 1005");
}

TEST_CASE("compressed messages, with and without what came before") {
  // RFC 7692 §7.2.3.1 and §7.2.3.2.
  const std::string first("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
  const std::string second("\xf2\x00\x11\x00\x00", 5);
  check({server(plain(0xc1, first) + plain(0xc1, second) + plain(0x81, "plain"))},
        "<text Hello.\n<text Hello.\n<text plain.", kDeflate);
  check({server(plain(0x41, first.substr(0, 3)) + plain(0x80, first.substr(3)))}, "<text Hello.",
        kDeflate);
  check({client(masked(0xc1, first)), server(plain(0xc1, first) + plain(0xc1, first))},
        ">text Hello.\n<text Hello.\n<text Hello.",
        read_websocket_extensions("permessage-deflate; server_no_context_takeover"));
  // Reference to what was never there.
  const WebSocketCounters counters = check({server(plain(0xc1, second) + plain(0xc1, first))},
                                           "<text H cut\n<text Hello.", kDeflate);
  CHECK(counters.inflate_failed == 1);
}

TEST_CASE("a message that inflates without end is cut") {
  z_stream deflater{};
  REQUIRE(deflateInit2(&deflater, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed;
  std::vector<std::uint8_t> zeros(std::size_t{1} << 20);
  std::vector<std::uint8_t> room(std::size_t{1} << 16);
  for (int i = 0; i < 80; ++i) {
    deflater.next_in = zeros.data();
    deflater.avail_in = static_cast<unsigned>(zeros.size());
    do {
      deflater.next_out = room.data();
      deflater.avail_out = static_cast<unsigned>(room.size());
      deflate(&deflater, Z_SYNC_FLUSH);
      packed.append(reinterpret_cast<const char*>(room.data()), room.size() - deflater.avail_out);
    } while (deflater.avail_out == 0);
  }
  deflateEnd(&deflater);
  struct Count final : WebSocketEvents {
    std::uint64_t bytes = 0;
    bool complete = true;
    void on_ws_message(Direction, bool) override {}
    void on_ws_data(Direction, Bytes piece) override { bytes += piece.size(); }
    void on_ws_end(Direction, bool whole) override { complete = whole; }
  } count;
  WebSocketStream stream;
  stream.reset(kDeflate);
  std::string bytes("\xc2\x7f\0\0\0\0", 6);
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(packed.size() >> shift);
  bytes += packed;
  stream.feed(Direction::kToClient,
              {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, count);
  CHECK_FALSE(count.complete);
  CHECK(count.bytes <= WebSocketStream::kInflatedBytesMax + 65536);
  CHECK(stream.counters().inflate_limit == 1);
}

TEST_CASE("a gap inside a payload is stepped over; after another, frames are looked for") {
  const std::string hello = plain(0x81, "0123456789");
  check({server(hello.substr(0, 4)), server_gap(5), server(hello.substr(9) + plain(0x81, "b"))},
        "<text 01[5]789 cut\n<text b.");
  WebSocketStream stream;
  CHECK(log_of(stream, {},
               {server(hello.substr(0, 4)), server_gap(50), server("rest of something"),
                server(plain(0x81, "found"))},
               std::string::npos) == "<text 01[8] cut\n<text found.");
}

TEST_CASE("frames that break the rules are not read") {
  const std::string bad =
      GENERATE(plain(0x83, "x"),                   // no such kind
               plain(0x91, "x"),                   // RSV3
               plain(0xc1, "x"),                   // compressed, which was not agreed upon
               plain(0x09, "x"),                   // a control frame in fragments
               masked(0x81, "x"),                  // masked by a server
               std::string("\x89\x7e\0\x80", 4));  // a control frame that is too long
  WebSocketStream stream;
  CHECK(log_of(stream, {}, {server(bad)}, std::string::npos).empty());
  CHECK(stream.counters().bad_frames == 1);
}

TEST_CASE("the granted extensions are read") {
  CHECK_FALSE(read_websocket_extensions("").on);
  CHECK_FALSE(read_websocket_extensions("x-webkit-deflate-frame, permessage-bzip2").on);
  const WebSocketDeflate all = read_websocket_extensions(
      "foo;a=1, Permessage-Deflate;client_no_context_takeover ; server_max_window_bits=10; "
      "client_max_window_bits=\"9\"");
  CHECK(all.on);
  CHECK(all.client_forgets);
  CHECK_FALSE(all.server_forgets);
  CHECK(all.server_bits == 10);
  CHECK(all.client_bits == 9);
  CHECK(read_websocket_extensions("permessage-deflate; server_max_window_bits=99").server_bits ==
        15);
}
