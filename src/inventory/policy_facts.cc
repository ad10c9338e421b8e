#include "policy_facts.h"

#include <algorithm>

#include "exposures.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

// A run is of the time when one of its packets may be.
constexpr std::string_view kRunsOf =
    "(SELECT id FROM capture_run WHERE state = 'finished' AND last_packet_ns >= ?2 AND "
    "first_packet_ns <= ?3)";

AlertEvidence evidence_of(const Statement& row, int from, std::string_view source,
                          std::string record) {
  AlertEvidence evidence;
  evidence.source = source;
  evidence.record = std::move(record);
  evidence.flow_id = row.number(from);
  evidence.file = row.text(from + 1);
  evidence.frame = row.number(from + 2);
  evidence.time = row.time(from + 3);
  return evidence;
}

std::int64_t hour_of(Time time) {
  return std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count();
}

}  // namespace

Result<AppUses> read_uses(Database& database, const std::string& app, Time from, Time until,
                          std::chrono::nanoseconds day_offset) {
  AppUses uses;
  const std::int64_t first_hour = hour_of(from);
  const std::int64_t last_hour = hour_of(until);
  {
    // Most apps of a large inventory were not used at the time.
    auto any = database.prepare(
        "SELECT 1 FROM app_hour_total WHERE app = ? AND hour BETWEEN ? AND ? LIMIT 1");
    if (!any) return any.error();
    any->bind_all(app, first_hour, last_hour);
    const bool found = any->step();
    if (!any->ok()) return database.error();
    if (!found) return uses;
  }
  auto hours = database.prepare(
      "SELECT h.client, h.hour, sum(h.sessions), sum(h.upload_events), sum(h.upload_bytes), "
      "sum(h.bytes_to_server), sum(h.bytes_to_client) FROM app_hour h WHERE h.app = ?1 AND "
      "h.run IN " +
      std::string{kRunsOf} +
      " AND h.hour BETWEEN ?4 AND ?5 GROUP BY h.client, h.hour ORDER BY h.client, h.hour");
  if (!hours) return hours.error();
  hours->bind_all(app, from, until, first_hour, last_hour);
  std::int64_t day_before = 0;
  while (hours->step()) {
    const std::string client = hours->text(0);
    const Time start{std::chrono::hours{hours->integer(1)}};
    const std::int64_t day =
        std::chrono::floor<std::chrono::days>(start - day_offset).time_since_epoch().count();
    if (uses.days.empty() || uses.days.back().client != client || day != day_before) {
      ClientDay& next = uses.days.emplace_back();
      next.client = client;
      next.start = start;
    }
    day_before = day;
    ClientDay& sums = uses.days.back();
    sums.sessions += hours->number(2);
    sums.upload_events += hours->number(3);
    sums.upload_bytes += hours->number(4);
    sums.bytes_to_server += hours->number(5);
    sums.bytes_to_client += hours->number(6);
  }
  if (!hours->ok()) return database.error();
  for (const ClientDay& day : uses.days) uses.clients.try_emplace(day.client);

  auto rows = database.prepare(
      "SELECT s.client, s.grade, s.first_seen_ns, s.last_seen_ns, s.usage, s.client_kind, s.host, "
      "s.proof_flow_id, s.proof_file, s.proof_frame, s.proof_time_ns FROM sighting s WHERE "
      "s.app = ?1 AND s.run IN " +
      std::string{kRunsOf} +
      " ORDER BY s.grade DESC, s.proof_time_ns, s.proof_number, s.client, s.host, s.usage");
  if (!rows) return rows.error();
  rows->bind_all(app, from, until);
  while (rows->step()) {
    const std::string client = rows->text(0);
    const auto known = uses.clients.find(client);
    if (known == uses.clients.end()) continue;
    SightingRow& row = uses.sightings.emplace_back();
    row.client = client;
    row.grade = grade_of(rows->integer(1));
    row.first = rows->time(2);
    row.last = rows->time(3);
    const std::string usage = rows->text(4);
    row.evidence = evidence_of(*rows, 7, "sighting",
                               "app=" + app + " client=" + client + " host=" + rows->text(6) +
                                   (usage.empty() ? "" : " usage=" + usage));
    UseByClient& use = known->second;
    if (!usage.empty()) use.usages.insert(usage);
    if (const std::string kind = rows->text(5); !kind.empty()) use.kinds.insert(kind);
    use.grade = std::max(use.grade, row.grade);
  }
  if (!rows->ok()) return database.error();
  // Since when, whatever the run.
  auto first = database.prepare(
      "SELECT client, min(first_seen_ns) FROM v_sightings WHERE app = ? GROUP BY client");
  if (!first) return first.error();
  first->bind(1, app);
  while (first->step())
    if (const auto known = uses.clients.find(first->text(0)); known != uses.clients.end())
      known->second.first_seen = first->time(1);
  if (!first->ok()) return database.error();
  for (const ClientDay& day : uses.days) {
    UseByClient& use = uses.clients.at(day.client);
    if (use.first_seen == Time::max()) use.first_seen = day.start;
  }
  return uses;
}

