#include "gnomon/inventory/decisions.h"

#include <algorithm>
#include <set>

#include "audit.h"
#include "decision_rows.h"
#include "ratings.h"
#include "rows.h"
#include "usages.h"

namespace gnomon::inventory {
namespace {

constexpr std::size_t kTextMax = 4'000;
constexpr std::size_t kLinksMax = 50;

bool is_link(std::string_view text) {
  if (!text.starts_with("https://") && !text.starts_with("http://") &&
      !text.starts_with("file:///"))
    return false;
  return std::none_of(text.begin(), text.end(), [](unsigned char c) {
    return c <= 0x20 || c == 0x7f || c == '"' || c == '<';
  });
}

Result<std::set<std::string>> read_column(Database& database, std::string_view sql) {
  auto query = database.prepare(sql);
  if (!query) return query.error();
  std::set<std::string> values;
  while (query->step()) values.insert(query->text(0));
  if (!query->ok()) return database.error();
  return values;
}

// Usages that there are: of the vocabulary, of local signatures as far as they were seen, and those
// that were decided on before. Nothing when `usage` is one of them, else all of them.
Result<std::set<std::string>> other_usages(Database& database, const std::string& usage) {
  std::set<std::string> all{kUsages.begin(), kUsages.end()};
  if (all.contains(usage)) return std::set<std::string>{};
  for (const char* sql :
       {"SELECT DISTINCT usage FROM decision", "SELECT DISTINCT usage FROM sighting"}) {
    auto seen = read_column(database, sql);
    if (!seen) return seen.error();
    all.merge(*seen);
  }
  all.erase("");
  if (all.contains(usage)) all.clear();
  return all;
}

// The audit's rows of one change: field by field.
bool audit_change(AuditWriter& audit, const DecisionScope& scope, const Decision& before,
                  const Review& review, const std::vector<std::string>& links) {
  const auto field_name = [&](std::string_view field) {
    std::string name{field};
    if (!scope.usage.empty()) name += " usage=" + scope.usage;
    if (!scope.client_group.empty()) name += " group=" + scope.client_group;
    return name;
  };
  for (const ReviewField& field : kReviewFields) {
    const std::string& was = before.review.*field.member;
    const std::string& is = review.*field.member;
    if (was != is &&
        !audit.append("review", scope.app, field_name(field.name), was, is, review.reason))
      return false;
  }
  return before.links == links ||
         audit.append("review", scope.app, field_name("links"), joined_lines(before.links),
                      joined_lines(links), review.reason);
}

}  // namespace

std::string scope_text(const DecisionScope& scope) {
  std::string text = scope.app;
  if (!scope.usage.empty()) text += ", " + scope.usage;
  if (!scope.client_group.empty()) text += " by " + scope.client_group;
  return text;
}

std::string joined_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

void check_values(const DecisionChange& change, std::vector<DecisionProblem>& problems) {
  const auto refuse = [&](std::string_view field, std::string message) {
    DecisionProblem problem;
    problem.field = field;
    problem.message = std::move(message);
    problems.push_back(std::move(problem));
  };
  if (change.scope.app.empty()) refuse("app", "the app is missing");
  if (!is_review_status(change.review.status))
    refuse("status", "'" + change.review.status +
                         "' is no status; it is one of unreviewed, under-review, sanctioned, "
                         "tolerated, unsanctioned");
  if (!change.review.review_date.empty() && !is_date(change.review.review_date))
    refuse("review_date", "'" + change.review.review_date + "' is no day; write it as 2026-12-31");
  for (const ReviewField& field : kReviewFields)
    if ((change.review.*field.member).size() > kTextMax)
      refuse(field.name, "is longer than " + std::to_string(kTextMax) + " bytes");
  if (change.links.size() > kLinksMax)
    refuse("links", "there are more than " + std::to_string(kLinksMax));
  for (const std::string& link : change.links)
    if (!is_link(link) || link.size() > kTextMax)
      refuse("links", "'" + link + "' is no link; it begins with https://, http:// or file:///");
}

Result<std::vector<Decision>> read_decisions(Database& database, std::string_view app) {
  auto query = database.prepare(
      "SELECT app, usage, client_group, status, owner, purpose, department, data_class, "
      "review_date, reason, links, version, updated_at_ns, updated_by FROM decision "
      "WHERE ?1 = '' OR app = ?1 ORDER BY app, usage, client_group");
  if (!query) return query.error();
  query->bind(1, app);
  std::vector<Decision> decisions;
  while (query->step()) {
    Decision& each = decisions.emplace_back();
    each.scope = {query->text(0), query->text(1), query->text(2)};
    int column = 2;
    for (const ReviewField& field : kReviewFields)
      each.review.*field.member = query->text(++column);
    each.links = split_lines(query->text(10));
    each.version = query->integer(11);
    each.updated_at = query->time(12);
    each.updated_by = query->text(13);
  }
  if (!query->ok()) return database.error();
  return decisions;
}

Result<AppFlags> read_flags(Database& database, std::string_view app) {
  auto query = database.prepare(
      "SELECT DISTINCT flag, value FROM app_flag WHERE app = ? ORDER BY flag, value");
  if (!query) return query.error();
  query->bind(1, app);
  AppFlags flags;
  while (query->step()) {
    if (query->text(0) == "tag") flags.tags.push_back(query->text(1));
    if (query->text(0) == "require-review") flags.review_required = true;
  }
  if (!query->ok()) return database.error();
  return flags;
}

Result<std::vector<Decision>> read_decisions(const std::filesystem::path& path,
                                             std::string_view app) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  return read_decisions(*database, app);
}

