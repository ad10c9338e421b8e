#include <algorithm>
#include <map>
#include <set>

#include "database.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/sha256.h"
#include "gnomon/inventory/candidate_review.h"
#include "records.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

// A dismissed candidate whose score rose by so much is looked at again.
constexpr double kScoreRise = 0.1;
constexpr double kMillionths = 1e6;
constexpr std::size_t kFingerprintDigits = 16;

struct Decision {
  std::string status, evidence, app, reason, decided_by;
  double score = 0;
  Time decided_at;
};

// A reason without what it measured: every number as '#'.
std::string kind_of(std::string_view reason) {
  std::string kind;
  bool in_number = false;
  for (std::size_t i = 0; i < reason.size(); ++i) {
    const char c = reason[i];
    const bool digit = is_digit(c);
    const bool within =
        in_number && (c == '.' || c == ',') && i + 1 < reason.size() && is_digit(reason[i + 1]);
    if (digit || within) {
      if (!in_number) kind += '#';
      in_number = true;
      continue;
    }
    in_number = false;
    kind += c == '\n' ? ' ' : c;
  }
  return kind;
}

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.insert(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

Result<std::map<std::string, Decision>> read_decisions(Database& database) {
  auto query = database.prepare(
      "SELECT host, status, evidence, score, app, reason, decided_by, decided_at_ns "
      "FROM candidate_review");
  if (!query) return query.error();
  std::map<std::string, Decision> decisions;
  while (query->step()) {
    Decision& each = decisions[query->text(0)];
    each.status = query->text(1);
    each.evidence = query->text(2);
    each.score = static_cast<double>(query->integer(3)) / kMillionths;
    each.app = query->text(4);
    each.reason = query->text(5);
    each.decided_by = query->text(6);
    each.decided_at = query->time(7);
  }
  if (!query->ok()) return database.error();
  return decisions;
}

// Names and addresses at which a self-hosted server was recognised, each with what it is there.
Result<std::map<std::string, std::string>> read_self_hosted(Database& database) {
  auto query = database.prepare(
      "SELECT t.host, t.address, t.port, t.product FROM asset t JOIN capture_run r ON r.id = t.run "
      "AND r.state = 'finished' ORDER BY t.product = '' OR t.product LIKE '%-compatible', "
      "t.product, "
      "t.address, t.port");
  if (!query) return query.error();
  std::map<std::string, std::string> hosts;
  while (query->step()) {
    const std::string product = query->text(3);
    const std::string address = query->text(1);
    const std::string words = "self-hosted" + (product.empty() ? "" : ": " + product) + " at " +
                              server_text(address, static_cast<std::uint16_t>(query->integer(2)));
    // A server with a name is asked for by it; its address may be of several.
    hosts.try_emplace(query->text(0).empty() ? address : query->text(0), words);
  }
  if (!query->ok()) return database.error();
  return hosts;
}

// What is there now and was not when it was decided; empty when the decision holds.
std::string new_evidence(const Candidate& candidate, const Decision& decision) {
  const std::set<std::string> known = lines_of(decision.evidence);
  std::string news;
  for (const std::string& reason : candidate.reasons) {
    if (known.contains(kind_of(reason))) continue;
    news += (news.empty() ? "" : "; ") + reason;
  }
  if (news.empty() && candidate.score >= decision.score + kScoreRise) {
    const auto percent = [](double score) {
      return std::to_string(static_cast<int>(score * 100 + 0.5)) + " %";
    };
    news = "its score rose from " + percent(decision.score) + " to " + percent(candidate.score);
  }
  return news;
}

}  // namespace

std::string evidence_of(const std::vector<std::string>& reasons) {
  std::set<std::string> kinds;
  for (const std::string& reason : reasons) kinds.insert(kind_of(reason));
  std::string evidence;
  for (const std::string& kind : kinds) evidence += kind + "\n";
  return evidence;
}

std::string fingerprint_of(std::string_view evidence) {
  Sha256 hash;
  hash.start();
  hash.add(Bytes{reinterpret_cast<const std::uint8_t*>(evidence.data()), evidence.size()});
  const auto digits = to_hex(hash.finish());
  return {digits.begin(), digits.begin() + kFingerprintDigits};
}

