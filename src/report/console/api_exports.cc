#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "api_json.h"
#include "gnomon/report/bill_of_materials.h"
#include "gnomon/report/html_report.h"
#include "gnomon/report/inventory_csv.h"
#include "gnomon/report/inventory_json.h"
#include "gnomon/report/report_content.h"
#include "gnomon/report/xlsx_report.h"

// Files to take away.
namespace gnomon::report::console {
namespace {

using inventory::Inventory;

Result<ReportContent> content_of(Inventory& inventory, bool clients, const ReportLimits& limits) {
  ReportOptions options;
  options.limits = limits;
  options.clients = clients;
  return read_report(inventory, options);
}

Result<std::string> html_of(Inventory& inventory, bool clients) {
  auto content = content_of(inventory, clients, {});
  if (!content) return content.error();
  return html_report(*content);
}

// The workbook is written to a file, which is read and goes.
Result<std::string> xlsx_of(Inventory& inventory, bool clients) {
  auto content = content_of(inventory, clients, workbook_limits());
  if (!content) return content.error();
  std::string path = (std::filesystem::temp_directory_path() / "gnomon-XXXXXX").string();
  const int descriptor = ::mkstemp(path.data());
  if (descriptor < 0) return Error{std::strerror(errno)}.in(path);
  ::close(descriptor);
  const auto wrong = write_xlsx_report(*content, path);
  std::ifstream file{path, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  std::filesystem::remove(path);
  if (wrong) return *wrong;
  if (bytes.empty()) return Error{"could not be read back"}.in(path);
  return bytes;
}

Result<std::string> json_of(Inventory& inventory, bool clients) {
  ReportOptions options;
  options.clients = clients;
  return json_report(inventory, options);
}

Result<std::string> apps_csv(Inventory& inventory, bool) {
  auto apps = inventory.apps();
  if (!apps) return apps.error();
  std::string out;
  write_app_list_csv(out, *apps);
  return out;
}

Result<std::string> clients_csv(Inventory& inventory, bool) {
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
  bool names_clients;  // and can be had without
  Result<std::string> (*make)(Inventory& inventory, bool clients);
};
constexpr Export kExports[] = {
    {"report.html", "ai-report.html", "text/html; charset=utf-8", "Governance report",
     "One page that needs nothing else: summary, apps, evidence, coverage; prints well.", true,
     html_of},
    {"report.xlsx", "ai-report.xlsx",
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Report as a workbook",
     "A summary, and a sheet with a real table for each list: Excel, LibreOffice.", true, xlsx_of},
    {"inventory.json", "ai-inventory.json", "application/json", "Inventory as JSON",
     "Everything the inventory holds, for other programs.", true, json_of},
    {"bom.json", "ai-bom.json", "application/vnd.cyclonedx+json", "Bill of materials",
     "CycloneDX 1.6: services with their data flows, models, packages; names no clients.", false,
     [](Inventory& inventory, bool) { return bill_of_materials(inventory, false); }},
    {"apps.csv", "ai-apps.csv", "text/csv; charset=utf-8", "Apps as CSV",
     "One app a row, for a spreadsheet.", false, apps_csv},
    {"clients.csv", "ai-clients.csv", "text/csv; charset=utf-8", "Clients as CSV",
     "One client a row, for a spreadsheet.", false, clients_csv},
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
    json.member("names_clients", each.names_clients);
    json.end_object();
  }
  for (const Listed& each : listings()) {
    json.begin_object();
    json.member("name", std::string{each.name} + ".csv");
    const Listing& listing = call.snapshot->list(each.name);
    json.member("title", std::string{listing.title} + " as CSV");
    json.member("about", each.about);
    json.member("names_clients", false);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return response;
}

Response download(Call& call) {
  const std::string& wanted = call.words[0];
  for (const Listed& each : listings()) {
    if (wanted != std::string{each.name} + ".csv") continue;
    std::string out;
    write_listing_csv(out, call.snapshot->list(each.name));
    return file_response("ai-" + wanted, "text/csv; charset=utf-8", std::move(out));
  }
  for (const Export& each : kExports) {
    if (wanted != each.name) continue;
    auto inventory = Inventory::open(call.site.options().database);
    if (!inventory) return failed(inventory.error());
    constexpr std::string_view kNo[] = {"", "no"};
    const bool clients = !each.names_clients || call.parameters.word("clients", kNo) != "no";
    if (const auto wrong = call.parameters.error())
      return error_response(400, "parameter", wrong->message);
    auto text = each.make(*inventory, clients);
    if (!text) return failed(text.error());
    return file_response(each.file, each.type, std::move(*text));
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
