#include "gnomon/message/tls_records.h"

#include <catch2/catch.hpp>

#include "hello_samples.h"

namespace gnomon::message {
namespace {

using namespace samples;

Octets browser_message(std::string_view name) {
  return handshake(1, hello_body(browser_hello(name)));
}

std::string name_in(const ClientHelloReading& reading) {
  const auto* found = std::get_if<TlsClientHello>(&reading);
  return found == nullptr ? std::string{"-"} : std::string{found->hello.server_name};
}

TEST_CASE("a hello is read however records cut it", "[message][tls]") {
  TlsScratch scratch;
  const Octets message = browser_message("claude.ai");
  for (const std::size_t size : {1u, 2u, 3u, 4u, 5u, 6u, 10u, 100u, 500u, 1600u, 16384u}) {
    CAPTURE(size);
    const Octets stream = records(message, size);
    const auto reading = read_client_hello(stream, scratch);
    CHECK(name_in(reading) == "claude.ai");
    const auto* found = std::get_if<TlsClientHello>(&reading);
    REQUIRE(found != nullptr);
    CHECK(found->bytes_consumed == stream.size());
    CHECK(found->record_version == 0x0301);
    CHECK_FALSE(found->hello.partial);
  }
}

TEST_CASE("a hello of one record is a view of the stream, not a copy", "[message][tls]") {
  TlsScratch scratch;
  const Octets stream = records(browser_message("claude.ai"), 16384);
  const auto reading = read_client_hello(stream, scratch);
  const auto* found = std::get_if<TlsClientHello>(&reading);
  REQUIRE(found != nullptr);
  CHECK(found->hello.random.data() == stream.data() + 5 + 4 + 2);
}

TEST_CASE("a stream that ends too soon asks for more, and rightly", "[message][tls]") {
  TlsScratch scratch;
  for (const std::size_t size : {7u, 300u, 16384u}) {
    const Octets stream = records(browser_message("claude.ai"), size);
    for (std::size_t cut = 0; cut < stream.size(); ++cut) {
      CAPTURE(size, cut);
      const Octets bytes{stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(cut)};
      const auto reading = read_client_hello(bytes, scratch);
      const auto* not_yet = std::get_if<TlsNotYet>(&reading);
      REQUIRE(not_yet != nullptr);
      CHECK(not_yet->bytes_wanted > cut);
      CHECK(not_yet->bytes_wanted <= stream.size());
    }
  }
}

TEST_CASE("what stands before and after a hello is stepped over", "[message][tls]") {
  const Octets message = browser_message("claude.ai");
  const Octets whole = record(22, message);
  const auto joined = [](std::initializer_list<Octets> parts) {
    Octets out;
    for (const Octets& part : parts) append(out, part);
    return out;
  };
  const Octets other = handshake(16, Octets(70));
  struct Case {
    std::string what;
    Octets stream;
    HelloOrder order;
    std::size_t after;
  };
  const Octets alert = record(21, {1, 112});
  const Octets empty = record(22, {});
  const Octets change = record(20, {1});
  const auto c = GENERATE_COPY(values<Case>({
      {"a warning", joined({alert, whole}), HelloOrder::kFirst, 0},
      {"empty records", joined({empty, empty, whole}), HelloOrder::kFirst, 0},
      {"an empty record inside",
       joined({record(22, {message.begin(), message.begin() + 9}), empty,
               record(22, {message.begin() + 9, message.end()})}),
       HelloOrder::kFirst, 0},
      {"another record after it", joined({whole, change, whole}), HelloOrder::kFirst,
       change.size() + whole.size()},
      {"another message in its record", record(22, joined({message, other})), HelloOrder::kFirst,
       0},
      {"another message in the second of its records",
       joined({record(22, {message.begin(), message.begin() + 90}),
               record(22, joined({Octets{message.begin() + 90, message.end()}, other}))}),
       HelloOrder::kFirst, 0},
      {"ChangeCipherSpec before a further hello", joined({change, whole}), HelloOrder::kFurther, 0},
      {"records of a version to come", record(22, message, 0x0309), HelloOrder::kFirst, 0},
  }));
  CAPTURE(c.what);
  TlsScratch scratch;
  const auto reading = read_client_hello(c.stream, scratch, c.order);
  CHECK(name_in(reading) == "claude.ai");
  const auto* found = std::get_if<TlsClientHello>(&reading);
  REQUIRE(found != nullptr);
  CHECK(found->bytes_consumed == c.stream.size() - c.after);
  CHECK_FALSE(found->hello.malformed);  // what follows it is not part of it
}

TEST_CASE("what is not a client's first record is refused at once", "[message][tls]") {
  const Octets message = browser_message("claude.ai");
  struct Case {
    std::string what;
    Octets stream;
  };
  Octets huge = handshake(1, Octets(100, 3));
  huge[1] = 0xff;
  Octets odd_version = message;
  odd_version[4] = 7;
  Octets lying = record(22, message);
  lying[3] = 0xff;
  const auto c = GENERATE_COPY(values<Case>({
      {"HTTP", bytes_of("GET / HTTP/1.1\r\n")},
      {"one byte of something else", {'G'}},
      {"SSH", bytes_of("SSH-2.0-OpenSSH_9.2")},
      {"application data", record(23, Octets(50))},
      {"ChangeCipherSpec first", record(20, {1})},
      {"a server's hello", record(22, handshake(2, Octets(40, 3)))},
      {"an encrypted alert", record(21, Octets(26))},
      {"a hello of 16 MiB", record(22, huge)},
      {"a hello too short to be one", record(22, handshake(1, {3, 3, 0}))},
      {"a hello of version 7", record(22, odd_version)},
      {"a record of version 4.x", record(22, message, 0x0401)},
      {"a record of 65,000 bytes", lying},
      {"a record header cut after its version", {22, 4, 1}},
      {"a hello with an alert inside",
       [&] {
         Octets out = record(22, {message.begin(), message.begin() + 20});
         append(out, record(21, {1, 0}));
         return out;
       }()},
  }));
  CAPTURE(c.what);
  TlsScratch scratch;
  CHECK(std::holds_alternative<TlsNotMine>(read_client_hello(c.stream, scratch)));
}

TEST_CASE("application data never hides a further hello", "[message][tls]") {
  TlsScratch scratch;
  CHECK(std::holds_alternative<TlsNotMine>(
      read_client_hello(record(23, Octets(50)), scratch, HelloOrder::kFurther)));
}

TEST_CASE("a hello honest outside and dishonest inside is read as far as it goes",
          "[message][tls]") {
  Octets body = hello_body({.extensions = {server_name("claude.ai"), extension(51, Octets(40))}});
  body[body.size() - 41] = 0xff;  // the last extension's length
  TlsScratch scratch;
  const Octets stream = records(handshake(1, body), 16384);
  const auto reading = read_client_hello(stream, scratch);
  const auto* found = std::get_if<TlsClientHello>(&reading);
  REQUIRE(found != nullptr);
  CHECK(found->hello.server_name == "claude.ai");
  CHECK(found->hello.partial);
}

TEST_CASE("a stream that will not go on gives what it has", "[message][tls]") {
  TlsScratch scratch;
  HelloParts parts = browser_hello("claude.ai");
  std::swap(parts.extensions[0], parts.extensions[4]);  // the name first
  for (const std::size_t size : {50u, 16384u}) {
    Octets stream = records(handshake(1, hello_body(parts)), size);
    stream.resize(400);
    const auto reading = read_cut_client_hello(stream, scratch);
    CHECK(name_in(reading) == "claude.ai");
    CHECK(std::get<TlsClientHello>(reading).hello.partial);
    stream.resize(20);
    CHECK(std::holds_alternative<TlsNotMine>(read_cut_client_hello(stream, scratch)));
  }
  CHECK(std::holds_alternative<TlsNotMine>(read_cut_client_hello({}, scratch)));
}

TEST_CASE("an SSLv2-compatible hello is known for what it is", "[message][tls]") {
  Octets hello{0x80, 0, 1, 3, 1, 0, 6, 0, 0, 0, 16, 0, 0, 4, 1, 0, 0x80};
  hello.resize(hello.size() + 16, 0x77);
  hello[1] = static_cast<std::uint8_t>(hello.size() - 2);
  TlsScratch scratch;
  const auto reading = read_client_hello(hello, scratch);
  const auto* found = std::get_if<TlsClientHello>(&reading);
  REQUIRE(found != nullptr);
  CHECK(found->hello.ssl2);
  CHECK(found->hello.legacy_version == 0x0301);
  CHECK(found->bytes_consumed == hello.size());
  for (std::size_t cut = 1; cut < hello.size(); ++cut) {
    CAPTURE(cut);
    const Octets bytes{hello.begin(), hello.begin() + static_cast<std::ptrdiff_t>(cut)};
    CHECK(std::holds_alternative<TlsNotYet>(read_client_hello(bytes, scratch)));
  }
  Octets odd_suites = hello;
  odd_suites[6] = 5;  // honest otherwise: two bytes of ciphers fewer, one of session id more
  odd_suites[8] = 1;
  CHECK(std::holds_alternative<TlsNotMine>(read_client_hello(odd_suites, scratch)));
  for (const std::size_t at : {1u, 2u, 3u, 6u, 8u, 10u}) {
    CAPTURE(at);
    Octets bytes = hello;
    bytes[at] ^= 0x41;
    CHECK(std::holds_alternative<TlsNotMine>(read_client_hello(bytes, scratch)));
  }
}

TEST_CASE("a hello is recognised in the middle of a stream by its first bytes", "[message][tls]") {
  const Octets whole = record(22, browser_message("claude.ai"));
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    CAPTURE(cut);
    CHECK(looks_like_client_hello(Bytes{whole}.first(cut)) == (cut >= 11));
  }
  CHECK(looks_like_client_hello(records(browser_message("claude.ai"), 10)));
  CHECK(looks_like_client_hello(records(browser_message("claude.ai"), 45)));

