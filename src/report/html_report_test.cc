#include "gnomon/report/html_report.h"

#include <catch2/catch.hpp>
#include <set>

#include "html_writer.h"
#include "test_inventory.h"

namespace gnomon::report {

std::string page_of(const SampleInventory& sample, const ReportLimits& limits = {}) {
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  ReportOptions options;
  options.limits = limits;
  auto content = read_report(*inventory, options);
  REQUIRE(content);
  return html_report(*content);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// The page without its style and scripts: what comes from data.
std::string body_of(const std::string& page) {
  const std::size_t begin = page.find("<body>");
  const std::size_t end = page.find("<script type=\"application/json\"");
  REQUIRE(begin < end);
  return page.substr(begin, end - begin);
}

std::string data_of(const std::string& page) {
  const std::size_t begin = page.find("id=chart-data>");
  REQUIRE(begin != std::string::npos);
  return page.substr(begin, page.find("</script>", begin) - begin);
}

struct Escaped {
  std::string_view text;
  std::string_view html;
};

TEST_CASE("text cannot become markup, in elements or in attributes", "[html]") {
  const auto row = GENERATE(values<Escaped>({
      {"chat.example", "chat.example"},
      {"<script>", "&lt;script&gt;"},
      {"a&amp;b", "a&amp;amp;b"},
      {"\" onload=\"x", "&quot; onload=&quot;x"},
      {"' x='", "&#39; x=&#39;"},
      {"\x1b[0m", R"(\x1b[0m)"},
      {"\xff<", R"(\xff&lt;)"},
      {"\xe2\x80\xae", R"(\u202e)"},
  }));
  std::string out;
  HtmlWriter{out}.text(row.text);
  CHECK(out == row.html);
}

TEST_CASE("JSON inside a script element cannot end it", "[html]") {
  CHECK(script_safe("{\"a\":\"</script><!--&\"}") ==
        R"({"a":"\u003c/script\u003e\u003c!--\u0026"})");
}

TEST_CASE("names from the network never reach the page raw", "[html]") {
  const SampleInventory sample;
  sample.make();
  const std::string page = page_of(sample);
  const std::string body = body_of(page);
  CHECK_FALSE(has(body, "<script"));
  CHECK_FALSE(has(body, "<img"));
  CHECK_FALSE(has(body, "<!--"));
  CHECK(has(body, "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
  CHECK(has(body, "&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;"));
  CHECK(has(body, R"(anna\x1b]0;owned\x07-laptop)"));
  for (const char c : page)
    REQUIRE((static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t'));
  CHECK_FALSE(has(page, "\xe2\x80\xae"));

  const std::string data = data_of(page);
  CHECK_FALSE(has(data, "<"));
  CHECK(has(data, R"(\u003c/script\u003e\u003cimg)"));
  // Three of ours: the data, Chart.js and the page's own.
  std::size_t scripts = 0;
  for (std::size_t at = 0; (at = page.find("<script", at)) != std::string::npos; ++at) ++scripts;
  CHECK(scripts == 3);
}

TEST_CASE("the page asks nobody for anything", "[html]") {
  const SampleInventory sample;
  sample.make();
  const std::string page = page_of(sample);
  const std::string body = body_of(page);
  for (const std::string_view part : {"<img", "<script", "<link", "<iframe", "<object", "<embed",
                                      "<form", "<base", "href=\"http", "href=http", "javascript:"})
    CHECK_FALSE(has(body, part));
  // Handlers and styles in attributes would not pass the policy either.
  for (const std::string_view part :
       {" style=", " onclick=", " onload=\"", " onload=x \"", "xlink:"})
    CHECK_FALSE(has(body, part));
  const std::string head = page.substr(0, page.find("<body>"));
  CHECK(has(head, "default-src 'none'; script-src 'sha256-"));
  CHECK_FALSE(has(head, "unsafe-inline"));
  CHECK_FALSE(has(head, "url("));
  CHECK_FALSE(has(head, "@import"));
}

TEST_CASE("the page tells every point, every client, and the packets", "[html]") {
  const SampleInventory sample;
  sample.make();
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  auto detail = inventory->app("chatter");
  REQUIRE(detail);
  REQUIRE(*detail);
  REQUIRE((*detail)->summary.rating);
  const std::string body = body_of(page_of(sample));
  for (const inventory::RiskRow& row : (*detail)->summary.rating->rows) {
    std::string label, why;
    HtmlWriter{label}.text(row.label);
    HtmlWriter{why}.text(row.why);
    CHECK(has(body, label));
    CHECK(has(body, why));
  }
  for (const std::string_view part :
       {"10.0.0.2", "2001:db8::1", "captures/monday.pcap</span>, frame 4", "flow 4000012",
        "id=\"app-chatter\"", "href=\"#app-chatter\"", "cut at byte 77", "sha256:00ff",
        "unknown_ethertype"})
    CHECK(has(body, part));
}

TEST_CASE("every link in the page leads somewhere in it", "[html]") {
  const SampleInventory sample;
  sample.make();
  const std::string body = body_of(page_of(sample));
  std::set<std::string> targets;
  for (std::size_t at = 0; (at = body.find("href=\"#", at)) != std::string::npos;) {
    at += 7;
    targets.insert(body.substr(at, body.find('"', at) - at));
  }
  CHECK(targets.size() > 10);
  for (const std::string& target : targets)
    CHECK((has(body, "id=" + target + ">") || has(body, "id=\"" + target + "\"")));
}

TEST_CASE("long lists are cut and say how much is missing", "[html]") {
  const SampleInventory sample;
  sample.make();
  ReportLimits limits;
  limits.apps_whole = 1;
  limits.clients = 1;
  limits.unknown_hosts = 1;
  limits.evidence_per_app = 1;
  const std::string body = body_of(page_of(sample, limits));
  CHECK(has(body, "3 more clients are not shown here."));
  CHECK(has(body, "1 more host is not shown here."));
  CHECK(has(body, "2 more apps of lower risk"));
}

TEST_CASE("of an empty inventory the page says that nothing was recorded", "[html]") {
  const ReportContent nothing;
  const std::string page = html_report(nothing);
  CHECK(page.find("Nothing has been recorded yet.") != std::string::npos);
  CHECK(page.find("No host with a name was seen.") != std::string::npos);
  CHECK(page.find("belongs to an AI app") == std::string::npos);
}

TEST_CASE("the same inventory gives the same page", "[html]") {
  const SampleInventory a;
  const SampleInventory b;
  a.make();
  b.make();
  CHECK(page_of(a) == page_of(b));
}

}  // namespace gnomon::report
