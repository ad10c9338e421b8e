#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "command.h"
#include "config/config_file.h"
#include "config/sensor_options.h"
#include "gnomon/bytes/wall_clock.h"
#include "gnomon/inventory/retention.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/numbers.h"
#include "options.h"

namespace gnomon::cli {
namespace {

void say(const std::string& text) { std::printf("%s\n", report::printable(text).c_str()); }

}  // namespace

int run_tidy(Arguments arguments) {
  CommandLine line{
      "tidy", "[--db FILE] [--keep-THING TIME] [--max-size SIZE]",
      "Removes what is older than it need be kept, and gives its room back. Days count\n"
      "from the inventory's last packet, or from now if that is earlier; 0 keeps for\n"
      "ever. Decisions, the audit and the facts of apps are always kept. A sensor that\n"
      "is recording tidies its inventory by itself."};
  add_database_option(line);
  add_config_options(
      line, {"keep.sightings", "keep.hours", "keep.findings", "keep.files", "keep.alerts",
             "keep.lookups", "keep.unknown_hosts", "keep.candidates", "keep.client_names",
             "keep.health", "keep.size_max"});
  line.options().add_options()                                         //
      ("today", "count days from now, not from the last packet")       //
      ("dry-run", "say what would be removed for its age, and remove nothing")  //
      ("compact",
       "rewrite the whole file, which takes its size once more on the disk; needed once for "
       "inventories of older versions to become smaller");
  line.add_notes("Times and sizes carry their unit: '400 d', '8 GiB'.");
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  std::vector<std::string> problems;
  const LoadedConfig loaded = load_config(line, {}, problems);
  if (!problems.empty()) return say_config_problems(problems), kMisused;
  const inventory::Retention keep = retention(loaded.values);

  const std::string path =
      loaded.given("inventory.database") ? loaded.values.database : line.text("db");
  inventory::TidyOptions options;
  options.dry_run = line.has("dry-run");
  options.compact = line.has("compact");
  options.now = wall_clock();
  if (!line.has("today")) {
    const auto last = inventory::last_packet_of(path);
    if (!last) return line.unreadable(last.error().message);
    if (*last) options.now = std::min(options.now, **last);
  }
  const auto tidied = inventory::tidy(path, keep, options);
  if (!tidied) return line.unreadable(tidied.error().message);

  for (const inventory::Removed& each : tidied->removed) {
    std::string text = each.subject + ": " + report::count_of(each.rows, "row") +
                       (options.dry_run ? " would be removed" : " removed") + ", last seen before " +
                       report::minute_text(each.before);
    if (each.rows_for_size > 0)
      text += " (" + observation::grouped(each.rows_for_size) + " for the inventory's size)";
    say(text);
  }
  if (tidied->removed.empty()) say("nothing is old enough");
  if (!options.dry_run)
    say(path + ": " + report::human_bytes(tidied->bytes_after) + ", was " +
        report::human_bytes(tidied->bytes_before));
  if (tidied->too_large)
    say("the last two days alone take more than --max-size: it could not be kept");
  return kDone;
}

}  // namespace gnomon::cli
