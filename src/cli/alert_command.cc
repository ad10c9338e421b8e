#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <limits>
#include <set>

#include "actor.h"
#include "command.h"
#include "find_app.h"
#include "gnomon/bytes/ip_address.h"
#include "gnomon/bytes/wall_clock.h"
#include "gnomon/inventory/pages.h"
#include "gnomon/inventory/policy.h"
#include "gnomon/report/json_writer.h"
#include "gnomon/report/numbers.h"
#include "options.h"
#include "terminal_table.h"

namespace gnomon::cli {
namespace {

using inventory::Alert;

// Whether anything is called so: an alert that nobody can ever raise is a slip of the hand. Puts
// the app's id for its name.
std::optional<int> check_words(const CommandLine& line, const std::string& database,
                               inventory::AlertQuery& query) {
  auto inventory = inventory::Inventory::open(database);
  if (!inventory) return line.unreadable(no_inventory_message(database, inventory.error().message));
  auto alerts = inventory->alerts();
  if (!alerts) return line.unreadable(alerts.error().message);
  std::set<std::string> kinds;
  bool has_app = false;
  for (const Alert& alert : *alerts) {
    kinds.insert(alert.kind);
    has_app |= alert.app == query.app;  // its app may have been tidied away
  }
  for (std::size_t i = 0; i < inventory::kAlertKinds; ++i)
    kinds.emplace(to_string(static_cast<inventory::AlertKind>(i)));
  auto files = inventory::stored_policy(database);
  if (!files) return line.unreadable(files.error().message);
  std::vector<inventory::PolicyProblem> ignored;
  const inventory::Policy policy = inventory::Policy::parse(*files, ignored);
  for (const inventory::PolicyRule& rule : policy.rules()) kinds.insert(rule.id);
  if (!query.kind.empty() && !kinds.contains(query.kind))
    return line.misused("--kind: '" + query.kind + "' is not " +
                        one_of(std::vector<std::string_view>(kinds.begin(), kinds.end())));
  if (query.app.empty() || has_app) return std::nullopt;
  auto apps = inventory->apps();
  if (!apps) return line.unreadable(apps.error().message);
  const auto app = find_app(*apps, query.app);
  if (!app) return line.misused("--app: " + app.error().message);
  query.app = (*app)->facts.id;
  return std::nullopt;
}

int list(const CommandLine& line, const std::string& database) {
  inventory::AlertQuery query;
  query.state = line.get<bool>("all") ? inventory::AlertState::kAll : inventory::AlertState::kOpen;
  query.client = line.text("client");
  // Addresses are kept as they are written canonically.
  if (const auto address = IpAddress::parse(query.client)) query.client = address->to_string();
  query.severity = line.text("severity");
  const std::vector<std::string_view> severities{"low", "medium", "high", "critical"};
  if (!query.severity.empty() &&
      std::find(severities.begin(), severities.end(), query.severity) == severities.end())
    return line.misused("--severity: '" + query.severity + "' is not " + one_of(severities));
  query.kind = line.text("kind");
  query.app = line.text("app");
  if (!query.kind.empty() || !query.app.empty())
    if (const auto code = check_words(line, database, query)) return *code;
  auto pages = inventory::Pages::open(database);
  if (!pages) return line.unreadable(no_inventory_message(database, pages.error().message));
  std::size_t limit = line.get<std::uint32_t>("limit");
  if (limit == 0) limit = std::numeric_limits<std::int32_t>::max();
  auto alerts = pages->alerts(query, {0, limit});
  if (!alerts) return line.unreadable(alerts.error().message);
  if (line.text("format") == "json") {
    std::string out;
    report::JsonWriter json{out};
    json.begin_array();
    for (const Alert& alert : alerts->rows) {
      json.begin_object();
      json.member("id", alert.id);
      json.member("time", to_text_time(alert.time));
      json.member("kind", alert.kind);
      json.member("severity", alert.severity);
      json.member("title", alert.title);
      json.member_if("app", alert.app);
      json.member_if("client", alert.client);
      json.member_if("server", alert.server);
      json.member_if("host", alert.host);
      json.member("explanation", alert.explanation);
      json.member("policy", alert.policy);
      json.member_if("acknowledged_by", alert.acked_by);
      json.member_if("note", alert.ack_note);
      json.end_object();
    }
    json.end_array();
    std::printf("%s\n", out.c_str());
    return kDone;
  }
  TerminalTable table{{{"Alert"},
                       {"Time"},
                       {"Severity"},
                       {"Kind", false, 10, 1},
                       {"Title", false, 20},
                       {"State", false, 4, 2}}};
  for (const Alert& alert : alerts->rows)
    table.add_row({alert.id, to_text_time(alert.time).substr(0, 16), alert.severity, alert.kind,
                   alert.title, alert.acked_by.empty() ? "open" : "seen by " + alert.acked_by});
  std::fputs(table.render(Terminal::of_standard_output()).text.c_str(), stdout);
  say_line(report::count_of(alerts->total, line.get<bool>("all") ? "alert" : "open alert") +
           (alerts->total > alerts->rows.size()
                ? "; the latest " + std::to_string(alerts->rows.size()) + " are shown"
                : "") +
           ".");
  return kDone;
}

int show(const CommandLine& line, const std::string& database, const std::string& id) {
  auto inventory = inventory::Inventory::open(database);
  if (!inventory) return line.unreadable(no_inventory_message(database, inventory.error().message));
  auto alerts = inventory->alerts();
  if (!alerts) return line.unreadable(alerts.error().message);
  for (const Alert& alert : *alerts) {
    if (alert.id != id) continue;
    say_line(alert.title + " (" + alert.severity + ", " + alert.kind + ")");
    say_line(to_text_time(alert.time) + " UTC");
    say_line(alert.explanation);
    if (!alert.acked_by.empty())
      say_line("Seen by " + alert.acked_by + (alert.ack_note.empty() ? "" : ": " + alert.ack_note));
    auto evidence = inventory::alert_evidence(database, id);
    if (!evidence) return line.unreadable(evidence.error().message);
    for (const inventory::AlertEvidence& each : *evidence)
      say_line("  " + each.source + " " + each.record + ": flow " + std::to_string(each.flow_id) +
               ", " + each.file + ", frame " + std::to_string(each.frame) + ", " +
               to_text_time(each.time));
    if (alert.evidence_count > evidence->size())
      say_line("  and " + std::to_string(alert.evidence_count - evidence->size()) + " more");
    return kDone;
  }
  return line.misused("the inventory holds no alert '" + id + "'; gnomon alert list --all");
}

}  // namespace

int run_alert(Arguments arguments) {
  CommandLine line{"alert",
                   "list [--all] [--app APP] [--severity WORD ...] [--db FILE]\n"
                   "       gnomon alert show ID [--db FILE]\n"
                   "       gnomon alert ack ID... [--note TEXT] [--db FILE]",
                   "Lists alerts that nobody has looked at yet, shows one with the observations\n"
                   "behind it, or says that they were looked at."};
  add_database_option(line);
  line.options().add_options()                                                             //
      ("all", boost::program_options::bool_switch(), "also those that were acknowledged")  //
      ("app", text_value("APP"), "of this app (id or name)")                               //
      ("client", text_value("ADDRESS"), "of this client")                                  //
      ("kind", text_value("WORD"), "of this kind or rule")                                 //
      ("severity", text_value("WORD"), "low, medium, high or critical")                    //
      ("limit", boost::program_options::value<std::uint32_t>()->value_name("N")->default_value(100),
       "how many at most; 0 for all")                                   //
      ("note", text_value("TEXT"), "with ack: what was found or done")  //
      ("format", text_value("FORMAT", "table"), "table or json");
  add_actor_option(line);
  line.take_words("list, show or ack", 1, 1'000);
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  if (const auto code = refuse_other_formats(line, {"table", "json"})) return *code;
  const std::string database = line.text("db");
  const std::vector<std::string>& words = line.words();
  if (words[0] == "list" && words.size() == 1) return list(line, database);
  if (words[0] == "show" && words.size() == 2) return show(line, database, words[1]);
  if (words[0] != "ack")
    return line.misused("'" + words[0] + "' is not " + one_of({"list", "show", "ack"}));
  if (words.size() < 2) return line.misused("ID is missing");
  const std::string actor = actor_of(line);
  if (actor.empty()) return line.misused(kNoActor);
  int code = kDone;
  for (std::size_t i = 1; i < words.size(); ++i) {
    auto done =
        inventory::acknowledge_alert(database, words[i], line.text("note"), actor, wall_clock());
    if (!done) return line.unreadable(no_inventory_message(database, done.error().message));
    if (*done) {
      say_line(words[i] + ": acknowledged. Recorded for " + actor + ".");
    } else {
      code = line.misused("the inventory holds no alert '" + words[i] + "'");
    }
  }
  return code;
}

}  // namespace gnomon::cli
