#include "gnomon/report/block_list.h"
#include "gnomon/report/json_writer.h"
#include "gnomon/report/numbers.h"

namespace gnomon::report {
namespace {

void write_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name);
  json.begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_collateral(JsonWriter& json, const Collateral& seen, bool clients) {
  json.key("seen");
  json.begin_object();
  json.member("clients", seen.clients);
  json.member("sessions", seen.sessions);
  json.member("lookups", seen.lookups);
  if (is_known(seen.last_seen)) json.member("last_seen", rfc3339_text(seen.last_seen));
  if (clients) write_list(json, "client_addresses", seen.client_addresses);
  json.end_object();
  json.key("also_hits");
  json.begin_object();
  write_list(json, "apps", seen.other_apps);
  write_list(json, "hosts", seen.other_hosts);
  json.member("clients", seen.other_clients);
  if (clients) write_list(json, "client_addresses", seen.other_client_addresses);
  json.end_object();
}

}  // namespace

std::string explain_block_list(const BlockList& list, const BlockStyle& style) {
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  json.member("version", 1);
  if (is_known(list.as_of)) json.member("as_of", rfc3339_text(list.as_of));
  json.member("selection", list.selection);
  json.member_if("clients", list.clients);
  write_list(json, "apps", list.apps);
  json.key("entries");
  json.begin_array();
  for (const BlockEntry& entry : list.entries) {
    json.begin_object();
    json.member("name", entry.name);
    json.member("itself", entry.itself);
    json.member("below", entry.below);
    write_list(json, "apps", entry.apps);
    write_list(json, "roles", entry.roles);
    json.member("risk", static_cast<std::int64_t>(entry.risk));
    json.member_if("note", entry.note);
    write_list(json, "hosts", entry.hosts);
    write_collateral(json, entry.seen, style.clients);
    json.end_object();
  }
  json.end_array();
  json.key("addresses");
  json.begin_array();
  for (const BlockAddress& entry : list.addresses) {
    json.begin_object();
    json.member("address", entry.address);
    write_list(json, "apps", entry.apps);
    write_list(json, "hosts", entry.hosts);
    write_collateral(json, entry.seen, style.clients);
    json.end_object();
  }
  json.end_array();
  json.key("refused");
  json.begin_array();
  for (const Refusal& refusal : list.refused) {
    json.begin_object();
    json.member("what", refusal.what);
    json.member_if("app", refusal.app);
    json.member("why", refusal.why);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  out += "\n";
  return out;
}

}  // namespace gnomon::report
