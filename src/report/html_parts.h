#pragma once

#include <string>
#include <string_view>

#include "gnomon/report/listing.h"
#include "gnomon/report/report_content.h"
#include "html_writer.h"

// The parts of the report's page, each a piece of html_report().
namespace gnomon::report {

void write_summary(HtmlWriter& html, const ReportContent& content);
void write_changes(HtmlWriter& html, const ReportContent& content);
void write_app_table(HtmlWriter& html, const ReportContent& content);
void write_app_sections(HtmlWriter& html, const ReportContent& content);
void write_charts(HtmlWriter& html, const ReportContent& content);
void write_listings(HtmlWriter& html, const ReportContent& content);
void write_clients(HtmlWriter& html, const ReportContent& content);
void write_unknown_hosts(HtmlWriter& html, const ReportContent& content);
void write_runs(HtmlWriter& html, const ReportContent& content);
void write_coverage(HtmlWriter& html, const ReportContent& content);

// A list as a table; `found` is how long it was before it was cut.
void write_listing_table(HtmlWriter& html, const Listing& listing, std::size_t found);
// A list of one app under its title, of at most `most` rows; nothing when it is empty.
void write_listing_of_app(HtmlWriter& html, Listing listing, std::size_t most);

// What the script draws charts from, as JSON.
std::string chart_data(const ReportContent& content);

// Small things that several parts show.
void write_risk(HtmlWriter& html, const std::optional<inventory::RiskRating>& rating);
void write_grade(HtmlWriter& html, inventory::Grade grade);
void write_status(HtmlWriter& html, std::string_view status);
// "... and 1,204 more, which `where` has." below a list that was cut; nothing when it was not.
void write_rest(HtmlWriter& html, std::size_t whole, std::size_t shown, std::string_view things);
// The head of a table; columns of numbers begin with '#', those whose top is wanted first with '^'.
void write_table_head(HtmlWriter& html, std::initializer_list<std::string_view> titles);

// A word of the vocabulary as it is said: "chat-assistant" as "chat assistant", "llm-api" as
// "LLM API".
std::string spoken(std::string_view word);
// Words and what is between them: "web chat, api".
std::string spoken_list(const std::vector<std::string>& words);

// What a link to the app in the page names: its id, or a number where that holds anything odd.
std::string anchor_of(const inventory::AppSummary& app, std::size_t number);

}  // namespace gnomon::report
