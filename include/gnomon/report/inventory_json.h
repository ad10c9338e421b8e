#pragma once

#include <span>
#include <string>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/report/json_writer.h"
#include "gnomon/report/report_content.h"

// The inventory as JSON. docs/inventory-json.md describes every member; members are only ever
// added. Appended to `out`; the same inventory gives the same text.
namespace gnomon::report {

inline constexpr int kJsonVersion = 1;

void write_app_list_json(std::string& out, const inventory::Totals& totals,
                         std::span<const inventory::AppSummary> apps,
                         const observation::Coverage& coverage);
void write_client_list_json(std::string& out, std::span<const inventory::ClientSummary> clients);
void write_host_list_json(std::string& out, std::span<const inventory::UnknownHost> hosts);
void write_run_list_json(std::string& out, std::span<const inventory::Run> runs);
void write_app_json(std::string& out, const inventory::AppDetail& app);

// Everything: totals, apps whole, clients, unknown hosts, timeline, runs, coverage; of a period or a
// group what read_report() says. The limits of the options do not count here.
Result<std::string> json_report(inventory::Inventory& inventory, ReportOptions options = {});

// Pieces, for the writers above and the page.
void write_counts(JsonWriter& json, const inventory::Counts& counts);
void write_coverage(JsonWriter& json, const observation::Coverage& coverage);
// One self-hosted server whole.
void write_asset_json(std::string& out, const inventory::Asset& asset,
                      const observation::Coverage& coverage);

}  // namespace gnomon::report