Result<DecisionsStored> set_decisions(const std::filesystem::path& path,
                                      std::span<const DecisionChange> changes,
                                      std::string_view actor, Time at, bool on_trial) {
  auto database = Database::open(path, Access::kEdit);
  if (!database) return database.error();
  Transaction transaction{*database};
  if (transaction.error()) return *transaction.error();
  auto apps = read_column(*database, "SELECT id FROM app");
  if (!apps) return apps.error();
  auto groups = read_column(*database, "SELECT id FROM client_group");
  if (!groups) return groups.error();
  auto stored = read_decisions(*database, {});
  if (!stored) return stored.error();

  DecisionsStored result;
  std::set<DecisionScope> scopes;
  struct Planned {
    const DecisionChange* change;
    Decision before;
  };
  std::vector<Planned> planned;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const DecisionChange& change = changes[i];
    std::vector<DecisionProblem> problems;
    check_values(change, problems);
    const auto add = [&](DecisionProblem::Kind kind, const char* field, std::string message) {
      problems.push_back({kind, i, field, std::move(message)});
    };
    if (!change.scope.app.empty() && !apps->contains(change.scope.app))
      add(DecisionProblem::Kind::kUnknownApp, "app",
          "the inventory holds no app '" + change.scope.app + "'");
    if (!change.scope.client_group.empty() && !groups->contains(change.scope.client_group))
      add(DecisionProblem::Kind::kRefused, "client_group",
          "there is no client group '" + change.scope.client_group + "'");
    if (!change.scope.usage.empty()) {
      auto others = other_usages(*database, change.scope.usage);
      if (!others) return others.error();
      std::string text;
      for (const std::string& each : *others) text += (text.empty() ? "" : ", ") + each;
      if (!text.empty())
        add(DecisionProblem::Kind::kRefused, "usage",
            "there is no usage '" + change.scope.usage + "'; it is one of " + text);
    }
    if (!scopes.insert(change.scope).second)
      add(DecisionProblem::Kind::kRefused, "app",
          "'" + scope_text(change.scope) + "' is decided on twice");
    const auto known = std::lower_bound(
        stored->begin(), stored->end(), change.scope,
        [](const Decision& each, const DecisionScope& wanted) { return each.scope < wanted; });
    const bool is_there = known != stored->end() && known->scope == change.scope;
    Decision before;
    before.scope = change.scope;
    if (is_there) before = *known;
    if (change.expected_version && *change.expected_version != before.version)
      add(DecisionProblem::Kind::kConflict, "version",
          "'" + scope_text(change.scope) + "' was changed meanwhile" +
              (is_there
                   ? " by " + before.updated_by + " (version " + std::to_string(before.version) +
                         ", expected " + std::to_string(*change.expected_version) + ")"
                   : ": it is no longer there") +
              "; look at it again");
    for (DecisionProblem& problem : problems) {
      problem.change = i;
      result.problems.push_back(std::move(problem));
    }
    if (is_there ? before.review == change.review && before.links == change.links
                 : change.review == Review{} && change.links.empty()) {
      ++result.unchanged;
    } else {
      planned.push_back({&change, std::move(before)});
    }
  }
  if (!result.problems.empty()) return DecisionsStored{0, 0, std::move(result.problems)};
  result.changed = planned.size();
  if (planned.empty() || on_trial) return result;

  auto store =
      database->prepare("INSERT OR REPLACE INTO decision VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  if (!store) return store.error();
  auto answered =
      database->prepare("DELETE FROM app_flag WHERE flag = 'require-review' AND app = ?");
  if (!answered) return answered.error();
  auto audit = AuditWriter::prepare(*database, actor, at);
  if (!audit) return audit.error();
  std::set<std::string> rated;  // what is decided on one app says nothing of another
  for (const auto& [change, before] : planned) {
    rated.insert(change->scope.app);
    const std::string links = joined_lines(change->links);
    store->bind_all(change->scope.app, change->scope.usage, change->scope.client_group);
    int column = 3;
    for (const ReviewField& field : kReviewFields)
      store->bind(++column, change->review.*field.member);
    store->bind(11, links).bind(12, before.version + 1).bind(13, at).bind(14, actor);
    if (!store->run() ||
        !audit_change(*audit, change->scope, before, change->review, change->links) ||
        !answered->bind(1, change->scope.app).run())
      return database->error();
  }
  if (auto failed = record_ratings(*database, &rated)) return *failed;
  if (auto failed = transaction.commit()) return *failed;
  return result;
}

