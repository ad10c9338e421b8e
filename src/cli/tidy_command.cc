#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>
#include <string>

#include "command.h"
#include "gnomon/inventory/retention.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/numbers.h"
#include "options.h"

namespace gnomon::cli {
namespace {

using inventory::Retention;

struct Keep {
  const char* option;
  std::uint32_t Retention::* days;
  const char* help;
};
constexpr Keep kKeeps[] = {
    {"keep-sightings", &Retention::sighting_days,
     "who used what: apps, servers, model calls, tools, downloads"},
    {"keep-hours", &Retention::hour_days, "hourly sums; at most as long as sightings"},
    {"keep-findings", &Retention::finding_days, "sensitive items"},
    {"keep-files", &Retention::file_days, "files and body parts"},
    {"keep-alerts", &Retention::alert_days, "alerts"},
    {"keep-lookups", &Retention::dns_days, "names that were only looked up"},
    {"keep-unknown-hosts", &Retention::unknown_host_days, "hosts that no app is known for"},
    {"keep-candidates", &Retention::candidate_days, "hosts that behave like AI"},
    {"keep-client-names", &Retention::client_name_days, "names that clients gave themselves"},
    {"keep-health", &Retention::health_days, "what the sensor said of its own view"},
};

// "800M", "8G", "123456789".
std::optional<std::uint64_t> bytes_of(std::string_view text) {
  constexpr std::string_view kUnits = "kMGT";
  std::uint64_t factor = 1;
  if (!text.empty())
    if (const auto at = kUnits.find(text.back()); at != std::string_view::npos) {
      for (std::size_t i = 0; i <= at; ++i) factor *= 1'000;
      text.remove_suffix(1);
    }
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (number > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
  return number * factor;
}

void say(const std::string& text) { std::printf("%s\n", report::printable(text).c_str()); }

}  // namespace

int run_tidy(Arguments arguments) {
  CommandLine line{
      "tidy", "[--db FILE] [--keep-THING DAYS] [--max-size SIZE]",
      "Removes what is older than it need be kept, and gives its room back. Days count\n"
      "from the inventory's last packet, or from now if that is earlier; 0 keeps for\n"
      "ever. Decisions, the audit and the facts of apps are always kept. A sensor that\n"
      "is recording tidies its inventory by itself."};
  add_database_option(line);
  for (const Keep& keep : kKeeps)
    line.options().add_options()(keep.option,
                                 boost::program_options::value<std::uint32_t>()
                                     ->value_name("DAYS")
                                     ->default_value(Retention{}.*keep.days),
                                 keep.help);
  line.options().add_options()  //
      ("max-size", text_value("SIZE"),
       "when it is larger (8G, 500M), the oldest days go: first what is least missed")  //
      ("today", "count days from now, not from the last packet")                        //
      ("dry-run", "say what would be removed for its age, and remove nothing")          //
      ("compact",
       "rewrite the whole file, which takes its size once more on the disk; needed once for "
       "inventories of older versions to become smaller");
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  Retention retention;
  for (const Keep& keep : kKeeps) retention.*keep.days = line.get<std::uint32_t>(keep.option);
  if (line.has("max-size")) {
    const auto bytes = bytes_of(line.text("max-size"));
    if (!bytes) return line.misused("--max-size: '" + line.text("max-size") + "' is no size");
    retention.database_bytes_max = *bytes;
  }
  if (const auto refused = inventory::refuse(retention)) return line.misused(refused->message);

  const std::string path = line.text("db");
  inventory::TidyOptions options;
  options.dry_run = line.has("dry-run");
  options.compact = line.has("compact");
  options.now = std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now());
  if (!line.has("today")) {
    const auto last = inventory::last_packet_of(path);
    if (!last) return line.unreadable(last.error().message);
    if (*last) options.now = std::min(options.now, **last);
  }
  const auto tidied = inventory::tidy(path, retention, options);
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
