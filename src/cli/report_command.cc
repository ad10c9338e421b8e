#include <unistd.h>

#include <boost/program_options.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/inventory/review.h"
#include "gnomon/report/html_report.h"
#include "gnomon/report/inventory_csv.h"
#include "gnomon/report/inventory_json.h"
#include "gnomon/report/listing.h"
#include "gnomon/report/xlsx_report.h"
#include "options.h"
#include "write_file.h"

namespace gnomon::cli {
namespace {

namespace po = boost::program_options;
using inventory::Inventory;

// A format writes the file itself, beside its place: `path` is there when it went well.
struct Format {
  std::string_view suffix;
  std::optional<Error> (*write)(Inventory& inventory, const report::ReportOptions& options,
                                const std::string& path);
};

std::optional<Error> write_html(Inventory& inventory, const report::ReportOptions& options,
                                const std::string& path) {
  auto content = report::read_report(inventory, options);
  if (!content) return content.error();
  return write_whole(path, report::html_report(*content));
}

std::optional<Error> write_csv(Inventory& inventory, const report::ReportOptions& options,
                               const std::string& path) {
  report::ReportOptions few = options;
  few.limits.apps_whole = 0;
  auto content = report::read_report(inventory, few);
  if (!content) return content.error();
  std::string out;
  report::write_app_list_csv(out, content->apps);
  return write_whole(path, out);
}

std::optional<Error> write_json(Inventory& inventory, const report::ReportOptions& options,
                                const std::string& path) {
  auto file = WholeFile::open(path);
  if (!file) return file.error();
  auto failed = report::write_json_report(
      inventory, options, [&](std::string_view piece) { return file->write(piece); });
  return failed ? failed : file->finish();
}

std::optional<Error> write_xlsx(Inventory& inventory, const report::ReportOptions& options,
                                const std::string& path) {
  report::ReportOptions all = options;
  all.limits = report::workbook_limits();
  auto content = report::read_report(inventory, all);
  if (!content) return content.error();
  // Its writer makes a file by its name, and nothing else.
  std::string part = std::filesystem::temp_directory_path() / "gnomon-report-XXXXXX";
  const int made = ::mkstemp(part.data());
  if (made < 0) return Error{std::strerror(errno)}.in(part);
  ::close(made);
  std::optional<Error> failed = report::write_xlsx_report(*content, part);
  std::ifstream written{part, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{written}, {}};
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  return failed ? failed : write_whole(path, text);
}

constexpr Format kFormats[] = {
    {".html", write_html}, {".xlsx", write_xlsx}, {".csv", write_csv}, {".json", write_json}};

// One of the lists, for a spreadsheet.
Result<std::string> list_csv_of(Inventory& inventory, const report::ReportOptions& options,
                                std::string_view name) {
  report::ReportOptions all = options;
  all.limits.apps_whole = 0;
  all.limits.rows_per_list = static_cast<std::size_t>(-1);
  auto content = report::read_report(inventory, all);
  if (!content) return content.error();
  std::string out;
  for (const report::ReportList& list : content->lists)
    if (list.listing.name == name) report::write_listing_csv(out, list.listing);
  return out;
}

// Nanoseconds of 64 bits begin in 1677 and end in 2262; no packet is of before or after.
constexpr int kYearMin = 1678;
constexpr int kYearMax = 2261;

// A day, or a day and a time: "2026-11-24", "2026-11-24 09:00"; UTC. Nothing when it is neither.
std::optional<Time> time_of_text(const std::string& text) {
  if (text.size() < 10 || !inventory::is_date(text.substr(0, 10))) return std::nullopt;
  const auto number = [&text](std::size_t at, std::size_t digits) -> int {
    int value = -1;
    const char* end = text.data() + at + digits;
    if (at + digits > text.size()) return -1;
    return std::from_chars(text.data() + at, end, value).ptr == end ? value : -1;
  };
  std::chrono::year_month_day day{std::chrono::year{number(0, 4)},
                                  std::chrono::month{static_cast<unsigned>(number(5, 2))},
                                  std::chrono::day{static_cast<unsigned>(number(8, 2))}};
  if (number(0, 4) < kYearMin) day = std::chrono::year{kYearMin} / 1 / 1;
  if (number(0, 4) > kYearMax) day = std::chrono::year{kYearMax + 1} / 1 / 1;
  Time time = std::chrono::sys_days{day};
  if (text.size() == 10) return time;
  if (text.size() != 16 || (text[10] != ' ' && text[10] != 'T') || text[13] != ':')
    return std::nullopt;
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  return time + std::chrono::hours{hour} + std::chrono::minutes{minute};
}

}  // namespace

int run_report(Arguments arguments) {
  CommandLine line{
      "report", "-o FILE [--db FILE] [OPTIONS]",
      "Writes the governance report. The end of the file's name says what:\n\n"
      "  .html   one page that needs nothing else and prints well: summary, apps by risk\n"
      "          with every point explained, timeline, clients, evidence, findings in content,\n"
      "          self-hosted servers, supply chain, candidates, alerts, unknown hosts,\n"
      "          captures and coverage\n"
      "  .xlsx   a workbook with a table for each of these\n"
      "  .csv    the apps, one a row, for a spreadsheet; with --what another list\n"
      "  .json   everything the inventory holds"};
  add_database_option(line);
  line.options().add_options()("output,o", text_value("FILE"), "the file to write");
  std::vector<std::string_view> lists;
  std::string names;
  for (const report::Listed& each : report::listings()) {
    lists.push_back(each.name);
    names += (names.empty() ? "" : ", ") + std::string{each.name};
  }
  // clang-format off
  line.options().add_options()
      ("what", text_value("LIST"), ("with .csv, instead of the apps: " + names).c_str())
      ("since", text_value("TIME"), "only what was seen from then on: a day, or '2026-11-24 09:00'; UTC, in whole hours")
      ("until", text_value("TIME"), "only what was seen before")
      ("group", text_value("GROUP"), "only what clients of this group did")
      ("compare", text_value("FILE"),
       "tell what changed since an earlier report: one written as .json, or an earlier inventory")
      ("since-last", po::bool_switch(),
       "tell what changed since the last report that was made so, and remember this one "
       "(in FILE.last-report.json beside the inventory)")
      ("no-clients", po::bool_switch(), "name no clients");
  // clang-format on
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  const std::string path = line.text("output");
  if (path.empty()) return line.misused("-o FILE is missing");
  const Format* format = nullptr;
  for (const Format& each : kFormats)
    if (path.ends_with(each.suffix)) format = &each;
  if (format == nullptr)
    return line.misused("'" + path + "' must end in " +
                        one_of({".html", ".xlsx", ".csv", ".json"}));

  std::string_view listed;
  if (line.has("what")) {
    for (const std::string_view each : lists)
      if (each == line.text("what")) listed = each;
    if (listed.empty())
      return line.misused("--what: '" + line.text("what") + "' is not " + one_of(lists));
    if (format->suffix != ".csv")
      return line.misused("--what goes with .csv; the others hold every list");
  }

  report::ReportOptions options;
  options.clients = !line.get<bool>("no-clients");
  options.period.client_group = line.text("group");
  for (const auto& [name, into] : {std::pair{"since", &options.period.since},
                                   std::pair{"until", &options.period.until}}) {
    if (!line.has(name)) continue;
    *into = time_of_text(line.text(name));
    if (!*into)
      return line.misused("--" + std::string{name} + ": '" + line.text(name) +
                          "' is no day (2026-11-24) and no time (2026-11-24 09:00)");
  }
  if (options.period.since && options.period.until &&
      *options.period.since >= *options.period.until)
    return line.misused("--since must be before --until");

  const std::string database = line.text("db");
  const bool since_last = line.get<bool>("since-last");
  const std::string last = database + ".last-report.json";
  if (since_last && line.has("compare"))
    return line.misused("--compare and --since-last say the same in two ways: give one");
  if (format->suffix == ".csv" && (since_last || line.has("compare")))
    return line.misused(
        "--compare and --since-last go with .html, .xlsx and .json: lists as .csv "
        "tell no changes");
  const std::string earlier = line.has("compare") ? line.text("compare") : since_last ? last : "";
  std::error_code ignored;
  if (!earlier.empty() && (!since_last || std::filesystem::exists(earlier, ignored))) {
    auto snapshot = report::read_snapshot(earlier, options.period);
    if (!snapshot) return line.unreadable("--compare: " + snapshot.error().message);
    const auto clients_of = [](const std::string& group) {
      return group.empty() ? std::string{"all clients"} : "clients of " + group;
    };
    if (snapshot->client_group != options.period.client_group)
      return line.misused(earlier + " tells of " + clients_of(snapshot->client_group) +
                          ", this report of " + clients_of(options.period.client_group) +
                          ": these cannot be compared");
    options.previous = std::move(*snapshot);
  }

  auto inventory = Inventory::open(database);
  if (!inventory) return line.unreadable(no_inventory_message(database, inventory.error().message));
  if (!options.period.client_group.empty())
    if (auto use = inventory->period(options.period); !use)
      return line.misused("--group: " + use.error().message);
  if (!listed.empty()) {
    auto text = list_csv_of(*inventory, options, listed);
    if (!text) return line.unreadable(database + ": " + text.error().message);
    if (const auto failed = write_whole(path, *text)) return line.misused(failed->message);
  } else if (const auto failed = format->write(*inventory, options, path)) {
    return line.misused(failed->message);
  }
  if (since_last) {
    auto snapshot = report::snapshot_of(*inventory, options.period);
    if (!snapshot) return line.unreadable(database + ": " + snapshot.error().message);
    if (const auto failed = write_whole(last, report::snapshot_json(*snapshot)))
      return line.misused(failed->message);
  }
  return kDone;
}

}  // namespace gnomon::cli