  struct Change {
    std::size_t at;
    std::uint8_t value;
  };
  const auto c = GENERATE(values<Change>({
      {0, 23},     // not a handshake
      {1, 2},      // not version 3.x
      {3, 0xff},   // record length
      {5, 2},      // a ServerHello
      {6, 1},      // 64 KiB and more
      {9, 7},      // hello version
      {43, 33},    // session id length
      {76, 0xff},  // cipher suites beyond the hello
      {77, 31},    // an odd length of them
  }));
  CAPTURE(c.at);
  Octets changed = whole;
  changed[c.at] = c.value;
  CHECK_FALSE(looks_like_client_hello(changed));
}

TEST_CASE("a hello is recognised when its first records hold next to nothing", "[message][tls]") {
  const Octets message = browser_message("claude.ai");
  for (const std::size_t first : {1u, 2u, 3u, 4u, 5u, 6u}) {
    const auto middle = message.begin() + static_cast<std::ptrdiff_t>(first);
    Octets stream = record(22, {message.begin(), middle});
    append(stream, record(22, {middle, message.end()}));
    CAPTURE(first);
    // Headers, and six bytes of the hello.
    const std::size_t enough = first < 6 ? 5 + 5 + 6 : 11;
    for (std::size_t cut = 0; cut < 60; ++cut) {
      CAPTURE(cut);
      CHECK(looks_like_client_hello(Bytes{stream}.first(cut)) == (cut >= enough));
      CHECK((client_hello_likeness(Bytes{stream}.first(cut)) == Likeness::kNotYet) ==
            (cut > 0 && cut < enough));
    }
  }
  for (const std::size_t size : {1u, 2u, 3u, 4u, 5u, 6u}) {
    CAPTURE(size);
    CHECK(client_hello_likeness(records(message, size)) == Likeness::kYes);
  }

  struct Change {
    std::size_t at;
    std::uint8_t value;
  };
  const auto c = GENERATE(values<Change>({
      {0, 23},    // not a handshake
      {1, 2},     // not version 3.x
      {3, 0xff},  // record length
      {5, 2},     // a ServerHello
      {6, 21},    // an alert between
      {7, 2},     // the second record's version
      {10, 0},    // and its length
      {11, 1},    // 64 KiB and more
      {14, 7},    // hello version
  }));
  CAPTURE(c.at);
  const auto second = message.begin() + 1;
  Octets stream = record(22, {message.begin(), second});
  append(stream, record(22, {second, second + 200}));
  REQUIRE(looks_like_client_hello(stream));
  stream[c.at] = c.value;
  CHECK_FALSE(looks_like_client_hello(stream));
  CHECK(client_hello_likeness(Bytes{stream}.first(16)) == Likeness::kNo);
}

TEST_CASE("a hello is recognised behind alerts and empty records", "[message][tls]") {
  const Octets message = browser_message("claude.ai");
  const Octets whole = record(22, message);
  const Octets alert = record(21, {1, 112});
  const Octets empty = record(22, {});
  struct Case {
    std::string what;
    std::vector<Octets> before;
    bool known;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"an alert", {alert}, true},
      {"an empty record", {empty}, true},
      {"both, twice", {empty, alert, alert, empty}, true},
      {"five", {empty, empty, empty, empty, empty}, false},
      {"an encrypted alert", {record(21, Octets(26))}, false},
      {"ChangeCipherSpec", {record(20, {1})}, false},
  }));
  CAPTURE(c.what);
  Octets stream;
  for (const Octets& each : c.before) append(stream, each);
  CHECK_FALSE(looks_like_client_hello(stream));
  CHECK(client_hello_likeness(stream) == Likeness::kNo);  // alone it is more often an end
  const std::size_t before = stream.size();
  append(stream, whole);
  CHECK(looks_like_client_hello(stream) == c.known);
  CHECK((client_hello_likeness(Bytes{stream}.first(before + 9)) == Likeness::kNotYet) == c.known);

  Octets later = record(22, message, 0x0305);
  CHECK(looks_like_client_hello(later));
  later[10] = 9;  // the hello's own
  CHECK(looks_like_client_hello(later));
}

