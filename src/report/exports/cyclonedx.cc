#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gnomon/bytes/sha256.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/report/bill_of_materials.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/json_writer.h"
#include "gnomon/report/numbers.h"
#include "host_pattern.h"

namespace gnomon::report {
namespace {

using inventory::AppDetail;
using inventory::Asset;
using inventory::Grade;

constexpr std::size_t kSourcesMax = 100;  // clients that one data flow names

using Properties = std::vector<std::pair<std::string, std::string>>;

void write_properties(JsonWriter& json, const Properties& properties) {
  json.key("properties");
  json.begin_array();
  for (const auto& [name, value] : properties) {
    if (value.empty()) continue;
    json.begin_object();
    json.member("name", "gnomon:" + name);
    json.member("value", value);
    json.end_object();
  }
  json.end_array();
}

std::string number(std::uint64_t value) { return std::to_string(value); }

// A reference: unique, without what could be taken for a BOM link.
std::string reference(std::string_view kind, std::string_view what) {
  return std::string{kind} + ":" + printable(what);
}

// Models, data sets, packages: what services use, by reference.
struct Component {
  std::string type;
  std::string name;
  std::string version;
  std::string supplier;
  std::set<std::string> formats;
  bool unsafe_format = false;
  std::uint64_t calls = 0, tokens = 0, fetched = 0;
  std::set<std::string> clients;
  std::set<std::string> from;  // hosts it was fetched from
};

// What one service sends and receives.
struct DataFlow {
  bool inbound = true;
  std::string classification;
  std::string name;
  std::string description;
  std::set<std::string> sources;  // clients
};

class Bill {
 public:
  Bill(inventory::Inventory& inventory, bool clients) : inventory_(inventory), clients_(clients) {}

  Result<std::string> write() {
    if (auto failed = read()) return *failed;
    std::string body;
    JsonWriter json{body};
    json.begin_object();
    write_metadata(json);
    write_components(json);
    json.key("services");
    json.begin_array();
    for (const AppDetail& app : apps_) write_app(json, app);
    for (const Asset& asset : assets_) write_asset(json, asset);
    json.end_array();
    write_dependencies(json);
    json.key("compositions");
    json.begin_array();
    json.begin_object();
    json.member("aggregate", "incomplete");
    json.end_object();
    json.end_array();
    json.end_object();

    // What identifies a bill is what is in it.
    std::string out =
        "{\"$schema\":\"http://cyclonedx.org/schema/bom-1.6.schema.json\",\"bomFormat\":"
        "\"CycloneDX\",\"specVersion\":\"1.6\",\"serialNumber\":\"" +
        serial_of(body) + "\",\"version\":1,";
    out.append(body, 1);
    out += '\n';
    return out;
  }

 private:
  static std::string serial_of(const std::string& body) {
    Sha256 hash;
    hash.start();
    hash.add(Bytes{reinterpret_cast<const std::uint8_t*>(body.data()), body.size()});
    Sha256Digest digest = hash.finish();
    // RFC 9562, version 8: a UUID of one's own making.
    digest[6] = static_cast<std::uint8_t>(0x80 | (digest[6] & 0x0f));
    digest[8] = static_cast<std::uint8_t>(0x80 | (digest[8] & 0x3f));
    const auto hex = to_hex(digest);
    const std::string text{hex.data(), 32};
    return "urn:uuid:" + text.substr(0, 8) + "-" + text.substr(8, 4) + "-" + text.substr(12, 4) +
           "-" + text.substr(16, 4) + "-" + text.substr(20, 12);
  }

  std::optional<Error> read() {
    auto totals = inventory_.totals();
    if (!totals) return totals.error();
    totals_ = std::move(*totals);
    auto coverage = inventory_.coverage();
    if (!coverage) return coverage.error();
    coverage_ = std::move(*coverage);
    inventory::AppFilter used;
    used.grade_min = Grade::kSession;
    auto apps = inventory_.apps(used, inventory::AppOrder::kName);
    if (!apps) return apps.error();
    for (const inventory::AppSummary& summary : *apps) {
      auto detail = inventory_.app(summary.facts.id);
      if (!detail) return detail.error();
      if (*detail) apps_.push_back(std::move(**detail));
    }
    auto assets = inventory_.assets();
    if (!assets) return assets.error();
    assets_ = std::move(*assets);
    std::sort(assets_.begin(), assets_.end(), [](const Asset& a, const Asset& b) {
      return std::pair{a.address, a.port} < std::pair{b.address, b.port};
    });
    auto uses = inventory_.model_uses();
    if (!uses) return uses.error();
    auto artifacts = inventory_.artifacts();
    if (!artifacts) return artifacts.error();
    take_models(*uses);
    take_artifacts(*artifacts);
    return std::nullopt;
  }

