#include "gnomon/message/quic_initial.h"

#include <catch2/catch.hpp>

#include "gnomon/message/quic_packet.h"
#include "quic_samples.h"

namespace gnomon::message {
namespace {

using namespace samples;

const Octets kId = from_hex("8394c8f03e515708");
const Octets kOtherId = from_hex("0102030405060708090a");

// A reader with what it needs, fed with datagrams.
class Flow {
 public:
  QuicReading feed(const Octets& datagram, bool from_client = true) {
    return reader.feed(datagram, from_client, crypto);
  }
  // The name found, "." for not yet, "-" for not mine.
  std::string name(const Octets& datagram, bool from_client = true) {
    const QuicReading reading = feed(datagram, from_client);
    if (const auto* found = std::get_if<QuicClientHello>(&reading))
      return std::string{found->hello.server_name};
    return std::holds_alternative<QuicNotYet>(reading) ? "." : "-";
  }
  Octets seal(const PacketParts& parts, const Octets& payload) const {
    return sealed_packet(crypto, parts, payload);
  }

  QuicCrypto crypto = std::move(*QuicCrypto::create());
  QuicInitialReader reader;
};

Octets quic_hello(std::string_view name, std::size_t key_bytes = 1216) {
  HelloParts parts = browser_hello(name, key_bytes);
  parts.extensions[5] = alpn({"h3"});
  parts.extensions.push_back(extension(TlsExtension::kQuicTransportParameters, Octets(40, 1)));
  return handshake(1, hello_body(parts));
}

Octets joined(std::initializer_list<Octets> parts) {
  Octets out;
  for (const Octets& part : parts) append(out, part);
  return out;
}

TEST_CASE("a hello in one Initial is found, of each version", "[message][quic]") {
  const auto version =
      GENERATE(as<std::uint32_t>{}, 0x00000001, 0x6b3343cf, 0xff000016, 0xff000017, 0xff00001d,
               0xff000021, 0xfaceb001, 0xfaceb002, 0x4a5a6a7a, 0x54303530, 0x54303531);
  CAPTURE(version);
  Flow flow;
  const Octets hello = quic_hello("claude.ai", 32);
  const std::uint8_t type = is_google_quic_with_crypto_frames(version) ? 8 : 6;
  const Octets datagram = flow.seal({.destination_id = kId, .version = version},
                                    payload_of({crypto_frame(hello, 0, hello.size(), type)}));
  CHECK(looks_like_quic_initial(datagram));
  const QuicReading reading = flow.feed(datagram);
  const auto* found = std::get_if<QuicClientHello>(&reading);
  REQUIRE(found != nullptr);
  CHECK(found->hello.server_name == "claude.ai");
  CHECK(found->hello.alpn[0] == "h3");
  CHECK(found->hello.has_quic_transport_parameters);
  CHECK(found->version == version);
  CHECK_FALSE(found->google_handshake);
  CHECK_FALSE(flow.reader.settled());
}

TEST_CASE("a reserved version comes with the salt of 1 or of a draft", "[message][quic]") {
  const auto salt = GENERATE(QuicSalt::kVersion1, QuicSalt::kDraft29, QuicSalt::kDraft23);
  Flow flow;
  const Octets hello = quic_hello("claude.ai");
  const auto initial = [&](std::size_t begin, std::size_t end) {
    return flow.seal({.destination_id = kId, .version = 0x0a0a0a0a, .salt = salt},
                     payload_of({crypto_frame(hello, begin, end - begin)}));
  };
  CHECK(flow.name(initial(0, 1100)) == ".");
  const bool known = salt != QuicSalt::kDraft23;  // no client is known to
  CHECK(flow.name(initial(1100, hello.size())) == (known ? "claude.ai" : "."));
}

TEST_CASE("CRYPTO frames in any order, number and overlap", "[message][quic]") {
  Flow flow;
  const Octets hello = quic_hello("claude.ai", 300);
  const std::size_t size = hello.size();
  REQUIRE(size > 600);
  const Octets ping{1};
  const Octets padding(3, 0);
  const Octets ack{2, 5, 10, 1, 0, 2, 1};
  const Octets ack_ecn{3, 5, 10, 0, 0, 1, 1, 1};
  const auto piece = [&](std::size_t begin, std::size_t end) {
    return crypto_frame(hello, begin, end - begin);
  };
  const auto frames = GENERATE_COPY(values<Octets>({
      joined({piece(300, size), piece(0, 300)}),
      joined({ping, piece(500, size), padding, piece(100, 500), ping, ack, piece(0, 100)}),
      joined({piece(0, 400), piece(200, 600), piece(500, size)}),
      joined({piece(0, 0), ack_ecn, piece(64, size), piece(0, 64), piece(0, 64)}),
      joined({piece(1, size), piece(0, 1)}),
  }));
  CHECK(flow.name(flow.seal({.destination_id = kId}, payload_of({frames}))) == "claude.ai");
}

TEST_CASE("a hello over two Initials, in either order and repeated", "[message][quic]") {
  const Octets hello = quic_hello("claude.ai");
  REQUIRE(hello.size() > 1500);
  Flow flow;
  const Octets first =
      flow.seal({.destination_id = kId, .number = 1}, payload_of({crypto_frame(hello, 0, 1100)}));
  const Octets second = flow.seal({.destination_id = kId, .number = 2},
                                  payload_of({crypto_frame(hello, 1100, hello.size() - 1100)}));
  SECTION("in order") {
    CHECK(flow.name(first) == ".");
    CHECK(flow.name(second) == "claude.ai");
  }
  SECTION("swapped") {
    CHECK(flow.name(second) == ".");
    CHECK(flow.name(first) == "claude.ai");
  }
  SECTION("the first twice") {
    CHECK(flow.name(first) == ".");
    CHECK(flow.name(first) == ".");
    CHECK(flow.name(second) == "claude.ai");
    CHECK(flow.name(second) == ".");  // told once
  }
  SECTION("coalesced") { CHECK(flow.name(joined({first, second})) == "claude.ai"); }
  SECTION("with packets of other kinds around them") {
    const Octets early = flow.seal({.destination_id = kId, .type = 1}, Octets(60));
    const Octets server = flow.seal({.destination_id = {},
                                     .source_id = kOtherId,
                                     .keys_from = kId,
                                     .sender = QuicSender::kServer},
                                    payload_of({Octets{2, 0, 0, 0, 0}}));
    CHECK(flow.name(early) == ".");
    CHECK(flow.name(joined({first, early})) == ".");
    CHECK(flow.name(server, false) == ".");
    CHECK(flow.name(second) == "claude.ai");
  }
  SECTION("the destination id having become the server's") {
    CHECK(flow.name(first) == ".");
    CHECK(flow.name(flow.seal({.destination_id = kOtherId, .number = 2, .keys_from = kId},
                              payload_of({crypto_frame(hello, 1100, hello.size() - 1100)}))) ==
          "claude.ai");
  }
  SECTION("after a reset nothing is left") {
    CHECK(flow.name(first) == ".");
    flow.reader.reset();
    CHECK(flow.name(second) == ".");
    CHECK_FALSE(flow.reader.partial());
  }
  SECTION("one lost: what came is there when asked") {
    CHECK(flow.name(first) == ".");
    const auto partial = flow.reader.partial();
    REQUIRE(partial);
    CHECK(partial->hello.partial);
    CHECK(partial->hello.legacy_version == 0x0303);
  }
}

TEST_CASE("0-RTT first gives the keys when the ids then change", "[message][quic]") {
  Flow flow;
  const Octets hello = quic_hello("claude.ai", 32);
  CHECK(flow.name(flow.seal({.destination_id = kId, .type = 1}, Octets(60))) == ".");
  CHECK(flow.name(flow.seal({.destination_id = kOtherId, .keys_from = kId},
                            payload_of({crypto_frame(hello, 0, hello.size())}))) == "claude.ai");
}

TEST_CASE("after Retry, and after version negotiation, keys are made anew", "[message][quic]") {
  Flow flow;
  const Octets hello = quic_hello("claude.ai");
  const auto initials = [&](const PacketParts& parts) {
    return std::pair{
        flow.seal(parts, payload_of({crypto_frame(hello, 0, 1100)})),
        flow.seal(parts, payload_of({crypto_frame(hello, 1100, hello.size() - 1100)}))};
  };
  const auto [first, lost] = initials({.destination_id = kId});
  CHECK(flow.name(first) == ".");
  SECTION("Retry, seen or not") {
    const bool seen = GENERATE(true, false);
    if (seen) {
      Octets retry{0xf0, 0, 0, 0, 1, 0, 10};
      append(retry, kOtherId);
      retry.resize(retry.size() + 60, 7);
      CHECK(flow.name(retry, false) == ".");
    }
    const auto [one, two] = initials({.destination_id = kOtherId, .token = Octets(70, 3)});
    CHECK(flow.name(one) == ".");
    CHECK(flow.name(two) == "claude.ai");
  }
  SECTION("negotiation") {
    Octets negotiation{0xaa, 0, 0, 0, 0, 0, 8};
    append(negotiation, kId);
    append_u32(negotiation, kQuicVersion2);
    CHECK(flow.name(negotiation, false) == ".");
    const auto [one, two] = initials({.destination_id = kId, .version = kQuicVersion2});
    CHECK(flow.name(one) == ".");
    CHECK(flow.name(two) == "claude.ai");
  }
}

TEST_CASE("the ends taken the wrong way round", "[message][quic]") {
  Flow flow;
  const Octets hello = quic_hello("claude.ai");
  const Octets server = flow.seal(
      {.destination_id = kOtherId, .keys_from = kId, .sender = QuicSender::kServer}, Octets(900));
  CHECK(flow.name(server, true) == ".");
  CHECK(flow.name(flow.seal({.destination_id = kId}, payload_of({crypto_frame(hello, 0, 1100)})),
                  false) == ".");
  CHECK(flow.reader.client_is_other_end());
  CHECK(flow.name(server, true) == ".");
  CHECK(flow.name(flow.seal({.destination_id = kId, .number = 1},
                            payload_of({crypto_frame(hello, 1100, hello.size() - 1100)})),
                  false) == "claude.ai");
}

TEST_CASE("a second hello, and a second connection", "[message][quic]") {
  Flow flow;
  const Octets hello = quic_hello("claude.ai", 32);
  const Octets again = joined({hello, quic_hello("claude.ai", 64)});
  CHECK(flow.name(flow.seal({.destination_id = kId},
                            payload_of({crypto_frame(again, 0, hello.size())}))) == "claude.ai");
  CHECK(flow.name(flow.seal(
            {.destination_id = kOtherId, .keys_from = kId},
            payload_of({crypto_frame(again, hello.size(), again.size() - hello.size())}))) ==
        "claude.ai");
  const Octets other = quic_hello("chatgpt.com", 32);
  CHECK(flow.name(flow.seal({.destination_id = Octets(12, 9)},
                            payload_of({crypto_frame(other, 0, other.size())}))) == "chatgpt.com");
}

TEST_CASE("a new connection does not inherit what the last one said", "[message][quic]") {
  Flow flow;
  const Octets hello = quic_hello("claude.ai");
  const Octets other = quic_hello("chatgpt.com");
  const auto initial = [&flow](const Octets& id, const Octets& stream, std::size_t begin,
                               std::size_t end) {
    return flow.seal({.destination_id = id},
                     payload_of({crypto_frame(stream, begin, end - begin)}));
  };
  CHECK(flow.name(initial(kId, hello, 0, 1100)) == ".");
  CHECK(flow.name(initial(kOtherId, other, 1100, other.size())) == ".");
  CHECK_FALSE(flow.reader.partial());
  CHECK(flow.name(initial(kOtherId, other, 0, 1100)) == "chatgpt.com");
}

TEST_CASE("a client that has gone on has nothing more to tell", "[message][quic]") {
  Flow flow;
  const Octets hello = quic_hello("claude.ai", 32);
  const Octets initial =
      flow.seal({.destination_id = kId}, payload_of({crypto_frame(hello, 0, hello.size())}));
  const Octets later = GENERATE(Octets(40, 0x41), Octets{});
  CHECK(flow.name(initial) == "claude.ai");
  CHECK(flow.name(later.empty() ? flow.seal({.destination_id = kOtherId, .type = 2}, Octets(60))
                                : later) == ".");
  CHECK(flow.reader.settled());
}

TEST_CASE("a connection whose first Initial is missing stays unread", "[message][quic]") {
  Flow flow;
  const Octets hello = quic_hello("claude.ai", 32);
  const Octets datagram = flow.seal({.destination_id = kOtherId, .keys_from = kId},
                                    payload_of({crypto_frame(hello, 0, hello.size())}));
  for (unsigned i = 0; i < kQuicOpenFailuresMax; ++i) CHECK(flow.name(datagram) == ".");
  CHECK(flow.name(datagram) == "-");
  CHECK(flow.reader.settled());
}

TEST_CASE("a datagram cut by the capture is not counted against the flow", "[message][quic]") {
  Flow flow;
  const Octets hello = quic_hello("claude.ai", 32);
  const Octets whole =
      flow.seal({.destination_id = kId}, payload_of({crypto_frame(hello, 0, hello.size())}));
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    const std::string name = flow.name({whole.begin(), whole.begin() + static_cast<long>(cut)});
    CAPTURE(cut);
    CHECK(name == (cut < 18 ? "-" : "."));
  }
  CHECK(flow.name(whole) == "claude.ai");
}

TEST_CASE("what opens and is no hello ends the reading", "[message][quic]") {
  struct Case {
    std::string what;
    Octets frames;
    std::string answer;
  };
  const Octets other = handshake(2, Octets(60));
  Octets huge = handshake(1, Octets(60));
  huge[2] = 0x40;
  const Octets broken = handshake(1, Octets(60, 0xff));
  const auto c = GENERATE_COPY(values<Case>({
      {"another message", crypto_frame(other, 0, other.size()), "-"},
      {"a hello that cannot be kept", crypto_frame(huge, 0, huge.size()), "-"},
      {"a hello of nonsense", crypto_frame(broken, 0, broken.size()), "-"},
      {"an offset beyond what is kept", {6, 0x80, 0, 0xff, 0xff, 1, 7}, "."},
      {"an offset of 2^62", {6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 7}, "."},
      {"a length beyond the packet", {6, 0, 0x7f, 0xff, 7}, "."},
      {"an ACK of 2^62 ranges", {2, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0}, "."},
      {"a frame no Initial may hold", {0x1e, 6, 0, 1, 1}, "."},
      {"a close", {0x1c, 0, 0, 0}, "."},
      {"padding alone", {}, "."},
  }));
  CAPTURE(c.what);
  Flow flow;
  CHECK(flow.name(flow.seal({.destination_id = kId}, payload_of({c.frames}))) == c.answer);
}

TEST_CASE("what is not QUIC is refused", "[message][quic]") {
  Flow flow;
  const Octets good = flow.seal({.destination_id = kId}, Octets(60));
  const auto with = [&good](std::size_t at, std::uint8_t value) {
    Octets out = good;
    out[at] = value;
    return out;
  };
  const auto datagram = GENERATE_COPY(values<Octets>({
      {},
      {0xc0},
      bytes_of("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"),  // DNS
      Octets(1200, 0xff),
      Octets(1200, 0x80),
      Octets(1200, 0x40),
      with(0, 0x8f),   // without the fixed bit
      with(4, 2),      // an unknown version
      with(5, 21),     // an id too long
      with(14, 21),    // the other one
      with(15, 0x7f),  // a token beyond the end
  }));
  CHECK_FALSE(looks_like_quic_initial(datagram));
  CHECK(flow.name(datagram) == "-");
}

TEST_CASE("long headers are read by form", "[message][quic]") {
  Flow flow;
  const Octets initial =
      flow.seal({.destination_id = kId, .source_id = kOtherId, .token = {9, 9}}, Octets(60));
  const Octets other = flow.seal({.destination_id = kId, .type = 2}, Octets(30));
  const Octets datagram = joined({initial, other});
  ByteReader in{datagram};
  const auto first = read_quic_long_header(in);
  REQUIRE(first);
  CHECK(first->type == QuicPacketType::kInitial);
  CHECK(to_hex(first->destination_id) == to_hex(kId));
  CHECK(to_hex(first->source_id) == to_hex(kOtherId));
  CHECK(first->packet.size() == initial.size());
  CHECK_FALSE(first->cut);
  const auto second = read_quic_long_header(in);
  REQUIRE(second);
  CHECK(second->type == QuicPacketType::kHandshake);
  CHECK(second->packet.size() == other.size());
  CHECK(in.at_end());

  const Octets version2 = flow.seal({.destination_id = kId, .version = kQuicVersion2}, Octets(60));
  ByteReader in2{version2};
  CHECK(read_quic_long_header(in2)->type == QuicPacketType::kInitial);
}

TEST_CASE("Google's hellos in the clear", "[message][quic]") {
  const Octets hello = google_hello("www.google.com", "Chrome/80.0.3987.132");
  const Octets hash(12, 0xee);
  const Octets id(8, 0x77);
  struct Case {
    std::string what;
    Octets header;
    std::uint32_t version;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"Q025, with private flags",
       joined({{0x0d}, id, bytes_of("Q025"), {1}, hash, {1}, {0xa0, 1, 0, 4}}), 0x51303235},
      {"Q043", joined({{0x0d}, id, bytes_of("Q043"), {1}, hash, {0xa0, 1, 4, 0}}), 0x51303433},
      {"Q043, a longer number, no length",
       joined({{0x29}, id, bytes_of("Q043"), {0, 0, 0, 1}, hash, {0x80, 1}}), 0x51303433},
      {"Q046", joined({{0xc3}, bytes_of("Q046"), {0x50}, id, {0, 0, 0, 1}, hash, {0xa0, 1, 4, 0}}),
       0x51303436},
      {"Q046, padding first",
       joined({{0xc3}, bytes_of("Q046"), {0x50}, id, {0, 0, 0, 1}, hash, {0, 0, 0xa0, 1, 4, 0}}),
       0x51303436},
  }));
  CAPTURE(c.what);
  Flow flow;
  Octets datagram = joined({c.header, hello});
  datagram.resize(1350);
  CHECK(looks_like_quic_initial(datagram));
  const QuicReading reading = flow.feed(datagram);
  const auto* found = std::get_if<QuicClientHello>(&reading);
  REQUIRE(found != nullptr);
  CHECK(found->hello.server_name == "www.google.com");
  CHECK(found->user_agent == "Chrome/80.0.3987.132");
  CHECK(found->version == c.version);
  CHECK(found->google_handshake);
  const std::size_t needed = c.header.size() + hello.size();
  for (std::size_t cut = 0; cut < needed; ++cut) {
    CAPTURE(cut);
    const QuicReading cut_reading = flow.reader.feed(Bytes{datagram}.first(cut), true, flow.crypto);
    const auto* hello_found = std::get_if<QuicClientHello>(&cut_reading);
    CHECK(hello_found == nullptr);
  }
}

