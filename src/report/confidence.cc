#include "gnomon/report/confidence.h"

#include <algorithm>
#include <iterator>

namespace gnomon::report {

Listing take_low_confidence(Listing& listing) {
  Listing low = listing;
  low.rows.clear();
  const auto column = column_of(listing, "confidence");
  if (!column) return low;
  const auto first = std::stable_partition(
      listing.rows.begin(), listing.rows.end(),
      [&](const std::vector<Cell>& row) { return cell_text(row[*column]) != "low"; });
  low.rows.assign(std::make_move_iterator(first), std::make_move_iterator(listing.rows.end()));
  listing.rows.erase(first, listing.rows.end());
  return low;
}

}  // namespace gnomon::report
