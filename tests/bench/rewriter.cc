#include "rewriter.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace gnomon::bench {
namespace {

// Hosts of 10.0.0.0/8 whose last byte is neither 0 nor 255, for these look like a network or a
// broadcast.
constexpr std::uint64_t kHostsPerNetwork = 254;
constexpr std::uint64_t kHostsMax = kHostsPerNetwork << 16;

constexpr std::uint16_t kDynamicPortsFirst = 49152;  // RFC 6335 section 6
constexpr std::uint32_t kDynamicPorts = 65536 - kDynamicPortsFirst;

std::uint32_t client_address(std::uint64_t number) {
  return static_cast<std::uint32_t>(0x0a000000 | (number / kHostsPerNetwork) << 8 |
                                    (1 + number % kHostsPerNetwork));
}

bool is_private(Bytes address) {
  if (address.size() != 4) return false;
  const std::uint32_t value = get32(address, 0);
  return value >> 24 == 0x0a || value >> 20 == 0xac1 || value >> 16 == 0xc0a8 ||
         value >> 16 == 0xa9fe;
}

// Unspecified, multicast, or what is a broadcast in most networks.
bool is_nobody(Bytes address) {
  if (address.size() == 16) {
    const bool unspecified =
        std::all_of(address.begin(), address.end(), [](std::uint8_t byte) { return byte == 0; });
    return unspecified || address[0] == 0xff;
  }
  const std::uint32_t value = get32(address, 0);
  return value == 0 || value >> 28 >= 0xe || (value & 0xff) == 0xff;
}

Bytes source_of(const Frame& frame) {
  return Bytes{frame.bytes}.subspan(frame.layout.source_at(), frame.layout.address_size());
}

Bytes destination_of(const Frame& frame) {
  return Bytes{frame.bytes}.subspan(frame.layout.destination_at(), frame.layout.address_size());
}

std::string text_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

using Pair = std::pair<std::string, std::string>;  // addresses, the smaller one first

Pair pair_of(const Frame& frame) {
  Pair pair{text_of(source_of(frame)), text_of(destination_of(frame))};
  if (pair.second < pair.first) pair.first.swap(pair.second);
  return pair;
}

// Of two public hosts, the one with the higher port where a frame tells, else the smaller address.
std::map<Pair, std::string> find_clients(const SeedCapture& capture) {
  std::map<Pair, std::string> clients;
  for (const Frame& frame : capture.frames) {
    const Layout& layout = frame.layout;
    if (!layout.is_ip() || layout.source_port == layout.destination_port) continue;
    const bool from_client = layout.source_port > layout.destination_port;
    clients.try_emplace(pair_of(frame),
                        text_of(from_client ? source_of(frame) : destination_of(frame)));
  }
  return clients;
}

}  // namespace

Result<Rewriter> Rewriter::plan(const Seeds& seeds, std::uint64_t replicas) {
  Rewriter rewriter;
  for (const SeedCapture& capture : seeds.captures) {
    const auto clients = find_clients(capture);
    std::map<std::string, std::uint32_t> numbers;
    const auto number_of = [&](Bytes address) {
      const auto [entry, fresh] = numbers.try_emplace(text_of(address), rewriter.clients_);
      if (fresh) ++rewriter.clients_;
      return entry->second;
    };

    auto& frames = rewriter.clients_of_.emplace_back();
    for (const Frame& frame : capture.frames) {
      Clients& who = frames.emplace_back();
      if (!frame.layout.is_ip()) continue;
      const Bytes source = source_of(frame);
      const Bytes destination = destination_of(frame);
      bool rewrite_source = is_private(source);
      bool rewrite_destination = is_private(destination);
      if (!rewrite_source && !rewrite_destination) {
        const Pair pair = pair_of(frame);
        const auto client = clients.find(pair);
        const std::string& chosen = client == clients.end() ? pair.first : client->second;
        rewrite_source = is_nobody(destination) || chosen == text_of(source);
        rewrite_destination = is_nobody(source) || chosen == text_of(destination);
      }
      if (rewrite_source && !is_nobody(source)) who.source = number_of(source);
      if (rewrite_destination && !is_nobody(destination)) who.destination = number_of(destination);
    }
  }
  if (replicas * rewriter.clients_ > kHostsMax) {
    return Error{
        std::to_string(replicas) + " replicas of " + std::to_string(rewriter.clients_) +
        " clients do not fit into 10.0.0.0/8: give fewer or larger seeds, or ask for less"};
  }
  return rewriter;
}

void Rewriter::replace_address(std::span<std::uint8_t> frame, const Layout& layout, std::size_t at,
                               std::uint32_t client, std::uint32_t replica) const {
  if (layout.network == Layout::Network::kIpv4) {
    const std::uint64_t number = std::uint64_t{replica} * clients_ + client;
    replace32(frame, layout, at, client_address(number), true);
  } else {
    // An odd factor, so that no two replicas meet.
    const std::uint32_t before = get32(frame, at + 8);
    replace32(frame, layout, at + 8, before ^ (0x01000000u + replica * 2654435761u), true);
  }
}

void Rewriter::rewrite(const Seeds& seeds, FrameRef ref, std::uint32_t replica, Ports ports,
                       std::span<std::uint8_t> frame) const {
  const Layout& layout = seeds.at(ref).layout;
  const Clients& who = clients_of_[ref.seed][ref.frame];
  if (who.source != kNobody)
    replace_address(frame, layout, layout.source_at(), who.source, replica);
  if (who.destination != kNobody)
    replace_address(frame, layout, layout.destination_at(), who.destination, replica);

  if (ports == Ports::kKeep) return;
  const bool source_dynamic = layout.source_port >= kDynamicPortsFirst;
  const bool destination_dynamic = layout.destination_port >= kDynamicPortsFirst;
  if (source_dynamic == destination_dynamic) return;
  const std::uint16_t before = source_dynamic ? layout.source_port : layout.destination_port;
  const std::uint32_t moved = (before - kDynamicPortsFirst + replica * 40503u) % kDynamicPorts;
  replace16(frame, layout, layout.transport_at + (source_dynamic ? 0 : 2),
            static_cast<std::uint16_t>(kDynamicPortsFirst + moved), false);
}

}  // namespace gnomon::bench
