// How clients call themselves, over the flows in which they ask and are answered.
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "gnomon/sensor/replay.h"
#include "quiet_sink.h"

namespace gnomon::sensor {
namespace {

struct Named final : QuietSink {
  std::set<std::string> clients;  // "ADDRESS NAME MAC"

  void on_client_name(const observation::ClientNameRecord& record) override {
    std::string text = record.client.to_string();
    text.append(" ").append(record.name).append(" ").append(record.mac);
    clients.insert(std::move(text));
  }
};

TEST_CASE("an address is the client's that got it, not of one that was refused") {
  const auto catalogue = identify::Catalogue::load("signatures");
  REQUIRE(catalogue);
  struct Case {
    const char* capture;
    std::set<std::string> clients;
  };
  const auto each = GENERATE(values<Case>({
      {"awkward", {"10.20.0.105 dora-desktop 02:00:00:00:00:05"}},
      {"dhcp",
       {"10.20.0.110 anna-laptop 02:00:5e:00:20:11", "10.20.0.111 build-7 02:00:5e:00:20:12"}},
  }));
  for (const unsigned workers : {1U, 4U}) {
    INFO(each.capture << ", workers: " << workers);
    Named named;
    ReplayOptions options;
    options.inputs = {"pcaps/names/" + std::string{each.capture} + ".pcap"};
    options.workers = workers;
    std::vector<observation::Sink*> sinks{&named};
    REQUIRE(replay(options, *catalogue, sinks, {}));
    CHECK(named.clients == each.clients);
  }
}

TEST_CASE("a mirror of what clients send names those that accepted an offer") {
  Named named;
  ReplayOptions options;
  options.inputs = {"pcaps/names/dhcp.pcap", "pcaps/names/awkward.pcap"};
  options.filter = "udp src port 68";
  std::vector<observation::Sink*> sinks{&named};
  REQUIRE(replay(options, identify::Catalogue::nothing(), sinks, {}));
  CHECK(named.clients == std::set<std::string>{"10.20.0.110 anna-laptop 02:00:5e:00:20:11",
                                               "10.20.0.111 build-7 02:00:5e:00:20:12",
                                               "10.20.0.105 dora-desktop 02:00:00:00:00:05"});
}

}  // namespace
}  // namespace gnomon::sensor
