#include "dump.h"

#include <algorithm>
#include <map>
#include <vector>

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
    {"review", "SELECT * FROM review ORDER BY app"},
    {"risk_rubric", "SELECT yaml FROM risk_rubric"},
};

// Bytes from the network, so that a row stays one line and the dump stays text.
void append_escaped(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
}

std::string_view without_folder(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

Result<std::string> dump_tables(Database& database) {
  std::string out;
  std::map<std::int64_t, std::size_t> runs;  // to their place among the finished ones
  for (const DumpedTable& table : kTables) {
    auto query = database.prepare(table.sql);
    if (!query) return query.error();
    out += "[" + std::string{table.name} + "]\n";
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
