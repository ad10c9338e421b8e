#include "policy_judge.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "gnomon/observation/coverage.h"
#include "policy_facts.h"
#include "policy_subject.h"
#include "usages.h"

namespace gnomon::inventory {
namespace {

using observation::grouped;

constexpr std::uint32_t kSignatureBase = 9'300'000;
constexpr std::size_t kEvidenceMax = 10;
const std::string kNoHost;

// "secret" also takes "secret.cloud".
bool lets_below(const std::vector<std::string>& wanted, std::string_view category) {
  return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const std::string& each) {
           return category == each ||
                  (category.starts_with(each) && category.size() > each.size() &&
                   category[each.size()] == '.');
         });
}
int severity_rank(std::string_view word) {
  constexpr std::string_view kRanks[] = {"low", "medium", "high", "critical"};
  const auto* at = std::find(std::begin(kRanks), std::end(kRanks), word);
  return at == std::end(kRanks) ? -1 : static_cast<int>(at - std::begin(kRanks));
}
bool enough(const std::optional<std::uint64_t>& wanted, std::uint64_t number) {
  return !wanted || number >= *wanted;
}

class Judge {
 public:
  Judge(Database& database, std::span<const PolicyRule* const> rules, Time first, Time last,
        const std::set<std::string>* only)
      : database_(database),
        rules_(rules),
        first_(first),
        last_(last),
        only_(only),
        subjects_(database) {}

  std::optional<Error> judge() {
    if (auto failed = subjects_.load()) return failed;
    const auto asked = [&](auto... subjects) {
      return std::any_of(rules_.begin(), rules_.end(), [&](const PolicyRule* rule) {
        return ((rule->subject == subjects) || ...);
      });
    };
    if (asked(RuleSubject::kApp, RuleSubject::kClient))
      for (const AppSummary& app : subjects_.apps())
        if (only_ == nullptr || only_->contains(app.facts.id))
          if (auto failed = judge_app(app)) return failed;
    if (asked(RuleSubject::kFinding))
      if (auto failed = judge_findings()) return failed;
    if (asked(RuleSubject::kArtifact))
      if (auto failed = judge_artifacts()) return failed;
    if (asked(RuleSubject::kAsset))
      if (auto failed = judge_assets()) return failed;
    if (asked(RuleSubject::kCandidate))
      if (auto failed = judge_candidates()) return failed;
    return std::nullopt;
  }

  std::vector<PolicyHit> take() {
    std::sort(hits_.begin(), hits_.end(), [](const PolicyHit& a, const PolicyHit& b) {
      return std::tie(a.alert.time, a.alert.signature_id, a.alert.app, a.alert.client,
                      a.alert.server, a.alert.host, a.alert.period) <
             std::tie(b.alert.time, b.alert.signature_id, b.alert.app, b.alert.client,
                      b.alert.server, b.alert.host, b.alert.period);
    });
    std::map<const PolicyRule*, std::size_t> told;
    std::erase_if(hits_, [&](const PolicyHit& hit) { return ++told[hit.rule] > kHitsMax; });
    return std::move(hits_);
  }

 private:
  // Apps and who uses them, day by day.
  struct Sums {
    std::uint64_t sessions = 0, up = 0, down = 0, uploads = 0, upload_bytes = 0;
    std::set<std::string> clients;
    Time first = Time::max();
  };

  std::optional<Error> judge_app(const AppSummary& app) {
    if (app.grade < Grade::kSession) return std::nullopt;  // nobody used it
    std::vector<const PolicyRule*> wanted;
    for (const PolicyRule* rule : rules_)
      if ((rule->subject == RuleSubject::kApp || rule->subject == RuleSubject::kClient) &&
          subjects_.app_fits(*rule, &app))
        wanted.push_back(rule);
    if (wanted.empty()) return std::nullopt;
    // Of each period from its beginning on: a longer one knows of more usages and clients.
    std::map<Time, AppUses> uses;
    for (const PolicyRule* rule : wanted) {
      const Time from = subjects_.calendar().begin(rule->period, first_);
      auto of_period = uses.find(from);
      if (of_period == uses.end()) {
        auto read = read_uses(database_, app.facts.id, from, last_, subjects_.calendar().offset());
        if (!read) return read.error();
        of_period = uses.emplace(from, std::move(*read)).first;
      }
      judge_uses(*rule, app, of_period->second);
    }
    return std::nullopt;
  }

