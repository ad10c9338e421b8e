#include "gnomon/report/html_report.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "embedded.h"
#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/sha256.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/report/numbers.h"
#include "html_parts.h"

namespace gnomon::report {
namespace {

using inventory::RiskLevel;

constexpr std::string_view kBrand =
    "<p class=brand><svg viewBox=\"0 0 24 24\" aria-hidden=true>"
    "<path class=shadow d=\"M12 19 22 14.5 22 19z\"/><path class=style d=\"M5 19 12 4v15z\"/>"
    "<path class=dial d=\"M1.5 19.75h21\" stroke-width=1.5 /></svg>Gnomon</p>\n";

struct Link {
  std::string_view id;
  std::string_view title;
};
constexpr std::array<Link, 4> kFirstLinks = {{{"summary", "Summary"},
                                              {"apps", "Apps by risk"},
                                              {"time", "Over time"},
                                              {"why", "Ratings and evidence"}}};
constexpr std::array<Link, 5> kLastLinks = {{{"clients", "Clients"},
                                             {"hosts", "Unknown hosts"},
                                             {"runs", "Captures"},
                                             {"coverage", "Coverage"},
                                             {"words", "How to read"}}};

// "'sha256-...'" as a Content-Security-Policy names an inline script or style (CSP 3, 2.3.1).
std::string source_of(std::string_view text) {
  Sha256 hash;
  hash.start();
  hash.add(Bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  const Sha256Digest digest = hash.finish();
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = "'sha256-";
  for (std::size_t i = 0; i < digest.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, digest.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < left ? digest[i + j] : 0u);
    for (std::size_t j = 0; j < 4; ++j)
      out += j <= left ? kDigits[group >> (18 - 6 * j) & 63] : '=';
  }
  return out + "'";
}

void write_head(HtmlWriter& html) {
  html.raw(
      "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
      "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; script-src ");
  html.raw(source_of(embedded::kChartJs)).raw(" ").raw(source_of(embedded::kReportJs));
  html.raw("; style-src ").raw(source_of(embedded::kReportCss));
  html.raw(
      "; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=referrer content=no-referrer>\n<meta name=robots content=noindex>\n"
      "<title>AI inventory</title>\n<style>");
  html.raw(embedded::kReportCss).raw("</style>\n</head>\n");
}

void write_masthead(HtmlWriter& html, const ReportContent& content) {
  const inventory::Totals& totals = content.totals;
  std::size_t captures = 0;
  for (const inventory::Run& run : content.runs) captures += run.inputs.size();
  html.raw("<header class=masthead>\n").raw(kBrand).raw("<h1>AI inventory</h1>\n<p class=period>");
  if (!is_known(totals.last_packet)) {
    html.raw("No packet was read yet.");
  } else {
    html.raw("Traffic from ").text(minute_text(totals.first_packet)).raw(" to ");
    html.text(minute_text(totals.last_packet)).raw(" UTC, ");
    html.text(count_of(captures, "capture"));
  }
  if (!content.scope.empty()) html.raw("<br>This report: ").text(content.scope);
  html.raw("</p>\n</header>\n<nav aria-label=Contents>\n");
  const auto write_link = [&html](std::string_view id, std::string_view title) {
    html.raw("<a href=\"#").raw(id).raw("\">").raw(title).raw("</a>\n");
  };
  for (const Link& link : kFirstLinks) {
    write_link(link.id, link.title);
    if (link.id == "summary" && content.changes) write_link("changes", "Changes");
  }
  for (const ReportList& list : content.lists)
    if (list.found > 0) write_link(list.listing.name, list.listing.title);
  for (const Link& link : kLastLinks) write_link(link.id, link.title);
  html.raw("</nav>\n");
}

void write_figure(HtmlWriter& html, std::string_view what, const std::string& value) {
  html.raw("<div><dt>").raw(what).raw("</dt><dd>").text(value).raw("</dd></div>\n");
}

// One bar of those that need no script; `label` writes what it is about.
template <class Label>
void write_bar(HtmlWriter& html, std::string_view shade, std::uint64_t apps, std::uint64_t most,
               const Label& label) {
  html.raw("<li><span>");
  label();
  html.raw("</span><svg viewBox=\"0 0 100 10\" preserveAspectRatio=none aria-hidden=true><rect class=");
  html.raw(shade).raw(" height=10 width=");
  html.plain(static_cast<std::int64_t>(apps * 100 / std::max<std::uint64_t>(most, 1)));
  html.raw(" /></svg><span class=n>").number(apps).raw("</span></li>\n");
}

// How many apps have each level.
void write_levels(HtmlWriter& html, const inventory::Totals& totals) {
  constexpr std::string_view kShades[inventory::kRiskLevels] = {"b0", "b1", "b2", "b3", "b4"};
  const std::uint64_t most = *std::max_element(std::begin(totals.apps_by_level),
                                               std::end(totals.apps_by_level));
  html.raw("<h3>Apps by risk</h3>\n<ul class=levels>\n");
  for (std::size_t i = inventory::kRiskLevels; i-- > 0;)
    write_bar(html, kShades[i], totals.apps_by_level[i], most, [&] {
      html.raw("<span class=\"risk r").plain(static_cast<std::int64_t>(i)).raw("\"><b>");
      html.text(to_string(static_cast<RiskLevel>(i))).raw("</b></span>");
    });
  html.raw("</ul>\n");
}

// How many of those that are used were decided on, and how.
void write_decisions(HtmlWriter& html, const std::vector<inventory::AppSummary>& apps) {
  constexpr std::string_view kStatuses[] = {"unreviewed", "under-review", "sanctioned", "tolerated",
                                            "unsanctioned"};
  std::uint64_t numbers[std::size(kStatuses)] = {};
  for (const inventory::AppSummary& app : apps) {
    const auto* at = std::find(std::begin(kStatuses), std::end(kStatuses), app.review.status);
    if (app.grade >= inventory::Grade::kSession && at != std::end(kStatuses))
      ++numbers[at - std::begin(kStatuses)];
  }
  const std::uint64_t most = *std::max_element(std::begin(numbers), std::end(numbers));
  html.raw("<h3>Decisions on apps in use</h3>\n<ul class=levels>\n");
  for (std::size_t i = 0; i < std::size(kStatuses); ++i)
    write_bar(html, "b1", numbers[i], most, [&] { write_status(html, kStatuses[i]); });
  html.raw("</ul>\n");
}

void write_words(HtmlWriter& html) {
  html.raw(
      "<section id=words>\n<h2>How to read this</h2>\n<div class=legend>\n<div>\n"
      "<h3>Evidence</h3>\n<dl>\n"
      "<dt>dns</dt><dd>A name was looked up.</dd>\n"
      "<dt>name</dt><dd>A connection asked for it.</dd>\n"
      "<dt>session</dt><dd>Bytes flowed both ways. From here on it counts as use.</dd>\n"
      "<dt>use</dt><dd>A path, an upload or a streamed answer was seen.</dd>\n"
      "<dt>content</dt><dd>The request itself was read.</dd>\n</dl>\n</div>\n<div>\n"
      "<h3>Risk</h3>\n<dl>\n"
      "<dt>Score</dt><dd>0 to 100: the sum of the rows shown for each app, nothing is behind "
      "them.</dd>\n"
      "<dt>Vendor</dt><dd>What the vendor does and promises.</dd>\n"
      "<dt>Exposure</dt><dd>What was observed in this traffic.</dd>\n"
      "<dt>Governance</dt><dd>What was decided about the app.</dd>\n"
      "<dt>Unknown</dt><dd>Neither safe nor unsafe: it gives no points and lowers the "
      "confidence.</dd>\n</dl>\n</div>\n</div>\n</section>\n");
}

}  // namespace

void write_summary(HtmlWriter& html, const ReportContent& content) {
  const inventory::Totals& totals = content.totals;
  const auto risky = totals.apps_by_level[static_cast<std::size_t>(RiskLevel::kHigh)] +
                     totals.apps_by_level[static_cast<std::size_t>(RiskLevel::kCritical)];
  const auto undecided =
      std::count_if(content.apps.begin(), content.apps.end(), [](const inventory::AppSummary& app) {
        return app.grade >= inventory::Grade::kSession && app.review.status == "unreviewed";
      });
  html.raw("<section id=summary>\n<h2>Summary</h2>\n<dl class=figures>\n");
  write_figure(html, "AI apps used", observation::grouped(totals.apps_used));
  write_figure(html, "rated high or critical", observation::grouped(risky));
  write_figure(html, "used without a decision",
               observation::grouped(static_cast<std::uint64_t>(undecided)));
  write_figure(html, "clients using AI", observation::grouped(totals.clients_used));
  write_figure(html, "sent to AI apps", human_bytes(totals.counts_used.bytes_to_server));
  write_figure(html, "uploads recognised", observation::grouped(totals.counts_used.upload_events));
  write_figure(html, "findings in content", observation::grouped(totals.findings));
  html.raw("</dl>\n<div class=split>\n<ul class=findings>\n");
  for (const Finding& finding : findings(content))
    html.raw("<li><b>")
        .text(finding.subject)
        .raw("</b><span>")
        .text(finding.text)
        .raw("</span></li>\n");
  html.raw("</ul>\n");
  html.raw("<div>\n");
  write_levels(html, totals);
  write_decisions(html, content.apps);
  html.raw("</div>\n</div>\n</section>\n");
}

std::string html_report(const ReportContent& content) {
  std::string out;
  out.reserve(1024 * 1024);
  HtmlWriter html{out};
  write_head(html);
  html.raw("<body>\n<a class=skip href=\"#summary\">Skip to the summary</a>\n");
  write_masthead(html, content);
  html.raw("<main>\n");
  write_summary(html, content);
  write_changes(html, content);
  write_app_table(html, content);
  write_charts(html, content);
  write_app_sections(html, content);
  write_listings(html, content);
  write_clients(html, content);
  write_unknown_hosts(html, content);
  write_runs(html, content);
  write_coverage(html, content);
  write_words(html);
  html.raw(
      "</main>\n<footer>Made by Gnomon from packets alone. All times are the packets', in UTC. "
      "Ratings and dates are as of the last packet.</footer>\n");
  html.raw("<script type=\"application/json\" id=chart-data>");
  html.raw(script_safe(chart_data(content))).raw("</script>\n<script>");
  html.raw(embedded::kChartJs).raw("</script>\n<script>").raw(embedded::kReportJs);
  html.raw("</script>\n</body>\n</html>\n");
  return out;
}

}  // namespace gnomon::report
