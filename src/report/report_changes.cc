#include "gnomon/report/report_changes.h"

#include <simdjson.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "gnomon/observation/observation.h"
#include "gnomon/report/json_writer.h"
#include "gnomon/report/numbers.h"
#include "gnomon/report/report_content.h"
#include "report_scope.h"

namespace gnomon::report {
namespace {

using inventory::AppSummary;
using inventory::Grade;

constexpr std::uintmax_t kSnapshotBytesMax = 1'000'000'000;
constexpr std::int64_t kScoreStep = 10;          // points that are worth telling
constexpr std::uint64_t kGrowthBytes = 1'000'000;  // below it nothing is growth

std::string text_of(const simdjson::dom::element& object, const char* key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? std::string{text} : std::string{};
}

std::uint64_t number_of(const simdjson::dom::element& object, const char* key) {
  std::uint64_t number = 0;
  return object[key].get(number) == simdjson::SUCCESS ? number : 0;
}

// Members as the report as JSON has them (docs/inventory.md).
Result<ReportSnapshot> parse_snapshot(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto failed = parser.parse(text).get(root); failed != simdjson::SUCCESS)
    return Error{std::string{"is no report as JSON: "} + simdjson::error_message(failed)};
  if (text_of(root, "gnomon") != "report")
    return Error{"is no report as JSON: it says no \"gnomon\": \"report\""};
  ReportSnapshot snapshot;
  snapshot.scope = text_of(root, "scope");
  snapshot.client_group = text_of(root, "client_group");
  simdjson::dom::element totals;
  if (root["totals"].get(totals) == simdjson::SUCCESS) {
    snapshot.last_packet = text_of(totals, "last_packet");
    snapshot.findings = number_of(totals, "findings");
  }
  simdjson::dom::array rows;
  if (root["apps"].get(rows) == simdjson::SUCCESS) {
    for (const simdjson::dom::element row : rows) {
      ReportSnapshot::App app;
      app.name = text_of(row, "name");
      app.grade = text_of(row, "grade");
      app.clients = number_of(row, "clients");
      // Reports of before did not tell users from those who only asked.
      app.clients_used = row["clients_used"].error() == simdjson::SUCCESS
                             ? number_of(row, "clients_used")
                             : app.clients;
      app.sessions = number_of(row, "sessions");
      app.bytes_to_server = number_of(row, "bytes_to_server");
      app.upload_events = number_of(row, "upload_events");
      simdjson::dom::element inner;
      if (row["review"].get(inner) == simdjson::SUCCESS) app.status = text_of(inner, "status");
      if (row["risk"].get(inner) == simdjson::SUCCESS) {
        app.level = text_of(inner, "level");
        app.score = static_cast<std::int64_t>(number_of(inner, "score"));
      }
      if (std::string id = text_of(row, "id"); !id.empty())
        snapshot.apps.emplace(std::move(id), std::move(app));
    }
  }
  if (root["assets"].get(rows) == simdjson::SUCCESS)
    for (const simdjson::dom::element row : rows)
      snapshot.assets.emplace(text_of(row, "server"), text_of(row, "product"));
  if (root["candidates"].get(rows) == simdjson::SUCCESS)
    for (const simdjson::dom::element row : rows)
      snapshot.candidates.emplace(text_of(row, "host"), text_of(row, "status"));
  return snapshot;
}

ReportSnapshot::App app_of(const AppSummary& app) {
  ReportSnapshot::App out;
  out.name = app.facts.name;
  out.status = app.review.status;
  out.grade = observation::to_string(app.grade);
  if (app.rating) {
    out.level = to_string(app.rating->level);
    out.score = app.rating->score;
  }
  out.clients = app.clients;
  out.clients_used = app.clients_used;
  out.sessions = app.counts.sessions;
  out.bytes_to_server = app.counts.bytes_to_server;
  out.upload_events = app.counts.upload_events;
  return out;
}

bool is_used(std::string_view grade) {
  return grade == "session" || grade == "use" || grade == "content";
}

std::string scope_words(const std::string& scope) {
  return scope.empty() ? "all that was seen" : "what was seen " + scope;
}

// Rows of a list by what its first columns say.
std::map<std::string, std::string> pairs_of(const ReportContent& content, std::string_view list,
                                            std::string_view key, std::string_view value) {
  std::map<std::string, std::string> pairs;
  for (const ReportList& each : content.lists) {
    if (each.listing.name != list) continue;
    const auto key_at = column_of(each.listing, key);
    const auto value_at = column_of(each.listing, value);
    if (!key_at || !value_at) continue;
    for (const auto& row : each.listing.rows)
      pairs.emplace(cell_text(row[*key_at]), cell_text(row[*value_at]));
  }
  return pairs;
}

}  // namespace

