#include "gnomon/message/key_log.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

using namespace gnomon::message;
using gnomon::Bytes;

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string hex(char digit, std::size_t bytes) { return std::string(2 * bytes, digit); }

const std::string kRandom = hex('1', 32);

struct Read {
  explicit Read(std::string_view text) {
    reader.feed(bytes_of(text), log);
    reader.finish(log);
  }
  KeyLog log;
  KeyLogReader reader;
};

std::array<std::uint8_t, 32> random_of(std::uint8_t byte) {
  std::array<std::uint8_t, 32> random{};
  random.fill(byte);
  return random;
}

}  // namespace

TEST_CASE("every label of a key log is known by what it is for") {
  struct Case {
    const char* label;
    KeyLabel kept_as;
    std::size_t secret_bytes;
  };
  const auto each = GENERATE(
      values<Case>({{"CLIENT_RANDOM", KeyLabel::kMaster, 48},
                    {"PMS_CLIENT_RANDOM", KeyLabel::kPreMaster, 48},
                    {"CLIENT_EARLY_TRAFFIC_SECRET", KeyLabel::kClientEarly, 32},
                    {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", KeyLabel::kClientHandshake, 48},
                    {"SERVER_HANDSHAKE_TRAFFIC_SECRET", KeyLabel::kServerHandshake, 32},
                    {"CLIENT_TRAFFIC_SECRET_0", KeyLabel::kClientTraffic, 32},
                    {"SERVER_TRAFFIC_SECRET_0", KeyLabel::kServerTraffic, 48},
                    {"QUIC_CLIENT_EARLY_TRAFFIC_SECRET", KeyLabel::kClientEarly, 32},
                    {"QUIC_CLIENT_HANDSHAKE_TRAFFIC_SECRET", KeyLabel::kClientHandshake, 32},
                    {"QUIC_SERVER_HANDSHAKE_TRAFFIC_SECRET", KeyLabel::kServerHandshake, 32},
                    {"QUIC_CLIENT_TRAFFIC_SECRET_0", KeyLabel::kClientTraffic, 32},
                    {"QUIC_SERVER_TRAFFIC_SECRET_0", KeyLabel::kServerTraffic, 32}}));
  INFO(each.label);
  const Read read{std::string{each.label} + " " + kRandom + " " + hex('a', each.secret_bytes) +
                  "\n"};
  CHECK(read.reader.bad_lines() == 0);
  const Secret* secret = read.log.find(each.kept_as, random_of(0x11));
  REQUIRE(secret != nullptr);
  CHECK(secret->bytes().size() == each.secret_bytes);
  CHECK(secret->bytes()[0] == 0xaa);
  CHECK(read.log.find(each.kept_as, random_of(0x12)) == nullptr);
  CHECK(read.log.size() == 1);
}

TEST_CASE("secrets of RSA exchanges and of sessions are found by their own ids") {
  const Read read{"RSA 0102030405060708 " + hex('b', 48) + "\r\n" +
                  "RSA Session-ID:" + hex('2', 32) + " Master-Key:" + hex('c', 48) + "\n"};
  CHECK(read.reader.bad_lines() == 0);
  const std::array<std::uint8_t, 8> id{1, 2, 3, 4, 5, 6, 7, 8};
  REQUIRE(read.log.find(KeyLabel::kEncryptedPreMaster, id) != nullptr);
  CHECK(read.log.find(KeyLabel::kMaster, id) == nullptr);
  REQUIRE(read.log.find(KeyLabel::kSessionMaster, random_of(0x22)) != nullptr);
  CHECK(read.log.find(KeyLabel::kSessionMaster, random_of(0x22))->bytes()[0] == 0xcc);
}

TEST_CASE("what is no line of a key log is counted by number, and the rest is read") {
  struct Case {
    std::string line;
    bool bad;
  };
  const auto each = GENERATE(
      values<Case>({{"", false},
                    {"# a comment", false},
                    {"EXPORTER_SECRET " + kRandom + " " + hex('a', 32), false},
                    {"CLIENT_TRAFFIC_SECRET_N " + kRandom + " " + hex('a', 32), false},
                    {"QUIC_SERVER_TRAFFIC_SECRET_12 " + kRandom + " " + hex('a', 32), false},
                    {"SERVER_TRAFFIC_SECRET_ " + kRandom + " " + hex('a', 32), true},
                    {"CLIENT_TRAFFIC_SECRET_1N " + kRandom + " " + hex('a', 32), true},
                    {"ECH_SECRET " + kRandom + " " + hex('a', 32), false},
                    {"HELLO", true},
                    {"CLIENT_RANDOM", true},
                    {"CLIENT_RANDOM " + kRandom, true},
                    {"CLIENT_RANDOM " + hex('1', 31) + " " + hex('a', 48), true},
                    {"CLIENT_RANDOM " + hex('1', 33) + " " + hex('a', 48), true},
                    {"CLIENT_RANDOM " + kRandom + " " + hex('a', 47), true},
                    {"CLIENT_RANDOM " + kRandom + " " + hex('a', 49), true},
                    {"CLIENT_RANDOM " + kRandom + " " + hex('a', 47) + "a", true},
                    {"CLIENT_RANDOM " + kRandom + " " + hex('g', 48), true},
                    {"CLIENT_RANDOM " + kRandom + " " + hex('a', 48) + " more", true},
                    {"client_random " + kRandom + " " + hex('a', 48), true},
                    {"CLIENT_TRAFFIC_SECRET_0 " + kRandom + " " + hex('a', 33), true},
                    {"CLIENT_TRAFFIC_SECRET_0 " + kRandom + " " + hex('a', 500), true},
                    {"RSA 01020304050607 " + hex('b', 48), true},
                    {"RSA Session-ID: Master-Key:" + hex('c', 48), true},
                    {"CLIENT_RANDOM " + hex('2', 2000), true},
                    {std::string("CLIENT_RANDOM\0", 14) + kRandom, true}}));
  INFO(each.line);
  const Read read{each.line + "\nCLIENT_RANDOM " + hex('7', 32) + " " + hex('a', 48)};
  CHECK(read.reader.bad_lines() == (each.bad ? 1 : 0));
  CHECK(read.reader.first_bad_lines().size() == (each.bad ? 1 : 0));
  if (each.bad) CHECK(read.reader.first_bad_lines()[0].number == 1);
  CHECK(read.reader.secrets() == 1);
  CHECK(read.log.find(KeyLabel::kMaster, random_of(0x77)) != nullptr);
  CHECK(read.log.size() == 1);
}

TEST_CASE("a key log is the same however it is cut into pieces") {
  const std::string text = "\xef\xbb\xbf# log\r\nCLIENT_RANDOM " + kRandom + " " + hex('a', 48) +
                           "\r\nno line\n\nSERVER_TRAFFIC_SECRET_0 " + kRandom + " " + hex('b', 32);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    KeyLog log;
    KeyLogReader reader;
    reader.feed(bytes_of(text).first(cut), log);
    reader.feed(bytes_of(text).subspan(cut), log);
    // Nobody has said yet that the last line is over.
    CHECK(log.size() == 1);
    reader.finish(log);
    REQUIRE(log.size() == 2);
    REQUIRE(reader.bad_lines() == 1);
    CHECK(reader.first_bad_lines()[0].number == 3);
  }
}

TEST_CASE("a full key log forgets what came first, and says so") {
  KeyLog log{3};
  const Secret secret{random_of(9)};
  for (std::uint8_t i = 1; i <= 5; ++i) log.put(KeyLabel::kMaster, random_of(i), secret);
  log.put(KeyLabel::kMaster, random_of(5), secret);  // again: no more than one of a kind
  CHECK(log.size() == 3);
  CHECK(log.evicted() == 2);
  CHECK(log.find(KeyLabel::kMaster, random_of(2)) == nullptr);
  CHECK(log.find(KeyLabel::kMaster, random_of(3)) != nullptr);
}

TEST_CASE("a secret is wiped when it goes") {
  alignas(Secret) std::array<std::uint8_t, sizeof(Secret)> room{};
  const auto* secret = new (room.data()) Secret{random_of(0x5a)};
  CHECK(std::count(room.begin(), room.end(), 0x5a) == 32);
  secret->~Secret();
  CHECK(std::count(room.begin(), room.end(), 0x5a) == 0);
}
