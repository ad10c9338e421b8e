#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "gnomon/bytes/ip_address.h"
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
  IpAddress accepts;        // of a wish: the address that it was offered; none: not offered one
  observation::ClientNameRecord record;
};

// Joins the names that clients ask by with the addresses that servers give: an address that was
// asked for and refused is another's. Asked and given are different flows. Where no server is seen,
// as on a mirror of what clients send, an offer that was accepted and not refused in kHold stands.
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

  // Whether the step names a client. A grant goes by the name in its wish, whatever the server
  // calls the client: that is filled in, and lives until the next see().
  bool see(LeaseStep& step);
  // Names, to `tell`, those whose offers nobody has answered for until now; `all`: nothing more
  // will come. What `tell` is given lives until it returns.
  using Tell = std::function<void(const observation::ClientNameRecord&)>;
  void advance(Time now, bool all, const Tell& tell);

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Wish {
    bool is_v6 = false;
    std::uint32_t transaction = 0;
    std::string client;
    std::string name;
    std::string mac;
    std::string file;  // of the record's place
    IpAddress accepts;
    observation::ClientNameRecord record;  // its texts are those above
  };
  using Wishes = std::deque<Wish>;  // oldest first

  Wishes::iterator find(const LeaseStep& step);
  void remember(const LeaseStep& step);
  void tell_accepted(Wish& wish, const Tell& tell);

  Wishes wishes_;
  std::string name_;  // what was filled in last
  Counters counters_;
};

}  // namespace gnomon::identify
