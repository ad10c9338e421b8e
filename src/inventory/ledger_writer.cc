#include "ledger_writer.h"

#include <string>

namespace gnomon::inventory {
namespace {

// As Ledgers::see() says it: the greater weight, then the earlier place, then the smaller texts.
std::string better_proof(const LedgerTable& table) {
  std::string columns = "proof_time_ns, proof_number, proof_flow_id, proof_frame";
  std::string excluded =
      "excluded.proof_time_ns, excluded.proof_number, excluded.proof_flow_id, excluded.proof_frame";
  for (const std::string_view text : table.texts) {
    if (text.empty()) continue;
    columns += ", " + std::string{text};
    excluded += ", excluded." + std::string{text};
  }
  return "(excluded.proof_weight > proof_weight OR (excluded.proof_weight = proof_weight AND (" +
         excluded + ") < (" + columns + ")))";
}

std::string upsert(const LedgerTable& table) {
  std::string columns;
  std::string values;
  std::string updates;
  const std::string better = better_proof(table);
  const auto add = [&](std::string_view name) {
    columns += (columns.empty() ? "" : ", ") + std::string{name};
    values += values.empty() ? "?" : ", ?";
  };
  const auto update = [&](std::string_view name, const std::string& to) {
    updates += (updates.empty() ? "" : ", ") + std::string{name} + " = " + to;
  };
  const auto keep_better = [&](std::string_view name) {
    const std::string column{name};
    add(name);
    update(name, "CASE WHEN " + better + " THEN excluded." + column + " ELSE " + column + " END");
  };
  for (const std::string_view key : table.keys)
    if (!key.empty()) add(key);
  add("run");
  for (const std::string_view sum : table.sums) {
    if (sum.empty()) continue;
    add(sum);
    update(sum, std::string{sum} + " + excluded." + std::string{sum});
  }
  if (!table.maximum.empty()) {
    const std::string column{table.maximum};
    add(column);
    update(column, "max(" + column + ", excluded." + column + ")");
  }
  for (const std::string_view text : table.texts)
    if (!text.empty()) keep_better(text);
  add("first_seen_ns");
  update("first_seen_ns", "min(first_seen_ns, excluded.first_seen_ns)");
  add("last_seen_ns");
  update("last_seen_ns", "max(last_seen_ns, excluded.last_seen_ns)");
  for (const std::string_view column : {"proof_weight", "proof_time_ns", "proof_number",
                                        "proof_flow_id", "proof_frame", "proof_file"})
    keep_better(column);
  return "INSERT INTO " + std::string{table.name} + " (" + columns + ") VALUES (" + values +
         ") ON CONFLICT DO UPDATE SET " + updates;
}

}  // namespace

Result<LedgerWriter> LedgerWriter::prepare(Database& database) {
  std::vector<Statement> statements;
  for (const LedgerTable& table : kLedgers) {
    auto statement = database.prepare(upsert(table));
    if (!statement) return statement.error();
    statements.push_back(std::move(*statement));
  }
  return LedgerWriter{std::move(statements)};
}

bool LedgerWriter::write(std::int64_t run, const Ledgers::Changes& ledgers) {
  for (std::size_t i = 0; i < std::size(kLedgers); ++i) {
    const LedgerTable& table = kLedgers[i];
    for (const auto& [key, row] : ledgers[i]) {
      if (!row.changed) continue;
      Statement& statement = statements_[i];
      int at = 0;
      for (const std::string& text : key) statement.bind(++at, text);
      statement.bind(++at, run);
      for (std::size_t sum = 0; sum < kSumsMax && !table.sums[sum].empty(); ++sum)
        statement.bind(++at, row.sums[sum]);
      if (!table.maximum.empty()) statement.bind(++at, row.maximum);
      for (std::size_t text = 0; text < table.texts.size() && !table.texts[text].empty(); ++text)
        statement.bind(++at, row.texts[text]);
      for (const Time time : {row.first, row.last}) statement.bind(++at, time);
      statement.bind(++at, row.weight);
      statement.bind(++at, row.time);
      for (const std::uint64_t number : {row.number, row.flow_id, row.frame})
        statement.bind(++at, number);
      if (!statement.bind(++at, row.file).run()) return false;
    }
  }
  return true;
}

}  // namespace gnomon::inventory