  void judge_uses(const PolicyRule& rule, const AppSummary& app, const AppUses& uses) {
    const bool by_client = rule.subject == RuleSubject::kClient;
    std::map<std::pair<std::string, Time>, Sums> sums_of;
    for (const ClientDay& day : uses.days) {
      const UseByClient& use = uses.clients.at(day.client);
      if (use.grade < rule.grade_min) continue;
      if (by_client && day.client.empty()) continue;  // those beyond the recorder's limit
      if (!rule.client_kinds.empty() && !lets_any(rule.client_kinds, use.kinds)) continue;
      std::set<std::string> usages = use.usages;
      if (day.upload_events > 0) usages.insert(std::string{kUpload});
      if (!subjects_.use_fits(rule, app.facts.id, usages, subjects_.group_of(day.client))) continue;
      Sums& sums = sums_of[{by_client ? day.client : std::string{},
                            subjects_.calendar().begin(rule.period, day.start)}];
      sums.sessions += day.sessions;
      sums.up += day.bytes_to_server;
      sums.down += day.bytes_to_client;
      sums.uploads += day.upload_events;
      sums.upload_bytes += day.upload_bytes;
      if (!day.client.empty()) sums.clients.insert(day.client);
      sums.first = std::min(sums.first, day.start);
    }
    bool told_once = false;
    std::set<std::string> clients_told;
    for (const auto& [key, sums] : sums_of) {
      const auto& [client, period] = key;
      // What ended before is told already.
      if (subjects_.calendar().end(rule.period, period) <= first_) continue;
      if (!enough(rule.sessions_min, sums.sessions) || !enough(rule.bytes_up_min, sums.up) ||
          !enough(rule.bytes_down_min, sums.down) || !enough(rule.uploads_min, sums.uploads) ||
          !enough(rule.upload_bytes_min, sums.upload_bytes) ||
          !enough(rule.clients_min, sums.clients.size()))
        continue;
      const Time first_seen = by_client ? uses.clients.at(client).first_seen : app.first_seen;
      if (!is_new_enough(rule, first_seen, sums.first)) continue;
      if (rule.period == RulePeriod::kOnce &&
          (by_client ? !clients_told.insert(client).second : std::exchange(told_once, true)))
        continue;
      PolicyHit hit = hit_of(rule, period, std::max(sums.first, first_seen));
      hit.alert.app = app.facts.id;
      hit.alert.client = client;
      describe(hit, name_of(app) + (client.empty() ? "" : " by " + client),
               subjects_.facts_of(app) + " " + grouped(sums.sessions) + " sessions of " +
                   grouped(sums.clients.size()) +
                   (sums.clients.size() == 1 ? " client, " : " clients, ") + grouped(sums.up) +
                   " bytes up, " + grouped(sums.down) + " down, " + grouped(sums.uploads) +
                   " uploads.");
      hit.alert.numbers = {{"sessions", std::to_string(sums.sessions)},
                           {"clients", std::to_string(sums.clients.size())},
                           {"bytes_up", std::to_string(sums.up)},
                           {"bytes_down", std::to_string(sums.down)},
                           {"uploads", std::to_string(sums.uploads)}};
      const Time until = subjects_.calendar().end(rule.period, period);
      for (const SightingRow& row : uses.sightings) {
        if (by_client ? row.client != client : !sums.clients.contains(row.client)) continue;
        if (row.last < period || row.first >= until || row.grade < rule.grade_min) continue;
        add_evidence(hit, row.evidence);
      }
      hits_.push_back(std::move(hit));
    }
  }

