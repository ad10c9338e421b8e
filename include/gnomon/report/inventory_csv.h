#pragma once

#include <span>
#include <string>

#include "gnomon/inventory/inventory.h"

// The inventory's lists as CSV with a header row, for spreadsheets (csv_writer.h). Numbers are
// whole and without units, times RFC 3339, several words in one field separated by spaces.
namespace gnomon::report {

void write_app_list_csv(std::string& out, std::span<const inventory::AppSummary> apps);
void write_client_list_csv(std::string& out, std::span<const inventory::ClientSummary> clients);
void write_host_list_csv(std::string& out, std::span<const inventory::UnknownHost> hosts);
// One row for each input of each run.
void write_run_list_csv(std::string& out, std::span<const inventory::Run> runs);

}  // namespace gnomon::report
