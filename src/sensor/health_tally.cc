#include "gnomon/sensor/health_tally.h"

#include <algorithm>
#include <chrono>

#include "gnomon/packet/packet.h"

namespace gnomon::sensor {
namespace {

using observation::FlowRecord;
using observation::HealthCounters;

// Less is how several queues and interfaces mix their packets.
constexpr std::chrono::seconds kStepBack{1};
constexpr std::chrono::hours kStepAhead{24};
// A capture of TCP with so few packets may be the end of a connection that began before.
constexpr std::uint64_t kPacketsMin = 3;
// Of UDP that only one side sends: less may be what a switch floods to all its ports.
constexpr std::uint64_t kOneWayPacketsMin = 10;

constexpr Time at_year(int year) {
  return Time{std::chrono::sys_days{std::chrono::year{year} / 1 / 1}};
}
constexpr Time kFirstTime = at_year(1990);
constexpr Time kLastTime = at_year(2100);

bool is_group(const IpAddress& address) {
  const auto& bytes = address.bytes();
  if (!address.is_v4()) return bytes[0] == 0xff;
  if (bytes[12] >> 4 == 0xe) return true;
  return bytes[12] == 255 && bytes[13] == 255 && bytes[14] == 255 && bytes[15] == 255;
}

bool is_web_port(std::uint16_t port) {
  return port == 80 || port == 443 || port == 8080 || port == 8443;
}

bool expects_name(const FlowRecord& record) {
  if (record.has_tls || record.has_quic) return true;
  if (record.app_proto == "http" || record.app_proto == "http2") return true;
  return is_web_port(record.conversation.server_port);
}

}  // namespace

void ClockWatch::see(const packet::FrameBlock& block, HealthCounters& counters) {
  if (block.input != input_) {
    // Files follow one another in the order of their first frames, and may overlap.
    input_ = block.input;
    last_.reset();
  }
  Time last = last_.value_or(block.frames.empty() ? Time{} : block.frames.front().time);
  for (const packet::Frame& frame : block.frames) {
    const auto step = frame.time - last;
    last = frame.time;
    if (step < -kStepBack) [[unlikely]] {
      ++counters.clock_backwards;
      const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(-step).count();
      counters.clock_back_max_ms =
          std::max(counters.clock_back_max_ms, static_cast<std::uint64_t>(ms));
    } else if (step > kStepAhead) [[unlikely]] {
      ++counters.clock_jumps;
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(step).count();
      counters.clock_jump_max_s =
          std::max(counters.clock_jump_max_s, static_cast<std::uint64_t>(seconds));
    }
    counters.clock_unset += frame.time < kFirstTime || frame.time >= kLastTime;
  }
  last_ = last;
}

void HealthTally::see_decode(const packet::DecodeCounters& change) {
  HealthCounters& c = counters_;
  c.frames += change.frames;
  c.group_frames += change.group_frames;
  c.non_ip_frames += change.arp + change.non_ip;
  c.cut_frames += change.cut_frames;
  c.tcp_packets += change.tcp;
  c.tcp_over_1500 += change.tcp_over_1500;
  c.tcp_over_9216 += change.tcp_over_9216;
  c.tcp_syns += change.tcp_syns;
  c.tcp_syns_jumbo += change.tcp_syns_jumbo;
  c.tcp_syns_loopback += change.tcp_syns_loopback;
  c.tunnel_not_decoded += change.tunnel_not_decoded;
  c.tunnel_too_deep += change.depth_exceeded;
  c.unknown_ethertype += change.unknown_ethertype;
  c.unknown_link_type += change.unknown_link_type;
  c.encrypted_link += change.encrypted;
  c.encrypted_tunnel += change.esp;
}

void HealthTally::set_capture_losses(const packet::CaptureLosses& losses) {
  counters_.received = losses.received;
  counters_.card_drops = losses.card_drops;
  counters_.kernel_drops = losses.kernel_drops;
  counters_.sensor_drops = losses.program_drops;
}

bool HealthTally::is_own(const observation::Conversation& conversation) const {
  return !own_.empty() &&
         (own_.contains(conversation.client) || own_.contains(conversation.server));
}

void HealthTally::see_flow(const FlowRecord& record) {
  HealthCounters& c = counters_;
  const bool tcp = record.conversation.protocol == packet::kTcp;
  const bool udp = record.conversation.protocol == packet::kUdp;
  const bool has_payload = record.payload_to_server + record.payload_to_client > 0;
  const std::uint64_t packets = record.packets_to_server + record.packets_to_client;
  ++c.flows;
  c.evicted_flows += record.reason == observation::EndReason::kEvicted;
  if (!record.one_sided) {
    ++c.two_sided_flows;
    c.vlan_split_flows += record.vlan_split;
  }
  // A side alone that carries payload was answered by somebody who is not shown.
  if (tcp && has_payload && packets >= kPacketsMin) {
    ++c.tcp_flows;
    if (record.one_sided) ++(record.packets_to_client == 0 ? c.only_to_server : c.only_to_client);
  }
  // What the snap length took is told of by its own check, and what is gone of a connection that
  // was joined late by none.
  if (tcp && !record.truncated && (record.loss_known || record.gap_bytes > 0)) {
    ++c.checked_flows;
    const std::uint64_t lost = std::max(record.lost_bytes, record.gap_bytes);
    c.lossy_flows += lost > 0;
    c.lost_bytes += lost;
  }
  if (is_group(record.conversation.server) || is_group(record.conversation.client)) {
    ++c.group_flows;
  } else if (is_own(record.conversation)) {
    ++c.own_flows;
  } else if (!record.one_sided || (tcp && has_payload) || packets >= kOneWayPacketsMin) {
    ++c.transit_flows;
  }
  if (record.carries_ip) c.tunnel_in_udp += packets;
  if ((tcp || udp) && has_payload) see_name(record);
}

void HealthTally::see_name(const FlowRecord& record) {
  HealthCounters& c = counters_;
  c.encrypted_dns_flows += record.conversation.server_port == 853;
  if (record.has_tls || record.has_quic) ++c.hellos;
  c.ech_real += record.tls.ech == observation::Ech::kReal;
  if (!expects_name(record)) return;
  ++c.web_flows;
  if (record.host_source != observation::HostSource::kNone) {
    ++c.web_named;
    return;
  }
  if (record.packets_to_server == 0)
    ++c.web_server_only;
  else if (record.midstream)
    ++c.web_midstream;
  else if (record.truncated)
    ++c.web_cut;
  else if (record.gap_bytes + record.lost_bytes > 0)
    ++c.web_lossy;
}

}  // namespace gnomon::sensor