  PolicyHit hit_of(const PolicyRule& rule, Time period, Time time) const {
    PolicyHit hit;
    hit.rule = &rule;
    Alert& alert = hit.alert;
    alert.kind = rule.id;
    alert.severity = rule.severity;
    alert.category = rule.alert_category;
    alert.tags = rule.tags;
    alert.signature_id = kSignatureBase + rule.sid;
    alert.period = rule.period == RulePeriod::kOnce ? Time{} : period;
    alert.time = time;
    alert.policy = true;
    return hit;
  }

  void describe(PolicyHit& hit, const std::string& subject, const std::string& facts) const {
    hit.alert.title = hit.rule->title + ": " + subject;
    hit.alert.explanation = "The rule '" + hit.rule->id + "' holds" +
                            (hit.rule->period == RulePeriod::kOnce
                                 ? std::string{}
                                 : " for the time from " + day_text(hit.alert.period)) +
                            ". " + facts;
  }

  static void add_evidence(PolicyHit& hit, const AlertEvidence& evidence) {
    ++hit.alert.evidence_count;
    if (hit.evidence.size() < kEvidenceMax) hit.evidence.push_back(evidence);
  }

  // Hits by key, for subjects that are added up row by row.
  struct Pending {
    PolicyHit hit;
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    std::set<std::string> words;
  };
  using PendingKey = std::tuple<const PolicyRule*, std::string, std::string, std::string, Time>;

  // What another rule, of a longer period, is read for: whether this one holds is not up to that.
  [[nodiscard]] bool is_over(const PolicyRule& rule, Time time) const {
    if (rule.period == RulePeriod::kOnce) return time < first_;
    const Calendar& calendar = subjects_.calendar();
    return calendar.end(rule.period, calendar.begin(rule.period, time)) <= first_;
  }

  // Rows of the periods that are judged, also of what came before in them.
  [[nodiscard]] Time begin_for(RuleSubject subject) const {
    Time begin = first_;
    for (const PolicyRule* rule : rules_)
      if (rule->subject == subject && rule->period != RulePeriod::kOnce)
        begin = std::min(begin, subjects_.calendar().begin(rule->period, first_));
    return begin;
  }

  std::optional<Error> judge_findings() {
    auto rows = read_finding_rows(database_, begin_for(RuleSubject::kFinding), last_);
    if (!rows) return rows.error();
    auto ai_hosts = read_ai_hosts(database_);
    if (!ai_hosts) return ai_hosts.error();
    std::map<PendingKey, Pending> pending;
    for (const FindingRow& row : *rows) {
      const AppSummary* app = subjects_.app_of(row.app);
      // AI that is no known app's is a subject of its own; all ordinary hosts are one.
      const bool ai_host = row.app.empty() && ai_hosts->contains(row.host);
      const std::string& host = ai_host ? row.host : kNoHost;
      for (const PolicyRule* rule : rules_) {
        if (rule->subject != RuleSubject::kFinding || is_over(*rule, row.evidence.time)) continue;
        if (!lets_below(rule->finding_categories, row.category) ||
            !lets(rule->detectors, row.detector) || !lets(rule->confidences, row.confidence) ||
            !lets(rule->directions, row.to_server ? "to_server" : "to_client") ||
            (rule->with_ai && *rule->with_ai != (ai_host || !row.app.empty())) ||
            (!rule->severity_min.empty() &&
             severity_rank(row.severity) < severity_rank(rule->severity_min)))
          continue;
        if (!subjects_.app_fits(*rule, app) ||
            (app != nullptr && !is_new_enough(*rule, app->first_seen, row.evidence.time)))
          continue;
        std::set<std::string> usages = subjects_.usages_of(row.app, row.client);
        if (row.is_file && row.to_server) usages.insert(std::string{kUpload});
        if (!subjects_.use_fits(*rule, row.app, usages, subjects_.group_of(row.client))) continue;
        const Time period = subjects_.calendar().begin(rule->period, row.evidence.time);
        Pending& each =
            pending_of(pending, *rule, row.app, row.client, host, period, row.evidence.time);
        each.count += row.count;
        each.words.insert(row.detector);
        add_evidence(each.hit, row.evidence);
      }
    }
    for (auto& [key, each] : pending) {
      const auto& [rule, app_id, client, host, period] = key;
      if (!enough(rule->count_min, each.count)) continue;
      const AppSummary* app = subjects_.app_of(app_id);
      each.hit.alert.app = app_id;
      each.hit.alert.client = client;
      each.hit.alert.host = host;
      std::string detectors;
      for (const std::string& word : each.words)
        detectors += (detectors.empty() ? "" : ", ") + word;
      describe(each.hit,
               (app != nullptr ? name_of(*app)
                : host.empty() ? "a host of no known app"
                               : ai_hosts->at(host)) +
                   (client.empty() ? "" : " by " + client),
               grouped(each.count) + (each.count == 1 ? " item" : " items") + " found by " +
                   detectors + "." + (app == nullptr ? "" : " " + subjects_.facts_of(*app)));
      each.hit.alert.numbers = {{"count", std::to_string(each.count)}, {"detectors", detectors}};
      hits_.push_back(std::move(each.hit));
    }
    return std::nullopt;
  }

