#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

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

// Takes the next piece of a text; an error ends the writing of it.
using TextSink = std::function<std::optional<Error>(std::string_view piece)>;

// Everything: totals, apps whole, clients, unknown hosts, timeline, runs, coverage; of a period or a
// group what read_report() says. The limits of the options do not count here. Rows of apps and
// clients are written as they are read: memory grows with the longest of the other lists, not with
// the document.
std::optional<Error> write_json_report(inventory::Inventory& inventory,
                                       const ReportOptions& options, const TextSink& sink);
// The same, held.
Result<std::string> json_report(inventory::Inventory& inventory, const ReportOptions& options = {});

// Pieces, for the writers above and the page.
void write_counts(JsonWriter& json, const inventory::Counts& counts);
void write_coverage(JsonWriter& json, const observation::Coverage& coverage);
// One self-hosted server whole.
void write_asset_json(std::string& out, const inventory::Asset& asset,
                      const observation::Coverage& coverage);

}  // namespace gnomon::report
