#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnomon/bytes/time.h"
#include "gnomon/observation/observation.h"

// What is wrong with what the sensor is shown: counters of a stretch of traffic in, faults with
// their evidence out. No clock, no state but HealthMonitor's, so the same packets give the same
// faults. docs/doctor.md tells the checks to people.
namespace gnomon::observation {

// All that the checks look at. Sums, but for the two that are a maximum.
struct HealthCounters {
  // Frames.
  std::uint64_t frames = 0;
  std::uint64_t group_frames = 0;  // to a broadcast or multicast address of the link
  std::uint64_t non_ip_frames = 0;
  std::uint64_t cut_frames = 0;
  std::uint64_t tcp_packets = 0;
  std::uint64_t tcp_over_1500 = 0;      // IP datagrams with TCP longer than Ethernet carries,
  std::uint64_t tcp_over_9216 = 0;      // and than jumbo frames do; not made of fragments
  std::uint64_t tcp_syns = 0;           // that announce a segment size,
  std::uint64_t tcp_syns_jumbo = 0;     // one beyond Ethernet's,
  std::uint64_t tcp_syns_loopback = 0;  // one beyond jumbo frames'
  std::uint64_t duplicates = 0;
  // Not decoded, by what is in the way.
  std::uint64_t tunnel_not_decoded = 0;
  std::uint64_t tunnel_too_deep = 0;
  std::uint64_t tunnel_in_udp = 0;  // packets of flows that carry IP packets
  std::uint64_t unknown_ethertype = 0;
  std::uint64_t unknown_link_type = 0;
  std::uint64_t encrypted_link = 0;
  std::uint64_t encrypted_tunnel = 0;  // ESP
  // Flows that ended.
  std::uint64_t flows = 0;
  std::uint64_t tcp_flows = 0;       // TCP with payload, three packets and more;
  std::uint64_t only_to_server = 0;  // of these, only one direction
  std::uint64_t only_to_client = 0;
  std::uint64_t two_sided_flows = 0;
  std::uint64_t vlan_split_flows = 0;  // each direction in a VLAN of its own
  std::uint64_t checked_flows = 0;     // of which it can be told whether bytes are missing;
  std::uint64_t lossy_flows = 0;       // they are
  std::uint64_t lost_bytes = 0;
  std::uint64_t transit_flows = 0;  // between two machines that are not this one
  std::uint64_t own_flows = 0;      // of this machine
  std::uint64_t group_flows = 0;    // to broadcast and multicast addresses
  std::uint64_t web_flows = 0;      // HTTP, TLS, QUIC, or on their ports: expected to have a name;
  std::uint64_t web_named = 0;
  std::uint64_t web_midstream = 0;  // of those without: why
  std::uint64_t web_server_only = 0;
  std::uint64_t web_cut = 0;
  std::uint64_t web_lossy = 0;
  std::uint64_t hellos = 0;
  std::uint64_t ech_real = 0;
  std::uint64_t dns_messages = 0;  // questions and answers, not of mDNS and LLMNR
  std::uint64_t encrypted_dns_flows = 0;
  std::uint64_t evicted_flows = 0;
  std::uint64_t refused_segments = 0;
  // The clock of the capture.
  std::uint64_t clock_backwards = 0;    // steps back by more than a second
  std::uint64_t clock_jumps = 0;        // steps forward by more than a day
  std::uint64_t clock_unset = 0;        // frames from before 1990 or after 2100
  std::uint64_t clock_back_max_ms = 0;  // maximum
  std::uint64_t clock_jump_max_s = 0;   // maximum
  // What the capture lost before it could be looked at; from the interface, or noted in pcapng.
  std::uint64_t received = 0;
  std::uint64_t card_drops = 0;
  std::uint64_t kernel_drops = 0;
  std::uint64_t sensor_drops = 0;

