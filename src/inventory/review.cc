#include "gnomon/inventory/review.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "database.h"

namespace gnomon::inventory {
namespace {

constexpr std::string_view kStatuses[] = {"unreviewed", "sanctioned", "tolerated", "unsanctioned"};

struct Field {
  const char* name;
  std::string Review::*member;
};
// In the order of the table's columns.
constexpr Field kFields[] = {
    {"status", &Review::status},         {"owner", &Review::owner},
    {"purpose", &Review::purpose},       {"department", &Review::department},
    {"data_class", &Review::data_class}, {"review_date", &Review::review_date},
    {"reason", &Review::reason},
};

Error no_such_app(std::string_view app) {
  return Error{"the inventory holds no app '" + std::string{app} + "'"};
}

Result<Review> review_of(Database& database, std::string_view app) {
  auto query = database.prepare(
      "SELECT a.id, r.status, r.owner, r.purpose, r.department, r.data_class, r.review_date, "
      "r.reason FROM app a LEFT JOIN review r ON r.app = a.id WHERE a.id = ?");
  if (!query) return query.error();
  if (!query->bind(1, app).step()) return query->ok() ? no_such_app(app) : database.error();
  Review review;
  if (query->text(1).empty()) return review;  // no row yet
  int column = 0;
  for (const Field& field : kFields) review.*field.member = query->text(++column);
  return review;
}

}  // namespace

bool is_review_status(std::string_view word) {
  return std::find(std::begin(kStatuses), std::end(kStatuses), word) != std::end(kStatuses);
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [text](std::size_t from, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(from, count)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 0 || month < 0 || day < 0) return false;
  return std::chrono::year_month_day{std::chrono::year{year},
                                     std::chrono::month{static_cast<unsigned>(month)},
                                     std::chrono::day{static_cast<unsigned>(day)}}
      .ok();
}

Result<std::monostate> set_review(const std::filesystem::path& path, std::string_view app,
                                  const Review& review, std::string_view actor, Time at) {
  if (!is_review_status(review.status))
    return Error{"'" + review.status +
                 "' is no status; it is one of unreviewed, sanctioned, tolerated, unsanctioned"};
  if (!review.review_date.empty() && !is_date(review.review_date))
    return Error{"'" + review.review_date + "' is no day; write it as 2026-12-31"};

  auto database = Database::open(path, Access::kEdit);
  if (!database) return database.error();
  Transaction transaction{*database};
  if (transaction.error()) return *transaction.error();
  auto before = review_of(*database, app);
  if (!before) return before.error();
  if (*before == review) return std::monostate{};

  auto store = database->prepare(
      "INSERT INTO decision VALUES (?,'','',?,?,?,?,?,?,?,'',1,?,?) ON CONFLICT DO UPDATE SET "
      "status = excluded.status, owner = excluded.owner, purpose = excluded.purpose, "
      "department = excluded.department, data_class = excluded.data_class, "
      "review_date = excluded.review_date, reason = excluded.reason, version = version + 1, "
      "updated_at_ns = excluded.updated_at_ns, updated_by = excluded.updated_by");
  if (!store) return store.error();
  auto audit = database->prepare(
      "INSERT INTO audit (at_ns, actor, action, subject, field, value_before, value_after) "
      "VALUES (?, ?, 'review', ?, ?, ?, ?)");
  if (!audit) return audit.error();
  store->bind(1, app);
  int column = 1;
  for (const Field& field : kFields) {
    const std::string& was = (*before).*field.member;
    const std::string& is = review.*field.member;
    store->bind(++column, is);
    if (was == is) continue;
    audit->bind(1, at).bind(2, actor).bind(3, app).bind(4, std::string_view{field.name});
    if (!audit->bind(5, was).bind(6, is).run()) return database->error();
  }
  store->bind(++column, at);
  store->bind(++column, actor);
  if (!store->run()) return database->error();
  if (auto failed = transaction.commit()) return *failed;
  return std::monostate{};
}

}  // namespace gnomon::inventory
