#include "ratings.h"

#include <algorithm>

#include "app_list.h"
#include "audit.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/inventory/review.h"
#include "gnomon/inventory/risk_history.h"
#include "rows.h"
#include "some_apps.h"

namespace gnomon::inventory {
namespace {

constexpr std::size_t kHistoryMax = 1'000;  // rows of one app; then the oldest go

// "vendor.retention=4:30d", one a line: what a later rating is compared with.
std::string points_text(const RiskRating& rating) {
  std::string text;
  for (const RiskRow& row : rating.rows) {
    std::string value = row.value;
    std::replace(value.begin(), value.end(), '\n', ' ');
    text += std::string{to_string(row.part)} + "." + row.key + "=" + std::to_string(row.points) +
            ":" + value + "\n";
  }
  return text;
}

struct PointsLine {
  std::int32_t points = 0;
  std::string value;
};
std::map<std::string, PointsLine> parsed_points(const std::string& text) {
  std::map<std::string, PointsLine> lines;
  for (const std::string& line : split_lines(text)) {
    const std::size_t equals = line.find('=');
    const std::size_t colon = line.find(':', equals == std::string::npos ? 0 : equals);
    if (equals == std::string::npos || colon == std::string::npos) continue;
    const std::string digits = line.substr(equals + 1, colon - equals - 1);
    PointsLine parsed;
    bool negative = false;
    for (const char c : digits) {
      if (c == '-') negative = true;
      if (is_digit(c)) parsed.points = parsed.points * 10 + (c - '0');
    }
    if (negative) parsed.points = -parsed.points;
    parsed.value = line.substr(colon + 1);
    lines.emplace(line.substr(0, equals), std::move(parsed));
  }
  return lines;
}

std::string signed_text(std::int32_t number) {
  return (number > 0 ? "+" : "") + std::to_string(number);
}

// Of a row that is no longer there only its key is kept.
std::string name_of(const std::string& key) {
  const std::string part = std::string{to_string(RiskPart::kOverride)} + ".";
  return key.starts_with(part) ? key.substr(part.size()) : key;
}

// What made the score another one, the greatest difference first.
std::string why_changed(const std::string& before, const RiskRating& now) {
  std::map<std::string, PointsLine> was = parsed_points(before);
  std::vector<std::pair<std::int32_t, std::string>> lines;
  for (const RiskRow& row : now.rows) {
    const std::string key = std::string{to_string(row.part)} + "." + row.key;
    const auto at = was.find(key);
    const std::int32_t points_before = at == was.end() ? 0 : at->second.points;
    const std::string value_before = at == was.end() ? "" : at->second.value + " -> ";
    const std::int32_t by = row.points - points_before;
    if (by != 0)
      lines.emplace_back(
          by, row.label + ": " + value_before + row.value + " (" + signed_text(by) + ")");
    if (at != was.end()) was.erase(at);
  }
  for (const auto& [key, line] : was)
    if (line.points != 0)
      lines.emplace_back(-line.points,
                         name_of(key) + ": no longer counts (" + signed_text(-line.points) + ")");
  std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) {
    return std::abs(a.first) > std::abs(b.first);
  });
  std::string text;
  for (const auto& [by, line] : lines) text += line + "\n";
  return text;
}

struct LastRating {
  std::int64_t position = 0;
  std::int32_t score = 0, score_worst = 0, confidence = 0;
  std::string level, points;
};

Result<std::map<std::string, LastRating>> read_last(Database& database, const AppIds* only) {
  const SomeApps some{only};
  auto query = database.prepare(
      "SELECT h.app, h.position, h.score, h.score_worst, h.confidence, h.level, h.points "
      "FROM risk_history h WHERE h.position = (SELECT max(k.position) FROM risk_history k "
      "WHERE k.app = h.app)" +
      some.also("h.app"));
  if (!query) return query.error();
  some.bind(*query);
  std::map<std::string, LastRating> all;
  while (query->step()) {
    LastRating& last = all[query->text(0)];
    last.position = query->integer(1);
    last.score = static_cast<std::int32_t>(query->integer(2));
    last.score_worst = static_cast<std::int32_t>(query->integer(3));
    last.confidence = static_cast<std::int32_t>(query->integer(4));
    last.level = query->text(5);
    last.points = query->text(6);
  }
  if (!query->ok()) return database.error();
  return all;
}

