#include "gnomon/sensor/stream_shape.h"

#include <catch2/catch.hpp>
#include <functional>

namespace {

using gnomon::Time;
using gnomon::packet::Packet;
using gnomon::sensor::ShapeMeter;

// Plays a connection: times in milliseconds.
class Play {
 public:
  explicit Play(bool datagrams = false) : datagrams_(datagrams) {}

  Play& client(double after, std::uint32_t bytes) { return packet(after, bytes, true); }
  Play& server(double after, std::uint32_t bytes) { return packet(after, bytes, false); }
  Play& again(double after, std::uint32_t bytes) {  // the server's last bytes once more
    sequence_ -= bytes;
    return packet(after, bytes, false);
  }
  Play& request() { return client(20, 900); }
  Play& wait(double after) {
    now_ += after;
    return *this;
  }
  Play& tokens(int count, double every, std::uint32_t bytes = 250) {
    // Lengths and pauses vary as those of tokens do, without chance.
    for (int i = 0; i < count; ++i) {
      ++said_;
      server(every * (0.6 + 0.2 * (said_ * 7 % 5)), bytes + said_ * 5 % 11);
    }
    return *this;
  }
  gnomon::observation::StreamShape end() {
    meter_.finish();
    return meter_.facts();
  }
  [[nodiscard]] bool wanted() const { return wanted_; }

 private:
  Play& packet(double after, std::uint32_t bytes, bool to_server) {
    now_ += after;
    Packet each;
    each.protocol = datagrams_ ? gnomon::packet::kUdp : gnomon::packet::kTcp;
    each.time = Time{std::chrono::nanoseconds{static_cast<std::int64_t>(now_ * 1e6)}};
    each.payload_wire_bytes = bytes;
    if (!to_server) {
      each.tcp_sequence = sequence_;
      sequence_ += bytes;
    }
    if (wanted_) wanted_ = meter_.see(each, to_server);
    return *this;
  }

