#include <algorithm>

#include "gnomon/report/confidence.h"
#include "gnomon/report/listing.h"
#include "gnomon/report/numbers.h"
#include "html_parts.h"

// Lists of report::listings() on the page: one table for all of them.
namespace gnomon::report {
namespace {

constexpr std::string_view kLevels[] = {"minimal", "low", "medium", "high", "critical"};

bool is_level(std::string_view key) { return key == "severity" || key == "risk_level"; }

void write_level(HtmlWriter& html, std::string_view word) {
  const auto* level = std::find(std::begin(kLevels), std::end(kLevels), word);
  html.raw("<span class=\"risk r");
  if (level == std::end(kLevels))
    html.raw("x");
  else
    html.plain(level - std::begin(kLevels));
  html.raw("\"><b>").text(word).raw("</b></span>");
}

bool is_code(std::string_view key) {
  constexpr std::string_view kCodes[] = {
      "server",    "client",          "host",          "sample",   "file",
      "file_name", "repository",      "tool",          "detector", "models",
      "networks",  "model_requested", "model_returned"};
  return std::find(std::begin(kCodes), std::end(kCodes), key) != std::end(kCodes);
}

// Addresses stay in one piece.
bool is_short(std::string_view key) { return key == "server" || key == "client"; }

// Which way something went, as people say it.
std::string_view in_words(std::string_view key, std::string_view text) {
  if (key != "direction") return text;
  return text == "to_server" ? "sent" : text == "to_client" ? "received" : text;
}

void write_cell(HtmlWriter& html, const ListColumn& column, const Cell& cell, bool head) {
  // The first cell says what the row is about.
  const std::string_view end = head ? "</th>" : "</td>";
  const auto begin = [&](std::string_view classes) {
    html.raw(head ? "<th scope=row" : "<td");
    if (!classes.empty()) html.raw(" class=\"").raw(classes).raw("\"");
    if (!head) html.raw(" data-label=\"").text(column.title).raw("\"");
    html.raw(">");
  };
  if (const auto* number = std::get_if<std::uint64_t>(&cell)) {
    html.number_cell(column.title, *number);
  } else if (const auto* bytes = std::get_if<ByteCount>(&cell)) {
    html.bytes_cell(column.title, bytes->bytes);
  } else if (const auto* time = std::get_if<Time>(&cell)) {
    html.time_cell(column.title, *time);
  } else if (const auto* share = std::get_if<Share>(&cell)) {
    html.raw("<td class=n data-label=\"").text(column.title).raw("\">").text(cell_text(*share));
    html.raw("</td>");
  } else if (is_level(column.key)) {
    begin("");
    write_level(html, cell_text(cell));
    html.raw(end);
  } else {
    begin(is_short(column.key) ? "host short" : is_code(column.key) ? "host" : "");
    html.text(in_words(column.key, cell_text(cell))).raw(end);
  }
}

}  // namespace

void write_listing_table(HtmlWriter& html, const Listing& listing, std::size_t found) {
  html.raw("<div class=scroll role=region tabindex=0 aria-label=\"").text(listing.title);
  html.raw("\">\n<table class=\"cards\">\n<thead><tr>");
  for (std::size_t i = 0; i < listing.columns.size(); ++i) {
    const ListColumn& column = listing.columns[i];
    if (column.title.empty() || !column.on_page) continue;
    const bool right =
        !listing.rows.empty() && (std::holds_alternative<std::uint64_t>(listing.rows.front()[i]) ||
                                  std::holds_alternative<ByteCount>(listing.rows.front()[i]) ||
                                  std::holds_alternative<Share>(listing.rows.front()[i]));
    html.raw(right ? "<th scope=col class=n>" : "<th scope=col>").text(column.title).raw("</th>");
  }
  html.raw("</tr></thead>\n<tbody>\n");
  for (const std::vector<Cell>& row : listing.rows) {
    html.raw("<tr>");
    bool head = true;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (listing.columns[i].title.empty() || !listing.columns[i].on_page) continue;
      write_cell(html, listing.columns[i], row[i], head);
      head = false;
    }
    html.raw("</tr>\n");
  }
  html.raw("</tbody>\n</table>\n</div>\n");
  write_rest(html, found, listing.rows.size(), listing.thing);
}

namespace {

// What is of low confidence, behind a fold.
void write_low(HtmlWriter& html, const Listing& low, std::size_t found) {
  if (low.rows.empty()) return;
  html.raw("<details class=low>\n<summary>").text(count_of(found, low.thing));
  html.raw(" of low confidence, counted apart</summary>\n");
  write_listing_table(html, low, found);
  html.raw("</details>\n");
}

}  // namespace

void write_listing_of_app(HtmlWriter& html, Listing listing, std::size_t most) {
  if (listing.rows.empty()) return;
  // Whose they are is said by where they stand.
  for (ListColumn& column : listing.columns)
    if (column.key == "app") column.on_page = false;
  html.raw("<h4>").text(listing.title).raw("</h4>\n");
  Listing low = take_low_confidence(listing);
  const std::size_t found = listing.rows.size();
  const std::size_t found_low = low.rows.size();
  listing.rows.resize(std::min(found, most));
  low.rows.resize(std::min(found_low, most));
  if (found > 0) write_listing_table(html, listing, found);
  write_low(html, low, found_low);
}

void write_listings(HtmlWriter& html, const ReportContent& content) {
  for (const ReportList& each : content.lists) {
    html.raw("<section id=").raw(each.listing.name).raw(">\n<h2>").text(each.listing.title);
    html.raw("</h2>\n");
    if (each.listing.rows.empty()) {
      html.raw("<p class=none>").text(each.listing.none).raw("</p>\n</section>\n");
      continue;
    }
    html.raw("<p class=lead>").text(each.listing.about).raw("</p>\n");
    Listing listing = each.listing;
    const Listing low = take_low_confidence(listing);
    // What is less sure comes last: what was cut off is of it, unless there is none.
    if (low.rows.empty()) {
      write_listing_table(html, listing, each.found);
    } else {
      if (listing.rows.empty())
        html.raw("<p class=none>Nothing with high confidence.</p>\n");
      else
        write_listing_table(html, listing, listing.rows.size());
      write_low(html, low, each.found - listing.rows.size());
    }
    html.raw("</section>\n");
  }
}

}  // namespace gnomon::report