TEST_CASE("a header of SQL Server before a handshake is measured", "[message][tls]") {
  const Octets header = {0x12, 1, 0, 213, 0, 0, 1, 0};
  Octets whole = header;
  append(whole, record(22, browser_message("claude.ai")));
  CHECK(tds_header_bytes(whole) == 8);
  for (std::size_t cut = 0; cut < whole.size(); ++cut)
    CHECK(tds_header_bytes(Bytes{whole}.first(cut)) == (cut > 8 ? 8 : 0));
  struct Change {
    std::size_t at;
    std::uint8_t value;
  };
  const auto c = GENERATE(values<Change>({
      {0, 0x10},  // a login
      {1, 9},     // a reset
      {3, 8},     // nothing in it
      {8, 0},     // options of the prelogin
  }));
  CAPTURE(c.at);
  whole[c.at] = c.value;
  CHECK(tds_header_bytes(whole) == 0);
}

TEST_CASE("a hello in too many records is given up", "[message][tls]") {
  TlsScratch scratch;
  Octets message = browser_message("claude.ai");
  Octets stream = records(message, 1);
  CHECK(message.size() < kHelloRecordsMax);
  CHECK(name_in(read_client_hello(stream, scratch)) == "claude.ai");

  Octets body(kHelloRecordsMax);
  body[0] = 3;  // the version
  message = handshake(1, body);
  stream = records(message, 1);
  const Bytes most = Bytes{stream}.first(kHelloRecordsMax * 6);
  CHECK(std::holds_alternative<TlsNotYet>(read_client_hello(most.first(most.size() - 1), scratch)));
  CHECK(std::holds_alternative<TlsNotMine>(read_client_hello(most, scratch)));
}