// What is compared: the apps as they are rated now, and as they were the last time.
struct Ratings {
  Time as_of;
  std::vector<AppSummary> apps;
  std::map<std::string, LastRating> last;

  // Null when the app was never rated.
  [[nodiscard]] const LastRating* before(const AppSummary& app) const {
    const auto at = last.find(app.facts.id);
    return at == last.end() ? nullptr : &at->second;
  }
  [[nodiscard]] bool changed(const AppSummary& app) const {
    if (!app.rating) return false;
    const RiskRating& now = *app.rating;
    const LastRating* was = before(app);
    return was == nullptr || was->score != now.score || was->level != to_string(now.level) ||
           was->confidence != now.confidence || was->score_worst != now.score_worst;
  }
};

// Without apps while there is no rubric.
Result<Ratings> read_ratings(Database& database, const AppIds* only) {
  Ratings ratings;
  auto rubric = read_rubric(database);
  if (!rubric) return rubric.error();
  if (!*rubric) return ratings;
  auto as_of = read_as_of(database);
  if (!as_of) return as_of.error();
  ratings.as_of = *as_of;
  auto apps = read_apps(database, *rubric, *as_of, only);
  if (!apps) return apps.error();
  ratings.apps = std::move(*apps);
  auto last = read_last(database, only);
  if (!last) return last.error();
  ratings.last = std::move(*last);
  return ratings;
}

Result<bool> has_app(Database& database, std::string_view app) {
  auto query = database.prepare("SELECT 1 FROM app WHERE id = ?");
  if (!query) return query.error();
  const bool found = query->bind(1, app).step();
  if (!query->ok()) return database.error();
  return found;
}

}  // namespace

Result<Time> read_as_of(Database& database) {
  auto query = database.prepare(
      "SELECT coalesce(max(last_packet_ns), 0) FROM capture_run WHERE state = 'finished'");
  if (!query) return query.error();
  Time as_of;
  if (query->step()) as_of = query->time(0);
  if (!query->ok()) return database.error();
  return as_of;
}

Result<std::optional<RiskRubric>> read_rubric(Database& database) {
  auto stored = database.prepare("SELECT yaml FROM risk_rubric");
  if (!stored) return stored.error();
  std::optional<RiskRubric> rubric;
  if (stored->step()) {
    auto parsed = RiskRubric::parse(stored->text(0), "the inventory's risk rubric");
    if (!parsed) return parsed.error();
    rubric = std::move(*parsed);
  }
  if (!stored->ok()) return database.error();
  return rubric;
}

Result<std::map<std::string, std::vector<RiskOverride>>> read_overrides(Database& database) {
  auto query = database.prepare(
      "SELECT app, score, from_date, until_date, reason, created_by FROM risk_override "
      "WHERE withdrawn = 0 ORDER BY app, id DESC");
  if (!query) return query.error();
  std::map<std::string, std::vector<RiskOverride>> all;
  while (query->step())
    all[query->text(0)].push_back({static_cast<std::int32_t>(query->integer(1)), query->text(2),
                                   query->text(3), query->text(4), query->text(5)});
  if (!query->ok()) return database.error();
  return all;
}

Result<AppIds> apps_rated_anew(Database& database, const AppIds* only) {
  auto ratings = read_ratings(database, only);
  if (!ratings) return ratings.error();
  AppIds changed;
  for (const AppSummary& app : ratings->apps)
    if (ratings->changed(app)) changed.insert(app.facts.id);
  return changed;
}