  void take_models(const std::vector<inventory::ModelUse>& uses) {
    for (const inventory::ModelUse& use : uses) {
      const std::string model =
          use.model_returned.empty() ? use.model_requested : use.model_returned;
      if (model.empty()) continue;
      const std::string service =
          use.app.empty() ? reference("server", use.server) : reference("app", use.app);
      const std::string id = reference("model", (use.app.empty() ? use.server : use.app) + "/" + model);
      Component& component = components_[id];
      component.type = "machine-learning-model";
      component.name = model;
      component.supplier = vendor_of(use.app);
      component.calls += use.calls;
      component.tokens += use.tokens_in + use.tokens_out;
      if (!use.client.empty()) component.clients.insert(use.client);
      uses_[service].insert(id);
    }
    for (const Asset& asset : assets_) {
      for (const std::string& model : asset.models) {
        const std::string id = reference("model", asset.server() + "/" + model);
        Component& component = components_[id];
        component.type = "machine-learning-model";
        component.name = model;
        uses_[reference("server", asset.server())].insert(id);
      }
    }
  }

  void take_artifacts(const std::vector<inventory::ArtifactSummary>& artifacts) {
    for (const inventory::ArtifactSummary& each : artifacts) {
      const std::string name = !each.repository.empty() ? each.repository : each.file;
      if (name.empty()) continue;
      std::string id = reference(each.kind, each.host + "/" + name);
      if (!each.revision.empty()) id += "@" + printable(each.revision);
      Component& component = components_[id];
      component.type = each.kind == "model"     ? "machine-learning-model"
                       : each.kind == "dataset" ? "data"
                       : each.kind == "package" ? "library"
                                                : "application";
      component.name = name;
      component.version = each.revision;
      if (!each.format.empty()) component.formats.insert(each.format);
      component.unsafe_format |= each.unsafe_format;
      component.fetched += each.times;
      component.from.insert(each.host);
      if (!each.client.empty()) component.clients.insert(each.client);
      if (!each.app.empty()) uses_[reference("app", each.app)].insert(id);
    }
  }

  [[nodiscard]] std::string vendor_of(const std::string& id) const {
    for (const AppDetail& app : apps_)
      if (app.summary.facts.id == id) return app.summary.facts.vendor;
    return {};
  }

  void write_metadata(JsonWriter& json) const {
    json.key("metadata");
    json.begin_object();
    if (is_known(totals_.last_packet)) json.member("timestamp", rfc3339_text(totals_.last_packet));
    json.key("tools");
    json.begin_object();
    json.key("components");
    json.begin_array();
    json.begin_object();
    json.member("type", "application");
    json.member("name", "Gnomon");
    json.end_object();
    json.end_array();
    json.end_object();
    Properties properties{{"period:first-packet", rfc3339_text(totals_.first_packet)},
                          {"period:last-packet", rfc3339_text(totals_.last_packet)},
                          {"apps:used", number(totals_.apps_used)},
                          {"apps:only-looked-up", number(totals_.apps - totals_.apps_used)},
                          {"candidates", number(totals_.candidates)}};
    for (const std::string& line : observation::coverage_statement(coverage_))
      properties.emplace_back("coverage", line);
    write_properties(json, properties);
    json.end_object();
  }

  void write_components(JsonWriter& json) const {
    json.key("components");
    json.begin_array();
    for (const auto& [id, component] : components_) {
      json.begin_object();
      json.member("type", component.type);
      json.member("bom-ref", id);
      if (!component.supplier.empty()) {
        json.key("supplier");
        json.begin_object();
        json.member("name", component.supplier);
        json.end_object();
      }
      json.member("name", component.name);
      json.member_if("version", component.version);
      write_properties(json, {{"calls", component.calls > 0 ? number(component.calls) : ""},
                              {"tokens", component.tokens > 0 ? number(component.tokens) : ""},
                              {"fetched", component.fetched > 0 ? number(component.fetched) : ""},
                              {"fetched-from", joined(component.from, " ")},
                              {"format", joined(component.formats, " ")},
                              {"unsafe-format", component.unsafe_format ? "yes" : ""},
                              {"clients", number(component.clients.size())}});
      json.end_object();
    }
    json.end_array();
  }

