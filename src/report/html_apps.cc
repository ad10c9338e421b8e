#include <algorithm>
#include <array>

#include "gnomon/observation/coverage.h"
#include "gnomon/report/numbers.h"
#include "html_parts.h"

namespace gnomon::report {
namespace {

using inventory::AppDetail;
using inventory::AppSummary;
using inventory::RiskPart;
using inventory::RiskRating;
using inventory::RiskRow;

struct PartTitle {
  RiskPart part;
  std::string_view title;
};
constexpr std::array<PartTitle, 4> kParts = {{{RiskPart::kVendor, "Vendor posture"},
                                              {RiskPart::kExposure, "Exposure"},
                                              {RiskPart::kGovernance, "Governance"},
                                              {RiskPart::kOverride, "Override"}}};
constexpr std::int64_t kScoreMax = 100;

struct Sum {
  bool any = false;
  std::int64_t points = 0;
  std::int64_t points_max = 0;
};

Sum sum_of(const RiskRating& rating, RiskPart part) {
  Sum sum;
  for (const RiskRow& row : rating.rows) {
    if (row.part != part) continue;
    sum.any = true;
    sum.points += row.points;
    sum.points_max += row.points_max;
  }
  return sum;
}

void write_fact(HtmlWriter& html, std::string_view what, std::string_view value,
                bool wide = false) {
  if (value.empty()) return;
  html.raw(wide ? "<div class=wide><dt>" : "<div><dt>").text(what).raw("</dt><dd>").text(value);
  html.raw("</dd></div>\n");
}

void write_facts(HtmlWriter& html, const AppSummary& app) {
  const inventory::Review& review = app.review;
  html.raw("<dl class=facts>\n");
  write_fact(html, "Vendor", app.facts.vendor);
  write_fact(html, "Vendor's country", app.facts.vendor_country);
  write_fact(html, "Category", spoken(app.facts.category));
  write_fact(html, "Usage", spoken_list(app.usages));
  write_fact(html, "Kinds of clients", spoken_list(app.client_kinds));
  write_fact(html, "First seen", minute_text(app.first_seen));
  write_fact(html, "Last seen", minute_text(app.last_seen));
  write_fact(html, "Connections",
             count_of(app.counts.flows, "flow") + ", " + count_of(app.counts.sessions, "session"));
  write_fact(html, "Lookups", observation::grouped(app.counts.lookups));
  write_fact(html, "Data",
             human_bytes(app.counts.bytes_to_server) + " sent, " +
                 human_bytes(app.counts.bytes_to_client) + " received");
  write_fact(html, "Uploads",
             app.counts.upload_events == 0 ? "none recognised"
                                           : observation::grouped(app.counts.upload_events) + ", " +
                                                 human_bytes(app.counts.upload_bytes));
  html.raw("<div><dt>Decision</dt><dd>");
  write_status(html, review.status);
  html.raw("</dd></div>\n");
  write_fact(html, "Owner", review.owner);
  write_fact(html, "Department", review.department);
  write_fact(html, "Purpose", review.purpose);
  write_fact(html, "Data class", review.data_class);
  write_fact(html, "To be looked at again", review.review_date);
  write_fact(html, "Reason", review.reason, true);
  for (const auto& [key, value] : app.facts.attributes)
    if (key == "notes") write_fact(html, "Notes", value, true);
  html.raw("</dl>\n");
}

// The score on a line from 0 to 100, by part, and how far the unknown could take it.
void write_scale(HtmlWriter& html, const RiskRating& rating) {
  const auto rect = [&html](std::string_view classes, std::int64_t x, std::int64_t width) {
    if (width <= 0) return;
    html.raw("<rect class=").raw(classes).raw(" height=10 x=").plain(x).raw(" width=");
    html.plain(width).raw(" />");
  };
  html.raw(
      "<svg class=scale viewBox=\"0 0 100 10\" preserveAspectRatio=none aria-hidden=true>"
      "<rect class=back width=100 height=10 />");
  rect("ghost", 0, std::min<std::int64_t>(rating.score_worst, kScoreMax));
  const bool overridden = sum_of(rating, RiskPart::kOverride).any;
  std::int64_t x = 0;
  for (std::size_t i = 0; i < kParts.size() && !overridden; ++i) {
    const std::int64_t points = std::max<std::int64_t>(sum_of(rating, kParts[i].part).points, 0);
    rect("s" + std::to_string(i), x, std::min(points, kScoreMax - x));
    x += points;
  }
  if (overridden) rect("s3", 0, rating.score);
  html.raw("</svg>\n<ul class=key>\n");
  const auto key = [&html](std::string_view classes, std::string_view words) {
    html.raw("<li><svg viewBox=\"0 0 10 10\" aria-hidden=true><rect width=10 height=10 class=");
    html.raw(classes).raw(" /></svg>").text(words).raw("</li>\n");
  };
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    const Sum sum = sum_of(rating, kParts[i].part);
    if (!sum.any || (overridden && kParts[i].part != RiskPart::kOverride)) continue;
    key("s" + std::to_string(i), std::string{kParts[i].title} + " " + std::to_string(sum.points));
  }
  if (rating.score_worst > rating.score)
    key("ghost", "up to " + std::to_string(rating.score_worst) + " by what is unknown");
  html.raw("</ul>\n");
}

void write_points(HtmlWriter& html, std::int64_t points, std::int64_t points_max) {
  html.raw("<td class=\"points n\" data-label=Points>").plain(points);
  if (points_max > 0) {
    html.raw(" of ").plain(points_max);
    html.raw(
        "<svg viewBox=\"0 0 100 10\" preserveAspectRatio=none aria-hidden=true>"
        "<rect class=track width=100 height=10 /><rect class=fill height=10 width=");
    html.plain(std::clamp<std::int64_t>(points * 100 / points_max, 0, 100)).raw(" /></svg>");
  }
  html.raw("</td>");
}

void write_rating(HtmlWriter& html, const RiskRating& rating) {
  html.raw("<h4>Risk, point by point</h4>\n<p class=verdict>");
  write_risk(html, RiskRating{rating});
  html.raw(" of 100. ").plain(rating.confidence);
  html.raw(" % of all points rest on known answers");
  if (rating.score_worst > rating.score)
    html.raw("; were every unknown as bad as can be, it would be ").plain(rating.score_worst);
  html.raw(".</p>\n");
  write_scale(html, rating);
  html.raw("<div class=scroll role=region tabindex=0 aria-label=Rating>\n");
  html.raw("<table class=\"rating cards\">\n<thead><tr><th scope=col>Factor</th>");
  html.raw("<th scope=col>Answer</th><th scope=col class=n>Points</th><th scope=col>Why it counts");
  html.raw("</th></tr></thead>\n");
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    const Sum sum = sum_of(rating, kParts[i].part);
    if (!sum.any) continue;
    html.raw("<tbody>\n<tr class=part><th scope=rowgroup colspan=2>");
    html.raw("<svg viewBox=\"0 0 10 10\" aria-hidden=true><rect width=10 height=10 class=s");
    html.plain(static_cast<std::int64_t>(i)).raw(" /></svg>").text(kParts[i].title).raw("</th>");
    write_points(html, sum.points, sum.points_max);
    html.raw("<td></td></tr>\n");
    for (const RiskRow& row : rating.rows) {
      if (row.part != kParts[i].part) continue;
      html.raw(row.known ? "<tr><th scope=row>" : "<tr class=unknown><th scope=row>");
      html.text(row.label).raw("</th>");
      html.cell("Answer", row.known ? row.value : "unknown");
      write_points(html, row.points, row.points_max);
      html.cell("Why it counts", row.why);
      html.raw("</tr>\n");
    }
    html.raw("</tbody>\n");
  }
  html.raw("</table>\n</div>\n");
}

