#include <algorithm>
#include <optional>

#include "gnomon/observation/coverage.h"
#include "gnomon/observation/health.h"
#include "gnomon/report/numbers.h"
#include "html_parts.h"

namespace gnomon::report {
namespace {

using inventory::AppSummary;
using inventory::Grade;

constexpr std::size_t kAppsNamedPerClient = 6;

void begin_table(HtmlWriter& html, std::string_view classes, std::string_view label) {
  html.raw("<div class=scroll role=region tabindex=0 aria-label=\"").text(label);
  html.raw("\">\n<table class=\"").raw(classes).raw("\">\n");
}

void write_app_row(HtmlWriter& html, const AppSummary& app, const std::string& anchor) {
  html.raw("<tr data-level=");
  html.plain(app.rating ? static_cast<std::int64_t>(app.rating->level) : -1);
  html.raw(" data-status=\"").text(app.review.status).raw("\"><th scope=row>");
  if (anchor.empty())
    html.text(app.facts.name);
  else
    html.raw("<a href=\"#").text(anchor).raw("\">").text(app.facts.name).raw("</a>");
  html.raw(" <span class=sub>").text(app.facts.vendor).raw("</span></th>");
  html.raw("<td data-label=\"Category, usage\">").text(spoken(app.facts.category));
  html.raw(" <span class=sub>").text(spoken_list(app.usages)).raw("</span></td>");
  html.raw("<td data-label=Risk data-v=").plain(app.rating ? app.rating->score : -1).raw(">");
  write_risk(html, app.rating);
  html.raw("</td><td data-label=Evidence data-v=").plain(static_cast<std::int64_t>(app.grade));
  html.raw(">");
  write_grade(html, app.grade);
  html.raw("</td>");
  html.used_cell("Clients", app.clients_used, app.clients);
  html.number_cell("Sessions", app.counts.sessions);
  html.bytes_cell("Sent", app.counts.bytes_to_server);
  html.bytes_cell("Received", app.counts.bytes_to_client);
  html.time_cell("First seen", app.first_seen);
  html.time_cell("Last seen", app.last_seen);
  html.raw("<td data-label=Decision>");
  write_status(html, app.review.status);
  html.raw("</td></tr>\n");
}

// Filter and choices; useless without a script, so the script shows them.
void write_tools(HtmlWriter& html) {
  html.raw(
      "<div class=tools hidden>\n"
      "<label>Filter by app, vendor, category or usage<input type=search></label>\n"
      "<label>Risk<select><option value=-1>all</option><option value=1>low and above</option>"
      "<option value=2>medium and above</option><option value=3>high and above</option>"
      "<option value=4>critical</option></select></label>\n"
      "<label>Decision<select><option value=\"\">all</option><option>unreviewed</option>"
      "<option>under-review</option><option>sanctioned</option><option>tolerated</"
      "option><option>unsanctioned</option>"
      "</select></label>\n<output aria-live=polite></output>\n</div>\n");
}

// What is true where none is listed.
std::string_view no_unknown_host(const ReportContent& content) {
  if (content.of_group)
    return "Hosts that no AI app is known for are not kept by group of clients.";
  if (content.coverage.named() == 0) return "No host with a name was seen.";
  if (!content.scope.empty()) return "No host that no AI app is known for was seen in this time.";
  return "Every host with a name belongs to an AI app.";
}

}  // namespace

void write_app_table(HtmlWriter& html, const ReportContent& content) {
  html.raw("<section id=apps>\n<h2>Apps by risk</h2>\n");
  if (content.apps.empty()) {
    html.raw("<p class=none>No AI app was seen.</p>\n</section>\n");
    return;
  }
  html.raw(
      "<p class=lead>Every AI app with any evidence, the riskiest first. A name leads to its "
      "rating and evidence. Clients are those that had a session with it; (+2): two more only "
      "looked it up or asked for it.</p>\n");
  write_tools(html);
  begin_table(html, "sortable cards", "Apps by risk");
  write_table_head(html, {"App", "Category, usage", "^Risk", "^Evidence", "#Clients", "#Sessions",
                          "#Sent", "#Received", "^First seen", "^Last seen", "Decision"});
  const std::size_t shown = std::min(content.apps.size(), content.limits.apps_listed);
  for (std::size_t i = 0; i < shown; ++i)
    write_app_row(html, content.apps[i],
                  i < content.sections.size() ? anchor_of(content.apps[i], i) : std::string{});
  html.raw("</tbody>\n</table>\n</div>\n");
  write_rest(html, content.apps.size(), shown, "app");
  html.raw("</section>\n");
}

void write_clients(HtmlWriter& html, const ReportContent& content) {
  html.raw("<section id=clients>\n<h2>Clients</h2>\n");
  if (!content.clients_named) {
    html.raw("<p class=none>").text(count_of(content.totals.clients, "client"));
    html.raw(" with an AI app; this report does not name them.</p>\n</section>\n");
    return;
  }
  if (content.clients.empty()) {
    html.raw("<p class=none>No client was seen with an AI app.</p>\n</section>\n");
    return;
  }
  html.raw(
      "<p class=lead>Who was seen with an AI app, the most bytes first. Names are those that "
      "clients gave themselves by DHCP or mDNS. Apps are those that the client had a session with; "
      "(+2): two more it only looked up or asked for.</p>\n");
  begin_table(html, "sortable cards", "Clients");
  write_table_head(html, {"Client", "#Apps", "Which", "^Evidence", "#Sessions", "#Uploads", "#Sent",
                          "#Received", "^First seen", "^Last seen"});
  const std::size_t shown = std::min(content.clients.size(), content.limits.clients);
  for (std::size_t i = 0; i < shown; ++i) {
    const inventory::ClientSummary& client = content.clients[i];
    html.raw("<tr><th scope=row>").text(client.name.empty() ? client.client : client.name);
    std::string sub = client.name.empty() ? "" : client.client;
    if (!client.mac.empty()) sub += (sub.empty() ? "" : ", ") + client.mac;
    html.raw(" <span class=sub>").text(sub).raw("</span></th>");
    html.used_cell("Apps", client.apps_used, client.apps);
    std::vector<std::string> names{
        client.app_ids.begin(),
        client.app_ids.begin() +
            static_cast<std::ptrdiff_t>(std::min(client.app_ids.size(), kAppsNamedPerClient))};
    if (client.app_ids.size() > names.size())
      names.push_back(observation::grouped(client.app_ids.size() - names.size()) + " more");
    html.cell("Which", listed(names));
    html.raw("<td data-label=Evidence data-v=").plain(static_cast<std::int64_t>(client.grade));
    html.raw(">");
    write_grade(html, client.grade);
    html.raw("</td>");
    html.number_cell("Sessions", client.counts.sessions);
    html.number_cell("Uploads", client.counts.upload_events);
    html.bytes_cell("Sent", client.counts.bytes_to_server);
    html.bytes_cell("Received", client.counts.bytes_to_client);
    html.time_cell("First seen", client.first_seen);
    html.time_cell("Last seen", client.last_seen);
    html.raw("</tr>\n");
  }
  html.raw("</tbody>\n</table>\n</div>\n");
  write_rest(html, content.clients.size(), shown, "client");
  html.raw("</section>\n");
}

void write_unknown_hosts(HtmlWriter& html, const ReportContent& content) {
  html.raw("<section id=hosts>\n<h2>Unknown hosts</h2>\n");
  if (content.unknown_hosts.empty()) {
    html.raw("<p class=none>").raw(no_unknown_host(content)).raw("</p>\n</section>\n");
    return;
  }
  html.raw(
      "<p class=lead>Hosts that no AI app is known for, the most bytes first. Most are ordinary "
      "sites; they are kept so that a later update of the signatures tells who used an app before "
      "it was known.</p>\n");
  begin_table(html, "sortable cards", "Unknown hosts");
  write_table_head(html, {"Host", "#Clients", "#Flows", "#Sessions", "#Sent", "#Received",
                          "^First seen", "^Last seen"});
  const std::size_t shown = std::min(content.unknown_hosts.size(), content.limits.unknown_hosts);
  for (std::size_t i = 0; i < shown; ++i) {
    const inventory::UnknownHost& host = content.unknown_hosts[i];
    html.raw("<tr><th scope=row class=host>").text(host.host).raw("</th>");
    html.raw("<td class=n data-label=Clients data-v=")
        .plain(static_cast<std::int64_t>(host.clients));
    html.raw(">").number(host.clients).raw(host.more_clients ? " or more</td>" : "</td>");
    html.number_cell("Flows", host.flows);
    html.number_cell("Sessions", host.sessions);
    html.bytes_cell("Sent", host.bytes_to_server);
    html.bytes_cell("Received", host.bytes_to_client);
    html.time_cell("First seen", host.first_seen);
    html.time_cell("Last seen", host.last_seen);
    html.raw("</tr>\n");
  }
  html.raw("</tbody>\n</table>\n</div>\n");
  write_rest(html, content.totals.unknown_hosts, shown, "host");
  html.raw("</section>\n");
}

void write_runs(HtmlWriter& html, const ReportContent& content) {
  html.raw("<section id=runs>\n<h2>Captures</h2>\n");
  if (content.runs.empty()) {
    html.raw("<p class=none>No capture was read yet.</p>\n</section>\n");
    return;
  }
  html.raw(
      "<p class=lead>What this report is made from. The same bytes read again change "
      "nothing.</p>\n");
  begin_table(html, "cards", "Captures");
  write_table_head(html,
                   {"Run", "Files", "#Size", "#Frames", "#Flows", "^First packet", "^Last packet"});
  const std::size_t shown = std::min(content.runs.size(), content.limits.runs);
  for (std::size_t i = 0; i < shown; ++i) {
    const inventory::Run& run = content.runs[i];
    html.raw("<tr><th scope=row><span class=n>").plain(run.id).raw("</span></th>");
    html.raw("<td class=full data-label=Files>");
    std::uint64_t bytes = 0;
    for (std::size_t j = 0; j < run.inputs.size(); ++j) {
      const inventory::RunInputSummary& input = run.inputs[j];
      bytes += input.bytes;
      if (j >= content.limits.inputs_per_run) continue;
      html.raw("<div><span class=host>").text(input.path).raw("</span>");
      if (!input.sha256.empty())
        html.raw("<span class=\"sub host\">").text(input.sha256).raw("</span>");
      if (!input.damage.empty())
        html.raw("<span class=sub>Damaged: ").text(input.damage).raw("</span>");
      html.raw("</div>");
    }
    write_rest(html, run.inputs.size(), std::min(run.inputs.size(), content.limits.inputs_per_run),
               "file");
    if (!run.filter.empty())
      html.raw("<span class=sub>Only what fits the filter: ").text(run.filter).raw("</span>");
    html.raw("</td>");
    html.bytes_cell("Size", bytes);
    html.number_cell("Frames", run.coverage.frames);
    html.number_cell("Flows", run.coverage.flows);
    html.time_cell("First packet", run.first_packet);
    html.time_cell("Last packet", run.last_packet);
    html.raw("</tr>\n");
  }
  html.raw("</tbody>\n</table>\n</div>\n");
  write_rest(html, content.runs.size(), shown, "run");
  html.raw("</section>\n");
}

void write_coverage(HtmlWriter& html, const ReportContent& content) {
  html.raw(
      "<section id=coverage>\n<h2>Coverage</h2>\n<p class=lead>What was looked at, and what could "
      "not be: so that \"absent\" means \"looked and not there\".</p>\n<ul class=coverage>\n");
  for (const std::string& line : observation::coverage_statement(content.coverage))
    html.raw("<li>").text(line).raw("</li>\n");
  for (const inventory::HealthSummary& fault : content.health) {
    html.raw("<li>");
    html.text(observation::health_line(fault.severity, fault.check, fault.evidence, fault.meaning));
    html.raw("</li>\n");
  }
  html.raw(
      "</ul>\n<details class=more><summary>The counters behind it</summary>\n<table>\n"
      "<thead><tr><th scope=col>Counter</th><th scope=col class=n>Value</th></tr></thead>\n"
      "<tbody>\n");
  const auto row = [&html](std::string_view name, std::uint64_t value) {
    html.raw("<tr><th scope=row>").text(name).raw("</th><td class=n>").number(value);
    html.raw("</td></tr>\n");
  };
  for (const observation::CoverageCounterName& counter : observation::kCoverageCounterNames)
    row(counter.name, content.coverage.*counter.member);
  for (const auto& [kind, number] : content.coverage.undecoded) row("undecoded: " + kind, number);
  for (const auto& [by, number] : content.coverage.lost) row("lost: " + by, number);
  html.raw("</tbody>\n</table>\n</details>\n</section>\n");
}

}  // namespace gnomon::report
