#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "database.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/inventory/policy.h"

// What policy rules look at, as it is read from finished runs.
namespace gnomon::inventory {

struct UseByClient {
  std::set<std::string> usages;
  std::set<std::string> kinds;
  Grade grade = Grade::kNone;
  Time first_seen = Time::max();
};
struct ClientDay {
  std::string client;
  Time start;  // of its first hour with traffic
  std::uint64_t sessions = 0, upload_events = 0, upload_bytes = 0, bytes_to_server = 0,
                bytes_to_client = 0;
};
struct SightingRow {
  std::string client;
  Grade grade = Grade::kNone;
  Time first, last;
  AlertEvidence evidence;
};
struct AppUses {
  std::map<std::string, UseByClient> clients;
  std::vector<ClientDay> days;
  std::vector<SightingRow> sightings;  // best grade, then earliest first
};
// Of runs that overlap the time; `day_offset`: where a day begins, from midnight UTC.
Result<AppUses> read_uses(Database& database, const std::string& app, Time from, Time until,
                          std::chrono::nanoseconds day_offset);

struct FindingRow {
  std::string app, client, host, category, detector, severity, confidence;
  bool to_server = true;
  bool is_file = false;
  std::uint64_t count = 0;
  AlertEvidence evidence;
};
Result<std::vector<FindingRow>> read_finding_rows(Database& database, Time from, Time until);

// Hosts that are AI though no known app's, each in words: "the self-hosted AI server gpu1.example (ollama)".
Result<std::unordered_map<std::string, std::string>> read_ai_hosts(Database& database);

struct ArtifactRow {
  std::string app, client, kind, format, repository, file;
  bool unsafe_format = false;
  std::uint64_t bytes = 0;
  AlertEvidence evidence;
};
Result<std::vector<ArtifactRow>> read_artifact_rows(Database& database, Time from, Time until);

struct AssetRow {
  std::string server, product, kind, authenticated;
  std::set<std::string> exposures;
  std::uint64_t clients = 0;
  Time first_seen;
  AlertEvidence evidence;
};
Result<std::vector<AssetRow>> read_asset_rows(Database& database, Time from, Time until);

// Without those that were decided on, or are known by now. A host has one for each run that told of
// it and, as `joined`, one for each client that came to it later; their evidence's time says when.
struct CandidateRow {
  std::string host;
  double score = 0;
  std::uint64_t clients = 0;  // by then
  bool joined = false;
  Time first_seen;
  AlertEvidence evidence;
};
Result<std::vector<CandidateRow>> read_candidate_rows(Database& database, Time from, Time until);

Result<std::unordered_map<std::string, std::string>> read_memberships(Database& database);

}  // namespace gnomon::inventory