Result<ReportSnapshot> snapshot_of(inventory::Inventory& inventory,
                                   const inventory::UseFilter& period) {
  ReportContent content;
  auto totals = inventory.totals();
  if (!totals) return totals.error();
  content.totals = std::move(*totals);
  auto apps = inventory.apps();
  if (!apps) return apps.error();
  content.apps = std::move(*apps);
  auto scope = ReportScope::read(inventory, period);
  if (!scope) return scope.error();
  scope->cut_apps(content);
  for (const Listed& listed : listings()) {
    // How many findings there are is told by the totals, but for those of a part.
    if (listed.name != "assets" && listed.name != "candidates" &&
        (scope->all() || listed.name != "findings"))
      continue;
    auto listing = listed.make(inventory);
    if (!listing) return listing.error();
    scope->cut_listing(*listing, content);
    content.lists.push_back({std::move(*listing), 0});
  }
  ReportSnapshot snapshot;
  snapshot.scope = scope->text();
  snapshot.client_group = period.client_group;
  snapshot.last_packet = rfc3339_text(content.totals.last_packet);
  snapshot.findings = content.totals.findings;
  for (const AppSummary& app : content.apps) snapshot.apps.emplace(app.facts.id, app_of(app));
  snapshot.assets = pairs_of(content, "assets", "server", "product");
  snapshot.candidates = pairs_of(content, "candidates", "host", "status");
  return snapshot;
}

std::string snapshot_json(const ReportSnapshot& snapshot) {
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  json.member("gnomon", "report");
  json.member("version", 1);
  json.member_if("scope", snapshot.scope);
  json.member_if("client_group", snapshot.client_group);
  json.key("totals");
  json.begin_object();
  json.member("last_packet", snapshot.last_packet);
  json.member("findings", snapshot.findings);
  json.end_object();
  json.key("apps");
  json.begin_array();
  for (const auto& [id, app] : snapshot.apps) {
    json.begin_object();
    json.member("id", id);
    json.member("name", app.name);
    json.member("grade", app.grade);
    json.member("clients", app.clients);
    json.member("clients_used", app.clients_used);
    json.member("sessions", app.sessions);
    json.member("bytes_to_server", app.bytes_to_server);
    json.member("upload_events", app.upload_events);
    json.key("review");
    json.begin_object();
    json.member("status", app.status);
    json.end_object();
    if (!app.level.empty()) {
      json.key("risk");
      json.begin_object();
      json.member("level", app.level);
      json.member("score", app.score);
      json.end_object();
    }
    json.end_object();
  }
  json.end_array();
  const auto list = [&](std::string_view name, const std::map<std::string, std::string>& pairs,
                        std::string_view key, std::string_view value) {
    json.key(name);
    json.begin_array();
    for (const auto& [first, second] : pairs) {
      json.begin_object();
      json.member(key, first);
      json.member(value, second);
      json.end_object();
    }
    json.end_array();
  };
  list("assets", snapshot.assets, "server", "product");
  list("candidates", snapshot.candidates, "host", "status");
  json.end_object();
  out += '\n';
  return out;
}

