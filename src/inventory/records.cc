#include "records.h"

#include <algorithm>

#include "gnomon/inventory/inventory.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

// SQL that reads in order, one row a value.
template <class Value, class Read>
Result<std::vector<Value>> read_all(Database& database, std::string_view sql, Read read) {
  auto query = database.prepare(sql);
  if (!query) return query.error();
  std::vector<Value> values;
  while (query->step()) read(*query, values.emplace_back());
  if (!query->ok()) return database.error();
  return values;
}

// Columns of a row in the order in which they are asked for.
class Columns {
 public:
  explicit Columns(const Statement& row) : row_(row) {}
  std::string text() { return row_.text(at_++); }
  std::uint64_t number() { return row_.number(at_++); }
  Time time() { return row_.time(at_++); }
  ProofPlace proof() {
    ProofPlace place;
    place.flow_id = number();
    place.file = text();
    place.frame = number();
    return place;
  }

 private:
  const Statement& row_;
  int at_ = 0;
};

}  // namespace

int severity_rank(std::string_view severity) {
  constexpr std::string_view kRanks[] = {"", "low", "medium", "high", "critical"};
  for (int i = 0; i < 5; ++i)
    if (kRanks[i] == severity) return i;
  return 0;
}

Result<std::vector<FindingSummary>> read_findings(Database& database) {
  auto findings = read_all<FindingSummary>(
      database,
      "SELECT app, client, host, direction, detector, category, severity, confidence, count, "
      "unique_count, bodies, partial_bodies, lossy_bodies, sample, value_hash, reference_ids, "
      "reasons, file_name, file_type, first_seen_ns, last_seen_ns, flow_id, file, frame FROM "
      "v_findings "
      "ORDER BY app, client, host, direction, detector, category, "
      "severity, confidence",
      [](const Statement& row, FindingSummary& each) {
        Columns in{row};
        for (std::string* field :
             {&each.app, &each.client, &each.host, &each.direction, &each.detector, &each.category,
              &each.severity, &each.confidence})
          *field = in.text();
        for (std::uint64_t* field : {&each.count, &each.unique_count, &each.bodies,
                                     &each.partial_bodies, &each.lossy_bodies})
          *field = in.number();
        for (std::string* field : {&each.sample, &each.value_hash, &each.references, &each.reasons,
                                   &each.file_name, &each.file_type})
          *field = in.text();
        each.first_seen = in.time();
        each.last_seen = in.time();
        each.proof = in.proof();
      });
  if (!findings) return findings;
  std::stable_sort(findings->begin(), findings->end(),
                   [](const FindingSummary& a, const FindingSummary& b) {
                     if (a.confidence != b.confidence) return a.confidence == "high";
                     const int rank_a = severity_rank(a.severity);
                     const int rank_b = severity_rank(b.severity);
                     if (rank_a != rank_b) return rank_a > rank_b;
                     return a.count > b.count;
                   });
  return findings;
}

Result<std::vector<FileSummary>> read_files(Database& database) {
  return read_all<FileSummary>(
      database,
      "SELECT app, client, host, direction, file_name, file_type, declared_type, sha256, "
      "not_opened, times, bytes, gap_bytes, complete, truncated, first_seen_ns, last_seen_ns, "
      "flow_id, file, frame FROM v_files "
      "ORDER BY bytes DESC, app, client, host, direction, file_name, file_type, declared_type, "
      "sha256, not_opened",
      [](const Statement& row, FileSummary& each) {
        Columns in{row};
        for (std::string* field :
             {&each.app, &each.client, &each.host, &each.direction, &each.file_name,
              &each.file_type, &each.declared_type, &each.sha256, &each.not_opened})
          *field = in.text();
        for (std::uint64_t* field :
             {&each.times, &each.bytes, &each.gap_bytes, &each.complete, &each.truncated})
          *field = in.number();
        each.first_seen = in.time();
        each.last_seen = in.time();
        each.proof = in.proof();
      });
}

