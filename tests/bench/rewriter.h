#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "gnomon/bytes/result.h"
#include "seeds.h"

namespace gnomon::bench {

// Gives every replica of a seed clients of its own.
//
// Private IPv4 addresses are rewritten, and where both ends of a conversation are public (always so
// in IPv6) the client's. So servers keep their addresses, and DNS answers still tell the truth
// about them. IPv4 clients get 10.x.y.z; in IPv6 the interface identifier changes. Multicast and
// broadcast stay.
//
// The choice is made once per pair of addresses, so that a fragment without ports is rewritten like
// the rest of its datagram. What tunnels carry inside is not rewritten.
class Rewriter {
 public:
  enum class Ports {
    kKeep,     // other flows of the seed may speak of them (FTP, SDP)
    kReplace,  // the dynamic one of a flow that is replicated on its own
  };

  // An error when `replicas` of the seeds' clients do not fit into 10.0.0.0/8.
  static Result<Rewriter> plan(const Seeds& seeds, std::uint64_t replicas);

  // `frame` is a copy of the seed's, or made from its headers.
  void rewrite(const Seeds& seeds, FrameRef ref, std::uint32_t replica, Ports ports,
               std::span<std::uint8_t> frame) const;

  // Clients in one replica.
  [[nodiscard]] std::uint32_t clients() const { return clients_; }

 private:
  static constexpr std::uint32_t kNobody = UINT32_MAX;
  struct Clients {
    std::uint32_t source = kNobody;
    std::uint32_t destination = kNobody;
  };

  Rewriter() = default;
  void replace_address(std::span<std::uint8_t> frame, const Layout& layout, std::size_t at,
                       std::uint32_t client, std::uint32_t replica) const;

  std::vector<std::vector<Clients>> clients_of_;  // by seed and frame
  std::uint32_t clients_ = 0;
};

}  // namespace gnomon::bench