  bool operator==(const HealthCounters&) const = default;
};

struct HealthCounterName {
  std::string_view name;
  std::uint64_t HealthCounters::*member;
  bool maximum = false;
};
std::span<const HealthCounterName> health_counter_names();

// What came since `before`; a maximum stays what it is.
HealthCounters since(const HealthCounters& now, const HealthCounters& before);
HealthCounters& operator+=(HealthCounters& sum, const HealthCounters& more);

// One row of the table of checks. A check looks at a part of a whole: it is named when the part is
// at least `part_min` and at least `named_ppm` of a whole of at least `whole_min`.
struct HealthRule {
  std::string_view id;
  std::string_view title;
  std::uint64_t whole_min = 1;
  std::uint64_t part_min = 1;
  std::uint32_t named_ppm = 0;
  std::uint32_t critical_ppm = 0;  // worse than `severity` from here; never when beyond a million
  HealthSeverity severity = HealthSeverity::kWarning;
  bool slow = false;  // looks at ten intervals together: one is too short to tell
};
std::span<const HealthRule> health_rules();

// Whom the advice is for.
struct HealthPlace {
  std::string interface;      // empty: a capture file
  bool live = false;          // an interval without a frame is worth telling
  bool may_be_empty = false;  // captures that come when they come: none at all is no fault
};

struct HealthFault {
  const HealthRule* rule = nullptr;
  HealthSeverity severity = HealthSeverity::kNone;
  std::string evidence;  // one sentence with the numbers
  std::string meaning;   // for the inventory
  std::string remedy;    // what to do,
  std::string command;   // and the command that does it, or that shows more
  std::uint64_t part = 0;
  std::uint64_t whole = 0;
};

enum class HealthScope : std::uint8_t { kFast, kSlow, kAll };

// What is wrong in this stretch, in the order of the table.
std::vector<HealthFault> judge_health(const HealthCounters& counters, const HealthPlace& place,
                                      HealthScope scope = HealthScope::kAll);

// "Sensor health, warning (gaps): In 3 of ..."
std::string health_line(HealthSeverity severity, std::string_view check, std::string_view evidence,
                        std::string_view meaning);
// "None of 17 checks ..." or a line for each fault: for summaries and reports.
std::vector<std::string> health_statement(std::span<const HealthFault> faults);

// Looks at traffic interval by interval and tells what begins, goes on and ends.
class HealthMonitor {
 public:
  static constexpr std::size_t kSlowIntervals = 10;

  explicit HealthMonitor(HealthPlace place) : place_(std::move(place)) {}

  using Tell = std::function<void(const HealthRecord&)>;

  // Counters since the beginning, at the end of an interval that began at `from`.
  void end_interval(const HealthCounters& total, Time from, Time to, const Tell& tell);
  // The clock was put on (back: negative): what was named before keeps its age, and is told by the
  // clock of now.
  void step_clock(std::chrono::nanoseconds by);
  // The input is over: looks at what is left, and at all of it together.
  void finish(const HealthCounters& total, Time from, Time to, Time first, const Tell& tell);

  // What was named at any time, each once, as it was at its worst.
  [[nodiscard]] std::vector<HealthFault> named() const;
  // Of a check: how bad it is now.
  [[nodiscard]] HealthSeverity now(std::size_t rule) const { return states_[rule].now; }
  static constexpr std::size_t kRules = 17;

 private:
  struct State {
    HealthFault worst;
    HealthSeverity now = HealthSeverity::kNone;
    Time first;
    Time last;
    std::uint32_t intervals = 0;
  };

  void look(const HealthCounters& counters, HealthScope scope, Time from, Time to,
            bool counts_interval, const Tell& tell);
  void tell_of(const State& state, HealthState what, const Tell& tell) const;

  HealthPlace place_;
  HealthCounters before_;
  struct Interval {
    HealthCounters counters;
    Time from;
  };
  std::deque<Interval> recent_;
  std::array<State, kRules> states_{};
};

}  // namespace gnomon::observation
