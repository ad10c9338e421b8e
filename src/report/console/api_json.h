#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../json_parts.h"
#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/inventory/kept_sums.h"
#include "gnomon/report/client_rows.h"
#include "gnomon/report/json_writer.h"
#include "gnomon/report/listing.h"
#include "gnomon/report/report_content.h"
#include "site.h"
#include "snapshot.h"

// What several answers are made of.
namespace gnomon::report::console {

// Which part of a long list is asked for: page and size. Pages count from 1.
struct Paging {
  std::uint64_t page = 1;
  std::uint64_t size = 50;
};
Paging paging_of(Call& call);

// Calls `write(row)` for the rows of the page, between "rows": [ ]; adds how many there are.
template <class Rows, class Write>
void write_page(JsonWriter& json, const Rows& rows, const Paging& paging, const Write& write) {
  json.member("total", static_cast<std::uint64_t>(rows.size()));
  json.member("page", paging.page);
  json.member("size", paging.size);
  json.key("rows");
  json.begin_array();
  const std::size_t from = static_cast<std::size_t>(
      std::min<std::uint64_t>((paging.page - 1) * paging.size, rows.size()));
  const std::size_t until =
      static_cast<std::size_t>(std::min<std::uint64_t>(from + paging.size, rows.size()));
  for (std::size_t i = from; i < until; ++i) write(rows[i]);
  json.end_array();
}

// The same of a page that was read as one.
template <class Row, class Write>
void write_slice(JsonWriter& json, const inventory::Page<Row>& slice, const Paging& paging,
                 const Write& write) {
  json.member("total", slice.total);
  json.member("page", paging.page);
  json.member("size", paging.size);
  json.key("rows");
  json.begin_array();
  for (const Row& row : slice.rows) write(row);
  json.end_array();
}

// "risk": {"score", "level", "confidence", "score_worst"}, null when not rated.
void write_risk_member(JsonWriter& json, const std::optional<inventory::RiskRating>& rating);
void write_risk_rows(JsonWriter& json, const inventory::RiskRating& rating);
void write_app_row(JsonWriter& json, const inventory::AppSummary& app,
                   const AppNotes& notes);
// The same within an object that says more.
void write_app_members(JsonWriter& json, const inventory::AppSummary& app, const AppNotes& notes);
void write_counts_member(JsonWriter& json, const inventory::Counts& counts);
// "decision": that of the app as a whole, with version 0 when there is none; "exceptions": those of
// one usage or group.
void write_decisions(JsonWriter& json, std::span<const inventory::Decision> decisions);
// {"step": "day", "bars": [[start, flows, sessions, bytes up, bytes down, upload bytes], ...]}
void write_timeline(JsonWriter& json, std::string_view name, const Timeline& timeline);
// {"name", "title", "about", "none", "columns": [{"key", "title", "kind"}], total, page, size,
// rows:
// [[cell, ...], ...]} of the rows with these numbers.
void write_listing(JsonWriter& json, const Listing& listing, const std::vector<std::size_t>& chosen,
                   const Paging& paging);
// Orders as people would: severities by how bad they are, numbers by size.
bool cell_less(const Cell& a, const Cell& b);

// "lists": of every list the rows that are this app's, or this client's; their beginnings.
void write_lists_of_app(JsonWriter& json, const Snapshot& snapshot, const std::string& id);
void write_lists_of_client(JsonWriter& json, const Snapshot& snapshot, const std::string& client,
                           const inventory::AskedBy& asked);

// What somebody typed, an address as it is kept: "2001:DB8::0:1" is "2001:db8::1".
std::string as_kept(std::string text);

bool holds(std::string_view text, std::string_view lowered_wanted);  // ignoring case

inline Response all_done() {
  Response response;
  response.body = R"({"done":true})";
  return response;
}
// A file to take away.
Response file_response(std::string_view name, std::string_view type, std::string body);
// The texts between the separators, without empty ones.
std::vector<std::string> parts_of(std::string_view text, char separator);

// What was refused because of what it is, unless somebody else writes: that passes.
inline Response refused(std::string_view code, const Error& error) {
  return inventory::is_busy(error) ? error_response(503, "busy", error.message)
                                   : error_response(422, code, error.message);
}
inline Response failed(const Error& error) {
  return inventory::is_busy(error) ? error_response(503, "busy", error.message)
                                   : error_response(500, "inventory", error.message);
}

// {...} of what `write` writes; {"rows": [{...}, ...]} of what it writes of each row.
template <class Write>
Response object_response(const Write& write) {
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  write(json);
  json.end_object();
  return response;
}
template <class Rows, class Write>
Response rows_response(const Rows& rows, const Write& write) {
  return object_response([&](JsonWriter& json) {
    json.key("rows");
    json.begin_array();
    for (const auto& row : rows) {
      json.begin_object();
      write(json, row);
      json.end_object();
    }
    json.end_array();
  });
}

}  // namespace gnomon::report::console