Result<std::vector<FindingRow>> read_finding_rows(Database& database, Time from, Time until) {
  auto query = database.prepare(
      "SELECT t.app, t.client, t.category, t.detector, t.severity, t.confidence, t.to_server, "
      "t.file_name <> '', t.count, t.host, t.proof_flow_id, t.proof_file, t.proof_frame, "
      "t.first_seen_ns FROM finding t JOIN capture_run r ON r.id = t.run AND r.state = 'finished' "
      "WHERE t.first_seen_ns BETWEEN ? AND ? ORDER BY t.first_seen_ns, t.app, t.client, "
      "t.detector, t.value_hash, t.host, t.file_name");
  if (!query) return query.error();
  query->bind_all(from, until);
  std::vector<FindingRow> rows;
  while (query->step()) {
    FindingRow& row = rows.emplace_back();
    row.app = query->text(0);
    row.client = query->text(1);
    row.category = query->text(2);
    row.detector = query->text(3);
    row.severity = query->text(4);
    row.confidence = query->text(5);
    row.to_server = query->integer(6) != 0;
    row.is_file = query->integer(7) != 0;
    row.count = query->number(8);
    row.host = query->text(9);
    row.evidence = evidence_of(*query, 10, "finding",
                               "app=" + row.app + " client=" + row.client + " host=" + row.host +
                                   " detector=" + row.detector);
  }
  if (!query->ok()) return database.error();
  return rows;
}

Result<std::unordered_map<std::string, std::string>> read_ai_hosts(Database& database) {
  std::unordered_map<std::string, std::string> hosts;
  // The surest word stands: a server that was recognised, then what was said to a host, then what
  // a host behaves like. Of several products the one whose name comes first.
  auto query = database.prepare(
      "SELECT rank, host, product FROM (SELECT 1 AS rank, t.host AS host, t.product AS product "
      "FROM asset t JOIN capture_run r ON r.id = t.run AND r.state = "
      "'finished' WHERE t.host <> '' UNION "
      "SELECT 1, t.address, t.product FROM asset t JOIN capture_run r ON r.id = t.run AND r.state "
      "= 'finished' WHERE t.host IN ('', t.address) UNION "
      "SELECT 2, t.host, '' FROM model_call t JOIN capture_run r ON r.id = t.run AND r.state = "
      "'finished' WHERE t.app = '' AND t.host <> '' UNION "
      "SELECT 3, t.host, '' FROM candidate t JOIN capture_run r ON r.id = t.run AND r.state = "
      "'finished' WHERE t.host NOT IN (SELECT host FROM candidate_review WHERE status = "
      "'dismissed')) ORDER BY rank, host, product = '' OR product LIKE '%-compatible', product");
  if (!query) return query.error();
  while (query->step()) {
    const std::string host = query->text(1);
    const std::string product = query->text(2);
    std::string words;
    switch (query->integer(0)) {
      case 1:
        words = "the self-hosted AI server " + host + (product.empty() ? "" : " (" + product + ")");
        break;
      case 2:
        words = "the model API at " + host;
        break;
      default:
        words = "the likely AI " + host;
    }
    hosts.try_emplace(host, std::move(words));
  }
  if (!query->ok()) return database.error();
  return hosts;
}

Result<std::vector<ArtifactRow>> read_artifact_rows(Database& database, Time from, Time until) {
  auto query = database.prepare(
      "SELECT t.app, t.client, t.kind, t.format, t.repository, t.file, t.unsafe, t.bytes, t.host, "
      "t.proof_flow_id, t.proof_file, t.proof_frame, t.first_seen_ns FROM artifact t "
      "JOIN capture_run r ON r.id = t.run AND r.state = 'finished' WHERE t.first_seen_ns BETWEEN ? "
      "AND ? ORDER BY t.first_seen_ns, t.app, t.client, t.repository, t.file");
  if (!query) return query.error();
  query->bind_all(from, until);
  std::vector<ArtifactRow> rows;
  while (query->step()) {
    ArtifactRow& row = rows.emplace_back();
    row.app = query->text(0);
    row.client = query->text(1);
    row.kind = query->text(2);
    row.format = query->text(3);
    row.repository = query->text(4);
    row.file = query->text(5);
    row.unsafe_format = query->integer(6) != 0;
    row.bytes = query->number(7);
    row.evidence =
        evidence_of(*query, 9, "artifact",
                    "app=" + row.app + " client=" + row.client + " host=" + query->text(8) +
                        " repository=" + row.repository + " file=" + row.file);
  }
  if (!query->ok()) return database.error();
  return rows;
}

