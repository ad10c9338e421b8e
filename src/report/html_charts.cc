#include <algorithm>
#include <vector>

#include "gnomon/observation/coverage.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/json_writer.h"
#include "gnomon/report/numbers.h"
#include "html_parts.h"

namespace gnomon::report {
namespace {

using inventory::AppSummary;

constexpr std::size_t kAppsInChart = 10;
constexpr std::size_t kCategoriesInChart = 12;

// The apps that most bytes were sent to.
std::vector<const AppSummary*> most_sent(const ReportContent& content) {
  std::vector<const AppSummary*> apps;
  for (const AppSummary& app : content.apps)
    if (app.grade >= inventory::Grade::kSession && app.counts.bytes_to_server > 0)
      apps.push_back(&app);
  std::stable_sort(apps.begin(), apps.end(), [](const AppSummary* a, const AppSummary* b) {
    return a->counts.bytes_to_server > b->counts.bytes_to_server;
  });
  apps.resize(std::min(apps.size(), kAppsInChart));
  return apps;
}

std::vector<std::pair<std::string, std::uint64_t>> most_common_categories(
    const ReportContent& content) {
  auto categories = content.totals.apps_by_category;
  std::stable_sort(categories.begin(), categories.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  categories.resize(std::min(categories.size(), kCategoriesInChart));
  return categories;
}

std::string bar_label(const Timeline& timeline, Time start) {
  return timeline.step == "hour" ? minute_text(start) : day_text(start);
}

// A chart's place and, folded away once it is drawn, its numbers; `rows` writes them.
template <class Rows>
void write_chart(HtmlWriter& html, std::string_view id, std::string_view title,
                 std::string_view more, std::initializer_list<std::string_view> columns,
                 Rows rows) {
  html.raw("<figure data-chart=").raw(id).raw(">\n<figcaption>").text(title);
  html.raw(" <span class=sub>").text(more).raw("</span></figcaption>\n");
  html.raw("<div class=canvas hidden><canvas role=img aria-label=\"").text(title);
  html.raw(". The numbers follow as a table.\"></canvas></div>\n");
  html.raw("<details open><summary>Numbers</summary>\n<div class=scroll role=region tabindex=0 ");
  html.raw("aria-label=\"").text(title).raw("\">\n<table>\n");
  write_table_head(html, columns);
  rows();
  html.raw("</tbody>\n</table>\n</div>\n</details>\n</figure>\n");
}

}  // namespace

void write_charts(HtmlWriter& html, const ReportContent& content) {
  if (content.timeline.bars.empty()) return;
  const Timeline& timeline = content.timeline;
  // The hours are those of all connections: which of them were use, is known of whole apps alone.
  const std::string per =
      "by " + std::string{timeline.step} + ", UTC; also those that are not counted as use";
  html.raw("<section id=time>\n<h2>Over time and by kind</h2>\n<div class=charts>\n");
  write_chart(html, "connections", "Connections to AI apps", per,
              {"From", "#With data both ways", "#All"}, [&] {
                for (const Timeline::Bar& bar : timeline.bars) {
                  html.raw("<tr><th scope=row class=when>").text(bar_label(timeline, bar.start));
                  html.raw("</th>").number_cell("", bar.counts.sessions);
                  html.number_cell("", bar.counts.flows).raw("</tr>\n");
                }
              });
  write_chart(html, "volume", "Data to and from AI apps", per, {"From", "#Sent", "#Received"}, [&] {
    for (const Timeline::Bar& bar : timeline.bars) {
      html.raw("<tr><th scope=row class=when>").text(bar_label(timeline, bar.start));
      html.raw("</th>").bytes_cell("", bar.counts.bytes_to_server);
      html.bytes_cell("", bar.counts.bytes_to_client).raw("</tr>\n");
    }
  });
  write_chart(html, "sent", "Where data went", "most bytes sent, in the colour of the app's risk",
              {"App", "Risk", "#Sent"}, [&] {
                for (const AppSummary* app : most_sent(content)) {
                  html.raw("<tr><th scope=row>").text(app->facts.name).raw("</th><td>");
                  write_risk(html, app->rating);
                  html.raw("</td>").bytes_cell("", app->counts.bytes_to_server).raw("</tr>\n");
                }
              });
  write_chart(html, "categories", "Kinds of apps", "apps with any evidence", {"Category", "#Apps"},
              [&] {
                for (const auto& [category, apps] : most_common_categories(content)) {
                  html.raw("<tr><th scope=row>").text(spoken(category)).raw("</th>");
                  html.number_cell("", apps).raw("</tr>\n");
                }
              });
  html.raw("</div>\n</section>\n");
}

std::string chart_data(const ReportContent& content) {
  std::string out;
  JsonWriter json{out};
  const auto series = [&](std::string_view name, auto value_of) {
    json.key(name);
    json.begin_array();
    for (const Timeline::Bar& bar : content.timeline.bars) json.value(value_of(bar));
    json.end_array();
  };
  json.begin_object();
  json.key("timeline");
  json.begin_object();
  series("labels", [&](const auto& bar) { return bar_label(content.timeline, bar.start); });
  series("sessions", [](const auto& bar) { return bar.counts.sessions; });
  series("others", [](const auto& bar) {
    return bar.counts.flows - std::min(bar.counts.flows, bar.counts.sessions);
  });
  series("sent", [](const auto& bar) { return bar.counts.bytes_to_server; });
  series("received", [](const auto& bar) { return bar.counts.bytes_to_client; });
  json.end_object();
  json.key("sent");
  json.begin_array();
  for (const AppSummary* app : most_sent(content)) {
    json.begin_object();
    json.member("name", printable(app->facts.name));
    json.member("level", app->rating ? static_cast<int>(app->rating->level) : -1);
    json.member("value", app->counts.bytes_to_server);
    json.end_object();
  }
  json.end_array();
  json.key("categories");
  json.begin_array();
  for (const auto& [category, apps] : most_common_categories(content)) {
    json.begin_object();
    json.member("name", printable(spoken(category)));
    json.member("value", apps);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return out;
}

}  // namespace gnomon::report
