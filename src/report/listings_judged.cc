#include "listing_parts.h"

// Lists of what wants a judgement, or is one: candidates, alerts, faults of the sensor's view.
namespace gnomon::report {

Listing list_candidates(std::span<const inventory::Candidate> candidates) {
  Listing list{
      "candidates",
      "Candidates",
      "candidate",
      "Hosts in no list that behave like AI. 'gnomon review HOST --candidate accept' makes "
      "one known, '--candidate dismiss' puts it away until its evidence changes.",
      "No unknown host behaves like AI.",
      {{"host", "Host", 0, 18},
       {"score", "Score"},
       {"status", "Status"},
       {"clients", "Clients", 2},
       {"reasons", "Reasons", 1, 24},
       {"new_evidence", "New evidence", 5, 12},
       {"app", "App", 6, 8, false},
       {"decided_by", "Decided by", 7, 0, false},
       {"decided_at", "", 0, 0, false},
       {"reason", "", 0, 0, false},
       {"fingerprint", "", 0, 0, false},
       {"observations", "", 0, 0, false},
       {"first_seen", "First seen", 4},
       {"last_seen", "Last seen", 3},
       {"known_as", "Known as", 8, 8, false}},
      {}};
  add_proof_columns(list);
  for (const auto& each : candidates) {
    auto& row = list.rows.emplace_back();
    row = {each.host,           Share{each.score}, each.status,      each.clients,
           Texts{each.reasons}, each.new_evidence, each.app,         each.decided_by,
           each.decided_at,     each.reason,       each.fingerprint, each.observations,
           each.first_seen,     each.last_seen,    each.known_as};
    add_proof(row, each.proof);
  }
  return list;
}

Listing list_alerts(std::span<const inventory::Alert> alerts) {
  Listing list{"alerts",
               "Alerts",
               "alert",
               "What departed from its own past, once for each app, client or server and day, with "
               "the numbers that decided it; and what was wrong with the sensor itself.",
               "Nothing departed from its past. Whatever is new or more than usual is told once "
               "there are enough days to compare with.",
               {{"time", "Time"},
                {"severity", "Severity"},
                {"kind", "Kind", 2},
                {"title", "What", 0, 20},
                {"explanation", "Why", 1, 30},
                {"app", "App", 5, 8, false},
                {"client", "Client", 4, 0, false},
                {"server", "Server", 3, 0, false},
                {"signature_id", "", 0, 0, false},
                {"run", "", 0, 0, false}},
               {}};
  for (const auto& each : alerts)
    list.rows.push_back({each.time, each.severity, each.kind, each.title, each.explanation,
                         each.app, each.client, each.server,
                         static_cast<std::uint64_t>(each.signature_id),
                         static_cast<std::uint64_t>(each.run)});
  return list;
}

Listing list_retro_uses(std::span<const inventory::RetroUse> uses) {
  Listing list{"retro",
               "Used before it was known",
               "earlier use",
               "Hosts that no app was known for when they were seen; a later update of the "
               "signatures knows them.",
               "No host that was unknown became known.",
               {{"app", "App", 0, 10},
                {"host", "Host", 0, 14},
                {"client", "Client"},
                {"used_since", "Used since"},
                {"last_seen", "Last seen", 2},
                {"known_since", "Known since", 1},
                {"sessions", "Sessions", 3},
                {"bytes_to_server", "Sent", 4},
                {"bytes_to_client", "Received", 5}},
               {}};
  add_proof_columns(list);
  for (const auto& each : uses) {
    auto& row = list.rows.emplace_back();
    row = {each.app,
           each.host,
           or_others(each.client),
           each.used_since,
           each.last_seen,
           each.known_since,
           each.sessions,
           ByteCount{each.bytes_to_server},
           ByteCount{each.bytes_to_client}};
    add_proof(row, each.proof);
  }
  return list;
}

Listing list_health(std::span<const inventory::HealthSummary> faults) {
  Listing list{"health",
               "Sensor health",
               "fault",
               "What was wrong with what the sensor was shown: loss, halves, cuts and what it could "
               "not open. Each takes something away from this inventory; mend the worst first.",
               "No fault was found in what the sensor was shown.",
               {{"check", "Check"},
                {"severity", "Severity"},
                {"evidence", "Evidence", 0, 24},
                {"meaning", "What it means", 1, 24},
                {"remedy", "What mends it", 2, 24},
                {"command", "Command", 6, 16},
                {"intervals", "Intervals", 5},
                {"runs", "Runs", 5},
                {"first_seen", "First seen", 4},
                {"last_seen", "Last seen", 3}},
               {}};
  for (const auto& each : faults)
    list.rows.push_back({each.check, std::string{observation::to_string(each.severity)},
                         each.evidence, each.meaning, each.remedy, each.command, each.intervals,
                         each.runs, each.first_seen, each.last_seen});
  return list;
}

Listing list_asset_clients(const inventory::Asset& asset) {
  Listing list{"clients",
               "Who talks to it",
               "client",
               "",
               "",
               {{"client", "Client"},
                {"name", "Name", 2, 8},
                {"network", "Network", 1},
                {"observations", "Seen"},
                {"first_seen", "First seen", 4},
                {"last_seen", "Last seen", 3}},
               {}};
  for (const auto& each : asset.by_client)
    list.rows.push_back({or_others(each.client), each.name, each.network, each.observations,
                         each.first_seen, each.last_seen});
  return list;
}

Listing list_asset_products(const inventory::Asset& asset) {
  Listing list{"products",
               "What it was taken for",
               "product",
               "",
               "",
               {{"product", "Product"},
                {"kind", "Kind", 2},
                {"version", "Version", 1},
                {"host", "Asked for as", 3, 10},
                {"observations", "Seen"},
                {"reasons", "Why", 1, 24}},
               {}};
  add_proof_columns(list);
  for (const auto& each : asset.products) {
    auto& row = list.rows.emplace_back();
    row = {each.product, each.kind,         each.version,
           each.host,    each.observations, split(each.reasons)};
    add_proof(row, each.proof);
  }
  return list;
}

}  // namespace gnomon::report