  ShapeMeter meter_;
  bool datagrams_;
  bool wanted_ = true;
  std::uint32_t said_ = 0;
  double now_ = 1000;
  std::uint32_t sequence_ = 0xfffff000;  // wraps on the way
};

TEST_CASE("answers that come as tokens do are told, with their pace") {
  struct Case {
    const char* what;
    std::function<void(Play&)> play;
  };
  const auto& each = GENERATE(values<Case>({
      {"a fast model", [](Play& p) { p.request().wait(400).tokens(200, 12); }},
      {"a slow model", [](Play& p) { p.request().wait(900).tokens(30, 180); }},
      {"short tokens", [](Play& p) { p.request().tokens(100, 30, 34); }},
      {"several tokens at once", [](Play& p) { p.request().tokens(40, 200, 1100); }},
      {"long pauses, long pieces", [](Play& p) { p.request().tokens(12, 700, 800); }},
      {"a long prompt first",
       [](Play& p) {
         for (int i = 0; i < 60; ++i) p.client(0.4, 1400);
         p.wait(800).tokens(100, 40);
       }},
      {"with the client's window updates",
       [](Play& p) {
         p.request();
         for (int i = 0; i < 10; ++i) p.tokens(12, 30).client(3, 39);
       }},
      {"after a page in the same connection",
       [](Play& p) {
         p.request().wait(30);
         for (int i = 0; i < 40; ++i) p.server(0.3, 1400);
         p.wait(3000).request().wait(500).tokens(80, 35);
       }},
      {"with what was sent twice",
       [](Play& p) {
         p.request();
         for (int i = 0; i < 40; ++i) p.tokens(2, 30).again(1, 20);
       }},
  }));
  CAPTURE(each.what);
  Play play;
  each.play(play);
  const auto facts = play.end();
  CHECK(facts.streamed == 1);
  CHECK(facts.score >= 0.5);
  CHECK(facts.score <= 1);
  CHECK(facts.pieces >= 8);
  CHECK(facts.cadence_ms > 0);
  CHECK(facts.piece_bytes > 0);
}

TEST_CASE("what else comes over the web is not") {
  struct Case {
    const char* what;
    std::function<void(Play&)> play;
  };
  const auto& each = GENERATE(values<Case>({
      {"nothing", [](Play&) {}},
      {"a request alone", [](Play& p) { p.request(); }},
      {"tokens nobody asked for", [](Play& p) { p.tokens(100, 30); }},
      {"too few pieces", [](Play& p) { p.request().tokens(7, 150); }},
      {"too short", [](Play& p) { p.request().tokens(30, 5); }},
      {"a page",
       [](Play& p) {
         p.request().wait(60);
         for (int i = 0; i < 60; ++i) p.server(0.5, 1400);
       }},
      {"a slow download",
       [](Play& p) {
         p.request();
         for (int i = 0; i < 200; ++i) p.server(28, 1448);
       }},
      {"a download in blocks",
       [](Play& p) {
         p.request();
         for (int i = 0; i < 40; ++i)
           for (int k = 0; k < 12; ++k) p.server(k == 0 ? 250 : 0.2, 1448);
       }},
      {"video in segments",
       [](Play& p) {
         for (int i = 0; i < 12; ++i) {
           p.request();
           for (int k = 0; k < 100; ++k) p.server(k % 10 == 0 ? 5 : 0.2, 1448);
           p.wait(1800);
         }
       }},
      {"sound, frames of one length",
       [](Play& p) {
         p.request();
         for (int i = 0; i < 200; ++i) p.server(104, 438);
       }},
      {"a ticker, slow and even",
       [](Play& p) {
         p.request();
         for (int i = 0; i < 30; ++i) p.server(500, 90 + i % 3);
       }},
      {"people talking",
       [](Play& p) {
         for (int i = 0; i < 60; ++i)
           p.client(300.0 + i * 37 % 400, 60 + i % 30).server(40, 80 + i % 50);
       }},
      {"a game",
       [](Play& p) {
         p.request();
         for (int i = 0; i < 300; ++i) p.client(25, 60).server(25, 150 + i * 7 % 90);
       }},
      {"typing",
       [](Play& p) {
         for (int i = 0; i < 60; ++i) p.client(150, 180).server(30, 400 + i * 13 % 300);
       }},
      {"events as they happen",
       [](Play& p) {
         p.request();
         const double gaps[] = {9, 420, 60, 900, 33, 210, 1500, 14, 130, 700, 5, 260};
         for (int i = 0; i < 96; ++i) p.server(gaps[i % 12], 100 + i * 17 % 80);
       }},
      {"lines of a log in heaps",
       [](Play& p) {
         p.request();
         for (int i = 0; i < 20; ++i) p.server(200 + i * 331 % 1700, 70 * (1 + i * 5 % 20));
       }},
      {"an endless stream", [](Play& p) { p.request().tokens(12000, 30); }},
      {"pushes, seconds apart",
       [](Play& p) {
         p.request();
         for (int i = 0; i < 20; ++i) p.server(4000, 120 + i);
       }},
      {"a silence in the middle, then much",
       [](Play& p) { p.request().tokens(5, 30).wait(20'000).tokens(100, 30); }},
  }));
  CAPTURE(each.what);
  Play play;
  each.play(play);
  const auto facts = play.end();
  CHECK(facts.streamed == 0);
  CHECK(facts.score == 0);
}

TEST_CASE("over QUIC acknowledgements count neither as pieces nor as words of the client") {
  Play play{true};
  play.client(0, 1200).server(20, 1200).client(20, 400);
  for (int i = 0; i < 60; ++i) play.tokens(1, 40, 120).client(1, 42).server(15, 28);
  const auto facts = play.end();
  CHECK(facts.streamed == 1);
  CHECK(facts.pieces == 60);
  Play both{true};
  both.client(0, 1200).server(20, 1200).client(20, 400);
  for (int i = 0; i < 60; ++i) both.tokens(1, 40, 120).client(1, 90);
  CHECK(both.end().streamed == 0);
}

TEST_CASE("several answers are counted, and then no more is asked") {
  Play play;
  for (int i = 0; i < 4; ++i) {
    CHECK(play.wanted());
    play.wait(3000).request().wait(500).tokens(60, 30);
  }
  play.wait(3000).request();
  CHECK(!play.wanted());
  const auto facts = play.end();
  CHECK(facts.streamed == 4);
  CHECK(facts.requests == 5);
  CHECK(facts.score > 0.9);
}

TEST_CASE("a connection without any such answer is given up") {
  Play play;
  int asked = 0;
  for (; asked < 200 && play.wanted(); ++asked) {
    play.wait(50).request();
    for (int k = 0; k < 5; ++k) play.server(k == 0 ? 20 : 0.2, 1448);
  }
  CHECK(asked < 60);
  CHECK(play.end().streamed == 0);
}

TEST_CASE("packets without payload change nothing") {
  Play with;
  Play without;
  with.request().server(10, 0).client(10, 0).wait(-20);
  without.request();
  for (int i = 0; i < 50; ++i) {
    with.tokens(1, 30).client(0.1, 0).wait(-0.1);
    without.tokens(1, 30);
  }
  const auto a = with.end();
  const auto b = without.end();
  CHECK(a.pieces == b.pieces);
  CHECK(a.cadence_ms == b.cadence_ms);
  CHECK(a.streamed == b.streamed);
}

}  // namespace
