// What a shard has counted, by name.
#include <array>
#include <iterator>

#include "gnomon/sensor/shard.h"

namespace gnomon::sensor {
namespace {

// In the order of add_counters().
constexpr std::string_view kCounterNames[] = {
    "flow.created", "flow.finished", "flow.timed_out", "flow.evicted", "flow.reused",
    "flow.duplicates", "flow.midstream", "flow.backwards", "flow.active", "flow.peak",
    "flow.memory_bytes", "tcp.reassembly_gap_bytes", "tcp.reassembly_gap", "tcp.segments_refused",
    "tcp.memory_bytes", "tls.hellos", "quic.hellos", "hello.partial", "hello.certificates",
    "hello.not_kept", "quic.given_up", "dns.messages", "dns.malformed", "dns.unanswered",
    "dhcp.messages", "http.requests", "http.responses", "http.given_up", "http.exchanges_given_up",
    "http.memory_bytes", "http2.connections", "http3.connections", "http2.streams_dropped",
    "websocket.connections", "content.exchanges", "content.exchanges_given_up", "content.api_read",
    "http2.refused", "http2.blocks_too_long", "http2.continuation_floods", "http2.blocks_broken",
    "http2.fields_dropped", "http2.lost_step", "http3.sections_too_long", "http3.sections_broken",
    "http3.sections_blocked", "http3.fields_dropped", "http3.streams_refused", "http3.streams_lost",
    "websocket.messages", "websocket.bad_frames", "websocket.inflate_failed",
    "websocket.inflate_limit", "ndpi.flows", "ndpi.given_up", "held.refused",
    "decrypt.tls.connections", "decrypt.tls.records", "decrypt.tls.bytes", "decrypt.tls.no_keys",
    "decrypt.tls.unsupported", "decrypt.tls.failed", "decrypt.tls.records_lost",
    "decrypt.tls.resynced", "decrypt.tls.given_up", "decrypt.quic.connections",
    "decrypt.quic.packets", "decrypt.quic.bytes", "decrypt.quic.no_keys", "decrypt.quic.failed",
    "decrypt.quic.key_updates", "decrypt.quic.stream_gaps", "decrypt.quic.streams_refused",
    "shape.given_up", "http1.heads_shortened", "dns.given_up", "held.given_up",
    // As in add_content().
    "content.bodies", "content.bodies_refused", "content.parts", "content.files",
    "content.text_bytes", "content.documents", "content.documents_failed", "content.process_ended",
    "content.bombs", "content.encrypted", "content.malformed", "content.truncated",
    "content.findings", "content.findings_dropped", "content.files_dropped",
    "content.uploads_joined", "content.uploads_partial", "content.documents_refused",
    "content.uploads_not_awaited", "content.memory_bytes"};
constexpr std::size_t kContentCounters = 20;

}  // namespace

std::span<const std::string_view> Shard::counter_names() { return kCounterNames; }

void Shard::add_counters(std::span<std::uint64_t> sums) const {
  const flow::FlowCounters& flows = table_.counters();
  const HttpCounters& http = http_.counters();
  const std::array values{
      flows.created,
      flows.finished,
      flows.timed_out,
      flows.evicted,
      flows.reused,
      flows.duplicates,
      flows.midstream,
      flows.backwards,
      std::uint64_t{table_.size()},
      flows.peak,
      std::uint64_t{table_.memory_bytes() + (chunks_.size() * sizeof(FlowNotes) << kChunkBits) +
                    notes_free_.capacity() * sizeof(std::uint32_t)},
      counters_.gap_bytes,
      counters_.gaps,
      segments_.refused(),
      std::uint64_t{segments_.memory_bytes()},
      counters_.tls_hellos,
      counters_.quic_hellos,
      counters_.partial_hellos,
      counters_.certificates,
      counters_.hellos_not_kept,
      counters_.quic_given_up,
      counters_.dns_messages,
      counters_.dns_malformed,
      counters_.dns_unanswered,
      counters_.dhcp_messages,
      http.requests,
      http.responses,
      http.given_up,
      http.exchanges_given_up,
      std::uint64_t{http_.memory_bytes()},
      http.http2_connections,
      http.http3_connections,
      http.streams_dropped,
      http.websockets,
      exchanges_ ? exchanges_->counters().bodies : 0,
      exchanges_ ? exchanges_->counters().given_up : 0,
      exchanges_ ? exchanges_->counters().api_read : 0,
      http.refused,
      http.http2.blocks_too_long,
      http.http2.continuation_floods,
      http.http2.blocks_broken,
      http.http2.fields_dropped,
      http.http2.lost_step,
      http.http3.sections_too_long,
      http.http3.sections_broken,
      http.http3.sections_blocked,
      http.http3.fields_dropped,
      http.http3.streams_refused,
      http.http3.streams_lost,
      http.websocket.messages,
      http.websocket.bad_frames,
      http.websocket.inflate_failed,
      http.websocket.inflate_limit,
      counters_.ndpi_flows,
      counters_.ndpi_given_up,
      counters_.buffers_refused,
      decrypt_counters_.connections,
      decrypt_counters_.records,
      decrypt_counters_.bytes,
      decrypt_counters_.no_keys,
      decrypt_counters_.unsupported,
      decrypt_counters_.failed,
      decrypt_counters_.records_lost,
      decrypt_counters_.resynced,
      counters_.sessions_given_up,
      quic_decrypt_counters_.connections,
      quic_decrypt_counters_.packets,
      quic_decrypt_counters_.bytes,
      quic_decrypt_counters_.no_keys,
      quic_decrypt_counters_.failed,
      quic_decrypt_counters_.key_updates,
      quic_decrypt_counters_.stream_gaps,
      quic_decrypt_counters_.streams_refused,
      counters_.shapes_given_up,
      http.heads_shortened,
      counters_.dns_given_up,
      counters_.held_given_up};
  static_assert(values.size() + kContentCounters == std::size(kCounterNames),
                "every counter has a name");
  for (std::size_t i = 0; i < values.size(); ++i) sums[i] += values[i];
  if (exchanges_) add_content(exchanges_->inspector_counters(), exchanges_->memory_bytes(), sums);
}

void Shard::add_content(const content::InspectorCounters& counters, std::uint64_t memory_bytes,
                        std::span<std::uint64_t> sums) {
  const std::array values{counters.bodies.bodies,
                          counters.refused,
                          counters.bodies.parts,
                          counters.bodies.files,
                          counters.bodies.text_bytes,
                          counters.bodies.documents,
                          counters.bodies.documents_failed,
                          counters.bodies.process_ended,
                          counters.bodies.bombs,
                          counters.bodies.encrypted,
                          counters.bodies.malformed,
                          counters.bodies.truncated,
                          counters.findings,
                          counters.findings_dropped,
                          counters.files_dropped,
                          counters.uploads_joined,
                          counters.uploads_partial,
                          counters.documents_refused,
                          counters.uploads_not_awaited,
                          memory_bytes};
  static_assert(values.size() == kContentCounters, "every counter has a name");
  const std::span<std::uint64_t> last = sums.last(kContentCounters);
  for (std::size_t i = 0; i < values.size(); ++i) last[i] += values[i];
}

}  // namespace gnomon::sensor