void begin_list(HtmlWriter& html, std::string_view title) {
  html.raw("<h4>").text(title).raw("</h4>\n<div class=scroll role=region tabindex=0 aria-label=\"");
  html.text(title).raw("\">\n<table class=cards>\n");
}

void write_clients_of(HtmlWriter& html, const AppSection& section) {
  if (section.detail.clients.empty()) return;
  begin_list(html, "Clients");
  write_table_head(html, {"Client", "Evidence", "Usage", "#Sessions", "#Uploads", "#Sent",
                          "#Received", "Last seen"});
  for (const inventory::AppClient& client : section.detail.clients) {
    const std::string& shown = client.name.empty() ? client.client : client.name;
    html.raw("<tr><th scope=row>").text(shown.empty() ? "others" : shown);
    if (!client.name.empty()) html.raw(" <span class=sub>").text(client.client).raw("</span>");
    html.raw("</th><td data-label=Evidence>");
    write_grade(html, client.grade);
    html.raw("</td>");
    html.cell("Usage", spoken_list(client.usages));
    html.number_cell("Sessions", client.counts.sessions);
    html.number_cell("Uploads", client.counts.upload_events);
    html.bytes_cell("Sent", client.counts.bytes_to_server);
    html.bytes_cell("Received", client.counts.bytes_to_client);
    html.time_cell("Last seen", client.last_seen);
    html.raw("</tr>\n");
  }
  html.raw("</tbody>\n</table>\n</div>\n");
  write_rest(html, section.clients, section.detail.clients.size(), "client");
}

