#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "../packet/test_captures.h"
#include "gnomon/sensor/replay.h"

// TCP connections of clients to 10.0.0.2, written to a capture by hand and replayed.
namespace gnomon::sensor::testing {

class Capture {
 public:
  struct Connection {
    packet::testing::Raw client_address = {10, 0, 0, 1};
    unsigned client_port = 40000;
    unsigned server_port = 8080;
    std::uint32_t client = 1000, server = 5000;  // next sequence numbers
  };
  static constexpr unsigned kFin = 1, kSyn = 2, kRst = 4, kPush = 8, kAck = 16;

  // One segment of the client, or of the server.
  void send(Connection& on, bool up, unsigned flags, std::string_view payload = {}) {
    using namespace packet::testing;
    const Raw segment =
        up ? tcp(on.client_port, on.server_port, text(payload), {on.client, on.server, flags})
           : tcp(on.server_port, on.client_port, text(payload), {on.server, on.client, flags});
    Ip4Fields fields;
    fields.source = on.client_address;
    if (!up) std::swap(fields.source, fields.destination);
    if (segment.size() > 65000) fields.length = 0;  // the card cuts it up later
    ++milliseconds_;
    const Raw record =
        pcap_record(ethernet(0x0800, ip4(6, segment, fields)), 1'700'000'000 + milliseconds_ / 1000,
                    milliseconds_ % 1000 * 1000, {});
    capture_.insert(capture_.end(), record.begin(), record.end());
    (up ? on.client : on.server) +=
        static_cast<std::uint32_t>(payload.size()) + ((flags & (kFin | kSyn)) != 0 ? 1 : 0);
  }
  // One datagram of a client, or of the server back to it.
  void send_datagram(bool up, unsigned client_port, unsigned server_port,
                     const packet::testing::Raw& payload) {
    using namespace packet::testing;
    Ip4Fields fields;
    if (!up) std::swap(fields.source, fields.destination);
    ++milliseconds_;
    const Raw record =
        pcap_record(ethernet(0x0800, ip4(17,
                                         up ? udp(client_port, server_port, payload)
                                            : udp(server_port, client_port, payload),
                                         fields)),
                    1'700'000'000 + milliseconds_ / 1000, milliseconds_ % 1000 * 1000, {});
    capture_.insert(capture_.end(), record.begin(), record.end());
  }
  void wait(std::uint32_t milliseconds) { milliseconds_ += milliseconds; }
  void open(Connection& on) {
    send(on, true, kSyn);
    send(on, false, kSyn | kAck);
    send(on, true, kAck);
  }
  void close(Connection& on) {
    send(on, false, kFin | kAck);
    send(on, true, kFin | kAck);
  }

  void replay(observation::Sink& sink) const {
    static const auto catalogue = identify::Catalogue::load("signatures");
    REQUIRE(catalogue);
    const auto path = std::filesystem::temp_directory_path() /
                      ("gnomon-connections-" + std::to_string(::getpid()) + ".pcap");
    std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(capture_.data()),
                                                static_cast<std::streamsize>(capture_.size()));
    ReplayOptions options;
    options.inputs = {path.string()};
    options.events = true;
    std::vector<observation::Sink*> sinks{&sink};
    const auto replayed = sensor::replay(options, *catalogue, sinks, {});
    std::filesystem::remove(path);
    REQUIRE(replayed);
  }

 private:
  packet::testing::Raw capture_ = packet::testing::pcap_header({});
  std::uint32_t milliseconds_ = 0;
};

}  // namespace gnomon::sensor::testing
