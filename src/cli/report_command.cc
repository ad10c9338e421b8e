#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "command.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/report/html_report.h"
#include "gnomon/report/inventory_csv.h"
#include "gnomon/report/inventory_json.h"
#include "gnomon/report/listing.h"
#include "options.h"

namespace gnomon::cli {
namespace {

using inventory::Inventory;

Result<std::string> html_of(Inventory& inventory) {
  auto content = report::read_report_content(inventory);
  if (!content) return content.error();
  return report::html_report(*content);
}

Result<std::string> csv_of(Inventory& inventory) {
  auto apps = inventory.apps();
  if (!apps) return apps.error();
  std::string out;
  report::write_app_list_csv(out, *apps);
  return out;
}

// One of the lists, for a spreadsheet.
Result<std::string> list_csv_of(Inventory& inventory, const report::Listed& listed) {
  auto listing = listed.make(inventory);
  if (!listing) return listing.error();
  std::string out;
  report::write_listing_csv(out, *listing);
  return out;
}

struct Format {
  std::string_view suffix;
  Result<std::string> (*make)(Inventory& inventory);
};
constexpr Format kFormats[] = {
    {".html", html_of}, {".csv", csv_of}, {".json", report::json_report}};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Writes beside the file and moves into its place, so that there is never half a report.
std::optional<Error> write_whole(const std::filesystem::path& path, const std::string& text) {
  std::error_code error;
  // What is no file (a pipe, /dev/stdout) is written to as it is.
  const bool in_place =
      std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error);
  std::filesystem::path target = path;
  if (!in_place) target += ".part";
  std::unique_ptr<std::FILE, CloseFile> file{std::fopen(target.c_str(), "wbe")};
  if (!file) return Error{std::strerror(errno)}.in(target.string());
  const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
                       std::fflush(file.get()) == 0;
  const int reason = errno;
  file.reset();
  if (written && !in_place) std::filesystem::rename(target, path, error);
  if (written && !error) return std::nullopt;
  const std::string why = written ? error.message() : std::strerror(reason);
  if (!in_place) std::filesystem::remove(target, error);
  return Error{why}.in(path.string());
}

}  // namespace

int run_report(Arguments arguments) {
  CommandLine line{
      "report", "-o FILE [--db FILE]",
      "Writes the governance report. The end of the file's name says what:\n\n"
      "  .html   one page that needs nothing else: summary, apps by risk with every\n"
      "          point explained, timeline, clients, evidence, unknown hosts, captures\n"
      "          and coverage\n"
      "          sensitive data, self-hosted servers, supply chain, candidates, alerts\n"
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
  line.options().add_options()("what", text_value("LIST"),
                               ("with .csv, instead of the apps: " + names).c_str());
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  const std::string path = line.text("output");
  if (path.empty()) return line.misused("-o FILE is missing");
  const Format* format = nullptr;
  for (const Format& each : kFormats)
    if (path.ends_with(each.suffix)) format = &each;
  if (format == nullptr)
    return line.misused("'" + path + "' must end in " + one_of({".html", ".csv", ".json"}));

  const report::Listed* listed = nullptr;
  if (line.has("what")) {
    for (const report::Listed& each : report::listings())
      if (each.name == line.text("what")) listed = &each;
    if (listed == nullptr)
      return line.misused("--what: '" + line.text("what") + "' is not " + one_of(lists));
    if (format->suffix != ".csv")
      return line.misused("--what goes with .csv; the others hold every list");
  }

  const std::string database = line.text("db");
  auto inventory = Inventory::open(database);
  if (!inventory) return line.unreadable(no_inventory_message(database, inventory.error().message));
  auto text = listed != nullptr ? list_csv_of(*inventory, *listed) : format->make(*inventory);
  if (!text) return line.unreadable(database + ": " + text.error().message);
  if (const auto failed = write_whole(path, *text)) return line.misused(failed->message);
  return kDone;
}

}  // namespace gnomon::cli
