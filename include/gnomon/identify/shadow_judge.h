#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gnomon/bytes/ip_address.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/identify/shadow_name.h"
#include "gnomon/observation/observation.h"

namespace gnomon::identify {

// Puts together what is known of hosts in no list, and says once a run of each that behaves like
// AI.
//
// Evidence adds up as log-odds from a start that says most unknown hosts are no AI (docs/shadow.md
// has the weights and what they were measured to find):
//   name         ShadowName's odds, within bounds
//   dns          an alias of a host of AI, of a platform of AI apps, or an address that only AI has
//   certificate  names of AI in the server's certificate (TLS 1.2 shows it)
//   stream       answers that came as a model's tokens do; more conversations weigh more
//   api          the API of a model was spoken
// A host becomes a candidate when it was connected to and the sum passes zero. Never looked up
// alone, never hosts that the catalogue names or marks shared, never addresses.
//
// Bounded: the host that was added first makes room. Single-threaded; depends on the order of
// records alone.
class ShadowJudge {
 public:
  static constexpr std::size_t kHostsMax = 50'000;
  static constexpr std::size_t kAddressesMax = 50'000;

  // Both must outlive this; an empty ShadowName says nothing of names.
  ShadowJudge(const Catalogue& catalogue, const ShadowName& names)
      : catalogue_(&catalogue), names_(&names) {}

  // Judges by these from now on. What is known of hosts stays; those that are in a list now are
  // weighed no more.
  void change(const Catalogue& catalogue, const ShadowName& names);

  void see_dns(const observation::DnsRecord& record);
  // All names of the certificate that a connection to `host` showed.
  void see_certificate(std::string_view host, std::span<const std::string_view> names);
  // True when the host has just become a candidate, or one on another day by evidence of a kind
  // that there was not when it was told: `candidate` is filled, its text valid until the next call.
  bool see_flow(const observation::FlowRecord& record, observation::CandidateRecord& candidate);
  bool see_model_call(const observation::ModelCallRecord& record,
                      observation::CandidateRecord& candidate);

  struct Counters {
    std::uint64_t hosts = 0;       // unknown ones that were weighed
    std::uint64_t candidates = 0;  // told
    std::uint64_t evicted = 0;     // hosts that made room
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Evidence {
    double name = 0;
    double dns = 0;
    double certificate = 0;
    double stream = 0;
    double api = 0;
    std::string dns_why;
    std::string certificate_why;
    std::string stream_why;
    std::string api_why;
    std::size_t certificate_seen = 0;  // of the one that was weighed last
    std::uint32_t streamed = 0;  // answers, over all connections
    std::uint32_t connections_streamed = 0;
    std::uint32_t pieces = 0;  // of the longest
    bool unknown = false;      // in no list, and a host name
    bool told = false;
    std::int64_t told_on = 0;     // day of packet time
    std::uint8_t told_kinds = 0;  // of evidence beside the name
    [[nodiscard]] std::uint8_t kinds() const {
      return static_cast<std::uint8_t>((dns != 0) | (certificate != 0) << 1 | (stream != 0) << 2 |
                                       (api != 0) << 3);
    }
  };
  // Of what strangers send, so by slot_hash(); nothing follows from the order in these tables.
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
    std::size_t operator()(const IpAddress& address) const;
  };
  using Hosts = std::unordered_map<std::string, Evidence, Hash, std::equal_to<>>;

  Evidence* evidence_of(std::string_view host);
  void weigh_certificate(Evidence& evidence, std::string_view host, std::string_view name);
  bool decide(std::string_view host, Time at, Evidence& evidence,
              observation::CandidateRecord& candidate);
  void weigh_dns(Evidence& evidence, double weight, std::string why);

  const Catalogue* catalogue_;
  const ShadowName* names_;
  Hosts hosts_;
  std::deque<const std::string*> order_;  // keys of them, oldest first
  // What the names of an address are: of AI apps, or others too.
  struct Tenants {
    std::string app;
    bool others = false;
  };
  std::unordered_map<IpAddress, Tenants, Hash> addresses_;
  std::deque<const IpAddress*> address_order_;
  std::vector<std::string> reason_texts_;
  std::vector<std::string_view> reasons_;
  std::string host_;
  Counters counters_;
};

}  // namespace gnomon::identify
