#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gnomon/inventory/inventory.h"
#include "gnomon/report/json_writer.h"

// Lists of the inventory as tables that any format can show: what the columns are called and how
// important they are is said once, here.
namespace gnomon::report {

using Texts = std::vector<std::string>;
struct ByteCount {
  std::uint64_t bytes = 0;
};
// A number between 0 and 1.
struct Share {
  double value = 0;
};
using Cell = std::variant<std::string, std::uint64_t, ByteCount, Time, Texts, bool, Share>;

struct ListColumn {
  std::string_view key;        // in CSV and JSON
  std::string_view title;      // for people; empty: only in CSV and JSON
  std::uint8_t rank = 0;       // those of the highest rank are left out first; 0: never left out
  std::uint8_t width_min = 0;  // of a terminal; may be cut to it; 0: never cut
  bool on_page = true;         // of the HTML report
};

struct Listing {
  std::string_view name;   // "findings": --what, and the JSON's member
  std::string_view title;  // "Findings in content"
  std::string_view thing;  // "finding"
  std::string_view about;  // a sentence
  std::string_view none;   // what an empty list says
  std::vector<ListColumn> columns;
  std::vector<std::vector<Cell>> rows;
};

// One thing that can be listed so.
struct Listed {
  std::string_view name;
  std::string_view about;  // one line for the help
  Result<Listing> (*make)(inventory::Inventory& inventory);
};
std::span<const Listed> listings();

// The lists of what was read, of all apps or of one.
Listing list_findings(std::span<const inventory::FindingSummary> findings);
Listing list_files(std::span<const inventory::FileSummary> files);
Listing list_assets(std::span<const inventory::Asset> assets);
Listing list_models(std::span<const inventory::ModelUse> models);
Listing list_tools(std::span<const inventory::ToolUse> tools);
Listing list_artifacts(std::span<const inventory::ArtifactSummary> artifacts);
Listing list_candidates(std::span<const inventory::Candidate> candidates);
Listing list_alerts(std::span<const inventory::Alert> alerts);
Listing list_retro_uses(std::span<const inventory::RetroUse> uses);
Listing list_health(std::span<const inventory::HealthSummary> faults);
Listing list_asset_clients(const inventory::Asset& asset);
Listing list_asset_products(const inventory::Asset& asset);

// For people: "1,204", "1.2 MB", "2026-11-24 12:37", "yes".
std::string cell_text(const Cell& cell);
// Whether any cell holds `text`, ignoring case.
bool row_holds(const Listing& listing, std::size_t row, std::string_view text);
// The column of that key; none when the list has no such column.
std::optional<std::size_t> column_of(const Listing& listing, std::string_view key);
// How many rows have one of `words` in the column.
std::uint64_t rows_with(const Listing& listing, std::string_view key,
                        std::initializer_list<std::string_view> words);

void write_listing_csv(std::string& out, const Listing& listing);
// As a member of the object that is open: an array of objects.
void write_listing_member(JsonWriter& json, const Listing& listing);
// A document of its own, with the coverage.
void write_listing_json(std::string& out, const Listing& listing,
                        const observation::Coverage& coverage);

}  // namespace gnomon::report
