#pragma once

#include "gnomon/inventory/inventory.h"
#include "gnomon/report/listing.h"

// For whoever may know what is used and not by whom: takes addresses and names of clients out of
// what was read, and leaves their number. Rows stay, one for each that there was.
namespace gnomon::report {

void hide_clients(inventory::AppDetail& app);
void hide_clients(Listing& listing);

}  // namespace gnomon::report
