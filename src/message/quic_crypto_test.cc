#include "gnomon/message/quic_crypto.h"

#include <catch2/catch.hpp>

#include "quic_samples.h"

namespace gnomon::message {
namespace {

using namespace samples;

QuicCrypto make_crypto() {
  auto crypto = QuicCrypto::create();
  REQUIRE(crypto);
  return std::move(*crypto);
}

// RFC 9001 appendix A and RFC 9369 appendix A use the same id and hello.
const Octets kId = from_hex("8394c8f03e515708");
const Octets kHelloFrame = from_hex(
    "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c"
    "00000413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006"
    "001d0017001800100007000504616c706e000500050100000000003300260024001d00209370b2c9caa4"
    "7fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e040305"
    "0306030203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ff"
    "ff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff");

TEST_CASE("keys are those of the RFCs' appendices", "[message][quic]") {
  const QuicCrypto crypto = make_crypto();
  struct Case {
    QuicSalt salt;
    QuicSender sender;
    std::string key, iv, header_protection;
  };
  const auto c = GENERATE(values<Case>({
      {QuicSalt::kVersion1, QuicSender::kClient, "1f369613dd76d5467730efcbe3b1a22d",
       "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2"},
      {QuicSalt::kVersion1, QuicSender::kServer, "cf3a5331653c364c88f0f379b6067e37",
       "0ac1493ca1905853b0bba03e", "c206b8d9b9f0f37644430b490eeaa314"},
      {QuicSalt::kVersion2, QuicSender::kClient, "8b1a0bc121284290a29e0971b5cd045d",
       "91f73e2351d8fa91660e909f", "45b95e15235d6f45a6b19cbcb0294ba9"},
      {QuicSalt::kVersion2, QuicSender::kServer, "82db637861d55e1d011f19ea71d5d2a7",
       "dd13c276499c0249d3310652", "edf6d05c83121201b436e16877593c3a"},
  }));
  const QuicInitialKeys keys = crypto.initial_keys(c.salt, kId, c.sender);
  CHECK(to_hex(keys.key) == c.key);
  CHECK(to_hex(keys.iv) == c.iv);
  CHECK(to_hex(keys.header_protection) == c.header_protection);
}

TEST_CASE("the RFCs' client Initials are made and opened", "[message][quic]") {
  QuicCrypto crypto = make_crypto();
  struct Case {
    std::uint32_t version;
    std::string begin, tag;
  };
  const auto c = GENERATE(values<Case>({
      {kQuicVersion1,
       "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9bd8bab936b4"
       "7d92ec356c0bab7df5976d27cd449f63300099f399",
       "e221af44860018ab0856972e194cd934"},
      {kQuicVersion2,
       "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485dd04de806071bf03dceebf"
       "a162e75d6c96058bdbfb127cdfcbf903388e99ad04",
       ""},
  }));
  const Octets payload = payload_of({kHelloFrame}, 1162);
  const Octets packet =
      sealed_packet(crypto, {.destination_id = kId, .version = c.version, .number = 2}, payload);
  CHECK(packet.size() == 1200);
  CHECK(to_hex(Bytes{packet}.first(c.begin.size() / 2)) == c.begin);
  if (!c.tag.empty()) CHECK(to_hex(Bytes{packet}.last(16)) == c.tag);

  const auto keys = crypto.initial_keys(*quic_salt(c.version), kId);
  const auto opened = crypto.open(keys, packet, 18);
  REQUIRE(opened);
  CHECK(Octets{opened->begin(), opened->end()} == payload);
}

TEST_CASE("packet numbers of every length open", "[message][quic]") {
  QuicCrypto crypto = make_crypto();
  const auto keys = crypto.initial_keys(QuicSalt::kVersion1, kId);
  for (const std::size_t bytes : {1u, 2u, 3u, 4u}) {
    CAPTURE(bytes);
    const Octets packet = sealed_packet(
        crypto, {.destination_id = kId, .number = 0xab, .number_bytes = bytes}, Octets(40, 1));
    const auto opened = crypto.open(keys, packet, 18);
    REQUIRE(opened);
    CHECK(opened->size() == 40);
  }
}

TEST_CASE("what was changed, cut or sealed with other keys does not open", "[message][quic]") {
  QuicCrypto crypto = make_crypto();
  const Octets packet = sealed_packet(crypto, {.destination_id = kId}, Octets(40, 1));
  const auto keys = crypto.initial_keys(QuicSalt::kVersion1, kId);
  REQUIRE(crypto.open(keys, packet, 18));
  for (std::size_t at = 0; at < packet.size(); ++at) {
    CAPTURE(at);
    Octets changed = packet;
    changed[at] ^= 0x20;
    CHECK_FALSE(crypto.open(keys, changed, 18));
    CHECK_FALSE(crypto.open(keys, Bytes{packet}.first(at), 18));
  }
  CHECK_FALSE(
      crypto.open(crypto.initial_keys(QuicSalt::kVersion1, kId, QuicSender::kServer), packet, 18));
  CHECK_FALSE(crypto.open(crypto.initial_keys(QuicSalt::kDraft29, kId), packet, 18));
  CHECK_FALSE(crypto.open(keys, packet, 0));
  CHECK_FALSE(crypto.open(keys, packet, packet.size() + 1));
  CHECK(crypto.open(keys, packet, 18));  // failing leaves nothing behind
}

TEST_CASE("versions have salts and names", "[message][quic]") {
  struct Case {
    std::uint32_t version;
    std::optional<QuicSalt> salt;
    std::string name;
  };
  const auto c = GENERATE(values<Case>({
      {1, QuicSalt::kVersion1, "1"},
      {0x6b3343cf, QuicSalt::kVersion2, "2"},
      {0xff000016, QuicSalt::kDraft22, "draft-22"},
      {0xff000017, QuicSalt::kDraft23, "draft-23"},
      {0xff00001c, QuicSalt::kDraft23, "draft-28"},
      {0xff00001d, QuicSalt::kDraft29, "draft-29"},
      {0xff000020, QuicSalt::kDraft29, "draft-32"},
      {0xff000022, QuicSalt::kVersion1, "draft-34"},
      {0xff000015, std::nullopt, "draft-21"},
      {0xff000023, std::nullopt, "draft-35"},
      {0xfaceb001, QuicSalt::kDraft22, "mvfst-22"},
      {0xfaceb002, QuicSalt::kDraft23, "mvfst-27"},
      {0xfaceb00e, QuicSalt::kDraft23, "mvfst-27"},
      {0x51303530, QuicSalt::kGoogleQ050, "Q050"},
      {0x54303530, QuicSalt::kGoogleT050, "T050"},
      {0x54303531, QuicSalt::kGoogleT051, "T051"},
      {0x51303433, std::nullopt, "Q043"},
      {0x1a2a3a4a, QuicSalt::kVersion1, "0x1a2a3a4a"},
      {0x00000000, std::nullopt, "0x00000000"},
      {0x00000002, std::nullopt, "0x00000002"},
      {0x12345678, std::nullopt, "0x12345678"},
  }));
  CAPTURE(c.name);
  CHECK(quic_salt(c.version) == c.salt);
  CHECK(quic_version_name(c.version) == c.name);
}

}  // namespace
}  // namespace gnomon::message