  std::optional<Error> judge_artifacts() {
    auto rows = read_artifact_rows(database_, begin_for(RuleSubject::kArtifact), last_);
    if (!rows) return rows.error();
    std::map<PendingKey, Pending> pending;
    for (const ArtifactRow& row : *rows) {
      const AppSummary* app = subjects_.app_of(row.app);
      for (const PolicyRule* rule : rules_) {
        if (rule->subject != RuleSubject::kArtifact || is_over(*rule, row.evidence.time)) continue;
        if (!lets(rule->formats, row.format) || !lets(rule->artifact_kinds, row.kind) ||
            (rule->unsafe_format && *rule->unsafe_format != row.unsafe_format))
          continue;
        if (!subjects_.app_fits(*rule, app) ||
            !subjects_.use_fits(*rule, row.app, subjects_.usages_of(row.app, row.client),
                                subjects_.group_of(row.client)))
          continue;
        const Time period = subjects_.calendar().begin(rule->period, row.evidence.time);
        Pending& each =
            pending_of(pending, *rule, row.app, row.client, kNoHost, period, row.evidence.time);
        ++each.count;
        each.bytes += row.bytes;
        each.words.insert(row.repository.empty() ? row.file : row.repository);
        add_evidence(each.hit, row.evidence);
      }
    }
    for (auto& [key, each] : pending) {
      const auto& [rule, app_id, client, host, period] = key;
      if (!enough(rule->count_min, each.count)) continue;
      const AppSummary* app = subjects_.app_of(app_id);
      each.hit.alert.app = app_id;
      each.hit.alert.client = client;
      const std::string first_word = each.words.empty() ? "" : *each.words.begin();
      describe(each.hit,
               (app == nullptr ? "a host of no known app" : name_of(*app)) +
                   (client.empty() ? "" : " by " + client),
               grouped(each.count) + (each.count == 1 ? " file" : " files") + ", " +
                   grouped(each.bytes) + " bytes, among them of '" + first_word + "'.");
      each.hit.alert.numbers = {{"files", std::to_string(each.count)},
                                {"bytes", std::to_string(each.bytes)}};
      hits_.push_back(std::move(each.hit));
    }
    return std::nullopt;
  }

  std::optional<Error> judge_assets() {
    auto rows = read_asset_rows(database_, begin_for(RuleSubject::kAsset), last_);
    if (!rows) return rows.error();
    const auto fits = [&](const PolicyRule& rule, const AssetRow& row) {
      return lets(rule.products, row.product) && lets(rule.kinds, row.kind) &&
             lets_any(rule.exposures, row.exposures) && lets(rule.authenticated, row.authenticated);
    };
    judge_machines(
        RuleSubject::kAsset, *rows, &AssetRow::server, fits,
        [&](PolicyHit& hit, const AssetRow& row) {
          hit.alert.server = row.server;
          std::string exposures;
          for (const std::string& word : row.exposures)
            exposures += (exposures.empty() ? "" : ", ") + word;
          describe(hit, (row.product.empty() ? "a server" : row.product) + " at " + row.server,
                   "Exposed: " + (exposures.empty() ? "nothing seen" : exposures) + "; " +
                       grouped(row.clients) + (row.clients == 1 ? " client." : " clients."));
          hit.alert.numbers = {{"clients", std::to_string(row.clients)}, {"exposures", exposures}};
        });
    return std::nullopt;
  }

