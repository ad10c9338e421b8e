// What the collector counts of how much could be seen.
#include <algorithm>

#include "gnomon/sensor/collector.h"

namespace gnomon::sensor {

using observation::HostSource;

void Collector::cover(const observation::FlowRecord& record) {
  ++coverage_.flows;
  coverage_.duplicates += record.duplicates;
  coverage_.gap_bytes += record.gap_bytes;
  coverage_.with_gaps += record.gap_bytes > 0 ? 1 : 0;
  coverage_.one_sided += record.one_sided ? 1 : 0;
  coverage_.midstream += record.midstream ? 1 : 0;
  coverage_.truncated += record.truncated ? 1 : 0;
  coverage_.given_up += record.given_up ? 1 : 0;
  coverage_.evicted += record.reason == observation::EndReason::kEvicted ? 1 : 0;
  switch (record.tls.ech) {
    case observation::Ech::kNone:
      break;
    case observation::Ech::kGrease:
      ++coverage_.ech_grease;
      break;
    case observation::Ech::kReal:
      ++coverage_.ech_real;
      break;
    case observation::Ech::kUndecided:
      ++coverage_.ech_undecided;
      break;
  }
  const bool bears_payload = (record.conversation.protocol == packet::kTcp ||
                              record.conversation.protocol == packet::kUdp) &&
                             record.payload_to_server + record.payload_to_client > 0;
  if (!bears_payload) return;
  ++coverage_.flows_with_payload;
  switch (record.host_source) {
    case HostSource::kNone:
      ++coverage_.unnamed;
      break;
    case HostSource::kTlsSni:
      ++coverage_.named_tls_sni;
      break;
    case HostSource::kTlsSniPartial:
      ++coverage_.named_tls_sni_partial;
      break;
    case HostSource::kQuicSni:
      ++coverage_.named_quic_sni;
      break;
    case HostSource::kHttpHost:
      ++coverage_.named_http_host;
      break;
    case HostSource::kHttpConnect:
      ++coverage_.named_http_connect;
      break;
    case HostSource::kDnsAnswer:
      ++coverage_.named_dns_answer;
      break;
    case HostSource::kCertificate:
      ++coverage_.named_certificate;
      break;
  }
}

observation::Coverage Collector::coverage_so_far() const {
  observation::Coverage coverage = coverage_;
  coverage.frames = frames_;
  for (const auto& [name, member] : packet::kDecodeCounterNames) {
    // Those that say a frame, or its inner packet, was not made out.
    for (const std::string_view kind :
         {"encrypted", "unknown_link_type", "unknown_ethertype", "bad_header", "cut_header",
          "depth_exceeded", "tunnel_not_decoded"})
      if (name == kind && decode_.*member > 0)
        coverage.undecoded.emplace_back(std::string{name}, decode_.*member);
  }
  std::sort(coverage.undecoded.begin(), coverage.undecoded.end());
  coverage.lost.clear();
  const observation::HealthCounters& health = health_.counters();
  for (const auto& [by, number] :
       {std::pair{"interface", health.card_drops}, std::pair{"kernel", health.kernel_drops},
        std::pair{"sensor", health.sensor_drops}})
    if (number > 0) coverage.lost.emplace_back(by, number);
  return coverage;
}

}  // namespace gnomon::sensor
