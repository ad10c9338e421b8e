#include "steps.h"

#include <thread>

namespace gnomon::inventory {
namespace {
constexpr std::int64_t kStepRows = 500;  // some milliseconds
}  // namespace

void pause_as_long(std::chrono::steady_clock::time_point began) {
  std::this_thread::sleep_for(std::chrono::steady_clock::now() - began);
}

std::optional<Error> run_in_steps(
    Database& database, const std::string& table,
    const std::function<std::string(const std::string& rows)>& statement) {
  std::int64_t rows = 0;
  {
    auto count = database.prepare("SELECT coalesce(max(rowid), 0) FROM " + table);
    if (!count) return count.error();
    if (count->step()) rows = count->integer(0);
    if (!count->ok()) return database.error();
  }
  for (std::int64_t from = 1; from <= rows; from += kStepRows) {
    const auto began = std::chrono::steady_clock::now();
    const std::string sql =
        statement(" WHERE rowid BETWEEN " + std::to_string(from) + " AND " +
                  std::to_string(from + kStepRows - 1));
    Transaction transaction{database};
    if (transaction.error()) return transaction.error();
    if (auto failed = database.run(sql.c_str())) return failed;
    if (auto failed = transaction.commit()) return failed;
    if (from + kStepRows <= rows) pause_as_long(began);
  }
  return std::nullopt;
}

}  // namespace gnomon::inventory