Result<ReportSnapshot> read_snapshot(const std::filesystem::path& path,
                                     const inventory::UseFilter& period) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return Error{error.message()}.in(path.string());
  std::ifstream file{path, std::ios::binary};
  std::string beginning(16, '\0');
  file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  if (beginning.starts_with("SQLite format 3")) {
    auto inventory = inventory::Inventory::open(path);
    if (!inventory) return inventory.error();
    auto snapshot = snapshot_of(*inventory, period);
    if (!snapshot) return std::move(snapshot.error()).in(path.string());
    return snapshot;
  }
  if (size > kSnapshotBytesMax) return Error{"is too large for a report"}.in(path.string());
  file.clear();
  file.seekg(0);
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (file.bad()) return Error{"cannot be read"}.in(path.string());
  auto snapshot = parse_snapshot(text);
  if (!snapshot) return std::move(snapshot.error()).in(path.string());
  return snapshot;
}

ReportChanges changes_since(const ReportSnapshot& before, const ReportContent& now) {
  ReportChanges result;
  result.since = before.last_packet.substr(0, 10);
  std::vector<ReportChange>& all = result.changes;
  std::map<std::string_view, const AppSummary*> present;
  for (const AppSummary& app : now.apps) {
    present.emplace(app.facts.id, &app);
    const ReportSnapshot::App today = app_of(app);
    const std::string& name = app.facts.name;
    const auto found = before.apps.find(app.facts.id);
    if (found == before.apps.end()) {
      const bool used = is_used(today.grade);
      all.push_back({"new app", name,
                     used ? "Used by " + count_of(today.clients_used, "client") + ", " +
                                human_bytes(today.bytes_to_server) + " sent" +
                                (today.level.empty() ? "" : "; risk " + today.level) + "."
                          : "Looked up or asked for, not used.",
                     used});
      continue;
    }
    const ReportSnapshot::App& then = found->second;
    if (!is_used(then.grade) && is_used(today.grade))
      all.push_back(
          {"first use", name,
           "Only looked up before; now used by " + count_of(today.clients_used, "client") + ".",
           true});
    if (then.status != today.status && !then.status.empty())
      all.push_back({"decision", name, "Was " + then.status + ", is " + today.status + ".",
                     today.status == "unsanctioned"});
    if (!then.level.empty() && !today.level.empty() &&
        (then.level != today.level || std::abs(then.score - today.score) >= kScoreStep))
      all.push_back({"risk", name,
                     "Was " + then.level + " (" + std::to_string(then.score) + "), is " +
                         today.level + " (" + std::to_string(today.score) + ").",
                     today.score > then.score});
    if (today.bytes_to_server >= kGrowthBytes && today.bytes_to_server / 2 > then.bytes_to_server)
      all.push_back({"growth", name,
                     human_bytes(today.bytes_to_server) + " sent, " +
                         human_bytes(then.bytes_to_server) + " in the report before.",
                     true});
    if (today.clients_used > then.clients_used && today.clients_used >= 3 &&
        today.clients_used / 2 >= then.clients_used)
      all.push_back({"spread", name,
                     count_of(today.clients_used, "client") + ", " +
                         std::to_string(then.clients_used) + " in the report before.",
                     true});
  }
  for (const auto& [id, app] : before.apps)
    if (!present.contains(id) && is_used(app.grade))
      all.push_back({"not seen", app.name, "Used in the report before, not in this one.", false});
  for (const auto& [server, product] : pairs_of(now, "assets", "server", "product"))
    if (!before.assets.contains(server))
      all.push_back({"new server", server, "Self-hosted: " + product + ".", true});
  for (const auto& [host, status] : pairs_of(now, "candidates", "host", "status"))
    if (!before.candidates.contains(host))
      all.push_back({"candidate", host, "Behaves like unknown AI.", true});
  if (now.totals.findings > before.findings)
    all.push_back({"findings in content", "All apps",
                   count_of(now.totals.findings, "finding") + ", " +
                       std::to_string(before.findings) + " in the report before.",
                   true});
  std::stable_sort(all.begin(), all.end(), [](const ReportChange& a, const ReportChange& b) {
    return a.worse > b.worse;
  });
  // Before all else: numbers of another time may be larger for that alone.
  if (before.scope != now.scope)
    all.insert(all.begin(), {"other scope", "Both reports",
                             "The report before was of " + scope_words(before.scope) +
                                 ", this one is of " + scope_words(now.scope) + ".",
                             false});
  return result;
}

}  // namespace gnomon::report
