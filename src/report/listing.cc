#include "gnomon/report/listing.h"

#include <algorithm>
#include <cmath>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/overloaded.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/report/csv_writer.h"
#include "gnomon/report/inventory_json.h"
#include "gnomon/report/numbers.h"
#include "json_parts.h"

namespace gnomon::report {
namespace {

constexpr double kPermille = 1000;

// Two digits, of the three that are kept so that no processor's last bits are seen.
std::string share_text(Share share) {
  const auto permille =
      static_cast<int>(std::lround(std::clamp(share.value, 0.0, 1.0) * kPermille));
  const int percent = (permille + 5) / 10;
  std::string digits = std::to_string(percent % 100);
  digits.insert(0, 2 - digits.size(), '0');
  return std::to_string(percent / 100) + "." + digits;
}

}  // namespace

std::string cell_text(const Cell& cell) {
  return std::visit(Overloaded{
                        [](const std::string& text) { return text; },
                        [](std::uint64_t number) { return observation::grouped(number); },
                        [](ByteCount count) { return human_bytes(count.bytes); },
                        [](Time time) { return minute_text(time); },
                        [](const Texts& texts) { return joined(texts, "; "); },
                        [](bool flag) { return std::string{flag ? "yes" : "no"}; },
                        [](Share share) { return share_text(share); },
                    },
                    cell);
}

bool row_holds(const Listing& listing, std::size_t row, std::string_view text) {
  const std::string wanted = lowered(text);
  return std::any_of(listing.rows[row].begin(), listing.rows[row].end(), [&](const Cell& cell) {
    return lowered(cell_text(cell)).find(wanted) != std::string::npos;
  });
}

std::optional<std::size_t> column_of(const Listing& listing, std::string_view key) {
  for (std::size_t i = 0; i < listing.columns.size(); ++i)
    if (listing.columns[i].key == key) return i;
  return std::nullopt;
}

std::uint64_t rows_with(const Listing& listing, std::string_view key,
                        std::initializer_list<std::string_view> words) {
  const auto column = column_of(listing, key);
  if (!column) return 0;
  return static_cast<std::uint64_t>(
      std::count_if(listing.rows.begin(), listing.rows.end(), [&](const std::vector<Cell>& row) {
        return std::find(words.begin(), words.end(), cell_text(row[*column])) != words.end();
      }));
}

void write_listing_csv(std::string& out, const Listing& listing) {
  CsvWriter csv{out};
  for (const ListColumn& column : listing.columns) csv.field(column.key);
  csv.end_row();
  for (const std::vector<Cell>& row : listing.rows) {
    for (const Cell& cell : row)
      std::visit(Overloaded{
                     [&](const std::string& text) { csv.field(text); },
                     [&](std::uint64_t number) { csv.field(number); },
                     [&](ByteCount count) { csv.field(count.bytes); },
                     [&](Time time) { csv.field(rfc3339_text(time)); },
                     [&](const Texts& texts) { csv.field(joined(texts, "; ")); },
                     [&](bool flag) { csv.field(std::string_view{flag ? "yes" : "no"}); },
                     [&](Share share) { csv.field(share_text(share)); },
                 },
                 cell);
    csv.end_row();
  }
}

void write_cell(JsonWriter& json, const Cell& cell) {
  std::visit(Overloaded{
                 [&](const std::string& text) { json.value(text); },
                 [&](std::uint64_t number) { json.value(number); },
                 [&](ByteCount count) { json.value(count.bytes); },
                 [&](Time time) { is_known(time) ? json.value(rfc3339_text(time)) : json.null(); },
                 [&](const Texts& texts) {
                   json.begin_array();
                   for (const std::string& text : texts) json.value(text);
                   json.end_array();
                 },
                 [&](bool flag) { json.value(flag); },
                 [&](Share share) {
                   const double kept = std::clamp(share.value, 0.0, 1.0);
                   json.value(std::round(kept * kPermille) / kPermille);
                 },
             },
             cell);
}

void write_listing_member(JsonWriter& json, const Listing& listing) {
  json.key(listing.name);
  json.begin_array();
  for (const std::vector<Cell>& row : listing.rows) {
    json.begin_object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      json.key(listing.columns[i].key);
      write_cell(json, row[i]);
    }
    json.end_object();
  }
  json.end_array();
}

void write_listing_json(std::string& out, const Listing& listing,
                        const observation::Coverage& coverage) {
  JsonWriter json{out};
  json.begin_object();
  json.member("gnomon", listing.name);
  json.member("version", kJsonVersion);
  write_listing_member(json, listing);
  write_coverage(json, coverage);
  json.end_object();
  out += '\n';
}

}  // namespace gnomon::report
