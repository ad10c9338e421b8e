#include "gnomon/flow/flow_table.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "second.h"

namespace gnomon::flow {
namespace {

using packet::Packet;

// A duplicate made by a mirror follows its original at once; anything later is a new packet that
// happens to look alike.
constexpr std::chrono::milliseconds kDuplicateWindow{20};
// What has no number of its own, such as the datagrams of IPv6 and of IPv4 with identification 0,
// looks alike when it is said again (counters for StatsD, heartbeats, probes). The copy is there
// sooner.
constexpr std::chrono::milliseconds kUnnumberedDuplicateWindow{1};

// How far a server may have acknowledged its client before the client's SYN came to be seen.
constexpr std::uint32_t kAnsweredWithin = 65536;

constexpr std::size_t kSlotsAtStart = 64;

// Without SYN or hello the better-known port is taken for the server's.
constexpr bool is_service_port(std::uint16_t port) {
  if (port < 1024) return true;
  constexpr std::uint16_t kKnown[] = {1080, 1433, 1521, 1883, 3000, 3128, 3268, 3306, 3389,  4317,
                                      5060, 5222, 5432, 5672, 5900, 6379, 7860, 8000, 8008,  8080,
                                      8081, 8443, 8787, 8883, 8888, 9000, 9092, 9200, 11434, 27017};
  return std::binary_search(std::begin(kKnown), std::end(kKnown), port);
}

}  // namespace

std::string_view tunnel_name(packet::Tunnel tunnel) {
  using packet::Tunnel;
  switch (tunnel) {
    case Tunnel::kNone:
      return "";
    case Tunnel::kGre:
      return "gre";
    case Tunnel::kErspan:
      return "erspan";
    case Tunnel::kVxlan:
      return "vxlan";
    case Tunnel::kGeneve:
      return "geneve";
    case Tunnel::kGtp:
      return "gtp";
    case Tunnel::kIpInIp:
      return "ipip";
    case Tunnel::k6in4:
      return "6in4";
    case Tunnel::kTeredo:
      return "teredo";
    case Tunnel::kL2tp:
      return "l2tp";
    case Tunnel::kMpls:
      return "mpls";
    case Tunnel::kPppoe:
      return "pppoe";
    case Tunnel::kOther:
      return "other";
  }
  return "other";
}

FlowTable::FlowTable(const FlowLimits& limits)
    : limits_(limits), slots_(kSlotsAtStart), slot_mask_(kSlotsAtStart - 1), wheel_(kBuckets) {
  assert(limits_.flows_max > 0);
}

FlowTable::~FlowTable() = default;

FlowTable::Seen FlowTable::see(const Packet& packet, FlowEndHandler& handler) {
  if (!clock_started_) {
    clock_started_ = true;
    now_ = packet.time;
    wheel_second_ = second_of(packet.time);
  }
  if (packet.time > now_) {
    now_ = packet.time;
    if (second_of(now_) > wheel_second_) expire(now_, handler);
  } else if (packet.time < now_) {
    ++counters_.backwards;
  }

  const Side sender = packet.source_is_lower ? Side::kLower : Side::kHigher;
  const IpAddress source = packet.source();
  const IpAddress destination = packet.destination();
  const auto& lower = packet.source_is_lower ? source.bytes() : destination.bytes();
  const auto& higher = packet.source_is_lower ? destination.bytes() : source.bytes();
  const std::uint16_t lower_port =
      packet.source_is_lower ? packet.source_port : packet.destination_port;
  const std::uint16_t higher_port =
      packet.source_is_lower ? packet.destination_port : packet.source_port;

  FlowIndex index = find(packet, lower, higher, lower_port, higher_port);
  if (index != kNoFlow && packet.protocol == packet::kTcp &&
      starts_anew(flow(index), packet, sender)) {
    ++counters_.reused;
    end(index, Ending::kFinished, handler);
    index = kNoFlow;
  }
  const bool created = index == kNoFlow;
  if (created) {
    index = create(packet, handler);
    Flow& fresh = flow(index);
    fresh.lower = lower;
    fresh.higher = higher;
    fresh.lower_port = lower_port;
    fresh.higher_port = higher_port;
    fresh.client = sender;
    fresh.opener = sender;
    const bool source_serves = is_service_port(packet.source_port);
    const bool destination_serves = is_service_port(packet.destination_port);
    if (source_serves != destination_serves)
      decide_client(fresh, source_serves ? other(sender) : sender, ClientEvidence::kPort);
  }

  Flow& found = flow(index);
  if (!created && is_duplicate(found, packet)) {
    if (found.duplicates != std::numeric_limits<std::uint32_t>::max()) ++found.duplicates;
    ++counters_.duplicates;
    return {index, sender, false, true};
  }
  if (created && packet.fingerprint != 0)
    found.recent_fingerprints[found.recent_at++] = packet.fingerprint;

  const std::size_t from = index_of(sender);
  if (found.packets[from] != std::numeric_limits<std::uint32_t>::max()) ++found.packets[from];
  found.bytes[from] += packet.wire_bytes;
  found.payload[from] += packet.payload_wire_bytes;
  found.truncated |= packet.truncated;
  if (packet.vlan != found.vlan && sender != found.opener) [[unlikely]]
    found.vlan_split = true;
  found.reassembled |= packet.reassembled;
  if (packet.time > found.last) found.last = packet.time;
  if (packet.protocol == packet::kTcp) {
    count_tcp(found, index, packet, sender);
  } else if (found.state == TcpState::kNew && !found.one_sided()) {
    found.state = TcpState::kEstablished;
    found.established_seen = true;
  }
  return {index, sender, created, false};
}

namespace {

// Without the call that comparing arrays would be.
inline bool same_address(const std::array<std::uint8_t, 16>& a,
                         const std::array<std::uint8_t, 16>& b) {
  std::uint64_t words[4];
  std::memcpy(words, a.data(), 16);
  std::memcpy(words + 2, b.data(), 16);
  return words[0] == words[2] && words[1] == words[3];
}

}  // namespace

FlowIndex FlowTable::find(const Packet& packet, const std::array<std::uint8_t, 16>& lower,
                          const std::array<std::uint8_t, 16>& higher, std::uint16_t lower_port,
                          std::uint16_t higher_port) const {
  for (std::uint32_t at = packet.slot_hash & slot_mask_;; at = (at + 1) & slot_mask_) {
    const Slot& slot = slots_[at];
    if (slot.index == kNoFlow) return kNoFlow;
    if (slot.hash != packet.slot_hash) continue;
    const Flow& each = flow(slot.index);
    if (same_address(each.lower, lower) && same_address(each.higher, higher) &&
        each.lower_port == lower_port && each.higher_port == higher_port &&
        each.protocol == packet.protocol)
      return slot.index;
  }
}

FlowIndex FlowTable::create(const Packet& packet, FlowEndHandler& handler) {
  if (size_ >= limits_.flows_max) evict_nearest_to_timeout(handler);
  if ((size_ + 1) * 10 > slots_.size() * 7) grow();

  FlowIndex index;
  if (!free_.empty()) {
    index = free_.back();
    free_.pop_back();
  } else {
    index = used_++;
    if ((index >> kChunkBits) == chunks_.size()) {
      // Not initialised: a page is touched only when a flow comes to live there.
      chunks_.push_back(static_cast<Flow*>(blocks_.take()));
    }
  }
  Flow* fresh = new (&flow(index)) Flow;
  fresh->protocol = packet.protocol;
  fresh->hash = packet.slot_hash;
  fresh->start = fresh->last = packet.time;
  fresh->first_number = packet.number;
  fresh->vlan = packet.vlan;
  fresh->inner_vlan = packet.inner_vlan;
  fresh->tunnel = packet.tunnel;
  fresh->tunnel_depth = packet.tunnel_depth;
  fresh->reading = true;
  if (packet.outer != nullptr) {
    const bool v4 = (*packet.outer >> 4) == 4;
    if (outer_free_.empty()) {
      outer_free_.push_back(static_cast<std::uint32_t>(outer_.size()));
      outer_.emplace_back();
    }
    fresh->outer = outer_free_.back();
    outer_free_.pop_back();
    outer_[fresh->outer] = {
        v4 ? IpAddress::v4(packet.outer + 12) : IpAddress::v6(packet.outer + 8),
        v4 ? IpAddress::v4(packet.outer + 16) : IpAddress::v6(packet.outer + 24)};
  }
  insert_slot(packet.slot_hash, index);
  ++size_;
  ++counters_.created;
  counters_.peak = std::max<std::uint64_t>(counters_.peak, size_);
  link(index, deadline_of(*fresh));
  return index;
}

// A SYN with another sequence number on a connection that had already carried something begins a
// new connection on old ports (RFC 9293, 3.6.1 allows it after TIME-WAIT; mirrors miss the close).
bool FlowTable::starts_anew(const Flow& flow, const Packet& packet, Side sender) {
  const int flags = packet.tcp_flags & (packet::kSyn | packet::kAck | packet::kRst);
  if (flags == (packet::kSyn | packet::kAck)) return answers_anew(flow, packet, sender);
  if (flags != packet::kSyn) return false;
  const auto& seen = flow.tcp_flags[index_of(sender)];
  if ((seen & packet::kSyn) != 0 && flow.syn_sequence[index_of(sender)] == packet.tcp_sequence)
    return false;  // a retransmission, or a duplicate
  if (was_answered(flow, packet, sender)) return false;
  return flow.state != TcpState::kNew || flow.payload[0] + flow.payload[1] > 0;
}

// A SYN that comes after what answers it: the two directions came over two wires, or in two files.
// What acknowledged the SYN went a little further when it was not the answer itself.
bool FlowTable::was_answered(const Flow& flow, const Packet& packet, Side sender) {
  const std::size_t from = index_of(sender);
  if (flow.packets[from] != 0 || (flow.tcp_flags[1 - from] & packet::kAck) == 0) return false;
  return flow.syn_sequence[from] - packet.tcp_sequence <= kAnsweredWithin;
}

// Where only the server is seen its SYN-ACK is the first of a connection, when it had ended the one
// before.
bool FlowTable::answers_anew(const Flow& flow, const Packet& packet, Side sender) {
  const std::size_t from = index_of(sender);
  const std::uint8_t seen = flow.tcp_flags[from];
  if (flow.packets[1 - from] != 0 || (seen & (packet::kFin | packet::kRst)) == 0) return false;
  const bool length_known = (flow.lengths_known & (1U << from)) != 0;
  if ((seen & packet::kSyn) != 0 && !length_known && flow.syn_sequence[from] == packet.tcp_sequence)
    return false;
  // A copy that a mirror made late.
  return packet.fingerprint == 0 ||
         std::find(flow.recent_fingerprints.begin(), flow.recent_fingerprints.end(),
                   packet.fingerprint) == flow.recent_fingerprints.end();
}

// Whether no other packet of its flow has the same fingerprint by chance.
bool FlowTable::is_numbered(const Packet& packet) {
  if (packet.protocol == packet::kTcp) return true;
  return packet.ip_version == 4 && (packet.network[4] | packet.network[5]) != 0;
}

bool FlowTable::is_duplicate(Flow& flow, const Packet& packet) {
  if (packet.fingerprint == 0) return false;
  const auto age = packet.time > flow.last ? packet.time - flow.last : flow.last - packet.time;
  if (age <= kDuplicateWindow) {
    for (const std::uint32_t recent : flow.recent_fingerprints)
      if (recent == packet.fingerprint &&
          (age <= kUnnumberedDuplicateWindow || is_numbered(packet)))
        return true;
  }
  flow.recent_fingerprints[flow.recent_at++ % flow.recent_fingerprints.size()] = packet.fingerprint;
  return false;
}

void FlowTable::count_tcp(Flow& flow, FlowIndex index, const Packet& packet, Side sender) {
  const std::size_t from = index_of(sender);
  const std::uint8_t flags = packet.tcp_flags;
  // What the other side's SYN would have said, as long as nothing of that side came.
  const bool answers = (flags & packet::kAck) != 0 && flow.packets[1 - from] == 0 &&
                       (flow.packets[from] == 1 || (flags & packet::kSyn) != 0);
  if (answers) flow.syn_sequence[1 - from] = packet.tcp_acknowledgement - 1;
  if ((flags & packet::kSyn) != 0) {
    if (packet.time < flow.start) flow.start = packet.time;
    if ((flow.lengths_known & (1U << from)) == 0) flow.syn_sequence[from] = packet.tcp_sequence;
    if ((flags & packet::kAck) == 0) {
      decide_client(flow, sender, ClientEvidence::kSyn);
    } else {
      decide_client(flow, other(sender), ClientEvidence::kSynAck);
    }
  } else if (((flow.tcp_flags[0] | flow.tcp_flags[1]) & packet::kSyn) == 0 && !flow.midstream) {
    flow.midstream = true;
    ++counters_.midstream;
  }
  if ((flags & packet::kFin) != 0 && (flow.tcp_flags[from] & packet::kSyn) != 0 &&
      (flow.lengths_known & (1U << from)) == 0) {
    flow.syn_sequence[from] =
        packet.tcp_sequence + packet.payload_wire_bytes - flow.syn_sequence[from] - 1;
    flow.lengths_known = static_cast<std::uint8_t>(flow.lengths_known | 1U << from) & 3;
  }
  flow.tcp_flags[from] |= flags;

  const auto before = flow.state;
  if ((flags & packet::kRst) != 0 ||
      ((flow.tcp_flags[0] & packet::kFin) != 0 && (flow.tcp_flags[1] & packet::kFin) != 0)) {
    flow.state = TcpState::kClosed;
  } else if (flow.state == TcpState::kNew && !flow.one_sided() &&
             ((flow.tcp_flags[0] & flow.tcp_flags[1]) & packet::kAck) != 0) {
    flow.state = TcpState::kEstablished;
    flow.established_seen = true;
  }
  if (flow.state == TcpState::kClosed && before != TcpState::kClosed) {
    unlink(index);  // its deadline has come nearer, which waiting for the old one would miss
    link(index, deadline_of(flow));
  }
}

void FlowTable::tell_end(FlowIndex index, Ending ending, FlowEndHandler& handler) {
  switch (ending) {
    case Ending::kFinished:
      ++counters_.finished;
      break;
    case Ending::kTimeout:
      ++counters_.timed_out;
      break;
    case Ending::kEvicted:
      ++counters_.evicted;
      break;
    case Ending::kShutdown:
      break;
  }
  handler.flow_ended(index, flow(index), ending);
  --size_;
}

void FlowTable::end(FlowIndex index, Ending ending, FlowEndHandler& handler) {
  tell_end(index, ending, handler);
  unlink(index);
  erase_slot(index);
  if (const std::uint32_t outer = flow(index).outer; outer != kNoFlow) outer_free_.push_back(outer);
  free_.push_back(index);
}

std::vector<FlowIndex> FlowTable::living() const {
  std::vector<FlowIndex> living;
  living.reserve(size_);
  for (const Slot& slot : slots_)
    if (slot.index != kNoFlow) living.push_back(slot.index);
  // By index first, which is how they lie in memory and nearly the order in which they began.
  std::sort(living.begin(), living.end());
  // A frame opens one flow at most, so their first frames order all of them.
  std::vector<std::pair<std::uint64_t, FlowIndex>> order;
  order.reserve(living.size());
  for (const FlowIndex index : living) order.emplace_back(flow(index).first_number, index);
  if (!std::is_sorted(order.begin(), order.end())) std::sort(order.begin(), order.end());
  std::transform(order.begin(), order.end(), living.begin(),
                 [](const auto& each) { return each.second; });
  return living;
}

void FlowTable::shut_down(FlowIndex index, FlowEndHandler& handler) {
  const bool closed = flow(index).state == TcpState::kClosed;
  tell_end(index, closed ? Ending::kFinished : Ending::kShutdown, handler);
}

void FlowTable::insert_slot(std::uint32_t hash, FlowIndex index) {
  std::uint32_t at = hash & slot_mask_;
  while (slots_[at].index != kNoFlow) at = (at + 1) & slot_mask_;
  slots_[at] = {hash, index};
}

void FlowTable::erase_slot(FlowIndex index) {
  std::uint32_t at = flow(index).hash & slot_mask_;
  while (slots_[at].index != index) at = (at + 1) & slot_mask_;
  // Backward shift: close the hole with later slots that may stand there, so no tombstones remain.
  for (std::uint32_t next = (at + 1) & slot_mask_; slots_[next].index != kNoFlow;
       next = (next + 1) & slot_mask_) {
    const std::uint32_t home = slots_[next].hash & slot_mask_;
    if (((next - home) & slot_mask_) >= ((next - at) & slot_mask_)) {
      slots_[at] = slots_[next];
      at = next;
    }
  }
  slots_[at] = {};
}

void FlowTable::grow() {
  std::vector<Slot, HugePageAllocator<Slot>> old(slots_.size() * 2);
  old.swap(slots_);
  slot_mask_ = static_cast<std::uint32_t>(slots_.size() - 1);
  for (const Slot& slot : old)
    if (slot.index != kNoFlow) insert_slot(slot.hash, slot.index);
}

std::size_t FlowTable::memory_bytes() const {
  return slots_.capacity() * sizeof(Slot) + (chunks_.size() * sizeof(Flow) << kChunkBits) +
         free_.capacity() * sizeof(FlowIndex) + outer_.capacity() * sizeof(OuterAddresses) + wheel_.capacity() * sizeof(Bucket);
}

}  // namespace gnomon::flow
