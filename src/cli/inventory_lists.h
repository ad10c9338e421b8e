#pragma once

#include <cstddef>
#include <string>

#include "gnomon/inventory/inventory.h"
#include "gnomon/report/listing.h"
#include "options.h"

namespace gnomon::cli {

enum class InventoryFormat { kTable, kCsv, kJson };
enum class InventoryList { kApps, kClients, kHosts, kRuns, kListing };

// What `gnomon inventory` is asked for.
struct InventorySettings {
  std::string database;
  InventoryFormat format = InventoryFormat::kTable;
  InventoryList what = InventoryList::kApps;
  const report::Listed* listed = nullptr;  // of InventoryList::kListing
  std::string app;
  inventory::AppFilter filter;
  inventory::AppOrder order = inventory::AppOrder::kRisk;
  std::size_t limit = 0;  // 0: all
  bool filtered = false;
};

// Prints the list on standard output; the exit code.
int print_list(const CommandLine& line, const InventorySettings& settings,
               inventory::Inventory& inventory);

}  // namespace gnomon::cli
