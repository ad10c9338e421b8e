#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/inventory.h"

namespace gnomon::report {

// Who was seen with which host, added up: clients by number, so that the same one is counted once
// over many hosts.
class HostUse {
 public:
  struct Row {
    std::string app;  // empty: unknown
    std::string host;
    std::vector<std::uint32_t> clients;  // sorted, each once
    std::uint64_t sessions = 0;
    std::uint64_t lookups = 0;
    Time last_seen;
  };

  static Result<HostUse> read(inventory::Inventory& inventory);

  // By app, then host.
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] const std::string& client(std::uint32_t number) const { return clients_[number]; }

 private:
  std::vector<Row> rows_;
  std::vector<std::string> clients_;
};

}  // namespace gnomon::report
