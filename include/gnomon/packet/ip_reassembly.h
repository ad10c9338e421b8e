#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gnomon/packet/decoder.h"

namespace gnomon::packet {

struct ReassemblyLimits {
  std::size_t bytes_max = 16 * 1024 * 1024;  // of fragments held, over all datagrams
  std::size_t datagrams_max = 8192;
  std::size_t fragments_per_datagram_max = 1024;
  std::chrono::nanoseconds timeout = std::chrono::seconds{30};  // RFC 8200, 4.5: 60; Linux: 30
};

struct ReassemblyCounters {
  std::uint64_t fragments = 0;
  std::uint64_t datagrams = 0;   // completed
  std::uint64_t duplicates = 0;  // fragments already held, byte for byte
  std::uint64_t overlaps = 0;    // fragments that disagree on a stretch; see IpReassembler
  std::uint64_t invalid = 0;     // lengths or offsets that cannot be
  std::uint64_t cut = 0;         // fragments of which not everything was captured
  std::uint64_t timed_out = 0;   // datagrams given up after the timeout
  std::uint64_t evicted = 0;     // datagrams given up for room
};

struct ReassemblyCounterName {
  std::string_view name;
  std::uint64_t ReassemblyCounters::*member;
};

// Printed as "reassembly.NAME".
inline constexpr ReassemblyCounterName kReassemblyCounterNames[] = {
    {"fragments", &ReassemblyCounters::fragments},   {"datagrams", &ReassemblyCounters::datagrams},
    {"duplicates", &ReassemblyCounters::duplicates}, {"overlaps", &ReassemblyCounters::overlaps},
    {"invalid", &ReassemblyCounters::invalid},       {"cut", &ReassemblyCounters::cut},
    {"timed_out", &ReassemblyCounters::timed_out},   {"evicted", &ReassemblyCounters::evicted},
};
static_assert(sizeof(ReassemblyCounters) ==
              std::size(kReassemblyCounterNames) * sizeof(std::uint64_t));

// Puts IPv4 and IPv6 datagrams together from their fragments, in whatever order they come; a
// datagram is whole at the fragment that completes it.
//
// Where fragments overlap, the bytes that came first stay (IPv4); an IPv6 datagram with overlapping
// fragments is dropped (RFC 5722), an exact copy of a fragment excepted. VLANs and tunnels do not
// tell datagrams apart: addresses, identification and protocol do. When a limit is reached the
// datagram that has waited longest is given up. The clock is the fragments' own.
//
// Single-threaded: blocks must come in capture order.
class IpReassembler {
 public:
  explicit IpReassembler(ReassemblyLimits limits = {}) : limits_(limits) {}

  // Takes the fragments of `block`, in order. Each that completes a datagram is replaced in
  // block.packets() by the whole packet (fragment false, reassembled true), whose bytes the block
  // then owns and whose wire_bytes are those of all frames that brought a part of it; a datagram
  // that holds a fragment again is gone on with.
  void reassemble(const Decoder& decoder, DecodedBlock& block);

  [[nodiscard]] const ReassemblyCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t held_bytes() const { return held_bytes_; }
  [[nodiscard]] std::size_t held_datagrams() const { return datagrams_.size(); }

 private:
  struct Key {
    IpAddress source;
    IpAddress destination;
    std::uint32_t identification = 0;
    std::uint8_t protocol = 0;  // IPv6: 0, as the identification alone tells (RFC 8200, 4.5)
    std::uint8_t ip_version = 0;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  // Bytes [begin, end) of the datagram's payload; where they lie in Datagram::bytes.
  struct Piece {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::size_t at = 0;
  };
  struct Datagram {
    Key key;
    Time first;
    std::vector<Piece> pieces;         // ascending, disjoint
    std::vector<std::uint8_t> bytes;   // of the pieces, in the order they came
    std::vector<std::uint8_t> header;  // up to the fragment's data, of the one with offset 0
    std::uint32_t end = 0;             // of the payload, once the last fragment was seen
    std::uint32_t held = 0;            // bytes covered by pieces
    std::uint64_t wire_bytes = 0;      // of the frames that brought them
    std::uint32_t fragments = 0;
    bool refused = false;  // IPv6 overlap: what else comes is dropped
  };
  using Datagrams = std::list<Datagram>;  // oldest first

  struct Fragment;
  bool add(const Fragment& fragment, Packet& packet, DecodedBlock& block, Bytes& whole);
  bool place(Datagram& datagram, const Fragment& fragment);
  Bytes assemble(const Datagram& datagram, DecodedBlock& block) const;
  void expire_before(Time time);
  void drop(Datagrams::iterator datagram);

  ReassemblyLimits limits_;
  ReassemblyCounters counters_;
  Datagrams datagrams_;
  std::unordered_map<Key, Datagrams::iterator, KeyHash> by_key_;
  std::size_t held_bytes_ = 0;
};

}  // namespace gnomon::packet
