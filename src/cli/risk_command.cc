#include <boost/program_options.hpp>
#include <cstdio>

#include "actor.h"
#include "command.h"
#include "find_app.h"
#include "gnomon/bytes/wall_clock.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/inventory/risk_history.h"
#include "gnomon/report/json_writer.h"
#include "options.h"
#include "signature_folder.h"

namespace gnomon::cli {
namespace {

using inventory::RiskChange;
using inventory::StoredOverride;

// The id of the app that is meant.
Result<std::string> app_id(const std::string& database, const std::string& word) {
  auto apps = read_apps(database);
  if (!apps) return apps.error();
  auto app = find_app(*apps, word);
  if (!app) return app.error();
  return (*app)->facts.id;
}

int history(const CommandLine& line, const std::string& database, const std::string& app) {
  auto changes = inventory::risk_history(database, app);
  if (!changes) return line.unreadable(no_inventory_message(database, changes.error().message));
  if (line.text("format") == "json") {
    std::string out;
    report::JsonWriter json{out};
    json.begin_array();
    for (const RiskChange& each : *changes) {
      json.begin_object();
      json.member("app", each.app);
      json.member("at", to_text_time(each.at));
      json.member("score", std::int64_t{each.score});
      json.member("level", each.level);
      json.member("confidence", std::int64_t{each.confidence});
      json.member("score_worst", std::int64_t{each.score_worst});
      json.key("why");
      json.begin_array();
      for (const std::string& why : each.why) json.value(why);
      json.end_array();
      json.end_object();
    }
    json.end_array();
    std::printf("%s\n", out.c_str());
    return kDone;
  }
  for (const RiskChange& each : *changes) {
    say_line(to_text_time(each.at).substr(0, 16) + "  " + each.app + "  " +
             std::to_string(each.score) + " " + each.level + ", confidence " +
             std::to_string(each.confidence) + " %, at worst " + std::to_string(each.score_worst));
    for (const std::string& why : each.why) say_line("    " + why);
  }
  return kDone;
}

int overrides(const CommandLine& line, const std::string& database) {
  auto all = inventory::risk_overrides(database);
  if (!all) return line.unreadable(no_inventory_message(database, all.error().message));
  for (const StoredOverride& each : *all)
    say_line("#" + std::to_string(each.id) + "  " + each.app + "  " + std::to_string(each.score) +
             " from " + each.from + (each.until.empty() ? "" : " until " + each.until) + " by " +
             each.created_by + ": " + each.reason + (each.withdrawn ? " (withdrawn)" : ""));
  return kDone;
}

int weights(const CommandLine& line, const std::string& database, const std::string& path,
            const std::string& actor) {
  std::string text;
  if (path != "shipped") {
    auto read = read_text_file(path);
    if (!read) return line.unreadable(read.error().message);
    text = std::move(*read);
    if (text.empty()) return line.misused(path + ": is empty");
    if (auto rubric = inventory::RiskRubric::parse(text, path); !rubric)
      return line.misused(rubric.error().message);
  }
  auto done = inventory::set_rubric(database, text, path, actor, wall_clock());
  if (!done) return line.unreadable(no_inventory_message(database, done.error().message));
  say_line(path == "shipped"
               ? "The weights of the next run are taken again."
               : "Every app is rated by " + path + " now. Recorded for " + actor + ".");
  return kDone;
}

}  // namespace

int run_risk(Arguments arguments) {
  CommandLine line{
      "risk",
      "history [APP] [--db FILE]\n"
      "       gnomon risk override APP --score N --reason TEXT [--from DAY] [--until DAY]\n"
      "       gnomon risk withdraw NUMBER --reason TEXT\n"
      "       gnomon risk overrides\n"
      "       gnomon risk check FILE.yaml\n"
      "       gnomon risk weights FILE.yaml|shipped",
      "How ratings came about: when and why an app's changed, scores of your own for a time,\n"
      "weights of your own. docs/risk.md describes the rubric; 'gnomon show APP' every point."};
  add_database_option(line);
  line.options().add_options()                                                           //
      ("score", boost::program_options::value<int>()->value_name("N"), "0 to 100")       //
      ("reason", text_value("TEXT"), "why")                                              //
      ("from", text_value("YYYY-MM-DD"), "the first day (default: of the last packet)")  //
      ("until", text_value("YYYY-MM-DD"), "the last day (default: no end)")              //
      ("format", text_value("FORMAT", "text"), "of history: text or json");
  add_actor_option(line);
  line.take_words("history, override, withdraw, overrides, check or weights", 1, 2);
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  const std::string database = line.text("db");
  const std::vector<std::string>& words = line.words();
  const std::string& what = words[0];
  if (const auto code = refuse_other_formats(line, {"text", "json"})) return *code;
  if (what == "overrides" && words.size() == 1) return overrides(line, database);
  if (what == "history") {
    if (words.size() == 1) return history(line, database, "");
    auto app = app_id(database, words[1]);
    if (!app) return line.misused(app.error().message);
    return history(line, database, *app);
  }
  if (what != "override" && what != "withdraw" && what != "check" && what != "weights")
    return line.misused(
        "'" + what + "' is not " +
        one_of({"history", "override", "withdraw", "overrides", "check", "weights"}));
  if (words.size() < 2) return line.misused("'" + what + "' wants an argument");
  if (what == "check") {
    auto text = read_text_file(words[1]);
    if (!text) return line.unreadable(text.error().message);
    if (auto rubric = inventory::RiskRubric::parse(*text, words[1]); !rubric)
      return line.misused(rubric.error().message);
    say_line(words[1] + ": nothing wrong.");
    return kDone;
  }
  const std::string actor = actor_of(line);
  if (actor.empty()) return line.misused(kNoActor);
  if (what == "weights") return weights(line, database, words[1], actor);
  if (what == "withdraw") {
    const std::string& number = words[1];
    if (number.empty() || number.size() > 9 ||
        number.find_first_not_of("0123456789") != std::string::npos)
      return line.misused("'" + number + "' is no number of 'gnomon risk overrides'");
    auto done = inventory::withdraw_override(database, std::stol(number), line.text("reason"),
                                             actor, wall_clock());
    if (!done) return line.unreadable(no_inventory_message(database, done.error().message));
    if (!*done) return line.misused("there is no override #" + number + " that holds");
    say_line("#" + number + ": withdrawn. Recorded for " + actor + ".");
    return kDone;
  }
  if (!line.has("score")) return line.misused("--score is missing");
  auto app = app_id(database, words[1]);
  if (!app) return line.misused(app.error().message);
  StoredOverride wanted;
  wanted.app = *app;
  wanted.score = line.get<int>("score");
  wanted.reason = line.text("reason");
  wanted.until = line.text("until");
  wanted.from = line.text("from");
  if (wanted.from.empty()) {
    auto inventory = inventory::Inventory::open(database);
    if (!inventory) return line.unreadable(inventory.error().message);
    auto totals = inventory->totals();
    if (!totals) return line.unreadable(totals.error().message);
    wanted.from = to_text_time(totals->last_packet).substr(0, 10);
  }
  auto id = inventory::add_override(database, wanted, actor, wall_clock());
  if (!id) return line.misused(id.error().message);
  say_line(*app + ": rated " + std::to_string(wanted.score) + " from " + wanted.from +
           (wanted.until.empty() ? "" : " until " + wanted.until) + " (#" + std::to_string(*id) +
           "). Recorded for " + actor + ".");
  return kDone;
}

}  // namespace gnomon::cli