  // What was found, by direction and category; and all else, of which nothing is known but that it
  // flowed.
  [[nodiscard]] std::vector<DataFlow> flows_of(const AppDetail& app) const {
    struct Sum {
      std::uint64_t items = 0;
      std::map<std::string, std::uint64_t> severities;
      std::set<std::string> clients;
    };
    std::map<std::pair<bool, std::string>, Sum> found;
    for (const inventory::FindingSummary& finding : app.findings) {
      Sum& sum = found[{finding.direction != "to_server", finding.category}];
      sum.items += finding.count;
      sum.severities[finding.severity] += finding.count;
      if (!finding.client.empty()) sum.clients.insert(finding.client);
    }
    std::vector<DataFlow> flows;
    for (const auto& [key, sum] : found) {
      std::string text = count_of(sum.items, "item") + " found";
      for (const auto& [severity, items] : sum.severities)
        text += ", " + number(items) + " of " + severity + " severity";
      flows.push_back({!key.first, key.second, key.first ? "received" : "sent", text, sum.clients});
    }
    const inventory::Counts& counts = app.summary.counts;
    std::set<std::string> clients;
    for (const inventory::AppClient& client : app.clients)
      if (!client.client.empty() && client.grade >= Grade::kSession) clients.insert(client.client);
    flows.push_back({true, "unknown", "sent",
                     human_bytes(counts.bytes_to_server) + " in " +
                         count_of(counts.sessions, "session") + ", " +
                         count_of(counts.upload_events, "upload"),
                     clients});
    flows.push_back({false, "unknown", "received", human_bytes(counts.bytes_to_client), clients});
    return flows;
  }

  void write_flow(JsonWriter& json, const DataFlow& flow, const std::string& owner) const {
    json.begin_object();
    json.member("flow", flow.inbound ? "inbound" : "outbound");
    json.member("classification", flow.classification);
    json.member("name", flow.name);
    json.member("description", flow.description);
    if (!owner.empty()) {
      json.key("governance");
      json.begin_object();
      json.key("owners");
      json.begin_array();
      json.begin_object();
      json.key("contact");
      json.begin_object();
      json.member("name", owner);
      json.end_object();
      json.end_object();
      json.end_array();
      json.end_object();
    }
    if (clients_ && !flow.sources.empty()) {
      json.key(flow.inbound ? "source" : "destination");
      json.begin_array();
      std::size_t shown = 0;
      for (const std::string& client : flow.sources) {
        if (++shown > kSourcesMax) break;
        json.value("ip:" + client);
      }
      json.end_array();
    }
    json.end_object();
  }