Result<std::vector<Candidate>> read_candidates(Database& database) {
  auto decisions = read_decisions(database);
  if (!decisions) return decisions.error();
  std::map<std::string, std::string> known;  // hosts a later catalogue has
  {
    auto query = database.prepare("SELECT host, app FROM retro_match");
    if (!query) return query.error();
    while (query->step()) known.emplace(query->text(0), query->text(1));
    if (!query->ok()) return database.error();
  }
  auto self_hosted = read_self_hosted(database);
  if (!self_hosted) return self_hosted.error();
  std::map<std::string, std::vector<std::string>> reasons;
  {
    auto query = database.prepare(
        "SELECT DISTINCT t.host, t.reason FROM candidate_reason t JOIN capture_run r "
        "ON r.id = t.run AND r.state = 'finished' ORDER BY 1, 2");
    if (!query) return query.error();
    while (query->step()) reasons[query->text(0)].push_back(query->text(1));
    if (!query->ok()) return database.error();
  }
  auto query = database.prepare(
      "SELECT host, best_score, clients, observations, first_seen_ns, last_seen_ns, flow_id, file, "
      "frame FROM v_candidates ORDER BY best_score DESC, host");
  if (!query) return query.error();
  std::vector<Candidate> candidates;
  while (query->step()) {
    Candidate& each = candidates.emplace_back();
    each.host = query->text(0);
    each.score = query->real(1);
    each.clients = query->number(2);
    each.observations = query->number(3);
    each.first_seen = query->time(4);
    each.last_seen = query->time(5);
    each.proof = {query->number(6), query->text(7), query->number(8)};
    each.reasons = reasons[each.host];
    each.fingerprint = fingerprint_of(evidence_of(each.reasons));
    each.status = "new";
    if (const auto at = known.find(each.host); at != known.end()) {
      each.status = "known";
      each.app = at->second;
    }
    // A decision stands for those who took it; where none is due, none is asked for.
    const auto settle = [&] {
      const auto at = self_hosted->find(each.host);
      if (each.status != "new" || at == self_hosted->end()) return;
      each.status = "known";
      each.known_as = at->second;
    };
    const auto decision = decisions->find(each.host);
    if (decision == decisions->end()) {
      settle();
      continue;
    }
    each.decided_by = decision->second.decided_by;
    each.decided_at = decision->second.decided_at;
    each.reason = decision->second.reason;
    if (each.status == "known") continue;
    each.app = decision->second.app;
    each.status = decision->second.status;
    if (each.status == "dismissed") {
      each.new_evidence = new_evidence(each, decision->second);
      if (!each.new_evidence.empty()) each.status = "new";
    }
    settle();
  }
  if (!query->ok()) return database.error();
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) {
                     return a.status == "new" && b.status != "new";
                   });
  return candidates;
}

Result<std::monostate> decide_candidate(const std::filesystem::path& path,
                                        const CandidateDecision& decision, std::string_view actor,
                                        Time at) {
  if (decision.status != "new" && decision.status != "accepted" && decision.status != "dismissed")
    return Error{"'" + decision.status + "' is no decision; it is one of new, accepted, dismissed"};
  auto database = Database::open(path, Access::kEdit);
  if (!database) return database.error();
  Transaction transaction{*database};
  if (transaction.error()) return *transaction.error();
  auto candidates = read_candidates(*database);
  if (!candidates) return candidates.error();
  const auto candidate =
      std::find_if(candidates->begin(), candidates->end(),
                   [&](const Candidate& each) { return each.host == decision.host; });
  if (candidate == candidates->end())
    return Error{"the inventory holds no candidate '" + decision.host + "'"};

  const std::string evidence = evidence_of(candidate->reasons);
  const std::string fingerprint = fingerprint_of(evidence);
  auto store =
      database->prepare("INSERT OR REPLACE INTO candidate_review VALUES (?,?,?,?,?,?,?,?,?)");
  if (!store) return store.error();
  store->bind_all(decision.host, decision.status, fingerprint, evidence,
                  static_cast<std::int64_t>(candidate->score * kMillionths + 0.5), decision.app,
                  decision.reason, actor, at);
  if (!store->run()) return database->error();
  auto audit = database->prepare(
      "INSERT INTO audit (at_ns, actor, action, subject, field, value_before, value_after) "
      "VALUES (?, ?, 'candidate', ?, ?, ?, ?)");
  if (!audit) return audit.error();
  const auto append = [&](std::string_view field, const std::string& was, const std::string& is) {
    return was == is || audit->bind_all(at, actor, decision.host, field, was, is).run();
  };
  if (!append("status", candidate->status, decision.status) ||
      !append("app", candidate->app, decision.app) ||
      !append("reason", candidate->reason, decision.reason))
    return database->error();
  if (auto failed = transaction.commit()) return *failed;
  return std::monostate{};
}

}  // namespace gnomon::inventory
