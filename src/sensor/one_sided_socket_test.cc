// WebSockets of which a mirror shows one side alone, so that no 101 is seen.
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gnomon/content/scanner.h"
#include "gnomon/identify/api_reader.h"
#include "gnomon/sensor/replay.h"
#include "quiet_sink.h"

namespace gnomon::sensor {
namespace {

struct Log final : QuietSink {
  std::vector<std::string> findings;

  void on_finding(const observation::FindingRecord& record) override {
    findings.push_back(std::string{record.detector} + " " + std::string{record.host});
  }
};

// Of a little-endian capture of Ethernet the frames that do not come from this TCP port over IPv4.
std::string without_answers(const std::string& capture, std::uint16_t port) {
  constexpr std::size_t kFileHeader = 24;
  constexpr std::size_t kFrameHeader = 16;
  constexpr std::size_t kSourcePort = 14 + 20;
  std::string kept = capture.substr(0, kFileHeader);
  for (std::size_t at = kFileHeader; at + kFrameHeader <= capture.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, capture.data() + at + 8, sizeof size);
    const std::string frame = capture.substr(at + kFrameHeader, size);
    const auto byte = [&](std::size_t place) {
      return place < frame.size() ? static_cast<unsigned char>(frame[place]) : 0U;
    };
    const bool answer = byte(12) == 8 && byte(13) == 0 && byte(23) == 6 &&
                        (byte(kSourcePort) << 8 | byte(kSourcePort + 1)) == port;
    if (!answer) kept += capture.substr(at, kFrameHeader + size);
    at += kFrameHeader + size;
  }
  return kept;
}

Log replayed(const std::filesystem::path& capture) {
  static const auto catalogue = identify::Catalogue::load("signatures");
  static const auto api = identify::ApiKnowledge::load("signatures");
  static const auto detectors = content::DetectorSet::load("signatures/detectors");
  REQUIRE(catalogue);
  REQUIRE(api);
  REQUIRE(detectors);
  Log log;
  ReplayOptions options;
  options.inputs = {capture};
  options.workers = 1;
  options.api = &*api;
  options.detectors = [] { return &*detectors; };
  std::vector<observation::Sink*> sinks{&log};
  REQUIRE(replay(options, *catalogue, sinks, {}));
  return log;
}

}  // namespace

TEST_CASE("messages of a WebSocket are read though its answers are not seen") {
  const std::filesystem::path whole = "pcaps/local/websocket.pcap";
  std::ifstream file{whole, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  REQUIRE(bytes.starts_with("\xd4\xc3\xb2\xa1"));
  const std::string part = without_answers(bytes, 8000);
  REQUIRE(part.size() < bytes.size());
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / "gnomon-one-sided-socket.pcap";
  std::ofstream{path, std::ios::binary} << part;
  const Log log = replayed(path);
  std::filesystem::remove(path);
  CHECK_FALSE(log.findings.empty());
  CHECK(log.findings == replayed(whole).findings);
}

}  // namespace gnomon::sensor
