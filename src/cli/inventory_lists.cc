#include "inventory_lists.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <utility>
#include <vector>

#include "command.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/inventory/period.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/report/client_rows.h"
#include "gnomon/report/confidence.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/inventory_csv.h"
#include "gnomon/report/inventory_json.h"
#include "gnomon/report/numbers.h"
#include "listing_table.h"
#include "terminal_table.h"

namespace gnomon::cli {
namespace {

using inventory::AppSummary;
using inventory::Inventory;
using inventory::RiskLevel;
using observation::grouped;
using report::count_of;
using report::human_bytes;
using report::minute_text;
using report::used_text;

constexpr std::size_t kHostsInTable = 100;
constexpr std::size_t kRowsInTable = 200;

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_lines(const std::vector<std::string>& lines, const Terminal& terminal) {
  for (const std::string& line : lines)
    print(wrapped(report::printable(line), terminal.columns, 2) + "\n");
}

// The table, and what the terminal was too narrow for.
void print_table(const TerminalTable& table, const Terminal& terminal) {
  const TerminalTable::Rendered rendered = table.render(terminal);
  print(rendered.text);
  if (!rendered.left_out.empty())
    print_lines({"Not shown in this width: " + report::listed(rendered.left_out) + "."}, terminal);
}

void print_app_table(const std::vector<AppSummary>& apps, const Terminal& terminal) {
  TerminalTable table{{{"App", false, 12, 0},
                       {"Vendor", false, 8, 6},
                       {"Category", false, 8, 5},
                       {"Risk", false, 0, 0},
                       {"Grade", false, 0, 2},
                       {"Usage", false, 8, 7},
                       {"Clients", true, 0, 1},
                       {"Sessions", true, 0, 3},
                       {"Sent", true, 0, 2},
                       {"Received", true, 0, 4},
                       {"First seen", false, 0, 9},
                       {"Last seen", false, 0, 8},
                       {"Status", false, 0, 1}}};
  bool any_only_asked = false;
  for (const AppSummary& app : apps) {
    const std::string risk = app.rating ? std::string{to_string(app.rating->level)} + " " +
                                              std::to_string(app.rating->score)
                                        : "not rated";
    table.add_row({app.facts.name, app.facts.vendor, app.facts.category, risk,
                   std::string{observation::to_string(app.grade)}, report::joined(app.usages, ", "),
                   used_text(app.clients_used, app.clients), grouped(app.counts.sessions),
                   human_bytes(app.counts.bytes_to_server), human_bytes(app.counts.bytes_to_client),
                   minute_text(app.first_seen), minute_text(app.last_seen), app.review.status});
    table.style_last(3, app.rating ? style_of_word(to_string(app.rating->level)) : Style::kDim);
    any_only_asked |= app.clients > app.clients_used;
  }
  print_table(table, terminal);
  if (any_only_asked)
    print_lines(
        {"Clients: those with a session; (+2): two more only looked it up or asked for it."},
        terminal);
}

// "12 AI apps: 9 used by 34 clients, 3 only looked up or asked for. 2 high, 1 critical. ..."
std::string summary_line(const inventory::Totals& totals) {
  if (totals.runs == 0) return "The inventory holds no capture yet.";
  std::string line = count_of(totals.apps, "AI app");
  if (totals.apps > 0) {
    line +=
        ": " + grouped(totals.apps_used) + " used by " + count_of(totals.clients_used, "client");
    if (totals.apps > totals.apps_used)
      line += ", " + grouped(totals.apps - totals.apps_used) + " only looked up or asked for";
  }
  line += ".";
  std::vector<std::string> levels;
  for (std::size_t i = inventory::kRiskLevels; i-- > 0;)
    if (totals.apps_by_level[i] > 0)
      levels.push_back(grouped(totals.apps_by_level[i]) + " " +
                       std::string{to_string(static_cast<RiskLevel>(i))});
  if (!levels.empty()) line += " Risk: " + report::joined(levels, ", ") + ".";
  if (!report::is_known(totals.last_packet)) return line + " No packet was read.";
  const std::string from = minute_text(totals.first_packet);  // none at the beginning of all time
  return line + " Packets" + (from.empty() ? "" : " from " + from) + " to " +
         minute_text(totals.last_packet) + " UTC in " + count_of(totals.runs, "run") + ".";
}

int failed(const CommandLine& line, const Error& error, const std::string& database) {
  return line.unreadable(database + ": " + error.message);
}

template <class Things>
void cut(Things& things, std::size_t limit) {
  if (limit > 0 && things.size() > limit) things.resize(limit);
}

bool holds_text(std::string_view text, const std::string& wanted) {
  return lowered(text).find(wanted) != std::string::npos;
}

// What a client did beside the use of apps: whoever asks what is known of it is told where it is.
Result<std::string> other_lists_of(const std::string& client, Inventory& inventory) {
  auto asked = inventory.asked_by(client);
  if (!asked) return asked.error();
  std::vector<std::string> parts;
  const auto add = [&parts](std::size_t rows, std::string_view name) {
    if (rows > 0) parts.push_back(count_of(rows, "row") + " of --what " + std::string{name});
  };
  add(asked->unknown_hosts.size(), "hosts");
  for (const report::Listed& listed : report::listings()) {
    auto listing = listed.make(inventory);
    if (!listing) return listing.error();
    const report::ClientRows rows{*listing, client, *asked};
    add(static_cast<std::size_t>(std::count_if(listing->rows.begin(), listing->rows.end(),
                                               [&](const auto& row) { return rows.holds(row); })),
        listed.name);
  }
  if (parts.empty()) return std::string{"No other list tells of this client."};
  return "Of this client there are also " + report::listed(parts) + ".";
}

int list_apps(const CommandLine& line, const InventorySettings& settings, Inventory& inventory) {
  auto apps = inventory.apps(settings.filter, settings.order);
  if (!apps) return failed(line, apps.error(), settings.database);
  auto totals = inventory.totals();
  if (!totals) return failed(line, totals.error(), settings.database);
  auto coverage = inventory.coverage();
  if (!coverage) return failed(line, coverage.error(), settings.database);
  const std::size_t found = apps->size();
  cut(*apps, settings.limit);

  std::string out;
  switch (settings.format) {
    case InventoryFormat::kCsv:
      report::write_app_list_csv(out, *apps);
      break;
    case InventoryFormat::kJson:
      report::write_app_list_json(out, *totals, *apps, *coverage);
      break;
    case InventoryFormat::kTable: {
      const Terminal terminal = Terminal::of_standard_output();
      if (!apps->empty()) {
        print_app_table(*apps, terminal);
        print("\n");
      }
      if (settings.filtered || found > apps->size())
        print_lines(
            {found == 0
                 ? "No app fits the filter."
                 : grouped(found) + " of " + count_of(totals->apps, "app") +
                       (settings.filtered ? " fit the filter" : "") +
                       (found > apps->size() ? ", " + grouped(apps->size()) + " shown." : ".")},
            terminal);
      if (!settings.filter.client.empty()) {
        auto others = other_lists_of(settings.filter.client, inventory);
        if (!others) return failed(line, others.error(), settings.database);
        print_lines({*others}, terminal);
      }
      print_lines({summary_line(*totals)}, terminal);
      if (totals->runs > 0) {
        print(styled("\nCoverage\n", Style::kBold, terminal.colour));
        print_lines(observation::coverage_statement(*coverage), terminal);
      }
    }
  }
  print(out);
  return kDone;
}

// Leaves the rows that fit --app, --client and --text.
void filter_rows(const InventorySettings& settings, const inventory::AskedBy& asked,
                 report::Listing& listing) {
  const report::ClientRows of_client{listing, settings.filter.client, asked};
  const auto app = report::column_of(listing, "app");
  std::vector<std::vector<report::Cell>> rows;
  for (std::size_t i = 0; i < listing.rows.size(); ++i) {
    if ((settings.app.empty() || report::cell_text(listing.rows[i][*app]) == settings.app) &&
        (settings.filter.client.empty() || of_client.holds(listing.rows[i])) &&
        (settings.filter.text.empty() || report::row_holds(listing, i, settings.filter.text)))
      rows.push_back(std::move(listing.rows[i]));
  }
  listing.rows = std::move(rows);
}

int list_listing(const CommandLine& line, const InventorySettings& settings, Inventory& inventory) {
  auto made = settings.listed->make(inventory);
  if (!made) return failed(line, made.error(), settings.database);
  auto coverage = inventory.coverage();
  if (!coverage) return failed(line, coverage.error(), settings.database);
  report::Listing& listing = *made;
  const std::size_t all = listing.rows.size();
  if (!settings.app.empty() && !report::column_of(listing, "app"))
    return line.misused("--app: the list of " + std::string{listing.name} + " tells of no app");
  inventory::AskedBy asked;
  if (!settings.filter.client.empty()) {
    if (!report::ClientRows{listing, "", asked}.any())
      return line.misused("--client: the list of " + std::string{listing.name} +
                          " tells of no client");
    auto read = inventory.asked_by(settings.filter.client);
    if (!read) return failed(line, read.error(), settings.database);
    asked = std::move(*read);
  }
  if (settings.filtered) filter_rows(settings, asked, listing);
  // Machines get all of it, people what is sure, and how much more there is.
  std::size_t low = 0;
  if (settings.format == InventoryFormat::kTable && !line.get<bool>("low"))
    low = report::take_low_confidence(listing).rows.size();
  const std::size_t found = listing.rows.size();
  const std::size_t limit = line.has("limit") || settings.format != InventoryFormat::kTable
                                ? settings.limit
                                : kRowsInTable;
  cut(listing.rows, limit);
  std::string out;
  if (settings.format == InventoryFormat::kCsv) report::write_listing_csv(out, listing);
  if (settings.format == InventoryFormat::kJson)
    report::write_listing_json(out, listing, *coverage);
  print(out);
  if (settings.format != InventoryFormat::kTable) return kDone;

  const Terminal terminal = Terminal::of_standard_output();
  if (found > 0) {
    print_table(terminal_table_of(listing), terminal);
    print("\n");
  }
  if (all == 0) {
    print_lines({std::string{listing.none}}, terminal);
  } else {
    print_lines(
        {found == 0 && low == 0
             ? "None of " + count_of(all, listing.thing) + " fits the filter."
             : (found + low < all ? grouped(found + low) + " of " : "") +
                   count_of(all, listing.thing) + (found + low < all ? " fit the filter" : "") +
                   (low > 0 ? ", " + grouped(low) + " of low confidence (--low shows them)" : "") +
                   (found > listing.rows.size()
                        ? ", " + grouped(listing.rows.size()) + " shown (--limit 0 shows all)."
                        : ".")},
        terminal);
  }
  print(styled("\nCoverage\n", Style::kBold, terminal.colour));
  print_lines(observation::coverage_statement(*coverage), terminal);
  return kDone;
}

int list_clients(const CommandLine& line, const InventorySettings& settings, Inventory& inventory) {
  auto clients = inventory.clients();
  if (!clients) return failed(line, clients.error(), settings.database);
  const std::size_t all = clients->size();
  const std::string wanted = lowered(settings.filter.text);
  std::erase_if(*clients, [&](const inventory::ClientSummary& each) {
    return (!settings.filter.client.empty() && each.client != settings.filter.client) ||
           (!holds_text(each.client, wanted) && !holds_text(each.name, wanted) &&
            !holds_text(each.mac, wanted));
  });
  const std::size_t found = clients->size();
  cut(*clients, settings.limit);
  std::string out;
  if (settings.format == InventoryFormat::kCsv) report::write_client_list_csv(out, *clients);
  if (settings.format == InventoryFormat::kJson) report::write_client_list_json(out, *clients);
  print(out);
  if (settings.format != InventoryFormat::kTable) return kDone;

  const Terminal terminal = Terminal::of_standard_output();
  TerminalTable table{{{"Client", false, 0, 0},
                       {"Name", false, 8, 2},
                       {"MAC", false, 0, 8},
                       {"Apps", true, 0, 0},
                       {"Grade", false, 0, 3},
                       {"Sessions", true, 0, 4},
                       {"Sent", true, 0, 1},
                       {"Received", true, 0, 5},
                       {"First seen", false, 0, 7},
                       {"Last seen", false, 0, 6},
                       {"Which", false, 12, 9}}};
  bool any_only_asked = false;
  for (const inventory::ClientSummary& client : *clients) {
    any_only_asked |= client.apps > client.apps_used;
    table.add_row({client.client, client.name, client.mac, used_text(client.apps_used, client.apps),
                   std::string{observation::to_string(client.grade)},
                   grouped(client.counts.sessions), human_bytes(client.counts.bytes_to_server),
                   human_bytes(client.counts.bytes_to_client), minute_text(client.first_seen),
                   minute_text(client.last_seen), report::joined(client.app_ids, ", ")});
  }
  if (found > 0) {
    print_table(table, terminal);
    if (any_only_asked)
      print_lines(
          {"Apps: those it had a session with; (+2): two more it only looked up or asked for."},
          terminal);
    print("\n");
  }
  print_lines({(found < all ? grouped(found) + " of " : "") +
               count_of(all, "client was", "clients were") + " seen with an AI app" +
               (found < all ? (found == 1 ? " fits the filter" : " fit the filter") : "") +
               (found > clients->size() ? ", " + grouped(clients->size()) + " shown." : ".")},
              terminal);
  return kDone;
}

int list_hosts(const CommandLine& line, const InventorySettings& settings, Inventory& inventory) {
  constexpr std::size_t kAll = std::numeric_limits<std::int32_t>::max();
  const bool in_table = settings.format == InventoryFormat::kTable;
  const std::size_t limit = line.has("limit") ? settings.limit : in_table ? kHostsInTable : 0;
  auto hosts =
      inventory.unknown_hosts(limit == 0 || settings.filtered ? kAll : std::min(limit, kAll));
  if (!hosts) return failed(line, hosts.error(), settings.database);
  if (!settings.filter.client.empty()) {
    auto asked = inventory.asked_by(settings.filter.client);
    if (!asked) return failed(line, asked.error(), settings.database);
    std::erase_if(*hosts, [&](const inventory::UnknownHost& each) {
      return !asked->unknown_hosts.contains(each.host);
    });
  }
  std::erase_if(*hosts, [wanted = lowered(settings.filter.text)](const auto& each) {
    return !holds_text(each.host, wanted);
  });
  const std::size_t fitting = hosts->size();
  cut(*hosts, limit);
  std::string out;
  if (settings.format == InventoryFormat::kCsv) report::write_host_list_csv(out, *hosts);
  if (settings.format == InventoryFormat::kJson) report::write_host_list_json(out, *hosts);
  print(out);
  if (!in_table) return kDone;

  auto totals = inventory.totals();
  if (!totals) return failed(line, totals.error(), settings.database);
  const Terminal terminal = Terminal::of_standard_output();
  TerminalTable table{{{"Host", false, 20, 0},
                       {"Clients", true, 0, 1},
                       {"Flows", true, 0, 4},
                       {"Sessions", true, 0, 3},
                       {"Sent", true, 0, 1},
                       {"Received", true, 0, 2},
                       {"First seen", false, 0, 6},
                       {"Last seen", false, 0, 5}}};
  for (const inventory::UnknownHost& host : *hosts)
    table.add_row({host.host, grouped(host.clients) + (host.more_clients ? "+" : ""),
                   grouped(host.flows), grouped(host.sessions), human_bytes(host.bytes_to_server),
                   human_bytes(host.bytes_to_client), minute_text(host.first_seen),
                   minute_text(host.last_seen)});
  if (!hosts->empty()) {
    print_table(table, terminal);
    print("\n");
  }
  const std::uint64_t found = settings.filtered ? fitting : totals->unknown_hosts;
  print_lines(
      {(settings.filtered ? grouped(found) + " of " : "") +
       count_of(totals->unknown_hosts, "host") + " that no app is known for" +
       (!settings.filtered ? ""
        : found == 1       ? " fits the filter"
                           : " fit the filter") +
       (found > hosts->size() ? ", " + grouped(hosts->size()) + " shown (--limit 0 shows all)."
                              : ".")},
      terminal);
  return kDone;
}

int list_runs(const CommandLine& line, const InventorySettings& settings, Inventory& inventory) {
  auto runs = inventory.runs();
  if (!runs) return failed(line, runs.error(), settings.database);
  const std::size_t found = runs->size();
  cut(*runs, settings.limit);
  std::string out;
  if (settings.format == InventoryFormat::kCsv) report::write_run_list_csv(out, *runs);
  if (settings.format == InventoryFormat::kJson) report::write_run_list_json(out, *runs);
  print(out);
  if (settings.format != InventoryFormat::kTable) return kDone;

  const Terminal terminal = Terminal::of_standard_output();
  TerminalTable table{{{"Run", true, 0, 0},
                       {"Capture", false, 20, 0},
                       {"Size", true, 0, 5},
                       {"First packet", false, 0, 2},
                       {"Last packet", false, 0, 3},
                       {"Frames", true, 0, 4},
                       {"Flows", true, 0, 1},
                       {"Filter", false, 8, 7},
                       {"Damage", false, 12, 6}}};
  for (const inventory::Run& run : *runs) {
    for (const inventory::RunInputSummary& input : run.inputs) {
      const bool first = &input == run.inputs.data();
      table.add_row(
          {first ? std::to_string(run.id) : "", input.path, human_bytes(input.bytes),
           first ? minute_text(run.first_packet) : "", first ? minute_text(run.last_packet) : "",
           first ? grouped(run.coverage.frames) : "", first ? grouped(run.coverage.flows) : "",
           first ? run.filter : "", input.damage});
    }
  }
  if (found > 0) {
    print_table(table, terminal);
    print("\n");
  }
  print_lines({count_of(found, "capture run") +
               (found > runs->size() ? ", " + grouped(runs->size()) + " shown." : ".")},
              terminal);
  return kDone;
}

}  // namespace

int print_list(const CommandLine& line, const InventorySettings& settings, Inventory& inventory) {
  switch (settings.what) {
    case InventoryList::kApps:
      return list_apps(line, settings, inventory);
    case InventoryList::kClients:
      return list_clients(line, settings, inventory);
    case InventoryList::kHosts:
      return list_hosts(line, settings, inventory);
    case InventoryList::kRuns:
      return list_runs(line, settings, inventory);
    case InventoryList::kListing:
      return list_listing(line, settings, inventory);
  }
  return kMisused;
}

}  // namespace gnomon::cli