TEST_CASE("of a hello in too many records the first bytes are read", "[message][tls]") {
  TlsScratch scratch;
  Octets message = browser_message("claude.ai");
  message.resize(kHelloRecordsMax + 4);  // longer than it says, as padding would make it
  const std::size_t length = message.size() - 4;
  for (const std::size_t i : {1u, 2u, 3u})
    message[i] = static_cast<std::uint8_t>(length >> (8 * (3 - i)));
  const Octets stream = records(message, 1);
  CHECK(std::holds_alternative<TlsNotMine>(read_client_hello(stream, scratch)));
  const ClientHelloReading reading = read_cut_client_hello(stream, scratch);
  REQUIRE(std::holds_alternative<TlsClientHello>(reading));
  CHECK(std::get<TlsClientHello>(reading).hello.server_name == "claude.ai");
  CHECK(std::get<TlsClientHello>(reading).hello.partial);
  CHECK(std::get<TlsClientHello>(reading).bytes_consumed == kHelloRecordsMax * 6);
}

TEST_CASE("a PROXY header before a hello is measured", "[message][tls]") {
  const std::string line = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n";
  CHECK(proxy_header_bytes(bytes_of(line)) == line.size());
  CHECK(proxy_header_bytes(bytes_of(line + "x")) == line.size());
  Octets binary = from_hex("0d0a0d0a000d0a515549540a2111000c");
  binary.resize(binary.size() + 12);
  CHECK(proxy_header_bytes(binary) == 28);
  struct Case {
    std::string what;
    Octets bytes;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"nothing", {}},
      {"a line without its end", bytes_of(line.substr(0, line.size() - 1))},
      {"a line too long", bytes_of("PROXY " + std::string(120, 'a') + "\r\n")},
      {"a version 2 header cut", {binary.begin(), binary.end() - 1}},
      {"a version 3 header",
       [&] {
         Octets other = binary;
         other[12] = 0x31;
         return other;
       }()},
      {"TLS", record(22, Octets(20))},
  }));
  CAPTURE(c.what);
  CHECK(proxy_header_bytes(c.bytes) == 0);
}

