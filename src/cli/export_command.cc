#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "block_knowledge.h"
#include "command.h"
#include "event_streams.h"
#include "find_app.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/identify/roles.h"
#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/report/bill_of_materials.h"
#include "gnomon/report/block_list.h"
#include "gnomon/report/block_selection.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/inventory_csv.h"
#include "gnomon/report/inventory_json.h"
#include "gnomon/report/numbers.h"
#include "options.h"
#include "signature_folder.h"
#include "write_file.h"

namespace gnomon::cli {
namespace {

namespace po = boost::program_options;
using inventory::Inventory;

// Inventories, besides the formats of block lists.
struct InventoryFormat {
  std::string_view name;
  std::string_view about;
  std::optional<Error> (*write)(Inventory& inventory, bool clients, const report::TextSink& sink);
};

std::optional<Error> write_bill(Inventory& inventory, bool clients, const report::TextSink& sink) {
  auto text = report::bill_of_materials(inventory, clients);
  return text ? sink(*text) : text.error();
}

std::optional<Error> write_csv(Inventory& inventory, bool, const report::TextSink& sink) {
  auto apps = inventory.apps();
  if (!apps) return apps.error();
  std::string out;
  report::write_app_list_csv(out, *apps);
  return sink(out);
}

std::optional<Error> write_json(Inventory& inventory, bool clients, const report::TextSink& sink) {
  report::ReportOptions options;
  options.clients = clients;
  return report::write_json_report(inventory, options, sink);
}

constexpr InventoryFormat kInventoryFormats[] = {
    {"cyclonedx", "a bill of materials, CycloneDX 1.6 (JSON): services, data flows, models",
     write_bill},
    {"csv", "the apps, one a row", write_csv},
    {"json", "everything the inventory holds", write_json},
};

std::vector<std::string> words_of(const CommandLine& line, const std::string& option) {
  std::vector<std::string> words;
  if (!line.has(option)) return words;
  for (const std::string& given : line.get<std::vector<std::string>>(option)) {
    std::size_t from = 0;
    while (from <= given.size()) {
      const std::size_t end = std::min(given.find(',', from), given.size());
      if (end > from) words.push_back(given.substr(from, end - from));
      from = end + 1;
    }
  }
  return words;
}

bool is_zone_name(std::string_view zone) {
  return !zone.empty() && zone.size() <= 100 && zone.front() != '.' && zone.back() != '.' &&
         zone.find("..") == std::string_view::npos &&
         std::all_of(zone.begin(), zone.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '.'; });
}

void say(const std::string& text) {
  std::fprintf(stderr, "gnomon export: %s\n", report::printable(text).c_str());
}

void say_refusals(const report::BlockList& list, bool addresses) {
  std::size_t left_out = 0;
  for (const report::Refusal& refusal : list.refused) {
    // Addresses concern lists of addresses alone.
    const bool is_address = IpAddress::parse(refusal.what).has_value();
    if (is_address != addresses && is_address) continue;
    say("left out: " + refusal.what + (refusal.app.empty() ? "" : " (" + refusal.app + ")") + ": " +
        refusal.why);
    ++left_out;
  }
  if (left_out > 0) say("--include-shared lists what others use too");
}

int export_block_list(const CommandLine& line, const report::BlockFormat& format,
                      Inventory& inventory) {
  report::BlockSelection selection;
  if (line.has("status")) {
    selection.statuses = words_of(line, "status");
    for (const std::string& status : selection.statuses)
      if (status != "any" && !inventory::is_review_status(status))
        return line.misused("--status: '" + status +
                            "' is none of the decisions (gnomon review --help), nor 'any'");
    if (std::find(selection.statuses.begin(), selection.statuses.end(), "any") !=
        selection.statuses.end())
      selection.statuses.clear();
  } else if (line.has("app")) {
    selection.statuses.clear();  // it was asked for by name
  }
  if (line.has("risk")) {
    std::vector<std::string_view> levels;
    for (std::size_t i = 0; i < inventory::kRiskLevels; ++i) {
      const auto level = static_cast<inventory::RiskLevel>(i);
      levels.push_back(to_string(level));
      if (line.text("risk") == to_string(level)) selection.level_min = level;
    }
    if (!selection.level_min)
      return line.misused("--risk: '" + line.text("risk") + "' is not " + one_of(levels));
  }
  selection.categories = words_of(line, "category");
  selection.roles = words_of(line, "role");
  std::vector<std::string_view> roles;
  for (const identify::Role role : identify::all_roles()) roles.push_back(to_string(role));
  for (const std::string& role : selection.roles)
    if (std::find(roles.begin(), roles.end(), role) == roles.end())
      return line.misused("--role: '" + role + "' is not " + one_of(roles));
  selection.include_shared = line.get<bool>("include-shared");
  auto apps = inventory.apps();
  if (!apps) return line.unreadable(line.text("db") + ": " + apps.error().message);
  for (const std::string& word : words_of(line, "app")) {
    const auto app = find_app(*apps, word);
    if (!app) return line.misused("--app: " + app.error().message);
    selection.apps.push_back((*app)->facts.id);
  }
  if (line.has("group")) {
    if (auto failed = report::choose_group(line.text("db"), line.text("group"), *apps, selection))
      return line.misused("--group: " + failed->message);
  }
  report::BlockStyle style;
  style.zone = line.text("zone");
  style.action = line.text("action");
  style.clients = !line.get<bool>("no-clients");
  if (!is_zone_name(style.zone))
    return line.misused("--zone: '" + style.zone + "' is no name for a zone");
  if (style.action != "drop" && style.action != "reject" && style.action != "alert")
    return line.misused("--action: '" + style.action + "' is not 'drop', 'reject' or 'alert'");

  auto folders = signature_folders(line);
  if (!folders) return line.misused(folders.error().message);
  auto catalogue = load_catalogue(*folders);
  if (!catalogue) return kMisused;
  auto list = report::make_block_list(line.text("db"), block_knowledge(*catalogue), selection);
  if (!list) return line.unreadable(line.text("db") + ": " + list.error().message);

  // Its members are clients too, where they are single addresses.
  if (!style.clients && line.has("group")) list->clients = "clients of " + line.text("group");

  const std::string path = line.has("output") ? line.text("output") : "-";
  if (const auto failed = write_whole(path, format.write(*list, style)))
    return line.misused(failed->message);
  std::string explain = line.text("explain");
  if (explain.empty() && !format.comments && path != "-") explain = path + ".explain.json";
  if (!explain.empty())
    if (const auto failed = write_whole(explain, explain_block_list(*list, style)))
      return line.misused(failed->message);

  if (list->apps.empty()) {
    say("no app is among " + list->selection + ": there is nothing to block");
  } else {
    say_refusals(*list, format.addresses);
    const std::size_t entries = format.addresses ? list->addresses.size() : list->entries.size();
    say(report::count_of(entries, format.addresses ? "address" : "name",
                         format.addresses ? "addresses" : "names") +
        " of " + report::count_of(list->apps.size(), "app"));
    if (!format.comments && explain.empty())
      say("this format has no comments: --explain FILE tells what each entry hits");
  }
  return kDone;
}

// Sends what waits for a collector, and says what is left.
int export_spool(const CommandLine& line) {
  if (!line.has("syslog")) return line.misused("spool: --syslog URL is missing");
  auto options = syslog_options(line);
  if (!options) return line.misused(options.error().message);
  const std::string spool = options->spool;
  std::error_code ignored;
  if (!std::filesystem::is_directory(spool, ignored))
    return line.unreadable("there is no spool in '" + spool + "' (--syslog-spool)");
  auto output = report::SyslogOutput::open(std::move(*options));
  if (!output) return line.unreadable(output.error().message);
  const auto failed = (*output)->close();
  const report::SyslogCounts counts = (*output)->counts();
  say(syslog_summary(counts, spool));
  if (failed) return line.unreadable(failed->message);
  return counts.waiting == 0 ? kDone : kUnreadable;
}

std::string formats_text() {
  std::string text = "Block lists, by default of the apps that were decided to be unsanctioned:\n";
  const auto add = [&text](std::string_view name, std::string_view about) {
    text += "  " + std::string{name} + std::string(std::max<std::size_t>(12, name.size()) -
                                                       name.size(), ' ') +
            std::string{about} + "\n";
  };
  for (const report::BlockFormat& format : report::block_formats()) add(format.name, format.about);
  text += "Inventories:\n";
  for (const InventoryFormat& format : kInventoryFormats) add(format.name, format.about);
  text += "Streams (gnomon replay writes them while it runs):\n";
  add("spool", "sends what still waits for the collector --syslog, in order");
  return text;
}

}  // namespace

