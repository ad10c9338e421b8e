#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gnomon::observation {

// What a run could see and what it could not: counted once, at its end. Runs add up.
struct Coverage {
  std::uint64_t frames = 0;
  std::uint64_t flows = 0;               // all that ended
  std::uint64_t flows_with_payload = 0;  // TCP or UDP payload in at least one direction
  // Flows with payload, by where the name came from; each flow in one of these.
  std::uint64_t named_tls_sni = 0;
  std::uint64_t named_quic_sni = 0;
  std::uint64_t named_http_host = 0;
  std::uint64_t named_http_connect = 0;
  std::uint64_t named_tls_sni_partial = 0;  // from a hello of which the end is missing
  std::uint64_t named_dns_answer = 0;       // from the client's own earlier lookup: lower grade
  std::uint64_t named_certificate = 0;      // from the server's certificate: lower grade
  std::uint64_t unnamed = 0;
  // Encrypted Client Hello (RFC 9849).
  std::uint64_t ech_real = 0;  // the app is hidden, whatever the outer name says
  std::uint64_t ech_grease = 0;
  std::uint64_t ech_undecided = 0;
  // What makes flows hard to read.
  std::uint64_t one_sided = 0;  // only one direction was ever seen
  std::uint64_t midstream = 0;  // the beginning was not seen
  std::uint64_t truncated = 0;  // cut by the snap length
  std::uint64_t with_gaps = 0;  // payload was missing while it was being read
  std::uint64_t gap_bytes = 0;
  std::uint64_t duplicates = 0;  // SPAN duplicates of frames, recognised and not counted
  std::uint64_t evicted = 0;     // flows ended early because a limit was reached
  std::uint64_t given_up = 0;    // flows read in part, as too many others were being read
  std::uint64_t damaged_inputs = 0;
  // Frames that were not decoded to a flow, or to their inner flow, by kind: {"unknown_ethertype",
  // 3}. Sorted by name, each name once, none with 0.
  std::vector<std::pair<std::string, std::uint64_t>> undecoded;
  // Packets that were captured and never read, by who lost them: {"kernel", 12}. Likewise.
  std::vector<std::pair<std::string, std::uint64_t>> lost;

  [[nodiscard]] std::uint64_t named() const;
  [[nodiscard]] std::uint64_t undecoded_frames() const;
  [[nodiscard]] std::uint64_t lost_packets() const;
  Coverage& operator+=(const Coverage& other);
  bool operator==(const Coverage&) const = default;
};

struct CoverageCounterName {
  std::string_view name;
  std::uint64_t Coverage::*member;
};

// As stored and as exported.
inline constexpr CoverageCounterName kCoverageCounterNames[] = {
    {"frames", &Coverage::frames},
    {"flows", &Coverage::flows},
    {"flows_with_payload", &Coverage::flows_with_payload},
    {"named_tls_sni", &Coverage::named_tls_sni},
    {"named_quic_sni", &Coverage::named_quic_sni},
    {"named_http_host", &Coverage::named_http_host},
    {"named_http_connect", &Coverage::named_http_connect},
    {"named_tls_sni_partial", &Coverage::named_tls_sni_partial},
    {"named_dns_answer", &Coverage::named_dns_answer},
    {"named_certificate", &Coverage::named_certificate},
    {"unnamed", &Coverage::unnamed},
    {"ech_real", &Coverage::ech_real},
    {"ech_grease", &Coverage::ech_grease},
    {"ech_undecided", &Coverage::ech_undecided},
    {"one_sided", &Coverage::one_sided},
    {"midstream", &Coverage::midstream},
    {"truncated", &Coverage::truncated},
    {"with_gaps", &Coverage::with_gaps},
    {"gap_bytes", &Coverage::gap_bytes},
    {"duplicates", &Coverage::duplicates},
    {"evicted", &Coverage::evicted},
    {"given_up", &Coverage::given_up},
    {"damaged_inputs", &Coverage::damaged_inputs},
};
static_assert(sizeof(Coverage) - sizeof(Coverage::undecoded) - sizeof(Coverage::lost) ==
                  std::size(kCoverageCounterNames) * sizeof(std::uint64_t),
              "every counter has a name");

// The coverage statement, one sentence a line, in plain words: what "absent" means here. The same
// numbers give the same lines.
std::vector<std::string> coverage_statement(const Coverage& coverage);

// "1204" as "1,204".
std::string grouped(std::uint64_t number);

}  // namespace gnomon::observation
