#include "api_json.h"
#include "gnomon/report/bill_of_materials.h"
#include "gnomon/report/html_report.h"
#include "gnomon/report/inventory_csv.h"
#include "gnomon/report/inventory_json.h"
#include "gnomon/report/report_content.h"

// Files to take away.
namespace gnomon::report::console {
namespace {

using inventory::Inventory;

Result<std::string> html_of(Inventory& inventory) {
  auto content = read_report_content(inventory);
  if (!content) return content.error();
  return html_report(*content);
}

Result<std::string> apps_csv(Inventory& inventory) {
  auto apps = inventory.apps();
  if (!apps) return apps.error();
  std::string out;
  write_app_list_csv(out, *apps);
  return out;
}

Result<std::string> clients_csv(Inventory& inventory) {
  auto clients = inventory.clients();
  if (!clients) return clients.error();
  std::string out;
  write_client_list_csv(out, *clients);
  return out;
}

struct Export {
  std::string_view name;
  std::string_view file;
  std::string_view type;
  std::string_view title;
  std::string_view about;
  Result<std::string> (*make)(Inventory& inventory);
};
constexpr Export kExports[] = {
    {"report.html", "ai-report.html", "text/html; charset=utf-8", "Governance report",
     "One page that needs nothing else: summary, apps, evidence, coverage; prints well.", html_of},
    {"inventory.json", "ai-inventory.json", "application/json", "Inventory as JSON",
     "Everything the inventory holds, for other programs.",
     [](Inventory& inventory) { return json_report(inventory); }},
    {"bom.json", "ai-bom.json", "application/vnd.cyclonedx+json", "Bill of materials",
     "CycloneDX 1.6: services with their data flows, models, packages; names no clients.",
     [](Inventory& inventory) { return bill_of_materials(inventory, false); }},
    {"apps.csv", "ai-apps.csv", "text/csv; charset=utf-8", "Apps as CSV",
     "One app a row, for a spreadsheet.", apps_csv},
    {"clients.csv", "ai-clients.csv", "text/csv; charset=utf-8", "Clients as CSV",
     "One client a row, for a spreadsheet.", clients_csv},
};

Response list(Call& call) {
  (void)call;
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.key("rows");
  json.begin_array();
  for (const Export& each : kExports) {
    json.begin_object();
    json.member("name", each.name);
    json.member("title", each.title);
    json.member("about", each.about);
    json.end_object();
  }
  for (const Listed& each : listings()) {
    json.begin_object();
    json.member("name", std::string{each.name} + ".csv");
    const Listing& listing = call.snapshot->lists.find(each.name)->second;
    json.member("title", std::string{listing.title} + " as CSV");
    json.member("about", each.about);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return response;
}

Response file(std::string_view name, std::string_view type, std::string body) {
  Response response;
  response.content_type = type;
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"" + std::string{name} + "\"");
  response.body = std::move(body);
  return response;
}

Response download(Call& call) {
  const std::string& wanted = call.words[0];
  for (const Listed& each : listings()) {
    if (wanted != std::string{each.name} + ".csv") continue;
    std::string out;
    write_listing_csv(out, call.snapshot->lists.find(each.name)->second);
    return file("ai-" + wanted, "text/csv; charset=utf-8", std::move(out));
  }
  for (const Export& each : kExports) {
    if (wanted != each.name) continue;
    auto inventory = Inventory::open(call.site.options().database);
    if (!inventory) return failed(inventory.error());
    auto text = each.make(*inventory);
    if (!text) return failed(text.error());
    return file(each.file, each.type, std::move(*text));
  }
  return error_response(404, "not_found", "there is no such export");
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/exports", Access::kViewer, list},
    {"GET", "/api/v1/exports/{name}", Access::kViewer, download},
};

}  // namespace

std::span<const Route> export_routes() { return kRoutes; }

}  // namespace gnomon::report::console
