#pragma once

#include <string>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/inventory.h"

namespace gnomon::report {

// What AI this network relies on, as CycloneDX 1.6 (JSON): AI apps in use and self-hosted servers as
// services with the data that flows to and from them, models, data sets and packages as components,
// the coverage statement among the metadata. What was only looked up or asked for is not in it.
// `clients`: whether data flows name the clients they come from. The same inventory gives the same
// text.
Result<std::string> bill_of_materials(inventory::Inventory& inventory, bool clients);

}  // namespace gnomon::report
