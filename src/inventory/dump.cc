#include "dump.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gnomon/bytes/hex.h"
#include "ledgers.h"

namespace gnomon::inventory {
namespace {

// A table and the columns that depend on when and where Gnomon ran, not on what it read.
struct DumpedTable {
  const char* name;
  const char* sql;
};

// Only rows of finished runs; their numbers become 1, 2, 3 in the order they were recorded, as a
// run that was replaced leaves a gap. The audit is by the wall clock, whole.
constexpr DumpedTable kTables[] = {
    {"capture_run",
     "SELECT id AS run, filter, first_packet_ns, last_packet_ns FROM capture_run "
     "WHERE state = 'finished' ORDER BY id"},
    {"run_input",
     "SELECT i.run, position, sha256, bytes, damage <> '' AS damaged FROM run_input i "
     "JOIN capture_run r ON r.id = i.run WHERE r.state = 'finished' ORDER BY i.run, position"},
    {"run_coverage",
     "SELECT c.* FROM run_coverage c JOIN capture_run r ON r.id = c.run "
     "WHERE r.state = 'finished' ORDER BY c.run, name"},
    {"run_counter",
     "SELECT c.* FROM run_counter c JOIN capture_run r ON r.id = c.run "
     "WHERE r.state = 'finished' ORDER BY c.run, name"},
    {"health",
     "SELECT h.* FROM health h JOIN capture_run r ON r.id = h.run "
     "WHERE r.state = 'finished' ORDER BY h.run, check_id"},
    {"app", "SELECT * FROM app ORDER BY id"},
    {"app_attribute", "SELECT * FROM app_attribute ORDER BY app, key"},
    {"sighting",
     "SELECT * FROM v_sightings ORDER BY app, run, client, host, role, port, protocol, app_proto, "
     "usage, client_kind"},
    {"app_hour", "SELECT * FROM v_app_hours ORDER BY app, run, client, hour"},
    {"client_name",
     "SELECT n.* FROM client_name n JOIN capture_run r ON r.id = n.run "
     "WHERE r.state = 'finished' ORDER BY client, n.run, source, name, mac"},
    {"host_unknown",
     "SELECT u.* FROM host_unknown u JOIN capture_run r ON r.id = u.run "
     "WHERE r.state = 'finished' ORDER BY host, u.run, client"},
    {"host_address",
     "SELECT h.* FROM host_address h JOIN capture_run r ON r.id = h.run "
     "WHERE r.state = 'finished' ORDER BY host, address, h.run"},
    {"retro_match", "SELECT host, app FROM retro_match ORDER BY host, app"},
    {"candidate_review",
     "SELECT host, status, fingerprint, evidence, score, app, reason FROM candidate_review "
     "ORDER BY host"},
    {"alert",
     "SELECT a.kind, a.app, a.client, a.server, a.period_ns, a.run, a.time_ns, a.signature_id, "
     "a.severity, a.title, a.explanation, a.numbers FROM alert a "
     "JOIN capture_run r ON r.id = a.run WHERE r.state = 'finished' "
     "ORDER BY kind, app, client, server, period_ns"},
    {"anomaly_rules", "SELECT yaml FROM anomaly_rules"},
    {"review",
     "SELECT app, status, owner, purpose, department, data_class, review_date, reason FROM review "
     "ORDER BY app"},
    {"risk_rubric", "SELECT yaml FROM risk_rubric"},
};

// Bytes from the network, so that a row stays one line and the dump stays text.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += "\\x";
      append_hex(byte, out);
    } else {
      out += c;
    }
  }
}

std::string_view without_folder(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// A ledger whole, in the order of its key; for the dump.
std::string ledger_sql(const LedgerTable& table) {
  std::string order;
  for (const std::string_view key : table.keys)
    if (!key.empty()) order += std::string{key} + ", ";
  return "SELECT t.* FROM " + std::string{table.name} +
         " t JOIN capture_run r ON r.id = t.run WHERE r.state = 'finished' ORDER BY " + order +
         "run";
}

}  // namespace

Result<std::string> dump_tables(Database& database) {
  std::vector<std::pair<std::string, std::string>> tables;
  for (const DumpedTable& table : kTables) tables.emplace_back(table.name, table.sql);
  for (const LedgerTable& table : kLedgers)
    tables.emplace_back(std::string{table.name}, ledger_sql(table));

  std::string out;
  std::map<std::int64_t, std::size_t> runs;  // to their place among the finished ones
  for (const auto& [table_name, sql] : tables) {
    auto query = database.prepare(sql);
    if (!query) return query.error();
    out += "[" + table_name + "]\n";
    while (query->step()) {
      for (int column = 0; column < query->columns(); ++column) {
        if (column > 0) out += '\t';
        const std::string_view name = query->column_name(column);
        if (name == "run") {
          const auto place =
              runs.try_emplace(query->integer(column), runs.size() + 1).first->second;
          out += std::to_string(place);
        } else if (query->is_integer(column)) {
          out += std::to_string(query->integer(column));
        } else {
          const std::string text = query->text(column);
          append_escaped(out, name == "proof_file" ? without_folder(text) : text);
        }
      }
      out += '\n';
    }
    if (!query->ok()) return database.error();
  }
  return out;
}

}  // namespace gnomon::inventory
