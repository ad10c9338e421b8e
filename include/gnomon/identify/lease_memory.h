#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "gnomon/bytes/time.h"
#include "gnomon/observation/observation.h"

namespace gnomon::identify {

// One DHCP message, as far as it says who has an address.
struct LeaseStep {
  enum class Kind : std::uint8_t {
    kWish,     // asks for an address: `record` has a name and no address
    kHas,      // has the address
    kGranted,  // is given the address; the name is mostly in the wish alone
    kRefused,
  };
  Kind kind = Kind::kWish;
  bool is_v6 = false;
  std::uint32_t transaction = 0;
  std::string_view client;  // what tells it from others: hardware address, identifier
  observation::ClientNameRecord record;
};

// Joins the names that clients ask by with the addresses that servers give: an address that was
// asked for and refused is another's. Asked and given are different flows.
//
// Holds kWishesMax: the oldest makes room, so that the same steps in the same order always forget
// the same. For one thread.
class LeaseMemory {
 public:
  static constexpr std::size_t kWishesMax = 1024;
  static constexpr std::size_t kClientBytesMax = 130;  // of a DUID (RFC 8415, 11.1)
  static constexpr std::chrono::seconds kHold{60};     // from the wish to the answer

  struct Counters {
    std::uint64_t wishes = 0;   // remembered
    std::uint64_t evicted = 0;  // made room for a newer one
    std::uint64_t refused = 0;  // by the server
    std::uint64_t named = 0;    // addresses
  };

  // Whether the step names a client. Where only the wish had the name it is filled in, and lives
  // until the next see().
  bool see(LeaseStep& step);

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Wish {
    bool is_v6 = false;
    std::uint32_t transaction = 0;
    Time time;
    std::string client;
    std::string name;
  };
  using Wishes = std::deque<Wish>;  // oldest first

  Wishes::iterator find(const LeaseStep& step);
  void remember(const LeaseStep& step);

  Wishes wishes_;
  std::string name_;  // what was filled in last
  Counters counters_;
};

}  // namespace gnomon::identify
