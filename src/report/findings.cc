#include <algorithm>
#include <string>
#include <vector>

#include "gnomon/observation/coverage.h"
#include "gnomon/report/numbers.h"
#include "gnomon/report/report_content.h"

namespace gnomon::report {
namespace {

using inventory::AppSummary;
using inventory::Grade;
using inventory::RiskLevel;
using observation::grouped;

constexpr std::size_t kNamesMax = 5;
constexpr std::int32_t kConfidenceLow = 50;  // percent

using Apps = std::vector<const AppSummary*>;

// The first few, each told by `tell`: "A (3 clients), B (2 clients) and 4 more".
template <class Tell>
std::string told(const Apps& apps, Tell tell) {
  std::vector<std::string> names;
  for (const AppSummary* app : apps) {
    if (names.size() == kNamesMax) break;
    const std::string more = tell(*app);
    names.push_back(app->facts.name + (more.empty() ? "" : " (" + more + ")"));
  }
  if (apps.size() > names.size()) names.push_back(grouped(apps.size() - names.size()) + " more");
  return listed(names);
}

template <class Fits>
Apps those(const std::vector<AppSummary>& apps, Fits fits) {
  Apps chosen;
  for (const AppSummary& app : apps)
    if (fits(app)) chosen.push_back(&app);
  return chosen;
}

template <class Measure>
void most_first(Apps& apps, Measure measure) {
  std::stable_sort(apps.begin(), apps.end(), [&measure](const AppSummary* a, const AppSummary* b) {
    return measure(*a) > measure(*b);
  });
}

// "12 %", rounded down; "less than 1 %" rather than none.
std::string percent(std::uint64_t part, std::uint64_t whole) {
  const std::uint64_t hundredths = part / whole * 100 + part % whole * 100 / whole;
  return hundredths == 0 && part > 0 ? "less than 1 %" : std::to_string(hundredths) + " %";
}

std::string clients_of(const AppSummary& app) { return count_of(app.clients_used, "client"); }
bool is_used(const AppSummary& app) { return app.grade >= Grade::kSession; }

std::string use_text(const ReportContent& content, Apps used) {
  const inventory::Totals& totals = content.totals;
  if (!is_known(totals.last_packet)) return "Nothing has been recorded yet.";
  if (totals.apps == 0)
    return "No AI app was seen in this traffic. What that is worth, the coverage statement tells.";
  std::string text;
  if (used.empty()) {
    text = "No AI app was used.";
  } else {
    text = count_of(totals.apps_used, "AI app was", "AI apps were") + " used by " +
           count_of(totals.clients_used, "client") + ".";
    most_first(used, [](const AppSummary& app) { return app.clients_used; });
    if (used.size() > 1) text += " The widest spread: " + told(used, clients_of) + ".";
  }
  if (totals.apps > totals.apps_used)
    text += " " + count_of(totals.apps - totals.apps_used, "app was", "apps were") +
            " only looked up or asked for, which is not counted as use.";
  return text;
}

std::string risk_text(const std::vector<AppSummary>& apps) {
  const Apps rated = those(apps, [](const AppSummary& app) { return app.rating.has_value(); });
  if (rated.empty()) return "The apps are not rated: the inventory holds no rubric.";
  const Apps risky = those(apps, [](const AppSummary& app) {
    return app.rating && app.rating->level >= RiskLevel::kHigh;
  });
  std::string text;
  if (risky.empty())
    text = "No app is rated high or critical.";
  else
    text = count_of(risky.size(), "app is", "apps are") + " rated high or critical: " +
           told(risky,
                [](const AppSummary& app) {
                  return std::string{to_string(app.rating->level)} + ", " +
                         std::to_string(app.rating->score);
                }) +
           ".";
  const Apps unsure = those(apps, [](const AppSummary& app) {
    return app.rating && app.rating->confidence < kConfidenceLow;
  });
  if (!unsure.empty())
    text += " For " + count_of(unsure.size(), "app", "apps") +
            " less than half of the rating rests on known answers; unknown is neither safe nor "
            "unsafe.";
  return text;
}

std::string data_text(const inventory::Totals& totals, Apps apps) {
  const std::uint64_t sent = totals.counts_used.bytes_to_server;
  std::string text = human_bytes(sent) + " were sent to AI apps and " +
                     human_bytes(totals.counts_used.bytes_to_client) + " received.";
  most_first(apps, [](const AppSummary& app) { return app.counts.bytes_to_server; });
  if (apps.size() > 1 && sent > 0)
    text += " " + apps.front()->facts.name + " took " +
            percent(apps.front()->counts.bytes_to_server, sent) + " of what was sent.";
  if (totals.counts_used.upload_events > 0) {
    text += " " + count_of(totals.counts_used.upload_events, "upload was", "uploads were") +
            " recognised, " + human_bytes(totals.counts_used.upload_bytes) + " in all";
    std::erase_if(apps, [](const AppSummary* app) { return app->counts.upload_events == 0; });
    most_first(apps, [](const AppSummary& app) { return app.counts.upload_bytes; });
    if (!apps.empty())
      text += ": to " + told(apps, [](const AppSummary& app) {
                return human_bytes(app.counts.upload_bytes);
              });
    text += ".";
  }
  return text;
}

std::string decision_text(const ReportContent& content, const Apps& used) {
  const auto with = [&used](std::string_view status) {
    Apps chosen;
    for (const AppSummary* app : used)
      if (app->review.status == status) chosen.push_back(app);
    return chosen;
  };
  const Apps open = with("unreviewed");
  std::string text;
  if (open.empty())
    text = "There is a decision about every app that is used.";
  else if (open.size() == used.size())
    text = used.size() == 1 ? "There is no decision yet about the app that is used."
                            : "There is no decision yet about any of the " + grouped(used.size()) +
                                  " apps that are used.";
  else
    text = "There is no decision yet about " + grouped(open.size()) + " of the " +
           grouped(used.size()) + " apps that are used.";
  if (const Apps unwanted = with("unsanctioned"); !unwanted.empty())
    text += " Used although unsanctioned: " + told(unwanted, clients_of) + ".";
  const std::string today = day_text(content.totals.last_packet);
  const Apps due = those(content.apps, [&today](const AppSummary& app) {
    return !app.review.review_date.empty() && app.review.review_date < today;
  });
  if (!due.empty())
    text += " To be looked at again: " +
            told(due, [](const AppSummary& app) { return "due " + app.review.review_date; }) + ".";
  return text;
}

// Software other than browsers: what nobody may be watching.
std::string program_text(const Apps& used) {
  Apps apps;
  for (const AppSummary* app : used)
    if (std::any_of(app->client_kinds.begin(), app->client_kinds.end(),
                    [](const std::string& kind) {
                      return !kind.empty() && kind != "browser" && kind != "unknown";
                    }))
      apps.push_back(app);
  if (apps.empty()) return {};
  return count_of(apps.size(), "app was", "apps were") + " reached by programs besides browsers: " +
         told(apps,
              [](const AppSummary& app) {
                std::vector<std::string> kinds;
                for (const std::string& kind : app.client_kinds)
                  if (!kind.empty() && kind != "browser" && kind != "unknown")
                    kinds.push_back(kind);
                return joined(kinds, ", ");
              }) +
         ".";
}

std::string sight_text(const observation::Coverage& coverage) {
  const std::vector<std::string> statement = observation::coverage_statement(coverage);
  std::string text = statement.front();
  if (coverage.ech_real > 0)
    text += " " + count_of(coverage.ech_real, "flow") +
            " hid the name with Encrypted Client Hello, whatever app it was.";
  return text;
}

const ReportList* list_of(const ReportContent& content, std::string_view name) {
  for (const ReportList& list : content.lists)
    if (list.listing.name == name) return &list;
  return nullptr;
}

// Of those that are sure.
std::uint64_t severe_findings(const Listing& listing) {
  const auto severity = column_of(listing, "severity");
  const auto confidence = column_of(listing, "confidence");
  const auto count = column_of(listing, "count");
  if (!severity || !confidence || !count) return 0;
  std::uint64_t sum = 0;
  for (const std::vector<Cell>& row : listing.rows) {
    const std::string how = cell_text(row[*severity]);
    if ((how != "critical" && how != "high") || cell_text(row[*confidence]) != "high") continue;
    if (const auto* number = std::get_if<std::uint64_t>(&row[*count])) sum += *number;
  }
  return sum;
}

std::string sensitive_text(const ReportContent& content) {
  const ReportList* list = list_of(content, "findings");
  if (content.totals.findings == 0 || list == nullptr) return {};
  std::string text =
      count_of(content.totals.findings, "finding") + " of high confidence in what could be read";
  if (const auto severe = severe_findings(list->listing); severe > 0)
    text += severe >= content.totals.findings
                ? std::string{", of high or critical severity"}
                : ", " + grouped(severe) + " of them of high or critical severity";
  return text + ".";
}

std::string server_text(const ReportContent& content) {
  const ReportList* list = list_of(content, "assets");
  if (content.totals.assets == 0 || list == nullptr) return {};
  std::string text =
      count_of(content.totals.assets, "self-hosted AI server was", "self-hosted AI servers were") +
      " seen.";
  if (const auto open = rows_with(list->listing, "authenticated", {"no"}); open > 0)
    text += " " + count_of(open, "answers", "answer") + " without credentials.";
  return text;
}

std::string candidate_text(const ReportContent& content) {
  const auto open = content.totals.candidates;
  if (open == 0) return {};
  return count_of(open, "unknown host behaves", "unknown hosts behave") +
         " like AI: a decision is due.";
}

std::string alert_text(const ReportContent& content) {
  const ReportList* list = list_of(content, "alerts");
  if (content.totals.alerts == 0 || list == nullptr || list->listing.rows.empty()) return {};
  std::string text = count_of(content.totals.alerts, "alert was", "alerts were") + " told.";
  const auto title = column_of(list->listing, "title");
  if (title) text += " The latest: " + cell_text(list->listing.rows.front()[*title]) + ".";
  return text;
}

}  // namespace

std::vector<Finding> findings(const ReportContent& content) {
  const Apps used = those(content.apps, is_used);
  std::vector<Finding> all;
  all.push_back({"Use", use_text(content, used)});
  if (!content.apps.empty()) all.push_back({"Risk", risk_text(content.apps)});
  if (!used.empty()) {
    all.push_back({"Data", data_text(content.totals, used)});
    all.push_back({"Decisions", decision_text(content, used)});
    if (std::string text = program_text(used); !text.empty())
      all.push_back({"Programs", std::move(text)});
  }
  const auto add = [&all](std::string_view subject, std::string text) {
    if (!text.empty()) all.push_back({subject, std::move(text)});
  };
  add("Content", sensitive_text(content));
  add("Servers", server_text(content));
  add("Candidates", candidate_text(content));
  add("Alerts", alert_text(content));
  if (content.totals.runs > 0) all.push_back({"Sight", sight_text(content.coverage)});
  return all;
}

}  // namespace gnomon::report