void write_endpoints_of(HtmlWriter& html, const AppSection& section) {
  if (section.detail.endpoints.empty()) return;
  begin_list(html, "Hosts");
  write_table_head(html, {"Host", "Role", "Protocol", "Name read from", "Evidence", "#Clients",
                          "#Flows", "#Sent"});
  for (const inventory::AppEndpoint& endpoint : section.detail.endpoints) {
    html.raw("<tr><th scope=row class=host>");
    html.text(endpoint.host.empty() ? "others" : endpoint.host).raw("</th>");
    html.cell("Role", spoken(endpoint.role));
    std::string protocol = endpoint.protocol;
    if (endpoint.port != 0) protocol += " " + std::to_string(endpoint.port);
    if (!endpoint.app_proto.empty() && endpoint.app_proto != endpoint.protocol)
      protocol += ", " + endpoint.app_proto;
    html.cell("Protocol", protocol);
    html.cell("Name read from", joined(endpoint.host_sources, ", "));
    html.raw("<td data-label=Evidence>");
    write_grade(html, endpoint.grade);
    html.raw("</td>");
    html.number_cell("Clients", endpoint.clients);
    html.number_cell("Flows", endpoint.counts.flows);
    html.bytes_cell("Sent", endpoint.counts.bytes_to_server);
    html.raw("</tr>\n");
  }
  html.raw("</tbody>\n</table>\n</div>\n");
  write_rest(html, section.endpoints, section.detail.endpoints.size(), "host");
}

void write_evidence_of(HtmlWriter& html, const AppSection& section) {
  if (section.detail.sightings.empty()) return;
  begin_list(html, "Evidence");
  write_table_head(html, {"When", "What was seen", "Evidence", "Where to look it up"});
  for (const inventory::Sighting& sighting : section.detail.sightings) {
    html.raw("<tr>");
    html.time_cell("When", sighting.time);
    html.raw("<td class=full data-label=\"What was seen\"><span class=host>");
    html.text(sighting.client.empty() ? "others" : sighting.client).raw(" &#8594; ");
    html.text(sighting.host.empty() ? "others" : sighting.host).raw("</span><span class=sub>");
    std::string what = spoken(sighting.usage);
    if (!sighting.client_kind.empty() && sighting.client_kind != "unknown")
      what += (what.empty() ? "" : ", ") + spoken(sighting.client_kind);
    if (!sighting.why.empty()) what += (what.empty() ? "" : ": ") + sighting.why;
    html.text(what).raw("</span></td><td data-label=Evidence>");
    write_grade(html, sighting.grade);
    html.raw("</td><td class=full data-label=\"Where to look it up\"><span class=host>");
    html.text(sighting.file).raw("</span>, frame ").number(sighting.frame);
    html.raw("<span class=sub>flow ")
        .raw(std::to_string(sighting.flow_id))
        .raw("</span></td></tr>\n");
  }
  html.raw("</tbody>\n</table>\n</div>\n");
  write_rest(html, section.sightings, section.detail.sightings.size(), "sighting");
}

