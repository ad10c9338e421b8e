#include "ndpi_loop.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gnomon/flow/ndpi_engine.h"

#include <ndpi_define.h>
#if NDPI_MAJOR == 4 && NDPI_MINOR == 2
#include <ndpi_api.h>
#endif

using namespace gnomon;
using namespace gnomon::flow;

namespace {

// Ports and first bytes that some dissector asks for, so that random datagrams meet them.
constexpr std::uint16_t kPorts[] = {
    53,   67,   68,    80,    88,    123,   137,   138,   161,   177,   443,   546,  550,
    902,  1119, 1719,  1812,  1813,  2123,  2152,  3074,  3386,  3389,  3544,  3702, 4341,
    4342, 4569, 5001,  5003,  5060,  5072,  5201,  5246,  5247,  5353,  5355,  6000, 8080,
    8116, 8801, 10000, 10001, 17500, 17788, 18013, 19305, 30303, 40000, 50000, 57621};
const std::string kStarts[] = {"",
                               std::string{"\x01\x0b", 2},
                               "\xde\xad\xbe\xef",
                               std::string{"\x08\x00\x01\x00\x80\xd9\x02\x03", 8},
                               std::string{"\x00\x0b\x00\x00", 4},
                               "BJNP",
                               "MFNP",
                               "\xc7\xd9\x19\x99",
                               "\xff\xff\xff\xff",
                               "\xe3\x9a",
                               "\xc5\x91",
                               "\xe5\x43",
                               "GND\x01",
                               "\x05\x03\xff\xff",
                               std::string{"\x05\x00", 2},
                               "POST",
                               "7 3 ipp://",
                               std::string{"\x02\x01\x01\x00", 4},
                               "0\x0c\x02\x01",
                               "!/1 [",
                               "MEGACO/1 [",
                               "AUEP ",
                               "CRCX ",
                               "G",
                               std::string{"\x00\x05\x00\x01", 4},
                               std::string{"\x00\x09\x00\x02", 4},
                               "\x32\xab\x98\x64\x02",
                               std::string{"\x00\x06\x62\x6c", 4},
                               "\x05",
                               std::string{"\x07\x00\x01\x00", 4},
                               std::string{"\x80\x60\x00\x01", 4},
                               std::string{"\x00\x00\x00\x05", 4},
                               std::string{"\x00\x00\x00\x02", 4},
                               "M-SEARCH * HTTP/1.1",
                               "NOTIFY * HTTP/1.1",
                               "HTTP/1.1 200 OK\r\n",
                               "<34>Oct 11",
                               "<?xml version=",
                               "TS3INIT1",
                               std::string{"\x00\x01octet", 7},
                               std::string{"\x30\x00\x00\x00", 4},
                               std::string{"\x01\x02\x03\x00", 4},
                               "\xf7\x0f",
                               std::string{"\x01\x00\x00\x00", 4},
                               "r6fnvWj8",
                               std::string{"\x16\xfe\xff\x00", 4},
                               "\x28",
                               std::string{"\x02\x00\x48\x00", 4},
                               "REGISTER sip:",
                               "SIP/2.0 200",
                               "VS01",
                               "\x31\xff\x30\x2e",
                               std::string{"\x39\x18\x00\x00", 4},
                               std::string{"\x00\x01\x00\x00", 4},
                               std::string{"\x01\x01\x00\x2c", 4},
                               "RSP/1.0 STUN_",
                               "\x05\x14\x3a\x05\x08\xf8\xa1\xb1\x03",
                               std::string{"\x00\x00\x00\x00\x0c\x58\x76\x00\x00\x00", 10},
                               "d1:ad2:id20:",
                               "\x12\x03\x00\x00",
                               "\x81\xc8\x00\x0c",
                               std::string{"\x0d\x1d", 2},
                               std::string{"\x80\x08\xe7\x00\x00\x00", 6},
                               std::string{"\x09\x02", 2},
                               "HI\n",
                               "Q",
                               "\x04"};
constexpr std::size_t kSizes[] = {1,  2,  3,  4,   5,   6,   8,   10,  11,  12,   13,
                                  14, 16, 20, 23,  24,  25,  28,  32,  34,  35,   40,
                                  44, 45, 52, 56,  60,  62,  64,  73,  82,  84,   88,
                                  92, 96, 99, 102, 148, 188, 244, 376, 512, 1200, 1400};

struct Datagrams {
  std::mt19937 random{42};

