// What faults are called, what they mean, and what mends them.
#include <algorithm>

#include "gnomon/observation/coverage.h"
#include "health_rules.h"

namespace gnomon::observation {
namespace {

// "3.1 %", at least "under 0.1 %".
std::string share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "0 %";
  const std::uint64_t per_mille = part / whole * 1000 + part % whole * 1000 / whole;
  if (per_mille == 0 && part > 0) return "under 0.1 %";
  return std::to_string(per_mille / 10) + "." + std::to_string(per_mille % 10) + " %";
}

std::string of(std::uint64_t part, std::uint64_t whole, std::string_view what) {
  return grouped(part) + " of " + grouped(whole) + " " + std::string{what} + " (" +
         share(part, whole) + ")";
}

std::string list(std::initializer_list<std::pair<std::uint64_t, std::string_view>> terms) {
  std::string text;
  for (const auto& [number, words] : terms) {
    if (number == 0) continue;
    if (!text.empty()) text += ", ";
    text += grouped(number) + " " + std::string{words};
  }
  return text;
}

// "1.5 seconds", "3 hours": the largest unit that fits.
std::string span_text(std::uint64_t ms) {
  if (ms < 60'000) return std::to_string(ms / 1000) + "." + std::to_string(ms / 100 % 10) + " seconds";
  if (ms < 7'200'000) return grouped(ms / 60'000) + " minutes";
  if (ms < 172'800'000) return grouped(ms / 3'600'000) + " hours";
  return grouped(ms / 86'400'000) + " days";
}

void explain_one_sided(const HealthCounters& c, HealthFault& f) {
  f.evidence = of(f.part, f.whole, "TCP connections with payload") + " show one direction only";
  const bool to_server = c.only_to_client == 0;
  const bool to_client = c.only_to_server == 0;
  const bool nearly_all = f.severity == HealthSeverity::kCritical;
  if (nearly_all && to_server) {
    f.evidence += ", always the client's.";
    f.meaning =
        "Apps are still named from what clients send, but nothing is known to have been answered: "
        "use is not proven, and what was received counts as nothing.";
  } else if (nearly_all && to_client) {
    f.evidence += ", always the server's.";
    f.meaning =
        "Names stand in what clients send: apps and uploads are not seen at all. Absence from the "
        "inventory means nothing.";
  } else {
    f.evidence += ": " + list({{c.only_to_server, "the client's"}, {c.only_to_client, "the server's"}}) + ".";
    f.meaning =
        "Connections take two ways and only one of them is mirrored: some apps lack their name, "
        "others their volume and their proof of use.";
  }
  f.remedy =
      "Mirror both directions (receive and transmit) of the port, and every uplink that answers "
      "may come back on.";
  f.command = "monitor session 1 source interface PORT both";
}

void explain_merged(const HealthCounters& c, const HealthPlace& place, HealthFault& f) {
  f.evidence = of(f.part, f.whole, "TCP packets") + " are longer than " +
               (c.tcp_syns_jumbo > 0 ? "jumbo frames" : "the 1,500 bytes of Ethernet") +
               (c.tcp_syns > 0 ? ", and no connection announced that such are received."
                               : "; no connection's beginning was seen, so they may be jumbo "
                                 "frames.");
  f.meaning =
      "The card or kernel (GRO, LRO, TSO) joined segments before they were captured. They are "
      "read whole; how answers are paced, and the number of packets, cannot be relied upon.";
  f.remedy = "Switch offloading off on the interface that captures.";
  f.command = "ethtool -K " + (place.interface.empty() ? "IFACE" : place.interface) +
              " gro off lro off tso off gso off";
}

void explain_tunnel(const HealthCounters& c, HealthFault& f) {
  f.evidence = of(f.part, f.whole, "frames") + " were not decoded: " +
               list({{c.tunnel_not_decoded, "in tunnels of unknown content"},
                     {c.tunnel_too_deep, "in too many tunnels"},
                     {c.tunnel_in_udp, "in UDP that carries IP packets, on no port of a known tunnel"},
                     {c.unknown_ethertype, "of an unknown ethertype"},
                     {c.unknown_link_type, "of an unknown link type"},
                     {c.encrypted_link, "encrypted (MACsec, wireless)"}}) +
               ".";
  f.meaning = "The connections inside them are not seen: no app in them is in the inventory.";
  f.remedy =
      "Have the mirror deliver plain Ethernet, or GRE, ERSPAN, VXLAN or GENEVE; take MACsec and "
      "wireless encryption off before mirroring.";
  f.command = "tshark -r FILE -q -z io,phs   # shows what the frames hold";
}

void explain_clock(const HealthCounters& c, const HealthPlace& place, HealthFault& f) {
  std::string parts;
  const auto add = [&parts](std::string text) {
    if (!parts.empty()) parts += "; ";
    parts += text;
  };
  if (c.clock_backwards > 0)
    add("time went back " + grouped(c.clock_backwards) +
        (c.clock_backwards == 1 ? " time" : " times") + ", by up to " +
        span_text(c.clock_back_max_ms));
  if (c.clock_jumps > 0)
    add("it jumped ahead " + grouped(c.clock_jumps) + (c.clock_jumps == 1 ? " time" : " times") +
        ", by up to " + span_text(c.clock_jump_max_s * 1000) + ", or captures were joined");
  if (c.clock_unset > 0)
    add(grouped(c.clock_unset) +
        (c.clock_unset == 1 ? " frame is" : " frames are") + " from before 1990 or after 2100");
  parts[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(parts[0])));
  f.evidence = parts + ".";
  f.meaning =
      "First and last use, off-hours and growth are wrong by as much, names may not be found by "
      "earlier lookups, and timeouts may split connections.";
  f.remedy = place.live ? "Synchronise the clock of this machine, and use one source of timestamps."
                        : "Synchronise the clock of what captured; put captures of several clocks "
                          "in order before they are merged.";
  f.command = place.live ? "timedatectl set-ntp true" : "reordercap FILE ORDERED   # or capinfos FILE";
}

void explain_drops(Check check, const HealthCounters&, const HealthPlace& place, HealthFault& f) {
  const std::string interface = place.interface.empty() ? "IFACE" : place.interface;
  const std::string noted = place.live ? "" : " (as noted in the capture)";
  f.meaning =
      "Names, uploads and findings are missing in the intervals with loss; absence there is not "
      "known.";
  switch (check) {
    case Check::kCardDrops:
      f.evidence = of(f.part, f.whole, "frames") + " were dropped by the card or its driver" + noted + ".";
      f.remedy = "Enlarge the card's receive ring, and spread it over more queues.";
      f.command = "ethtool -G " + interface + " rx 4096; ethtool -S " + interface + " | grep -i -E 'drop|miss'";
      return;
    case Check::kKernelDrops:
      f.evidence = of(f.part, f.whole, "frames") +
                   " were dropped by the kernel, as its buffer was full" + noted + ".";
      f.remedy = "Give the capture more buffer and more workers, and filter out what is bulk.";
      f.command = "gnomon capture -i " + interface +
                  " --buffer 256 --workers 4   # capture.buffer_mib, capture.workers in gnomon.yaml";
      return;
    default:
      f.evidence = of(f.part, f.whole, "frames") + " were dropped by the sensor itself" + noted + ".";
      f.remedy = "Give the sensor more workers or a faster disk, or filter out what is bulk.";
      f.command = "gnomon capture -i " + interface + " --workers 4 --filter 'not port 2049'";
      return;
  }
}

void explain_few_names(const HealthCounters& c, HealthFault& f) {
  f.evidence = of(f.part, f.whole, "web connections") + " have no name";
  const std::string why = list({{c.web_midstream, "joined after their beginning"},
                                {c.web_server_only, "without the client's direction"},
                                {c.web_cut, "cut by the snap length"},
                                {c.web_lossy, "with packets missing at their beginning"},
                                {c.ech_real, "with Encrypted Client Hello"}});
  f.evidence += why.empty() ? "." : ": " + why + ".";
  f.meaning = "What they were is not known: the inventory lists the apps of the others only.";
  f.remedy =
      "Mend the faults above that take names away first; else mirror nearer to the clients, before "
      "proxies and VPNs.";
  f.command = "gnomon replay --events - FILE | grep '\"event_type\":\"flow\"' | grep -v '\"host\"'";
}

}  // namespace

void explain(Check check, const HealthCounters& c, const HealthPlace& place, HealthFault& f) {
  const std::string interface = place.interface.empty() ? "IFACE" : place.interface;
  switch (check) {
    case Check::kNoTraffic:
      f.evidence = place.live ? "Not one frame arrived in the interval."
                              : "The capture holds no frame.";
      f.meaning = "Nothing was looked at: the inventory says nothing about this time.";
      f.remedy =
          "See that the link is up and that the mirror session is on and ends at this port.";
      f.command = "ip link set " + interface + " up promisc on; ip -s link show " + interface;
      return;
    case Check::kWrongInterface:
      f.evidence = "In " + grouped(c.frames) +
                   " frames no connection between two other machines was seen: " +
                   list({{c.group_frames, "frames to everybody (broadcast, multicast)"},
                         {c.own_flows, "flows of this machine itself"},
                         {c.group_flows, "flows to groups"}}) +
                   ".";
      f.meaning = "This is not a mirror port: nobody's use of anything can be seen here.";
      f.remedy = "Capture on the interface that the mirror ends at, or set up the mirror session.";
      f.command = "ip -br link   # then: gnomon doctor -i OTHER";
      return;
    case Check::kOneSided:
      explain_one_sided(c, f);
      return;
    case Check::kDuplicates:
      f.evidence = of(f.part, f.whole, "frames") + " are copies of the frame before them.";
      f.meaning =
          "They are recognised and not counted twice, but take half the room for traffic; those "
          "that come later than 20 ms are counted.";
      f.remedy = "Mirror each connection at one place: receive only, or one of the two VLANs.";
      f.command = "monitor session 1 source vlan ID rx";
      return;
    case Check::kGaps:
      f.evidence = "In " + of(f.part, f.whole, "TCP connections that can be checked") + " " +
                   grouped(c.lost_bytes) + " bytes are missing that were acknowledged or closed.";
      f.meaning =
          "The mirror, a broker or the card lost packets before the sensor: names, uploads and "
          "findings in them are missing.";
      f.remedy =
          "Mirror less to this port (receive only, fewer ports) or use a faster one or a tap: two "
          "full directions do not fit into one.";
      f.command = "show interface MIRROR-PORT | include drops   # on the switch";
      return;
    case Check::kMergedFrames:
      explain_merged(c, place, f);
      return;
    case Check::kSnapLength:
      f.evidence = of(f.part, f.whole, "frames") + " were captured in part.";
      f.meaning =
          "Names, uploads and content behind the cut are not seen; sizes are still right.";
      f.remedy = "Capture whole frames.";
      f.command = place.interface.empty() ? "tcpdump -s 0 -i IFACE -w FILE"
                                          : "gnomon capture -i " + interface + " --snaplen 262144";
      return;
    case Check::kVlanPerDirection:
      f.evidence = of(f.part, f.whole, "two-way flows") + " come with another VLAN in each direction.";
      f.meaning =
          "They are joined all the same. The VLAN shown is that of the first packet; other tools "
          "see two halves.";
      f.remedy = "Mirror without rewritten tags if the VLAN is to be relied upon.";
      f.command = "monitor session 1 destination interface PORT encapsulation replicate";
      return;
    case Check::kTunnelNotDecoded:
      explain_tunnel(c, f);
      return;
    case Check::kClock:
      explain_clock(c, place, f);
      return;
    case Check::kCardDrops:
    case Check::kKernelDrops:
    case Check::kSensorDrops:
      explain_drops(check, c, place, f);
      return;
    case Check::kNoDns:
      f.evidence = "Not one DNS question or answer in the time of " + grouped(c.web_named) +
                   " named connections" +
                   (c.encrypted_dns_flows > 0
                        ? "; " + grouped(c.encrypted_dns_flows) + " connections were encrypted DNS."
                        : ".");
      f.meaning =
          "Connections that hide their name cannot be named by lookups, and apps that were only "
          "looked up are not seen.";
      f.remedy =
          "Mirror the path between clients and their resolver too; where clients use encrypted DNS "
          "of others, refuse it.";
      f.command = "tcpdump -i " + interface + " -c 5 port 53";
      return;
    case Check::kFewNames:
      explain_few_names(c, f);
      return;
    case Check::kHiddenNames:
      f.evidence = of(f.part, f.whole, "hellos") + " hid their name with Encrypted Client Hello.";
      f.meaning =
          "Which app these were is not known, unless the client's own DNS answers tell.";
      f.remedy =
          "Strip the ech parameter from HTTPS answers at the resolver, or switch it off in the "
          "browsers.";
      f.command = "EncryptedClientHelloEnabled=false   # policy of Chrome and Edge";
      return;
    case Check::kLimits:
      f.evidence = list({{c.evicted_flows, "flows were ended early, as the table was full"},
                         {c.refused_segments, "segments found no room to wait"}}) +
                   ".";
      f.meaning = "Names and volumes of these connections may be incomplete.";
      f.remedy = "Raise the limit.";
      f.command = place.interface.empty() ? "gnomon replay --flows-max 4000000 FILE"
                                          : "gnomon capture -i " + interface + " --flows-max 4000000";
      return;
    case Check::kCount:
      return;
  }
}

}  // namespace gnomon::observation
