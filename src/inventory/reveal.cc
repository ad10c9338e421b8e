#include <algorithm>

#include "audit.h"
#include "gnomon/inventory/privacy.h"
#include "privacy_rows.h"
#include "ratings.h"

namespace gnomon::inventory {
namespace {

struct Mode {
  std::string mode;
  std::string key_id;
};

Result<std::optional<Mode>> read_mode(Database& database) {
  auto query = database.prepare("SELECT mode, key_id FROM privacy");
  if (!query) return query.error();
  std::optional<Mode> mode;
  if (query->step()) mode = {query->text(0), query->text(1)};
  if (!query->ok()) return database.error();
  return mode;
}

}  // namespace

std::optional<Error> may_record(const std::filesystem::path& path, const PseudonymKey* key) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored) || Database::holds_nothing(path)) return std::nullopt;
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  return may_record_into(*database, path, key);
}

std::optional<Error> may_record_into(Database& database, const std::filesystem::path& path,
                                     const PseudonymKey* key) {
  auto mode = read_mode(database);
  if (!mode) return mode.error();
  const bool pseudonyms = *mode && (*mode)->mode == "pseudonyms";
  if (pseudonyms && key == nullptr)
    return Error{
        "this inventory keeps clients under pseudonyms; record with --pseudonyms, or into another"}
        .in(path.string());
  if (pseudonyms && key->id() != (*mode)->key_id)
    return Error{"this inventory's pseudonyms were made with another key (" + (*mode)->key_id +
                 ", not " + key->id() + ")"}
        .in(path.string());
  if (pseudonyms || key == nullptr) return std::nullopt;
  auto runs = database.prepare("SELECT count(*) FROM capture_run WHERE state = 'finished'");
  if (!runs) return runs.error();
  if (runs->step() && runs->integer(0) > 0)
    return Error{
        "this inventory holds clients in clear; keep pseudonyms in another, made from the start"}
        .in(path.string());
  return std::nullopt;
}

std::optional<Error> keep_pseudonyms(Database& database, const PseudonymKey& key, Time since,
                                     const std::vector<MadePseudonym>& made) {
  const std::string id = key.id();
  auto mode = database.prepare("INSERT OR IGNORE INTO privacy VALUES (1, 'pseudonyms', ?, ?)");
  if (!mode) return mode.error();
  if (!mode->bind_all(id, since).run()) return database.error();
  auto insert =
      database.prepare("INSERT OR IGNORE INTO pseudonym VALUES (?1, ?2, CAST(?3 AS BLOB))");
  if (!insert) return insert.error();
  auto group = database.prepare("INSERT OR REPLACE INTO client_membership VALUES (?, ?)");
  if (!group) return group.error();
  for (const MadePseudonym& each : made) {
    if (!insert->bind_all(each.pseudonym, each.kind, each.sealed).run()) return database.error();
    if (!each.client_group.empty() && !group->bind_all(each.pseudonym, each.client_group).run())
      return database.error();
  }
  return std::nullopt;
}

Result<std::optional<Revealed>> reveal(const std::filesystem::path& path, const PseudonymKey& key,
                                       std::string_view pseudonym, std::string_view reason,
                                       std::string_view actor, Time at) {
  if (reason.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return Error{"revealing a client needs a reason"};
  auto database = Database::open(path, Access::kEdit);
  if (!database) return database.error();
  Transaction transaction{*database};
  if (transaction.error()) return *transaction.error();
  std::optional<Revealed> found;
  {
    auto query = database->prepare("SELECT kind, sealed FROM pseudonym WHERE pseudonym = ?");
    if (!query) return query.error();
    if (query->bind(1, pseudonym).step()) {
      if (auto original = key.unseal(pseudonym, query->text(1)))
        found = Revealed{std::string{pseudonym}, query->text(0), std::move(*original)};
    }
    if (!query->ok()) return database->error();
  }
  // Asking is told too when there is no answer.
  auto audit = AuditWriter::prepare(*database, actor, at);
  if (!audit) return audit.error();
  if (!audit->append("reveal", pseudonym, found ? found->kind : "unknown", "",
                     found ? "revealed" : "not revealed", reason))
    return database->error();
  if (auto failed = transaction.commit()) return *failed;
  return found;
}

Result<PrivacyState> privacy_state(const std::filesystem::path& path) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  auto mode = read_mode(*database);
  if (!mode) return mode.error();
  PrivacyState state;
  state.pseudonyms = *mode && (*mode)->mode == "pseudonyms";
  if (*mode) state.key_id = (*mode)->key_id;
  auto query = database->prepare(
      "SELECT (SELECT count(*) FROM pseudonym), count(*), coalesce(min(nullif(first_packet_ns, 0)),"
      " 0), coalesce(max(last_packet_ns), 0) FROM capture_run WHERE state = 'finished'");
  if (!query) return query.error();
  if (query->step()) {
    state.mapped = query->number(0);
    state.runs = query->number(1);
    state.oldest = query->time(2);
    state.newest = query->time(3);
  }
  if (!query->ok()) return database->error();
  auto removed =
      database->prepare("SELECT subject, nothing_before_ns FROM retention ORDER BY subject");
  if (!removed) return removed.error();
  while (removed->step()) state.removed_before.emplace_back(removed->text(0), removed->time(1));
  if (!removed->ok()) return database->error();
  return state;
}

}  // namespace gnomon::inventory
