#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>

#include "gnomon/inventory/period.h"
#include "gnomon/report/listing.h"

namespace gnomon::report {

// Which rows of a list tell of one client. Lists of servers and candidates name none: there they
// are those that it talked to. `asked` must outlive it.
class ClientRows {
 public:
  ClientRows(const Listing& listing, std::string client, const inventory::AskedBy& asked);

  // False of a list that tells of no client.
  [[nodiscard]] bool any() const { return column_.has_value(); }
  [[nodiscard]] bool holds(const std::vector<Cell>& row) const;

 private:
  std::string client_;
  const std::set<std::string>* asked_ = nullptr;  // none where rows name their client
  std::optional<std::size_t> column_;
};

}  // namespace gnomon::report
