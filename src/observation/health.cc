#include "gnomon/observation/health.h"

#include <algorithm>

#include "health_rules.h"

namespace gnomon::observation {
namespace {

constexpr HealthSeverity kNotice = HealthSeverity::kNotice;
constexpr HealthSeverity kWarning = HealthSeverity::kWarning;
constexpr HealthSeverity kCritical = HealthSeverity::kCritical;
constexpr std::uint32_t kNever = 1'000'001;
constexpr bool kSlow = true;

// Every threshold there is. Shares are in millionths of the whole. docs/doctor.md has the same rows.
// clang-format off
constexpr HealthRule kRules[] = {
    // id                    title                                            whole part   named critical
    {"no-traffic",          "No traffic arrives",                                 0,   1, 1'000'000, 0, kCritical},
    {"wrong-interface",     "No traffic between other machines: wrong interface", 50,  1,   900'000, 0, kCritical, kSlow},
    {"one-sided",           "Only one direction of connections is seen",          1,   1,   150'000, 500'000, kWarning},
    {"duplicates",          "Frames arrive more than once",                      20,   5,    30'000, kNever, kNotice},
    {"gaps",                "Packets are missing before the sensor",              1,   1,    10'000, 100'000, kWarning},
    {"merged-frames",       "Frames were merged by offloading",                  10,   2,     1'000, kNever, kNotice},
    {"snap-length",         "Frames are cut short",                               1,   1,     5'000, 200'000, kWarning},
    {"vlan-per-direction",  "Each direction comes in a VLAN of its own",          1,   1,    50'000, kNever, kNotice},
    {"tunnel-not-decoded",  "Traffic is wrapped in something not decoded",       10,   5,    20'000, 500'000, kWarning},
    {"clock",               "The clock of the capture is wrong",                  1,   1,         0, kNever, kWarning},
    {"card-drops",          "The network card drops frames",                      1,   1,       500, 10'000, kWarning},
    {"kernel-drops",        "The kernel drops frames",                            1,   1,       500, 10'000, kWarning},
    {"sensor-drops",        "The sensor drops frames",                            1,   1,       500, 10'000, kWarning},
    {"no-dns",              "No DNS is seen",                                    30,  30,         0, kNever, kWarning, kSlow},
    {"few-names",           "Few connections can be named",                      20,  10,   400'000, 700'000, kWarning, kSlow},
    {"hidden-names",        "Connections hide their name (ECH)",                  1,   1,    10'000, 300'000, kNotice},
    {"limits",              "A limit of the sensor was reached",                  1,   1,     1'000, 50'000, kWarning},
};
// clang-format on
static_assert(std::size(kRules) == static_cast<std::size_t>(Check::kCount));
static_assert(std::size(kRules) == HealthMonitor::kRules);

constexpr HealthCounterName kNames[] = {
    {"frames", &HealthCounters::frames},
    {"group_frames", &HealthCounters::group_frames},
    {"non_ip_frames", &HealthCounters::non_ip_frames},
    {"cut_frames", &HealthCounters::cut_frames},
    {"tcp_packets", &HealthCounters::tcp_packets},
    {"tcp_over_1500", &HealthCounters::tcp_over_1500},
    {"tcp_over_9216", &HealthCounters::tcp_over_9216},
    {"tcp_syns", &HealthCounters::tcp_syns},
    {"tcp_syns_jumbo", &HealthCounters::tcp_syns_jumbo},
    {"tcp_syns_loopback", &HealthCounters::tcp_syns_loopback},
    {"duplicates", &HealthCounters::duplicates},
    {"tunnel_not_decoded", &HealthCounters::tunnel_not_decoded},
    {"tunnel_too_deep", &HealthCounters::tunnel_too_deep},
    {"tunnel_in_udp", &HealthCounters::tunnel_in_udp},
    {"unknown_ethertype", &HealthCounters::unknown_ethertype},
    {"unknown_link_type", &HealthCounters::unknown_link_type},
    {"encrypted_link", &HealthCounters::encrypted_link},
    {"encrypted_tunnel", &HealthCounters::encrypted_tunnel},
    {"flows", &HealthCounters::flows},
    {"tcp_flows", &HealthCounters::tcp_flows},
    {"only_to_server", &HealthCounters::only_to_server},
    {"only_to_client", &HealthCounters::only_to_client},
    {"two_sided_flows", &HealthCounters::two_sided_flows},
    {"vlan_split_flows", &HealthCounters::vlan_split_flows},
    {"checked_flows", &HealthCounters::checked_flows},
    {"lossy_flows", &HealthCounters::lossy_flows},
    {"lost_bytes", &HealthCounters::lost_bytes},
    {"transit_flows", &HealthCounters::transit_flows},
    {"own_flows", &HealthCounters::own_flows},
    {"group_flows", &HealthCounters::group_flows},
    {"web_flows", &HealthCounters::web_flows},
    {"web_named", &HealthCounters::web_named},
    {"web_midstream", &HealthCounters::web_midstream},
    {"web_server_only", &HealthCounters::web_server_only},
    {"web_cut", &HealthCounters::web_cut},
    {"web_lossy", &HealthCounters::web_lossy},
    {"hellos", &HealthCounters::hellos},
    {"ech_real", &HealthCounters::ech_real},
    {"dns_messages", &HealthCounters::dns_messages},
    {"encrypted_dns_flows", &HealthCounters::encrypted_dns_flows},
    {"evicted_flows", &HealthCounters::evicted_flows},
    {"refused_segments", &HealthCounters::refused_segments},
    {"clock_backwards", &HealthCounters::clock_backwards},
    {"clock_jumps", &HealthCounters::clock_jumps},
    {"clock_unset", &HealthCounters::clock_unset},
    {"clock_back_max_ms", &HealthCounters::clock_back_max_ms, true},
    {"clock_jump_max_s", &HealthCounters::clock_jump_max_s, true},
    {"received", &HealthCounters::received},
    {"card_drops", &HealthCounters::card_drops},
    {"kernel_drops", &HealthCounters::kernel_drops},
    {"sensor_drops", &HealthCounters::sensor_drops},
};
static_assert(sizeof(HealthCounters) == std::size(kNames) * sizeof(std::uint64_t),
              "every counter has a name");

constexpr std::uint64_t kOwnFlowsMin = 5;

// All frames that were on the wire. What the kernel received holds what it and the program dropped.
std::uint64_t came(const HealthCounters& c) {
  return std::max(c.received, c.frames + c.kernel_drops + c.sensor_drops) + c.card_drops;
}

Measured measure(Check check, const HealthCounters& c) {
  switch (check) {
    case Check::kNoTraffic:
      return {c.frames == 0 ? 1U : 0U, 1};
    case Check::kWrongInterface: {
      // Flows that go on are not counted yet: that none ended proves nothing unless what came was
      // for everybody, or this machine's own.
      if (c.transit_flows > 0) return {0, c.frames};
      return {c.own_flows >= kOwnFlowsMin ? c.frames : c.group_frames, c.frames};
    }
    case Check::kOneSided:
      return {c.only_to_server + c.only_to_client, c.tcp_flows};
    case Check::kDuplicates:
      return {c.duplicates, c.frames};
    case Check::kGaps:
      return {c.lossy_flows, c.checked_flows};
    case Check::kMergedFrames:
      return {merged_frames(c), c.tcp_packets};
    case Check::kSnapLength:
      return {c.cut_frames, c.frames};
    case Check::kVlanPerDirection:
      return {c.vlan_split_flows, c.two_sided_flows};
    case Check::kTunnelNotDecoded:
      return {not_decoded(c), c.frames};
    case Check::kClock:
      return {clock_faults(c), c.frames};
    case Check::kCardDrops:
      return {c.card_drops, came(c)};
    case Check::kKernelDrops:
      return {c.kernel_drops, came(c)};
    case Check::kSensorDrops:
      return {c.sensor_drops, came(c)};
    case Check::kNoDns:
      return {c.dns_messages == 0 ? c.web_named : 0, c.web_named};
    case Check::kFewNames:
      return {c.web_flows - std::min(c.web_named, c.web_flows), c.web_flows};
    case Check::kHiddenNames:
      return {c.ech_real, c.hellos};
    case Check::kLimits:
      return {c.evicted_flows + c.refused_segments, c.flows};
    case Check::kCount:
      break;
  }
  return {};
}

bool at_least(Measured m, std::uint32_t ppm) {
  // Counters that a file notes may be any number: keep the products within 64 bits.
  while ((m.part | m.whole) >> 43 != 0) {
    m.part >>= 1;
    m.whole >>= 1;
  }
  return m.part * 1'000'000 >= m.whole * ppm;
}

HealthSeverity severity_of(const HealthRule& rule, Measured m) {
  if (m.whole < rule.whole_min || m.part < rule.part_min || m.part == 0) return HealthSeverity::kNone;
  if (!at_least(m, rule.named_ppm)) return HealthSeverity::kNone;
  return at_least(m, rule.critical_ppm) ? HealthSeverity::kCritical : rule.severity;
}

}  // namespace

std::span<const HealthRule> health_rules() { return kRules; }
std::span<const HealthCounterName> health_counter_names() { return kNames; }

HealthCounters since(const HealthCounters& now, const HealthCounters& before) {
  HealthCounters change = now;
  for (const HealthCounterName& each : kNames)
    if (!each.maximum) change.*each.member -= before.*each.member;
  return change;
}

HealthCounters& operator+=(HealthCounters& sum, const HealthCounters& more) {
  for (const HealthCounterName& each : kNames) {
    if (each.maximum)
      sum.*each.member = std::max(sum.*each.member, more.*each.member);
    else
      sum.*each.member += more.*each.member;
  }
  return sum;
}

// Ethernet carries 1,500 bytes unless connections announce that more will do.
std::uint64_t merged_frames(const HealthCounters& c) {
  if (c.tcp_syns_loopback > 0) return 0;
  return c.tcp_syns_jumbo > 0 ? c.tcp_over_9216 : c.tcp_over_1500;
}

std::uint64_t not_decoded(const HealthCounters& c) {
  return c.tunnel_not_decoded + c.tunnel_too_deep + c.tunnel_in_udp + c.unknown_ethertype + c.unknown_link_type +
         c.encrypted_link;
}

std::uint64_t clock_faults(const HealthCounters& c) {
  return c.clock_backwards + c.clock_jumps + c.clock_unset;
}

std::vector<HealthFault> judge_health(const HealthCounters& counters, const HealthPlace& place,
                                      HealthScope scope) {
  std::vector<HealthFault> faults;
  if (counters.frames == 0 && place.may_be_empty) return faults;
  for (std::size_t i = 0; i < std::size(kRules); ++i) {
    const HealthRule& rule = kRules[i];
    if (scope == HealthScope::kFast && rule.slow) continue;
    if (scope == HealthScope::kSlow && !rule.slow) continue;
    const auto check = static_cast<Check>(i);
    const Measured measured = measure(check, counters);
    const HealthSeverity severity = severity_of(rule, measured);
    if (severity == HealthSeverity::kNone) continue;
    HealthFault fault;
    fault.rule = &rule;
    fault.severity = severity;
    fault.part = measured.part;
    fault.whole = measured.whole;
    explain(check, counters, place, fault);
    faults.push_back(std::move(fault));
    if (check == Check::kNoTraffic) break;  // there is nothing else to judge
  }
  return faults;
}

std::string health_line(HealthSeverity severity, std::string_view check, std::string_view evidence,
                        std::string_view meaning) {
  std::string line = "Sensor health, ";
  line.append(to_string(severity)).append(" (").append(check).append("): ");
  line.append(evidence).append(" ").append(meaning);
  return line;
}

std::vector<std::string> health_statement(std::span<const HealthFault> faults) {
  std::vector<std::string> lines;
  if (faults.empty()) {
    lines.push_back("None of the sensor's " + std::to_string(std::size(kRules)) +
                    " health checks found a fault in what it was shown.");
    return lines;
  }
  for (const HealthFault& fault : faults)
    lines.push_back(
        health_line(fault.severity, fault.rule->id, fault.evidence, fault.meaning));
  return lines;
}

}  // namespace gnomon::observation