  std::optional<Error> judge_candidates() {
    auto rows = read_candidate_rows(database_, begin_for(RuleSubject::kCandidate), last_);
    if (!rows) return rows.error();
    const auto fits = [&](const PolicyRule& rule, const CandidateRow& row) {
      // A client that came later is news for the rule that waited for so many, and for no other.
      if (row.joined && rule.clients_min != row.clients) return false;
      return !rule.score_min || row.score >= *rule.score_min;
    };
    judge_machines(RuleSubject::kCandidate, *rows, &CandidateRow::host, fits,
                   [&](PolicyHit& hit, const CandidateRow& row) {
                     hit.alert.host = row.host;
                     const auto percent = static_cast<std::uint64_t>(row.score * 100 + 0.5);
                     describe(hit, row.host,
                              "Its score is " + std::to_string(percent) + " %, " +
                                  grouped(row.clients) +
                                  (row.clients == 1 ? " client" : " clients") + " used it.");
                     hit.alert.numbers = {{"score_percent", std::to_string(percent)},
                                          {"clients", std::to_string(row.clients)}};
                   });
    return std::nullopt;
  }

  // Servers and hosts, each told once for a rule and its period.
  template <class Row, class Fits, class Tell>
  void judge_machines(RuleSubject subject, const std::vector<Row>& rows, std::string Row::*name,
                      const Fits& fits, const Tell& tell) {
    for (const PolicyRule* rule : rules_) {
      if (rule->subject != subject) continue;
      std::set<std::pair<std::string, Time>> told;
      for (const Row& row : rows) {
        if (is_over(*rule, row.evidence.time) || !fits(*rule, row) ||
            !enough(rule->clients_min, row.clients) ||
            !is_new_enough(*rule, row.first_seen, row.evidence.time))
          continue;
        const Time period = subjects_.calendar().begin(rule->period, row.evidence.time);
        PolicyHit hit = hit_of(*rule, period, row.evidence.time);
        if (!told.emplace(row.*name, hit.alert.period).second) continue;
        tell(hit, row);
        add_evidence(hit, row.evidence);
        hits_.push_back(std::move(hit));
      }
    }
  }

  Pending& pending_of(std::map<PendingKey, Pending>& pending, const PolicyRule& rule,
                      const std::string& app, const std::string& client, const std::string& host,
                      Time period, Time time) {
    // Told once: the first period stands for all.
    const Time key_time = rule.period == RulePeriod::kOnce ? Time{} : period;
    const auto [at, is_new] = pending.try_emplace({&rule, app, client, host, key_time});
    if (is_new) at->second.hit = hit_of(rule, period, time);
    at->second.hit.alert.time = std::min(at->second.hit.alert.time, time);
    return at->second;
  }

  Database& database_;
  std::span<const PolicyRule* const> rules_;
  Time first_;
  Time last_;
  const std::set<std::string>* only_;  // whose use is judged; null: everybody's
  PolicySubjects subjects_;
  std::vector<PolicyHit> hits_;
};

}  // namespace

Result<std::vector<PolicyHit>> judge_policy(Database& database,
                                            std::span<const PolicyRule* const> rules, Time first,
                                            Time last, const std::set<std::string>* apps) {
  Judge judge{database, rules, first, last, apps};
  if (auto failed = judge.judge()) return *failed;
  std::vector<PolicyHit> hits = judge.take();
  for (PolicyHit& hit : hits) hit.alert.id = id_of(hit.alert);
  return hits;
}

}  // namespace gnomon::inventory
