#include "gnomon/report/client_rows.h"

#include <utility>

namespace gnomon::report {

ClientRows::ClientRows(const Listing& listing, std::string client, const inventory::AskedBy& asked)
    : client_(std::move(client)) {
  if (listing.name == "assets") {
    asked_ = &asked.servers;
    column_ = column_of(listing, "server");
  } else if (listing.name == "candidates") {
    asked_ = &asked.candidates;
    column_ = column_of(listing, "host");
  } else {
    column_ = column_of(listing, "client");
  }
}

bool ClientRows::holds(const std::vector<Cell>& row) const {
  const auto* text = column_ ? std::get_if<std::string>(&row[*column_]) : nullptr;
  if (text == nullptr) return false;
  return asked_ == nullptr ? *text == client_ : asked_->contains(*text);
}

}  // namespace gnomon::report