std::optional<Error> record_ratings(Database& database, const AppIds* only) {
  auto ratings = read_ratings(database, only);
  if (!ratings) return ratings.error();
  if (ratings->apps.empty()) return std::nullopt;
  auto insert = database.prepare("INSERT INTO risk_history VALUES (?,?,?,?,?,?,?,?,?)");
  if (!insert) return insert.error();
  auto forget = database.prepare("DELETE FROM risk_history WHERE app = ? AND position <= ?");
  if (!forget) return forget.error();
  for (const AppSummary& app : ratings->apps) {
    if (!ratings->changed(app)) continue;
    const RiskRating& now = *app.rating;
    const LastRating* before = ratings->before(app);
    std::string why = before == nullptr ? "first rated\n" : why_changed(before->points, now);
    if (before != nullptr && now.confidence != before->confidence)
      why += "Confidence: " + std::to_string(before->confidence) + " % -> " +
             std::to_string(now.confidence) + " %\n";
    if (why.empty()) why = "the weights or levels changed\n";
    const std::int64_t position = before == nullptr ? 1 : before->position + 1;
    const std::string points = points_text(now);
    const std::string level{to_string(now.level)};
    insert->bind_all(app.facts.id, position, ratings->as_of, std::int64_t{now.score},
                     std::int64_t{now.score_worst}, std::int64_t{now.confidence}, level, points,
                     why);
    if (!insert->run()) return database.error();
    if (position > static_cast<std::int64_t>(kHistoryMax) &&
        !forget->bind_all(app.facts.id, position - static_cast<std::int64_t>(kHistoryMax)).run())
      return database.error();
  }
  return std::nullopt;
}

Result<std::vector<RiskChange>> risk_history(const std::filesystem::path& path,
                                             std::string_view app) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  auto query = database->prepare(
      "SELECT app, at_ns, score, score_worst, confidence, level, why FROM risk_history "
      "WHERE ?1 = '' OR app = ?1 ORDER BY app, position");
  if (!query) return query.error();
  query->bind(1, app);
  std::vector<RiskChange> changes;
  while (query->step()) {
    RiskChange& each = changes.emplace_back();
    each.app = query->text(0);
    each.at = query->time(1);
    each.score = static_cast<std::int32_t>(query->integer(2));
    each.score_worst = static_cast<std::int32_t>(query->integer(3));
    each.confidence = static_cast<std::int32_t>(query->integer(4));
    each.level = query->text(5);
    each.why = split_lines(query->text(6));
  }
  if (!query->ok()) return database->error();
  return changes;
}

Result<std::vector<StoredOverride>> risk_overrides(const std::filesystem::path& path,
                                                   std::string_view app) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  auto query = database->prepare(
      "SELECT id, app, score, from_date, until_date, reason, withdrawn, created_by, created_at_ns "
      "FROM risk_override WHERE ?1 = '' OR app = ?1 ORDER BY id");
  if (!query) return query.error();
  query->bind(1, app);
  std::vector<StoredOverride> all;
  while (query->step())
    all.push_back({query->integer(0), query->text(1), static_cast<std::int32_t>(query->integer(2)),
                   query->text(3), query->text(4), query->text(5), query->integer(6) != 0,
                   query->text(7), query->time(8)});
  if (!query->ok()) return database->error();
  return all;
}