Result<DecisionsStored> remove_decision(const std::filesystem::path& path,
                                        const DecisionScope& scope,
                                        std::optional<std::int64_t> expected_version,
                                        std::string_view actor, Time at, bool on_trial) {
  auto database = Database::open(path, Access::kEdit);
  if (!database) return database.error();
  Transaction transaction{*database};
  if (transaction.error()) return *transaction.error();
  auto stored = read_decisions(*database, scope.app);
  if (!stored) return stored.error();
  const auto known = std::find_if(stored->begin(), stored->end(),
                                  [&](const Decision& each) { return each.scope == scope; });
  DecisionsStored result;
  if (known == stored->end()) {
    result.problems.push_back({DecisionProblem::Kind::kRefused, 0, "app",
                               "there is no decision on '" + scope_text(scope) + "'"});
    return result;
  }
  if (expected_version && *expected_version != known->version) {
    result.problems.push_back({DecisionProblem::Kind::kConflict, 0, "version",
                               "'" + scope_text(scope) + "' was changed meanwhile by " +
                                   known->updated_by + "; look at it again"});
    return result;
  }
  if (on_trial) return result.changed = 1, result;
  auto forget =
      database->prepare("DELETE FROM decision WHERE app = ? AND usage = ? AND client_group = ?");
  if (!forget) return forget.error();
  auto audit = AuditWriter::prepare(*database, actor, at);
  if (!audit) return audit.error();
  Review none;
  if (!forget->bind_all(scope.app, scope.usage, scope.client_group).run() ||
      !audit_change(*audit, scope, *known, none, {}))
    return database->error();
  const std::set<std::string> rated{scope.app};
  if (auto failed = record_ratings(*database, &rated)) return *failed;
  if (auto failed = transaction.commit()) return *failed;
  result.changed = 1;
  return result;
}

const Decision* effective_decision(std::span<const Decision> decisions, std::string_view usage,
                                   std::string_view client_group) {
  const Decision* best = nullptr;
  int best_rank = -1;
  for (const Decision& each : decisions) {
    if (!each.scope.usage.empty() && each.scope.usage != usage) continue;
    if (!each.scope.client_group.empty() && each.scope.client_group != client_group) continue;
    const int rank = (each.scope.client_group.empty() ? 0 : 2) + (each.scope.usage.empty() ? 0 : 1);
    if (rank <= best_rank) continue;
    best = &each;
    best_rank = rank;
  }
  return best;
}

}  // namespace gnomon::inventory