Octets server_hello(std::uint16_t version, const Octets& random,
                    const std::vector<Octets>& extensions) {
  Octets body;
  append_u16(body, version);
  append(body, random);
  body.push_back(0);
  append_u16(body, 0x1301);
  body.push_back(0);
  Octets all;
  for (const Octets& each : extensions) append(all, each);
  append_u16(body, all.size());
  append(body, all);
  return handshake(2, body);
}

TEST_CASE("a ServerHello says what was chosen", "[message][tls]") {
  TlsScratch scratch;
  const Octets random(32, 9);
  const Octets retry = from_hex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");
  struct Case {
    std::string what;
    Octets message;
    std::uint16_t version;
    std::string alpn;
    bool retry;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"TLS 1.3", server_hello(0x0303, random, {extension(43, {3, 4})}), 0x0304, "", false},
      {"TLS 1.2 with ALPN", server_hello(0x0303, random, {alpn({"h2"})}), 0x0303, "h2", false},
      {"a retry", server_hello(0x0303, retry, {extension(43, {3, 4})}), 0x0304, "", true},
      {"no extensions", server_hello(0x0301, random, {}), 0x0301, "", false},
  }));
  CAPTURE(c.what);
  for (const std::size_t size : {3u, 20u, 16384u}) {
    const Octets stream = records(c.message, size);
    const auto reading = read_server_hello(stream, scratch);
    const auto* found = std::get_if<TlsServerHello>(&reading);
    REQUIRE(found != nullptr);
    CHECK(found->hello.version == c.version);
    CHECK(found->hello.cipher_suite == 0x1301);
    CHECK(found->hello.alpn == c.alpn);
    CHECK(found->hello.is_retry_request == c.retry);
    CHECK(found->bytes_consumed == stream.size());
    for (std::size_t cut = 0; cut < stream.size(); ++cut)
      CHECK(
          std::holds_alternative<TlsNotYet>(read_server_hello(Bytes{stream}.first(cut), scratch)));
  }
  CHECK(std::holds_alternative<TlsNotMine>(
      read_server_hello(records(browser_message("a.io"), 100), scratch)));
}

}  // namespace
}  // namespace gnomon::message
