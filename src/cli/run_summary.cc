#include "run_summary.h"

#include <string_view>

#include "gnomon/report/numbers.h"
#include "sensor_setup.h"

namespace gnomon::cli {
namespace {

// What came of the key logs; nothing where there were none.
void print_decryption(std::FILE* out, const sensor::ReplayResult& result) {
  const auto counter = [&](std::string_view name) -> std::uint64_t {
    for (const auto& [each, value] : result.counters)
      if (each == name) return value;
    return 0;
  };
  const std::uint64_t tls = counter("decrypt.tls.connections");
  const std::uint64_t quic = counter("decrypt.quic.connections");
  if (result.key_logs.empty() && tls + quic == 0) return;
  const std::uint64_t no_keys = counter("decrypt.tls.no_keys") + counter("decrypt.quic.no_keys");
  std::fprintf(out, "Decrypted %s TLS and %s QUIC connections; of %s others no secret is known.\n",
               observation::grouped(tls).c_str(), observation::grouped(quic).c_str(),
               observation::grouped(no_keys).c_str());
}

}  // namespace

std::vector<std::string> complaints_of_key_logs(const sensor::ReplayResult& result) {
  std::vector<std::string> said;
  for (const sensor::KeyLogs::File& file : result.key_logs) {
    for (const message::KeyLogReader::BadLine& line : file.first_bad_lines)
      said.push_back(file.path + ": line " + std::to_string(line.number) + ": " +
                     std::string{line.what});
    if (file.bad_lines > file.first_bad_lines.size())
      said.push_back(file.path + ": " + std::to_string(file.bad_lines) +
                     " lines like these in all");
    if (file.secrets > 0) continue;
    // These are counts of the start; one that was followed may have grown since.
    const auto now = sensor::KeyLogs::load({file.path});
    if (!now || (*now)->files.front().secrets == 0)
      said.push_back(file.path + ": holds no secret of a key log");
  }
  return said;
}

void print_summary(std::FILE* out, const sensor::ReplayResult& result, const std::string& inputs,
                   const std::string& doctor, const std::string& database, bool recorded,
                   std::size_t alerts) {
  std::fprintf(out, "%s packets, %s flows from %s", observation::grouped(result.frames).c_str(),
               observation::grouped(result.coverage.flows).c_str(), inputs.c_str());
  if (result.frames > 0) {
    std::fprintf(out, ", %s to %s UTC", to_text_time(result.first_packet).c_str(),
                 to_text_time(result.last_packet).c_str());
  }
  std::fputs(".\n", out);
  for (const std::string& line : observation::coverage_statement(result.coverage))
    std::fprintf(out, "%s\n", line.c_str());
  for (const std::string& line : observation::health_statement(result.health))
    std::fprintf(out, "%s\n", line.c_str());
  if (!result.health.empty())
    std::fprintf(out, "What mends it: gnomon doctor %s\n", doctor.c_str());
  print_decryption(out, result);
  if (alerts > 0)
    std::fprintf(out, "%s: gnomon inventory --alerts --db %s\n",
                 report::count_of(alerts, "alert").c_str(), database.c_str());
  if (recorded)
    std::fprintf(out, "Inventory: %s (gnomon inventory --db %s)\n", database.c_str(),
                 database.c_str());
}

}  // namespace gnomon::cli
