#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/inventory/period.h"
#include "gnomon/report/listing.h"
#include "gnomon/report/report_changes.h"

namespace gnomon::report {

// How much of a long list a page shows; the page says how many more there are.
struct ReportLimits {
  std::size_t apps_listed = 5'000;
  std::size_t apps_whole = 300;  // shown whole, those of highest risk
  std::size_t clients_per_app = 12;
  std::size_t endpoints_per_app = 15;
  std::size_t evidence_per_app = 12;
  std::size_t clients = 300;
  std::size_t unknown_hosts = 200;
  std::size_t runs = 200;
  std::size_t rows_per_list = 200;     // of findings, servers, candidates and the like
  std::size_t rows_per_app_list = 12;  // of one app
  std::size_t inputs_per_run = 50;
};

// An app with its lists cut to what is shown, and how long they were.
struct AppSection {
  inventory::AppDetail detail;
  std::size_t clients = 0;
  std::size_t endpoints = 0;
  std::size_t sightings = 0;
};

// Traffic to AI apps over time in steps that fit a page, without holes.
struct Timeline {
  std::string_view step;  // "hour", "day", "week", "4 weeks"
  struct Bar {
    Time start;
    inventory::Counts counts;
  };
  std::vector<Bar> bars;
};

// One of listings(), cut to what is shown.
struct ReportList {
  Listing listing;
  std::size_t found = 0;  // how long it was
};

// All that a report tells.
struct ReportContent {
  inventory::Totals totals;
  std::vector<inventory::AppSummary> apps;  // by risk
  std::vector<AppSection> sections;         // of the first apps
  std::vector<inventory::ClientSummary> clients;
  std::vector<inventory::UnknownHost> unknown_hosts;
  std::vector<ReportList> lists;  // all of listings(), in their order
  std::vector<inventory::Run> runs;
  observation::Coverage coverage;
  std::vector<inventory::HealthSummary> health;
  Timeline timeline;
  std::vector<inventory::TimelinePoint> hours;  // that it is made of
  ReportLimits limits;
  std::string scope;  // "2026-11-01 00:00 to 2026-12-01 00:00 UTC, clients of lab"; empty: all
  bool of_group = false;  // of a group of clients alone
  bool clients_named = true;
  std::optional<ReportChanges> changes;  // since an earlier report; none when there is none
};

// What a report is to be of.
struct ReportOptions {
  ReportLimits limits;
  inventory::UseFilter period;
  bool clients = true;  // whether clients are named
  std::optional<ReportSnapshot> previous;
};
// Of a period or a group, apps, clients and hours are what was used within it; lists hold what was
// seen within it, with the counts of all the time they were seen.
Result<ReportContent> read_report(inventory::Inventory& inventory, const ReportOptions& options);

// Hours for up to three days, then days, weeks and spans of four weeks, so that there are never
// many bars. `hours` ascend.
Timeline timeline_of(const std::vector<inventory::TimelinePoint>& hours);

// One thing worth knowing first, in a sentence or two.
struct Finding {
  std::string_view subject;  // "Use", "Risk" ...
  std::string text;
};
std::vector<Finding> findings(const ReportContent& content);

// "251 clients (1 with a session)": a client that only looked the name up is no user.
std::string seen_with(const inventory::AppSummary& app);

}  // namespace gnomon::report