// Bars of flows over time, without a script.
void write_activity(HtmlWriter& html, const AppDetail& app) {
  const Timeline timeline = timeline_of(app.hours);
  if (timeline.bars.size() < 2) return;  // one bar says no more than the facts do
  const auto busiest = std::max_element(
      timeline.bars.begin(), timeline.bars.end(),
      [](const auto& a, const auto& b) { return a.counts.flows < b.counts.flows; });
  const std::uint64_t most = std::max<std::uint64_t>(busiest->counts.flows, 1);
  const std::string width = std::to_string(timeline.bars.size() * 10);
  html.raw("<h4>Activity</h4>\n<svg class=hours preserveAspectRatio=none viewBox=\"0 0 ")
      .raw(width);
  html.raw(" 100\" aria-hidden=true><rect class=base y=98 height=2 width=").raw(width).raw(" />");
  for (std::size_t i = 0; i < timeline.bars.size(); ++i) {
    const std::uint64_t flows = timeline.bars[i].counts.flows;
    if (flows == 0) continue;
    const auto height = static_cast<std::int64_t>(std::max<std::uint64_t>(flows * 100 / most, 3));
    html.raw("<rect width=9 x=").plain(static_cast<std::int64_t>(i) * 10).raw(" y=");
    html.plain(100 - height).raw(" height=").plain(height).raw(" />");
  }
  html.raw("</svg>\n<p class=soft>Flows by ").text(timeline.step).raw(" from ");
  html.text(minute_text(timeline.bars.front().start)).raw("; the most, ").number(most);
  html.raw(", from ").text(minute_text(busiest->start)).raw(".</p>\n");
}

void write_lists_of(HtmlWriter& html, const AppDetail& app, std::size_t most) {
  write_listing_of_app(html, list_findings(app.findings), most);
  write_listing_of_app(html, list_models(app.models), most);
  write_listing_of_app(html, list_tools(app.tools), most);
  write_listing_of_app(html, list_files(app.files), most);
  write_listing_of_app(html, list_artifacts(app.artifacts), most);
  write_listing_of_app(html, list_alerts(app.alerts), most);
  write_listing_of_app(html, list_retro_uses(app.retro_uses), most);
}

void write_section(HtmlWriter& html, const AppSection& section, const std::string& anchor,
                   std::size_t list_rows) {
  const AppSummary& app = section.detail.summary;
  html.raw("<details>\n<summary id=\"").text(anchor).raw("\"><h3>").text(app.facts.name);
  if (!app.facts.vendor.empty())
    html.raw(" <span class=sub>").text(app.facts.vendor).raw("</span>");
  html.raw("</h3><span>");
  write_risk(html, app.rating);
  html.raw("</span><span class=\"brief soft\">");
  html.text(seen_with(app) + ", " + count_of(app.counts.sessions, "session") + ", " +
            human_bytes(app.counts.bytes_to_server) + " sent");
  html.raw("</span></summary>\n<div class=whole>\n");
  write_facts(html, app);
  if (app.rating) write_rating(html, *app.rating);
  write_clients_of(html, section);
  write_endpoints_of(html, section);
  write_lists_of(html, section.detail, list_rows);
  write_evidence_of(html, section);
  write_activity(html, section.detail);
  html.raw("</div>\n</details>\n");
}

}  // namespace

void write_app_sections(HtmlWriter& html, const ReportContent& content) {
  if (content.sections.empty()) return;
  html.raw(
      "<section id=why>\n<h2>Ratings and evidence</h2>\n<p class=lead>Each app whole: every point "
      "of "
      "its rating, who used it, its hosts, and the packets that prove it.</p>\n"
      "<div class=apps-whole>\n");
  for (std::size_t i = 0; i < content.sections.size(); ++i)
    write_section(html, content.sections[i], anchor_of(content.sections[i].detail.summary, i),
                  content.limits.rows_per_app_list);
  html.raw("</div>\n");
  if (content.apps.size() > content.sections.size()) {
    html.raw("<p class=after>").number(content.apps.size() - content.sections.size());
    html.raw(
        " more apps of lower risk stand in the table above only; 'gnomon show APP' and the report "
        "as JSON have them whole.</p>\n");
  }
  html.raw("</section>\n");
}

}  // namespace gnomon::report
