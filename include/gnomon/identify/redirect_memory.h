#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/ip_address.h"
#include "gnomon/bytes/time.h"
#include "gnomon/observation/observation.h"

namespace gnomon::identify {

// What hubs sent their clients to storage for. A hub names a model and answers with a redirect; the
// storage gives bytes under a name of its own. By the client, and by the host and path that the
// redirect had, the download is told as the hub's.
//
// Holds kRedirectsMax, of one client kClientMax: the one remembered longest ago makes room, so that
// the same records in the same order always forget the same. For one thread.
class RedirectMemory {
 public:
  static constexpr std::size_t kRedirectsMax = 4096;
  static constexpr std::size_t kClientMax = 256;      // a model of many parts
  static constexpr std::size_t kUrlBytesMax = 8192;   // of longer ones nothing is remembered
  static constexpr std::chrono::seconds kHold{600};   // since the redirect, or the last part fetched

  struct Counters {
    std::uint64_t remembered = 0;
    std::uint64_t evicted = 0;  // made room for a newer one
    std::uint64_t joined = 0;   // downloads that were named
  };

  // Remembers where a redirect led, when it says what for and leads to another host (RFC 9110,
  // 10.2.2): what stays on the hub is named by its own path.
  void remember(const observation::ArtifactRecord& record);

  // Fills in what a hub said of a download that has no repository. `host` becomes the hub and
  // `fetched_from` what it was. Of a hub that gives anything only models are named. Two redirects
  // to one path for different things tell nothing, unless their queries do. What is filled in lives
  // until the next name().
  void name(observation::ArtifactRecord& record);

  // Whether a record, named and remembered, is something that was fetched. Else it only says what
  // something else will be, or nothing said what it is.
  [[nodiscard]] static bool stands(const observation::ArtifactRecord& record);

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Redirect {
    std::uint64_t key = 0;    // of client, host and path
    std::uint64_t query = 0;  // hash
    std::uint64_t order = 0;
    IpAddress client;
    Time time;
    Time until;
    std::string place;  // host and path
    std::string host, kind, repository, file, revision, format;  // as the hub has it
    std::string app, role, category, usage, why;
    observation::Grade grade = observation::Grade::kNone;
    bool unsafe_format = false;
    bool only_models = false;
    bool model_format = false;  // known by its name, or by a part that was fetched
  };

  static bool same_thing(const Redirect& one, const Redirect& two);
  Redirect& room_for(const IpAddress& client, std::uint64_t key, std::uint64_t query);

  std::vector<Redirect> redirects_;
  std::uint64_t order_ = 0;
  std::string place_;  // of the URL looked at
  Redirect named_;     // what was filled in last points here
  Counters counters_;
};

}  // namespace gnomon::identify
