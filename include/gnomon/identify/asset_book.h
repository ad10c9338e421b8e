#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/identify/api_reader.h"
#include "gnomon/observation/observation.h"

namespace gnomon::identify {

// What one exchange showed of its server, as it leaves the packet path. Views as in the records.
struct AssetSighting {
  observation::Place place;
  observation::Conversation conversation;
  Time time;
  std::string_view host;
  std::span<const std::uint16_t> traits;
  std::span<const ApiSaid> said;
  std::span<const ApiTouch> touches;
  std::string_view model_requested;
  std::string_view model_returned;
  std::uint16_t status = 0;
  bool credential = false;
  bool call = false;
  bool prompt = false;
  bool tls = false;

  // Whether there is anything in it for the book.
  [[nodiscard]] bool speaks() const { return !traits.empty() || !touches.empty() || call; }
};

// Adds up what exchanges show of servers, and tells which products they are. Sightings come in the
// order of the packets, so what is told does not depend on who read them. Bounded: at the limits
// nothing new is taken, and it is counted. One thread.
class AssetBook {
 public:
  explicit AssetBook(const ApiKnowledge& knowledge);
  ~AssetBook();
  AssetBook(AssetBook&&) noexcept;

  static constexpr std::size_t kServersMax = 20'000;  // address and port
  static constexpr std::size_t kEarlyMax = 4'096;     // ... of which no product shows yet
  static constexpr std::size_t kHostsMax = 16;        // names of one server
  static constexpr std::size_t kModelsMax = 64;       // of one product
  static constexpr std::chrono::seconds kQuiet{60};   // from a change to when it is told

  void see(const AssetSighting& sighting);

  using Told = std::function<void(const observation::AssetRecord&)>;
  // Tells of the products about which something new is known since they were last told, or that are
  // used on another day, by address, port and product: of those that changed kQuiet ago or earlier,
  // or of all.
  void tell(Time now, bool all, const Told& told);

  struct Counters {
    std::uint64_t servers = 0;
    std::uint64_t refused = 0;  // sightings for which there was no room
  };
  [[nodiscard]] const Counters& counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gnomon::identify