  std::size_t below(std::size_t bound) { return random() % bound; }

  // An IPv4 datagram; `back` goes the other way.
  static std::vector<std::uint8_t> wrap(const std::string& payload, std::uint16_t from,
                                        std::uint16_t to, bool back) {
    std::vector<std::uint8_t> bytes(28);
    const auto put = [&](std::size_t at, std::size_t value) {
      bytes[at] = static_cast<std::uint8_t>(value >> 8);
      bytes[at + 1] = static_cast<std::uint8_t>(value);
    };
    bytes[0] = 0x45;
    put(2, 28 + payload.size());
    bytes[8] = 64;
    bytes[9] = packet::kUdp;
    const std::uint8_t ends[2][4] = {{10, 1, 2, 3}, {198, 51, 100, 7}};
    std::memcpy(&bytes[12], ends[back ? 1 : 0], 4);
    std::memcpy(&bytes[16], ends[back ? 0 : 1], 4);
    put(20, back ? to : from);
    put(22, back ? from : to);
    put(24, 8 + payload.size());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
  }

  std::string payload() {
    std::string text = kStarts[below(std::size(kStarts))];
    const std::size_t size = kSizes[below(std::size(kSizes))];
    const bool zeros = below(3) == 0;
    while (text.size() < size) text += zeros && below(4) != 0 ? '\0' : static_cast<char>(random());
    if (below(2) == 0) text.resize(size);
    return text;
  }
};

std::string verdict_on(NdpiEngine& engine, const std::vector<std::vector<std::uint8_t>>& flow) {
  const NdpiEngine::Handle handle = engine.start();
  for (std::size_t i = 0; i < flow.size(); ++i) {
    packet::Packet packet;
    packet.time = Time{std::chrono::seconds{1700000000 + i}};
    packet.network = flow[i].data();
    packet.payload = flow[i].data() + 28;
    packet.payload_bytes = static_cast<std::uint32_t>(flow[i].size() - 28);
    packet.protocol = packet::kUdp;
    packet.ip_version = 4;
    if (engine.feed(handle, packet, i % 2 == 0)) break;
  }
  const NdpiVerdict verdict = engine.finish(handle);
  return std::string{verdict.protocol()} + "|" + std::string{verdict.category()} + "|" +
         std::to_string(verdict.risks);
}

}  // namespace

TEST_CASE("datagrams get the verdicts that nDPI's own loop gives") {
  auto fast = NdpiEngine::create();
  auto own = NdpiEngine::create();
  REQUIRE(fast);
  REQUIRE(own);
  Datagrams make;
  std::size_t known = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::uint16_t from = make.below(2) == 0 ? 51000 : kPorts[make.below(std::size(kPorts))];
    const std::uint16_t to = make.below(3) == 0 ? 52000 : kPorts[make.below(std::size(kPorts))];
    std::vector<std::vector<std::uint8_t>> flow;
    std::string payload = make.payload();
    for (std::size_t i = 0, packets = 1 + make.below(4); i < packets; ++i) {
      flow.push_back(Datagrams::wrap(payload, from, to, i % 2 == 1));
      if (make.below(2) == 0) payload = make.payload();
    }
    use_ndpis_own_loop(false);
    const std::string ours = verdict_on(**fast, flow);
    use_ndpis_own_loop(true);
    const std::string theirs = verdict_on(**own, flow);
    use_ndpis_own_loop(false);
    INFO("round " << round << ", ports " << from << " and " << to << ", " << flow.size()
                  << " packets, " << payload.size() << " bytes");
    REQUIRE(ours == theirs);
    known += ours.rfind("Unknown", 0) != 0 ? 1 : 0;
  }
  CHECK(known > 2'000);
}

#if NDPI_MAJOR == 4 && NDPI_MINOR == 2
TEST_CASE("text is sought as nDPI seeks it, in no text too") {
  const char text[] = "GET /announce\0?info_hash";
  CHECK(ndpi_strnstr(text, "announce", sizeof text) == text + 5);
  CHECK(ndpi_strnstr(text, "info_hash", sizeof text) == nullptr);  // behind a zero byte
  CHECK(ndpi_strnstr(text, "announce", 12) == nullptr);
  CHECK(ndpi_strnstr(text, "", 0) == text);
  CHECK(ndpi_strnstr(nullptr, "announce", 0) == nullptr);
}
#endif
