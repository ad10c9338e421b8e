#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"

// Who was seen with which host. Sums come at once; clients app by app, since an inventory of months
// holds a million of them, of which a block list concerns a few thousand.
namespace gnomon::inventory {

struct HostSum {
  std::string app;  // empty: no app is known for the host
  std::string host;
  std::uint64_t sessions = 0;
  std::uint64_t lookups = 0;
  Time last_seen;
};

// Which hosts of apps were used by whom, of all runs: what block lists are made from.
class HostUses {
 public:
  static Result<HostUses> open(const std::filesystem::path& database);
  ~HostUses();
  HostUses(HostUses&&) noexcept;
  HostUses& operator=(HostUses&&) noexcept;

  Result<std::vector<HostSum>> sums();  // by app, then host
  // Hosts of an app, or of none, with each client of theirs; sorted.
  Result<std::vector<std::pair<std::string, std::string>>> clients_of(const std::string& app);

 private:
  class Impl;
  explicit HostUses(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gnomon::inventory