Result<std::vector<ModelUse>> read_model_uses(Database& database) {
  return read_all<ModelUse>(
      database,
      "SELECT app, client, host, server, family, operation, model_requested, model_returned, "
      "tenant, calls, tokens_in, tokens_out, streamed, authenticated, user_agent, first_seen_ns, "
      "last_seen_ns, flow_id, file, frame FROM v_model_calls "
      "ORDER BY calls DESC, app, client, host, server, family, operation, model_requested, "
      "model_returned, tenant",
      [](const Statement& row, ModelUse& each) {
        Columns in{row};
        for (std::string* field :
             {&each.app, &each.client, &each.host, &each.server, &each.family, &each.operation,
              &each.model_requested, &each.model_returned, &each.tenant})
          *field = in.text();
        for (std::uint64_t* field :
             {&each.calls, &each.tokens_in, &each.tokens_out, &each.streamed, &each.authenticated})
          *field = in.number();
        each.user_agent = in.text();
        each.first_seen = in.time();
        each.last_seen = in.time();
        each.proof = in.proof();
      });
}

Result<std::vector<ToolUse>> read_tools(Database& database) {
  return read_all<ToolUse>(
      database,
      "SELECT app, client, server, family, tool, offered, called, first_seen_ns, last_seen_ns "
      "FROM v_tools "
      "ORDER BY called DESC, offered DESC, server, tool, client, family, app",
      [](const Statement& row, ToolUse& each) {
        Columns in{row};
        for (std::string* field : {&each.app, &each.client, &each.server, &each.family, &each.tool})
          *field = in.text();
        each.offered = in.number();
        each.called = in.number();
        each.first_seen = in.time();
        each.last_seen = in.time();
      });
}

Result<std::vector<ArtifactSummary>> read_artifacts(Database& database) {
  return read_all<ArtifactSummary>(
      database,
      "SELECT app, client, host, kind, repository, file_name, revision, format, unsafe_format, "
      "fetched_from, times, bytes, first_seen_ns, last_seen_ns, flow_id, file, frame FROM "
      "v_artifacts "
      "ORDER BY unsafe_format DESC, bytes DESC, repository, file_name, "
      "revision, kind, format, app, client, host",
      [](const Statement& row, ArtifactSummary& each) {
        Columns in{row};
        for (std::string* field : {&each.app, &each.client, &each.host, &each.kind,
                                   &each.repository, &each.file, &each.revision, &each.format})
          *field = in.text();
        each.unsafe_format = in.number() != 0;
        each.fetched_from = in.text();
        each.times = in.number();
        each.bytes = in.number();
        each.first_seen = in.time();
        each.last_seen = in.time();
        each.proof = in.proof();
      });
}

Result<std::vector<RetroUse>> read_retro_uses(Database& database) {
  return read_all<RetroUse>(
      database,
      "SELECT s.app, s.host, s.client, sum(s.sessions), sum(s.bytes_to_server), "
      "sum(s.bytes_to_client), min(s.first_seen_ns), max(s.last_seen_ns), "
      "coalesce(max(m.matched_at_ns), 0), s.proof_flow_id, s.proof_file, s.proof_frame "
      "FROM v_sightings s LEFT JOIN retro_match m ON m.host = s.host AND m.app = s.app "
      "WHERE s.retro = 1 GROUP BY s.app, s.host, s.client "
      "ORDER BY s.app, min(s.first_seen_ns), s.host, s.client",
      [](const Statement& row, RetroUse& each) {
        Columns in{row};
        each.app = in.text();
        each.host = in.text();
        each.client = in.text();
        each.sessions = in.number();
        each.bytes_to_server = in.number();
        each.bytes_to_client = in.number();
        each.used_since = in.time();
        each.last_seen = in.time();
        each.known_since = in.time();
        each.proof = in.proof();
      });
}

}  // namespace gnomon::inventory
