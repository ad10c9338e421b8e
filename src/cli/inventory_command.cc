#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "command.h"
#include "find_app.h"
#include "gnomon/bytes/ip_address.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/inventory/recorder.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/listing.h"
#include "gnomon/report/numbers.h"
#include "inventory_lists.h"
#include "options.h"
#include "rematch.h"
#include "signature_folder.h"

namespace gnomon::cli {
namespace {

using inventory::AppOrder;
using inventory::Grade;
using inventory::Inventory;
using inventory::RiskLevel;

template <class Value>
struct Choice {
  std::string_view word;
  Value value;
};

constexpr Choice<InventoryFormat> kFormats[] = {{"table", InventoryFormat::kTable},
                                                {"csv", InventoryFormat::kCsv},
                                                {"json", InventoryFormat::kJson}};
// What is listed in its own way; all else is one of report::listings().
struct Thing {
  std::string_view name;
  InventoryList what;
  std::string_view about;
};
constexpr Thing kThings[] = {
    {"apps", InventoryList::kApps, "AI apps with their risk (the default)"},
    {"clients", InventoryList::kClients, "clients that were seen with them"},
    {"hosts", InventoryList::kHosts, "hosts that no app is known for"},
    {"runs", InventoryList::kRuns, "captures that were read"},
};
constexpr Choice<AppOrder> kOrders[] = {{"risk", AppOrder::kRisk},
                                        {"name", AppOrder::kName},
                                        {"first-seen", AppOrder::kFirstSeen},
                                        {"last-seen", AppOrder::kLastSeen},
                                        {"clients", AppOrder::kClients},
                                        {"bytes", AppOrder::kBytes},
                                        {"flows", AppOrder::kFlows}};
constexpr Choice<Grade> kGrades[] = {{"dns", Grade::kDns},
                                     {"name", Grade::kName},
                                     {"session", Grade::kSession},
                                     {"use", Grade::kUse},
                                     {"content", Grade::kContent}};
constexpr Choice<RiskLevel> kLevels[] = {{"minimal", RiskLevel::kMinimal},
                                         {"low", RiskLevel::kLow},
                                         {"medium", RiskLevel::kMedium},
                                         {"high", RiskLevel::kHigh},
                                         {"critical", RiskLevel::kCritical}};
// Filters of the list of apps; `client` and `text` are also those of the others but runs.
constexpr const char* kAppFilters[] = {"category",  "status",   "client", "usage",
                                       "min-grade", "min-risk", "text",   "sort"};

constexpr std::string_view kNotes =
    "Grades of evidence, weakest first: dns (a name was looked up), name (a connection asked for\n"
    "it), session (bytes flowed both ways), use (a path, an upload or a streamed answer was "
    "seen),\n"
    "content (the request itself was read). Nothing below session counts as use.\n\n"
    "Times are the packets', in UTC. On a terminal the table is cut to its width; piped, it is\n"
    "whole. NO_COLOR=1 switches colours off.";

// Reads an option that names one of several things.
template <class Value, std::size_t N>
std::optional<int> choose(const CommandLine& line, const std::string& option,
                          const Choice<Value> (&choices)[N], Value& chosen) {
  if (!line.has(option)) return std::nullopt;
  const std::string word = line.text(option);
  for (const Choice<Value>& choice : choices) {
    if (choice.word != word) continue;
    chosen = choice.value;
    return std::nullopt;
  }
  std::vector<std::string_view> words;
  for (const Choice<Value>& choice : choices) words.push_back(choice.word);
  return line.misused("--" + option + ": '" + word + "' is not " + one_of(words));
}

// One thing, named by --what or by an option of its own.
std::optional<int> choose_thing(const CommandLine& line, InventorySettings& settings) {
  std::vector<std::string> named;
  if (line.has("what")) named.push_back(line.text("what"));
  for (const report::Listed& listed : report::listings())
    if (line.get<bool>(std::string{listed.name})) named.emplace_back(listed.name);
  if (named.empty()) return std::nullopt;
  if (named.size() > 1) return line.misused("one list at a time: " + report::listed(named));
  std::vector<std::string_view> words;
  for (const Thing& thing : kThings) {
    words.push_back(thing.name);
    if (thing.name != named.front()) continue;
    settings.what = thing.what;
    return std::nullopt;
  }
  for (const report::Listed& listed : report::listings()) {
    words.push_back(listed.name);
    if (listed.name != named.front()) continue;
    settings.what = InventoryList::kListing;
    settings.listed = &listed;
    return std::nullopt;
  }
  return line.misused("--what: '" + named.front() + "' is not " + one_of(words));
}

std::optional<int> read_settings(const CommandLine& line, InventorySettings& settings) {
  settings.database = line.text("db");
  if (auto code = choose(line, "format", kFormats, settings.format)) return code;
  if (auto code = choose_thing(line, settings)) return code;
  if (auto code = choose(line, "sort", kOrders, settings.order)) return code;
  if (auto code = choose(line, "min-grade", kGrades, settings.filter.grade_min)) return code;
  if (line.has("min-risk")) {
    RiskLevel level{};
    if (auto code = choose(line, "min-risk", kLevels, level)) return code;
    settings.filter.level_min = level;
  }
  settings.filter.category = line.text("category");
  settings.filter.status = line.text("status");
  settings.filter.client = line.text("client");
  // Addresses are kept as they are written canonically.
  if (const auto address = IpAddress::parse(settings.filter.client))
    settings.filter.client = address->to_string();
  settings.filter.usage = line.text("usage");
  settings.filter.text = line.text("text");
  if (line.has("status") && !inventory::is_review_status(settings.filter.status))
    return line.misused(
        "--status: '" + settings.filter.status + "' is not " +
        one_of({"unreviewed", "under-review", "sanctioned", "tolerated", "unsanctioned"}));
  for (const char* option : kAppFilters) {
    if (!line.has(option)) continue;
    const std::string_view word{option};
    const bool of_many =
        settings.what != InventoryList::kRuns && (word == "client" || word == "text");
    if (settings.what != InventoryList::kApps && !of_many)
      return line.misused("--" + std::string{option} +
                          (word == "client" || word == "text" ? " does not go with --what runs"
                                                              : " goes with --what apps only"));
    settings.filtered |= std::string_view{option} != "sort";
  }
  if (line.has("app") && settings.what != InventoryList::kListing)
    return line.misused("--app goes with lists of findings, files, models and the like only");
  settings.app = line.text("app");
  settings.filtered |= line.has("app");
  if (line.has("limit")) settings.limit = line.get<std::size_t>("limit");
  return std::nullopt;
}

// Nothing when it went well.
std::optional<int> rematch(const CommandLine& line, const std::string& database) {
  const auto folders = signature_folders(line);
  if (!folders) return line.misused(folders.error().message);
  const auto catalogue = load_catalogue(*folders);
  if (!catalogue) return kMisused;
  if (auto readable = Inventory::open(database); !readable)
    return line.unreadable(no_inventory_message(database, readable.error().message));
  inventory::RecorderOptions options;
  options.path = database;
  options.apps = facts_of(*catalogue);
  auto recorder = inventory::Recorder::open(std::move(options));
  if (!recorder) return line.unreadable(recorder.error().message);
  const auto matches = rematch_hosts(*recorder, *catalogue);
  if (!matches) return line.unreadable(matches.error().message);
  for (const std::string& said : rematch_lines(*matches))
    std::fprintf(stderr, "%s\n", report::printable(said).c_str());
  return std::nullopt;
}

}  // namespace

int run_inventory(Arguments arguments) {
  namespace po = boost::program_options;
  CommandLine line{
      "inventory", "[--db FILE] [--what THINGS] [--format FORMAT] [FILTERS]",
      "Lists what captures told: AI apps with their risk, the clients that use them,\n"
      "what was found in content, servers of one's own, candidates, alerts, hosts that\n"
      "no app is known for, and the captures themselves."};
  add_database_option(line);
  line.options().add_options()                                   //
      ("what", text_value("THINGS"), "what to list, see below")  //
      ("format", text_value("FORMAT"), "table (the default), csv or json");
  for (const report::Listed& listed : report::listings()) {
    const std::string name{listed.name};
    line.options().add_options()(name.c_str(), po::bool_switch(), ("as --what " + name).c_str());
  }
  line.options().add_options()                                   //
      ("category", text_value("WORD"), "apps of this category")  //
      ("status", text_value("WORD"),
       "apps that are unreviewed, under-review, sanctioned, tolerated or unsanctioned")   //
      ("client", text_value("ADDRESS"), "of this client; apps that it was seen with")     //
      ("app", text_value("APP"), "findings, files, models ... of this app (id or name)")  //
      ("usage", text_value("WORD"), "apps used so: web-chat, api ...")                    //
      ("min-grade", text_value("GRADE"),
       "apps with this evidence or better: dns, name, session, "
       "use or content")  //
      ("min-risk", text_value("LEVEL"),
       "apps rated so or higher: minimal, low, medium, high or "
       "critical")  //
      ("text", text_value("TEXT"),
       "apps with this in id, name or vendor; rows of other lists with it anywhere")  //
      ("sort", text_value("ORDER"),
       "apps by risk (the default), name, first-seen, last-seen, clients, "
       "bytes or flows")  //
      ("limit", po::value<std::size_t>()->value_name("N"),
       "at most N rows; 0 for all (the default, but for tables of hosts, 100, and those of "
       "findings and the like, 200)")                                                //
      ("low", po::bool_switch(), "tables of findings: those of low confidence too")  //
      ("rematch", po::bool_switch(),
       "first ask the signatures of today about hosts that were unknown: whoever used an app "
       "before it was known is then listed with it (see --retro)");
  add_signature_options(line);
  std::string things = "What can be listed:\n";
  const auto add_thing = [&things](std::string_view name, std::string_view about) {
    std::string padded{name};
    padded.resize(12, ' ');
    things += "  " + padded + std::string{about} + "\n";
  };
  for (const Thing& thing : kThings) add_thing(thing.name, thing.about);
  for (const report::Listed& listed : report::listings()) add_thing(listed.name, listed.about);
  line.add_notes(things + "\n" + std::string{kNotes});
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  InventorySettings settings;
  if (const std::optional<int> code = read_settings(line, settings)) return *code;
  if (line.get<bool>("rematch"))
    if (const std::optional<int> code = rematch(line, settings.database)) return *code;

  auto inventory = Inventory::open(settings.database);
  if (!inventory)
    return line.unreadable(no_inventory_message(settings.database, inventory.error().message));
  if (!settings.app.empty()) {
    const auto apps = inventory->apps();
    if (!apps) return line.unreadable(settings.database + ": " + apps.error().message);
    const auto app = find_app(*apps, settings.app);
    if (!app) return line.misused("--app: " + app.error().message);
    settings.app = (*app)->facts.id;
  }
  return print_list(line, settings, *inventory);
}

}  // namespace gnomon::cli