TEST_CASE("Google's hello under protection", "[message][quic]") {
  Flow flow;
  const Octets hello = google_hello("www.gstatic.com", "Chrome/85.0");
  const QuicReading reading =
      flow.feed(flow.seal({.destination_id = kId, .version = kQuicVersionGoogleQ050},
                          payload_of({Octets{7}, crypto_frame(hello, 0, hello.size(), 8)})));
  const auto* found = std::get_if<QuicClientHello>(&reading);
  REQUIRE(found != nullptr);
  CHECK(found->hello.server_name == "www.gstatic.com");
  CHECK(found->google_handshake);
}

TEST_CASE("Google's hello with lying tags is refused", "[message][quic]") {
  const Octets header =
      joined({{0x09}, Octets(8), bytes_of("Q043"), {1}, Octets(12), {0xa0, 1, 4, 0}});
  const Octets hello = google_hello("www.google.com", "a user agent of some length");
  struct Case {
    std::string what;
    std::size_t at;
    std::uint8_t value;
  };
  const auto c = GENERATE(values<Case>({
      {"four tags, of which one is made of values", 4, 4},
      {"very many tags", 5, 0xff},
      {"a value that ends beyond the hello", 12, 0xff},
      {"one far beyond it", 15, 0xff},
      {"a value that ends before it begins", 12, 120},
      {"the last value too long", 28, 0xff},
  }));
  CAPTURE(c.what);
  Flow flow;
  Octets changed = joined({header, hello});
  changed[header.size() + c.at] = c.value;
  CHECK(flow.name(changed) == ".");
}

TEST_CASE("Google's hello with more tags than are read is refused", "[message][quic]") {
  const Octets header =
      joined({{0x09}, Octets(8), bytes_of("Q043"), {1}, Octets(12), {0xa0, 1, 4, 0}});
  const auto with_tags = [&header](std::uint8_t tags) {
    Octets out = joined({header, bytes_of("CHLO"), {tags, 0, 0, 0}});
    for (std::uint8_t i = 0; i < tags; ++i) append(out, joined({bytes_of("NONE"), Octets(4)}));
    return out;
  };
  Flow flow;
  CHECK(flow.name(with_tags(128)).empty());
  CHECK(flow.name(with_tags(129)) == ".");
}

}  // namespace
}  // namespace gnomon::message
