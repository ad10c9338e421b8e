#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/ip_address.h"
#include "gnomon/bytes/time.h"
#include "gnomon/observation/observation.h"

namespace gnomon::identify {

// Which name a client asked for before it went to an address.
//
// Knows only what the client's own answers said: what another client resolved says nothing about
// this one. A chain of CNAMEs counts as the name that was asked for. For each (client, server)
// the last kNamesMax different names are kept. When `pairs_max` pairs are known, the one that was
// answered longest ago makes room (by order of remembering, which for packets is the order of
// time), so that the same capture always forgets the same.
//
// For one thread.
class DnsMemory {
 public:
  static constexpr std::size_t kNamesMax = 4;        // per client and server
  static constexpr std::size_t kAddressesMax = 64;   // taken from one answer
  static constexpr std::size_t kNameBytesMax = 253;  // longer names are not remembered
  // Resolvers and programs hold on to an answer for a while after its time to live.
  static constexpr std::chrono::seconds kGrace{600};
  static constexpr std::chrono::seconds kTtlMax{86'400};

  struct Counters {
    std::uint64_t answers = 0;    // remembered
    std::uint64_t pairs = 0;      // known now
    std::uint64_t evicted = 0;    // pairs that made room
    std::uint64_t displaced = 0;  // names that made room for a newer one of the same pair
    std::uint64_t refused = 0;    // names and addresses beyond the limits
  };

  struct Found {
    std::string_view name;   // valid until the next remember()
    bool ambiguous = false;  // another name was valid for this address at the time
    Time answered;
  };

  explicit DnsMemory(std::size_t pairs_max = 100'000);

  void remember(const IpAddress& client, std::string_view name,
                std::span<const IpAddress> addresses, Time time, std::chrono::seconds ttl);

  // All A and AAAA answers of a record, under the name that was asked for. Answers that came by
  // multicast and those with an error are not about this client and are left out.
  void remember(const observation::DnsRecord& record);

  // The name of the last answer at or before `start` that was still valid then.
  [[nodiscard]] std::optional<Found> lookup(const IpAddress& client, const IpAddress& server,
                                            Time start) const;

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Answer {
    std::string name;
    Time first;  // of the answers that held without a break
    Time last;
    Time until;
  };
  struct Pair {
    IpAddress client;
    IpAddress server;
    std::vector<Answer> answers;  // oldest first
    std::uint32_t newer = kNone;  // neighbours in the order of the last answer
    std::uint32_t older = kNone;
  };
  static constexpr std::uint32_t kNone = 0xffffffff;

  static std::uint64_t hash_of(const IpAddress& client, const IpAddress& server);
  [[nodiscard]] std::uint32_t find(const IpAddress& client, const IpAddress& server) const;
  std::uint32_t find_or_add(const IpAddress& client, const IpAddress& server);
  void evict_oldest();
  void link_newest(std::uint32_t index);
  void unlink(std::uint32_t index);
  void grow();

  std::size_t pairs_max_;
  std::vector<Pair> pairs_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> slots_;  // open addressing; size is a power of two
  std::uint32_t newest_ = kNone;
  std::uint32_t oldest_ = kNone;
  std::vector<IpAddress> addresses_;
  Counters counters_;
};

}  // namespace gnomon::identify
