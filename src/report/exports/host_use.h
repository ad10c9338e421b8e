#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/host_use.h"

namespace gnomon::report {

// Who was seen with which host, added up: clients by number, so that the same one is counted once
// over many hosts. They are read when they are first asked for.
class HostUse {
 public:
  struct Row : inventory::HostSum {
    std::vector<std::uint32_t> clients;  // each once; of apps that were asked for
  };

  static Result<HostUse> read(const std::filesystem::path& database);

  // By app, then host.
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  // Of one of rows(). None when they cannot be read: failure() tells.
  const std::vector<std::uint32_t>& clients(const Row& row);
  [[nodiscard]] const std::string& client(std::uint32_t number) const { return clients_[number]; }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

 private:
  explicit HostUse(inventory::HostUses uses) : uses_(std::move(uses)) {}
  void read_clients(const std::string& app);

  inventory::HostUses uses_;
  std::vector<Row> rows_;
  std::set<std::string> read_;  // apps whose clients are known
  std::vector<std::string> clients_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::optional<Error> failure_;
};

}  // namespace gnomon::report