  void write_app(JsonWriter& json, const AppDetail& app) const {
    const inventory::AppSummary& summary = app.summary;
    json.begin_object();
    json.member("bom-ref", reference("app", summary.facts.id));
    if (!summary.facts.vendor.empty()) {
      json.key("provider");
      json.begin_object();
      json.member("name", summary.facts.vendor);
      if (!summary.facts.vendor_country.empty()) {
        json.key("address");
        json.begin_object();
        json.member("country", summary.facts.vendor_country);
        json.end_object();
      }
      json.end_object();
    }
    json.member("name", summary.facts.name);
    json.member_if("description", summary.review.purpose);
    std::set<std::string> endpoints;
    for (const inventory::AppEndpoint& each : app.endpoints)
      if (each.grade >= Grade::kSession && is_host_name(each.host))
        endpoints.insert((each.app_proto == "http" ? "http://" : "https://") + each.host);
    if (!endpoints.empty()) {
      json.key("endpoints");
      json.begin_array();
      for (const std::string& endpoint : endpoints) json.value(endpoint);
      json.end_array();
    }
    json.member("x-trust-boundary", true);
    json.key("data");
    json.begin_array();
    for (const DataFlow& flow : flows_of(app)) write_flow(json, flow, summary.review.owner);
    json.end_array();
    Properties properties{{"id", summary.facts.id},
                          {"category", summary.facts.category},
                          {"evidence", std::string{observation::to_string(summary.grade)}},
                          {"usage", joined(summary.usages, " ")},
                          {"decision", summary.review.status},
                          {"owner", summary.review.owner},
                          {"department", summary.review.department},
                          {"data-class-allowed", summary.review.data_class},
                          {"review-date", summary.review.review_date},
                          {"clients", number(summary.clients)},
                          {"clients-used", number(summary.clients_used)},
                          {"sessions", number(summary.counts.sessions)},
                          {"first-seen", rfc3339_text(summary.first_seen)},
                          {"last-seen", rfc3339_text(summary.last_seen)}};
    if (summary.rating) {
      properties.emplace_back("risk:score", std::to_string(summary.rating->score));
      properties.emplace_back("risk:level", std::string{to_string(summary.rating->level)});
      properties.emplace_back("risk:confidence", std::to_string(summary.rating->confidence));
    }
    for (const auto& [key, value] : summary.facts.attributes)
      properties.emplace_back("vendor:" + key, value);
    write_properties(json, properties);
    json.end_object();
  }

  void write_asset(JsonWriter& json, const Asset& asset) const {
    json.begin_object();
    json.member("bom-ref", reference("server", asset.server()));
    json.member("name", asset.product.empty() ? std::string{"self-hosted AI"} : asset.product);
    if (asset.versions.size() == 1) json.member("version", asset.versions.front());
    json.key("endpoints");
    json.begin_array();
    json.value((asset.tls == "yes" ? "https://" : "http://") + asset.server());
    json.end_array();
    if (asset.authenticated != "unknown") json.member("authenticated", asset.authenticated == "yes");
    json.member("x-trust-boundary", false);
    json.key("data");
    json.begin_array();
    DataFlow flow{true, "unknown", "asked",
                  count_of(asset.observations, "observation") + ", " +
                      count_of(asset.calls, "model call") + " of " +
                      count_of(asset.clients, "client"),
                  {}};
    for (const inventory::AssetClient& client : asset.by_client) flow.sources.insert(client.client);
    write_flow(json, flow, "");
    json.end_array();
    Properties properties{
        {"kind", asset.kind},
        {"self-hosted", "yes"},
        {"tls", asset.tls},
        {"clients", number(asset.clients)},
        {"exposures", joined(asset.exposures, " ")},
        {"products", joined(asset.product_names, " ")},
        {"versions", joined(asset.versions, asset.product_names.size() > 1 ? ", " : " ")},
        {"hosts", joined(asset.hosts, " ")},
        {"first-seen", rfc3339_text(asset.first_seen)},
        {"last-seen", rfc3339_text(asset.last_seen)}};
    if (asset.rating) {
      properties.emplace_back("risk:score", std::to_string(asset.rating->score));
      properties.emplace_back("risk:level", std::string{to_string(asset.rating->level)});
    }
    write_properties(json, properties);
    json.end_object();
  }

  // Only of services that are in the bill.
  void write_dependencies(JsonWriter& json) const {
    std::set<std::string> services;
    for (const AppDetail& app : apps_) services.insert(reference("app", app.summary.facts.id));
    for (const Asset& asset : assets_) services.insert(reference("server", asset.server()));
    json.key("dependencies");
    json.begin_array();
    for (const auto& [service, ids] : uses_) {
      if (!services.contains(service)) continue;
      json.begin_object();
      json.member("ref", service);
      json.key("dependsOn");
      json.begin_array();
      for (const std::string& id : ids) json.value(id);
      json.end_array();
      json.end_object();
    }
    json.end_array();
  }

  inventory::Inventory& inventory_;
  bool clients_;
  inventory::Totals totals_;
  observation::Coverage coverage_;
  std::vector<AppDetail> apps_;
  std::vector<Asset> assets_;
  std::map<std::string, Component> components_;
  std::map<std::string, std::set<std::string>> uses_;  // service to components
};

}  // namespace

Result<std::string> bill_of_materials(inventory::Inventory& inventory, bool clients) {
  return Bill{inventory, clients}.write();
}

}  // namespace gnomon::report