Result<std::int64_t> add_override(const std::filesystem::path& path, const StoredOverride& wanted,
                                  std::string_view actor, Time at) {
  if (wanted.score < 0 || wanted.score > 100) return Error{"the score must be between 0 and 100"};
  if (wanted.reason.empty()) return Error{"an override needs a reason"};
  if (!is_date(wanted.from))
    return Error{"'" + wanted.from + "' is no day; write it as 2026-12-31"};
  if (!wanted.until.empty() && !is_date(wanted.until))
    return Error{"'" + wanted.until + "' is no day; write it as 2026-12-31"};
  if (!wanted.until.empty() && wanted.until < wanted.from)
    return Error{"it would end on " + wanted.until + ", before it begins on " + wanted.from};
  auto database = Database::open(path, Access::kEdit);
  if (!database) return database.error();
  Transaction transaction{*database};
  if (transaction.error()) return *transaction.error();
  auto found = has_app(*database, wanted.app);
  if (!found) return found.error();
  if (!*found) return Error{"the inventory holds no app '" + wanted.app + "'"};
  auto insert = database->prepare(
      "INSERT INTO risk_override (app, score, from_date, until_date, reason, created_by, "
      "created_at_ns) VALUES (?,?,?,?,?,?,?)");
  if (!insert) return insert.error();
  insert->bind_all(wanted.app, std::int64_t{wanted.score}, wanted.from, wanted.until, wanted.reason,
                   actor, at);
  if (!insert->run()) return database->error();
  const std::int64_t id = sqlite3_last_insert_rowid(database->get());
  auto audit = AuditWriter::prepare(*database, actor, at);
  if (!audit) return audit.error();
  const std::string after = std::to_string(wanted.score) + " from " + wanted.from +
                            (wanted.until.empty() ? "" : " until " + wanted.until);
  if (!audit->append("override", wanted.app, "score #" + std::to_string(id), "", after,
                     wanted.reason))
    return database->error();
  const AppIds rated{wanted.app};
  if (auto failed = record_ratings(*database, &rated)) return *failed;
  if (auto failed = transaction.commit()) return *failed;
  return id;
}

Result<bool> withdraw_override(const std::filesystem::path& path, std::int64_t id,
                               std::string_view reason, std::string_view actor, Time at) {
  auto database = Database::open(path, Access::kEdit);
  if (!database) return database.error();
  Transaction transaction{*database};
  if (transaction.error()) return *transaction.error();
  auto query =
      database->prepare("SELECT app, score FROM risk_override WHERE id = ? AND withdrawn = 0");
  if (!query) return query.error();
  if (!query->bind(1, id).step()) {
    if (!query->ok()) return database->error();
    return false;
  }
  const std::string app = query->text(0);
  const std::string score = query->text(1);
  auto change = database->prepare("UPDATE risk_override SET withdrawn = 1 WHERE id = ?");
  if (!change) return change.error();
  auto audit = AuditWriter::prepare(*database, actor, at);
  if (!audit) return audit.error();
  if (!change->bind(1, id).run() ||
      !audit->append("override", app, "score #" + std::to_string(id), score, "withdrawn", reason))
    return database->error();
  query->reset();
  const AppIds rated{app};
  if (auto failed = record_ratings(*database, &rated)) return *failed;
  if (auto failed = transaction.commit()) return *failed;
  return true;
}

Result<std::monostate> set_rubric(const std::filesystem::path& path, std::string_view yaml,
                                  std::string_view name, std::string_view actor, Time at) {
  if (!yaml.empty()) {
    auto rubric = RiskRubric::parse(yaml, name);
    if (!rubric) return rubric.error();
  }
  auto database = Database::open(path, Access::kEdit);
  if (!database) return database.error();
  Transaction transaction{*database};
  if (transaction.error()) return *transaction.error();
  std::string before;
  {
    auto query = database->prepare("SELECT origin FROM risk_rubric");
    if (!query) return query.error();
    if (query->step()) before = query->text(0);
    if (!query->ok()) return database->error();
  }
  auto store =
      yaml.empty()
          ? database->prepare("UPDATE risk_rubric SET origin = '' WHERE ?1 = '' OR ?2 = ''")
          : database->prepare(
                "INSERT INTO risk_rubric VALUES (1, ?1, ?2) ON CONFLICT DO UPDATE SET "
                "yaml = excluded.yaml, origin = excluded.origin");
  if (!store) return store.error();
  auto audit = AuditWriter::prepare(*database, actor, at);
  if (!audit) return audit.error();
  const std::string_view origin = yaml.empty() ? std::string_view{} : name;
  if (!store->bind_all(yaml, origin).run() ||
      !audit->append("weights", "risk", "origin", before, origin))
    return database->error();
  if (auto failed = record_ratings(*database)) return *failed;
  if (auto failed = transaction.commit()) return *failed;
  return std::monostate{};
}

}  // namespace gnomon::inventory