Result<std::vector<AssetRow>> read_asset_rows(Database& database, Time from, Time until) {
  auto exposures = read_exposures(database);
  if (!exposures) return exposures.error();
  // A sensor tells of a server again, with the time when it first saw it, whenever something is
  // new.
  auto query = database.prepare(
      "SELECT t.address, t.port, t.product, t.kind, v.authenticated, v.clients, v.first_seen_ns, "
      "t.proof_flow_id, t.proof_file, t.proof_frame, max(t.first_seen_ns, r.first_packet_ns) AS "
      "told "
      "FROM asset t JOIN capture_run r ON r.id = t.run AND r.state = 'finished' JOIN v_assets v ON "
      "v.address = t.address AND v.port = t.port WHERE told BETWEEN ? AND ? "
      "ORDER BY told, t.address, t.port, t.product IN ('', 'openai-compatible'), t.product");
  if (!query) return query.error();
  query->bind_all(from, until);
  std::vector<AssetRow> rows;
  while (query->step()) {
    AssetRow& row = rows.emplace_back();
    const ServerKey server{query->text(0), static_cast<std::uint16_t>(query->integer(1))};
    row.server = server_text(server.first, server.second);
    row.product = query->text(2);
    row.kind = query->text(3);
    row.authenticated = query->text(4);
    row.clients = query->number(5);
    row.first_seen = query->time(6);
    const std::vector<std::string>& exposed = (*exposures)[server];
    row.exposures = {exposed.begin(), exposed.end()};
    row.evidence =
        evidence_of(*query, 7, "asset", "server=" + row.server + " product=" + row.product);
  }
  if (!query->ok()) return database.error();
  return rows;
}

Result<std::vector<CandidateRow>> read_candidate_rows(Database& database, Time from, Time until) {
  auto clients = database.prepare(
      "SELECT host, first_seen_ns FROM v_candidate_clients ORDER BY first_seen_ns");
  if (!clients) return clients.error();
  std::unordered_map<std::string, std::vector<Time>> came;  // sorted
  while (clients->step()) came[clients->text(0)].push_back(clients->time(1));
  if (!clients->ok()) return database.error();

  auto query = database.prepare(
      "SELECT t.host, v.best_score, v.first_seen_ns, t.proof_flow_id, t.proof_file, t.proof_frame, "
      "t.first_seen_ns FROM candidate t JOIN capture_run r ON r.id = t.run AND "
      "r.state = 'finished' JOIN v_candidates v ON v.host = t.host WHERE t.first_seen_ns <= ? "
      "AND v.status = 'new' AND t.host NOT IN (SELECT host FROM retro_match) AND t.host NOT IN "
      "(SELECT CASE a.host WHEN '' THEN a.address ELSE a.host END FROM asset a "
      "JOIN capture_run k ON k.id = a.run AND k.state = 'finished') "
      "ORDER BY t.first_seen_ns, t.host");
  if (!query) return query.error();
  query->bind_all(until);
  std::vector<CandidateRow> rows;
  const auto add = [&](const CandidateRow& row) {
    if (row.evidence.time >= from && row.evidence.time <= until) rows.push_back(row);
  };
  while (query->step()) {
    CandidateRow row;
    row.host = query->text(0);
    row.score = query->real(1);
    row.first_seen = query->time(2);
    row.evidence = evidence_of(*query, 3, "candidate", "host=" + row.host);
    const std::vector<Time>& times = came[row.host];
    const auto later = std::upper_bound(times.begin(), times.end(), row.evidence.time);
    row.clients = static_cast<std::uint64_t>(later - times.begin());
    add(row);
    row.joined = true;
    for (auto at = later; at != times.end(); ++at) {
      ++row.clients;
      row.evidence.time = *at;
      add(row);
    }
  }
  if (!query->ok()) return database.error();
  return rows;
}

Result<std::unordered_map<std::string, std::string>> read_memberships(Database& database) {
  auto query = database.prepare("SELECT client, client_group FROM client_membership");
  if (!query) return query.error();
  std::unordered_map<std::string, std::string> groups;
  while (query->step()) groups.emplace(query->text(0), query->text(1));
  if (!query->ok()) return database.error();
  return groups;
}

}  // namespace gnomon::inventory