int run_export(Arguments arguments) {
  CommandLine line{
      "export", "FORMAT [--db FILE] [-o FILE] [OPTIONS]",
      "Writes what other devices read: block lists for those that enforce, and inventories.\n\n"
      "Each entry of a block list says what of this network's own traffic it would hit. What\n"
      "others use too is left out and named on standard error."};
  add_database_option(line);
  const auto words = [](const char* called) {
    return po::value<std::vector<std::string>>()->value_name(called)->composing();
  };
  // clang-format off
  line.options().add_options()
      ("output,o", text_value("FILE"), "the file to write (default: standard output)")
      ("status", words("STATUS"), "apps with this decision; may be given several times; 'any' for "
       "all (default: unsanctioned, and any with --app)")
      ("risk", text_value("LEVEL"), "of these, apps of at least this risk: minimal, low, medium, "
       "high, critical")
      ("app", words("APP"), "of these, this app (id or name)")
      ("category", words("CATEGORY"), "of these, apps of this category")
      ("role", words("ROLE"), "only hosts that are there for this: web-ui, api, upload ...")
      ("group", text_value("GROUP"), "for the clients of this group: what was decided for it counts")
      ("include-shared", po::bool_switch(), "also list what others use too")
      ("no-clients", po::bool_switch(), "name no clients")
      ("explain", text_value("FILE"), "also write, as JSON, what each entry hits and what was "
       "left out; beside -o FILE.explain.json when a format has no comments")
      ("zone", text_value("NAME", "gnomon.rpz"), "rpz: the zone's name")
      ("action", text_value("WORD", "drop"), "suricata: drop, reject or alert")
      ("syslog", text_value("URL"), "spool: the collector, tcp://HOST:PORT, tls:// or udp://")
      ("syslog-spool", text_value("DIR", "gnomon-spool"), "spool: where events wait")
      ("syslog-spool-mb", po::value<unsigned>()->value_name("N")->default_value(256),
       "spool: what may wait, in megabytes")
      ("syslog-ca", text_value("FILE"), "spool: who may vouch for the collector (PEM)")
      ("syslog-wait", po::value<unsigned>()->value_name("SECONDS")->default_value(60),
       "spool: how long to try");
  // clang-format on
  add_signature_options(line);
  line.add_notes(formats_text());
  line.take_words("FORMAT", 1, 1);
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  const std::string& name = line.words().front();
  if (name == "spool") return export_spool(line);
  const report::BlockFormat* block = nullptr;
  for (const report::BlockFormat& each : report::block_formats())
    if (each.name == name) block = &each;
  const InventoryFormat* whole = nullptr;
  for (const InventoryFormat& each : kInventoryFormats)
    if (each.name == name) whole = &each;
  if (block == nullptr && whole == nullptr) {
    std::vector<std::string_view> names;
    for (const report::BlockFormat& each : report::block_formats()) names.push_back(each.name);
    for (const InventoryFormat& each : kInventoryFormats) names.push_back(each.name);
    return line.misused("'" + name + "' is not " + one_of(names));
  }

  const std::string database = line.text("db");
  auto inventory = Inventory::open(database);
  if (!inventory) return line.unreadable(no_inventory_message(database, inventory.error().message));
  if (block != nullptr) return export_block_list(line, *block, *inventory);

  for (const char* option : {"status", "risk", "app", "category", "role", "group", "explain"})
    if (line.has(option))
      return line.misused("--" + std::string{option} + " goes with block lists alone");
  auto file = WholeFile::open(line.has("output") ? line.text("output") : "-");
  if (!file) return line.misused(file.error().message);
  bool written = true;
  auto failed = whole->write(*inventory, !line.get<bool>("no-clients"), [&](std::string_view piece) {
    auto refused = file->write(piece);
    written &= !refused;
    return refused;
  });
  if (failed && written) return line.unreadable(database + ": " + failed->message);
  if (!failed) failed = file->finish();
  if (failed) return line.misused(failed->message);
  return kDone;
}

}  // namespace gnomon::cli
