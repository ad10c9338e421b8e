#include <algorithm>
#include <array>
#include <map>

#include "../embedded.h"
#include "site.h"

namespace gnomon::embedded {
extern const std::string_view kConsole_index_html;
extern const std::string_view kConsole_console_css;
extern const std::string_view kConsole_icon_svg;
extern const std::string_view kConsole_openapi_json;
extern const std::string_view kConsole_main_js;
extern const std::string_view kConsole_dom_js;
extern const std::string_view kConsole_api_js;
extern const std::string_view kConsole_parts_js;
extern const std::string_view kConsole_list_js;
extern const std::string_view kConsole_charts_js;
extern const std::string_view kConsole_graph_js;
extern const std::string_view kConsole_overview_js;
extern const std::string_view kConsole_apps_js;
extern const std::string_view kConsole_decision_js;
extern const std::string_view kConsole_lists_js;
extern const std::string_view kConsole_sensor_js;
extern const std::string_view kConsole_account_js;
extern const std::string_view kConsole_exports_js;
extern const std::string_view kConsole_groups_js;
extern const std::string_view kConsole_bulk_js;
}  // namespace gnomon::embedded

namespace gnomon::report::console {
namespace {

struct PageFile {
  std::string_view path;
  std::string_view type;
  std::string_view bytes;
};

constexpr std::string_view kScript = "text/javascript; charset=utf-8";

const std::vector<PageFile>& files() {
  namespace page = gnomon::embedded;
  static const std::vector<PageFile> all = {
      {"console.css", "text/css; charset=utf-8", page::kConsole_console_css},
      {"icon.svg", "image/svg+xml", page::kConsole_icon_svg},
      {"chart.js", kScript, page::kChartJs},
      {"main.js", kScript, page::kConsole_main_js},
      {"dom.js", kScript, page::kConsole_dom_js},
      {"api.js", kScript, page::kConsole_api_js},
      {"parts.js", kScript, page::kConsole_parts_js},
      {"list.js", kScript, page::kConsole_list_js},
      {"charts.js", kScript, page::kConsole_charts_js},
      {"graph.js", kScript, page::kConsole_graph_js},
      {"overview.js", kScript, page::kConsole_overview_js},
      {"apps.js", kScript, page::kConsole_apps_js},
      {"decision.js", kScript, page::kConsole_decision_js},
      {"lists.js", kScript, page::kConsole_lists_js},
      {"sensor.js", kScript, page::kConsole_sensor_js},
      {"account.js", kScript, page::kConsole_account_js},
      {"exports.js", kScript, page::kConsole_exports_js},
      {"groups.js", kScript, page::kConsole_groups_js},
      {"bulk.js", kScript, page::kConsole_bulk_js},
  };
  return all;
}

// The pages' own addresses: all of them are the one page, which asks the API.
constexpr std::string_view kPages[] = {"/",
                                       "/apps",
                                       "/apps/{id}",
                                       "/clients",
                                       "/clients/{address}",
                                       "/groups",
                                       "/assets",
                                       "/assets/{server}",
                                       "/candidates",
                                       "/findings",
                                       "/alerts",
                                       "/files",
                                       "/models",
                                       "/supply-chain",
                                       "/unknown",
                                       "/coverage",
                                       "/policies",
                                       "/exports",
                                       "/audit",
                                       "/users",
                                       "/account",
                                       "/sign-in",
                                       "/setup"};

Response answer(std::string_view bytes, std::string_view type, std::string_view if_none_match) {
  Response response;
  response.content_type = type;
  const std::string tag = "\"" + sha256_hex(bytes).substr(0, 20) + "\"";
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Cache-Control", "no-cache");
  if (if_none_match == tag)
    response.status = 304;
  else
    response.body = bytes;
  return response;
}

}  // namespace

bool is_page(std::string_view path) {
  return path.find('{') == std::string_view::npos &&
         std::find(std::begin(kPages), std::end(kPages), path) != std::end(kPages);
}

std::optional<Response> page_at(const Target& target, std::string_view if_none_match) {
  const auto& segments = target.segments;
  if (segments.size() == 2 && segments[0] == "static") {
    const auto& all = files();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const PageFile& each) { return each.path == segments[1]; });
    if (found == all.end()) return std::nullopt;
    return answer(found->bytes, found->type, if_none_match);
  }
  for (const std::string_view page : kPages)
    if (page == "/" ? segments.empty() : match(page, segments).has_value())
      return answer(gnomon::embedded::kConsole_index_html, "text/html; charset=utf-8",
                    if_none_match);
  return std::nullopt;
}

Response nowhere_page() {
  Response response;
  response.status = 404;
  response.content_type = "text/html; charset=utf-8";
  response.body =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Not there – Gnomon</title>\n"
      "<link rel=\"icon\" href=\"/static/icon.svg\" type=\"image/svg+xml\">\n"
      "<link rel=\"stylesheet\" href=\"/static/console.css\">\n</head>\n<body>\n"
      "<main id=\"main\" class=\"bare\">\n<p class=\"brand big\"><img src=\"/static/icon.svg\" "
      "alt=\"\" width=\"34\" height=\"34\">Gnomon</p>\n<h1>Not there</h1>\n"
      "<p>The console has no page at this address.</p>\n<p><a href=\"/\">To the overview</a></p>\n"
      "</main>\n</body>\n</html>\n";
  return response;
}

Response openapi(Call& call) {
  (void)call;
  Response response;
  response.body = gnomon::embedded::kConsole_openapi_json;
  return response;
}

}  // namespace gnomon::report::console
