#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include "actor.h"
#include "candidate_command.h"
#include "command.h"
#include "find_app.h"
#include "gnomon/bytes/wall_clock.h"
#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/review.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/numbers.h"
#include "options.h"
#include "signature_folder.h"
#include "write_file.h"

namespace gnomon::cli {
namespace {

namespace po = boost::program_options;
using inventory::AppSummary;
using inventory::Decision;
using inventory::DecisionChange;
using inventory::DecisionProblem;
using inventory::Review;

struct Field {
  const char* option;
  const char* called;
  const char* help;
  std::string Review::*member;
};
constexpr Field kFields[] = {
    {"status", "STATUS",
     "the decision: sanctioned, tolerated, unsanctioned, under-review, or unreviewed again",
     &Review::status},
    {"owner", "TEXT", "who answers for the app", &Review::owner},
    {"purpose", "TEXT", "what it is used for", &Review::purpose},
    {"department", "TEXT", "where it is used", &Review::department},
    {"data-class", "TEXT", "the most sensitive data it may see", &Review::data_class},
    {"review-date", "YYYY-MM-DD", "when to look again", &Review::review_date},
    {"reason", "TEXT", "why it was decided so", &Review::reason},
};

void complain(const std::string& message) {
  std::fprintf(stderr, "gnomon review: %s\n", report::printable(message).c_str());
}

// All that is wrong; the exit code.
int refuse(const std::vector<DecisionProblem>& problems, const std::string& file,
           const std::vector<std::size_t>& lines) {
  bool conflict = false;
  for (const DecisionProblem& problem : problems) {
    std::string place;
    if (!file.empty()) {
      const std::size_t line = problem.line > 0                ? problem.line
                               : problem.change < lines.size() ? lines[problem.change]
                                                               : 0;
      place = file + ":" + std::to_string(line) +
              (problem.column > 0 ? ":" + std::to_string(problem.column) : "") + ": ";
    }
    complain(place + (problem.field.empty() || file.empty() ? "" : problem.field + ": ") +
             problem.message);
    conflict |= problem.kind == DecisionProblem::Kind::kConflict;
  }
  if (problems.size() > 1 || !file.empty())
    complain("nothing was stored: " + report::count_of(problems.size(), "problem"));
  return kMisused;
}

Result<std::string> read_input(const std::string& path) {
  if (path != "-") return read_text_file(path);
  return std::string{std::istreambuf_iterator<char>{std::cin}, {}};
}

int export_decisions(const CommandLine& line, const std::string& database) {
  auto decisions = inventory::read_decisions(database);
  if (!decisions) return line.unreadable(no_inventory_message(database, decisions.error().message));
  const std::string csv = inventory::decisions_to_csv(*decisions);
  const std::string path = line.text("export");
  if (auto failed = write_whole(path, csv))
    return line.misused(std::move(*failed).in("--export").message);
  if (path == "-") return kDone;
  say_line(report::count_of(decisions->size(), "decision") + " written to " + path);
  return kDone;
}

int import_decisions(const CommandLine& line, const std::string& database,
                     const std::string& actor) {
  const std::string path = line.text("import");
  auto text = read_input(path);
  if (!text) return line.unreadable(text.error().message);
  auto stored = inventory::read_decisions(database);
  if (!stored) return line.unreadable(no_inventory_message(database, stored.error().message));
  auto import = inventory::decisions_from_csv(*text, *stored);
  std::size_t skipped = 0;
  if (line.get<bool>("skip-unknown")) {
    auto apps = read_apps(database);
    if (!apps) return line.unreadable(apps.error().message);
    std::vector<DecisionChange> known;
    std::vector<std::size_t> lines;
    for (std::size_t i = 0; i < import.changes.size(); ++i) {
      const auto held = std::any_of(apps->begin(), apps->end(), [&](const AppSummary& app) {
        return app.facts.id == import.changes[i].scope.app;
      });
      if (!held) {
        ++skipped;
        continue;
      }
      known.push_back(std::move(import.changes[i]));
      lines.push_back(import.lines[i]);
    }
    import.changes = std::move(known);
    import.lines = std::move(lines);
  }
  // What the inventory would refuse is told with what the file says wrong.
  if (!import.problems.empty()) return refuse(import.problems, path, {});
  const bool on_trial = line.get<bool>("dry-run");
  auto done = inventory::set_decisions(database, import.changes, actor, wall_clock(), on_trial);
  if (!done) return line.unreadable(done.error().message);
  if (!done->problems.empty()) return refuse(done->problems, path, import.lines);
  say_line(
      report::count_of(done->changed, "decision") +
      (on_trial ? " would be stored" : " stored for " + actor) + ", " +
      std::to_string(done->unchanged) + " unchanged" +
      (skipped > 0 ? ", " + std::to_string(skipped) + " of apps that are not here skipped" : "") +
      ".");
  return kDone;
}

// The apps that --category and the like choose.
std::vector<const AppSummary*> chosen(const CommandLine& line,
                                      const std::vector<AppSummary>& apps) {
  std::vector<const AppSummary*> all;
  for (const AppSummary& app : apps) {
    if (line.has("category") && app.facts.category != line.text("category")) continue;
    if (line.has("vendor") && app.facts.vendor != line.text("vendor")) continue;
    if (line.has("where-status") && app.review.status != line.text("where-status")) continue;
    all.push_back(&app);
  }
  return all;
}

// Nothing when what is to be recorded can be.
std::optional<int> refuse_values(const CommandLine& line) {
  bool any = line.has("link") || line.get<bool>("remove");
  for (const Field& field : kFields) any |= line.has(field.option);
  if (!any) return line.misused("say what to record: --status, --owner, --reason ...");
  if (line.has("status") && !inventory::is_review_status(line.text("status")))
    return line.misused(
        "--status: '" + line.text("status") + "' is not " +
        one_of({"sanctioned", "tolerated", "unsanctioned", "under-review", "unreviewed"}));
  if (!line.text("review-date").empty() && !inventory::is_date(line.text("review-date")))
    return line.misused("--review-date: '" + line.text("review-date") +
                        "' is no day written YYYY-MM-DD");
  return std::nullopt;
}

// What the options make of what is decided by now.
DecisionChange change_of(const CommandLine& line, const AppSummary& app,
                         const std::vector<Decision>& stored) {
  DecisionChange change;
  change.scope = {app.facts.id, line.text("usage"), line.text("group")};
  for (const Decision& each : stored) {
    if (each.scope != change.scope) continue;
    change.review = each.review;
    change.links = each.links;
  }
  for (const Field& field : kFields)
    if (line.has(field.option)) change.review.*field.member = line.text(field.option);
  if (line.has("link")) {
    change.links = line.get<std::vector<std::string>>("link");
    std::erase(change.links, "");
  }
  if (line.has("expect-version"))
    change.expected_version = line.get<std::int64_t>("expect-version");
  return change;
}

std::string name_and_id(const AppSummary& app) {
  return app.facts.name + " (" + app.facts.id + ")";
}

// With the usage and the group that it is about.
std::string name_of(const AppSummary& app, const DecisionChange& change) {
  std::string name = name_and_id(app);
  if (!change.scope.usage.empty()) name += ", " + change.scope.usage;
  if (!change.scope.client_group.empty()) name += " by " + change.scope.client_group;
  return name;
}

std::string status_before(const DecisionChange& change, const std::vector<Decision>& stored) {
  for (const Decision& each : stored)
    if (each.scope == change.scope) return each.review.status;
  return "unreviewed";
}

void say_what_would_be(const AppSummary& app, const DecisionChange& change,
                       const std::vector<Decision>& stored) {
  say_line(name_of(app, change) + ": " + status_before(change, stored) + " -> " +
           change.review.status);
}

int take_away(const CommandLine& line, const std::string& database, const std::string& actor,
              const AppSummary& app, const DecisionChange& change) {
  for (const Field& field : kFields)
    if (line.has(field.option) && std::string_view{field.option} != "reason")
      return line.misused("--remove takes the decision away: --" + std::string{field.option} +
                          " does not go with it");
  const bool on_trial = line.get<bool>("dry-run");
  auto done = inventory::remove_decision(database, change.scope, change.expected_version, actor,
                                         wall_clock(), on_trial);
  if (!done) return line.unreadable(done.error().message);
  if (!done->problems.empty()) return refuse(done->problems, "", {});
  say_line(name_and_id(app) + (on_trial ? ": the decision would be taken away."
                                        : ": decision taken away. Recorded for " + actor + "."));
  return kDone;
}

int decide_on_many(const CommandLine& line, const std::string& database, const std::string& actor,
                   const std::vector<const AppSummary*>& apps,
                   const std::vector<Decision>& stored) {
  std::vector<DecisionChange> changes;
  for (const AppSummary* app : apps) changes.push_back(change_of(line, *app, stored));
  const bool on_trial = line.get<bool>("dry-run");
  auto done = inventory::set_decisions(database, changes, actor, wall_clock(), on_trial);
  if (!done) return line.unreadable(done.error().message);
  if (!done->problems.empty()) return refuse(done->problems, "", {});
  if (on_trial) {
    for (std::size_t i = 0; i < apps.size(); ++i) say_what_would_be(*apps[i], changes[i], stored);
    return kDone;
  }
  say_line(report::count_of(done->changed, "decision") + " stored for " + actor + ", " +
           std::to_string(done->unchanged) + " unchanged.");
  return kDone;
}

int decide_on_one(const CommandLine& line, const std::string& database, const std::string& actor,
                  const AppSummary& app, const DecisionChange& change,
                  const std::vector<Decision>& stored) {
  const bool on_trial = line.get<bool>("dry-run");
  auto done = inventory::set_decisions(database, {&change, 1}, actor, wall_clock(), on_trial);
  if (!done) return line.unreadable(done.error().message);
  if (!done->problems.empty()) return refuse(done->problems, "", {});
  if (on_trial) return say_what_would_be(app, change, stored), kDone;
  const std::string name = name_of(app, change);
  if (done->changed == 0) {
    say_line(name + ": nothing to change, it is " + change.review.status + ".");
    return kDone;
  }
  const std::string was = status_before(change, stored);
  say_line(name + ": " + change.review.status +
           (was == change.review.status ? "" : ", was " + was) + ". Recorded for " + actor + ".");
  return kDone;
}

}  // namespace

int run_review(Arguments arguments) {
  CommandLine line{
      "review",
      "APP [--status STATUS] [--owner TEXT ...] [--usage WORD] [--group GROUP] [--db FILE]\n"
      "       gnomon review --category WORD|--vendor TEXT|--where-status STATUS|--all --status "
      "STATUS ...\n"
      "       gnomon review --import FILE.csv | --export FILE.csv [--db FILE]\n"
      "       gnomon review HOST --candidate accept|dismiss [--reason TEXT] [--db FILE]",
      "Records a decision about an app, named by its id or its name, about one usage of it\n"
      "or one group of clients, about many apps at once, or about a candidate, named by its\n"
      "host. What is not given stays as it was; an empty text takes a value away. Every\n"
      "change is kept in the inventory's audit with who made it and when."};
  add_database_option(line);
  for (const Field& field : kFields)
    line.options().add_options()(field.option, text_value(field.called), field.help);
  line.options().add_options()  //
      ("link", po::value<std::vector<std::string>>()->value_name("URL")->composing(),
       "an attachment: the address of a document; may be given several times, and stands for all "
       "there were")  //
      ("usage", text_value("WORD"),
       "for this usage alone: web-chat, api, upload ...")                                   //
      ("group", text_value("GROUP"), "for the clients of this group alone (gnomon group)")  //
      ("remove", po::bool_switch(), "take the decision of --usage or --group away")         //
      ("expect-version", po::value<std::int64_t>()->value_name("N"),
       "refuse when somebody changed it since this version")                                   //
      ("where-status", text_value("STATUS"), "all apps that are decided on so")                //
      ("all", po::bool_switch(), "all apps")                                                   //
      ("import", text_value("FILE"), "decisions from CSV, all or none; - for standard input")  //
      ("export", text_value("FILE"), "decisions as CSV; - for standard output")                //
      ("skip-unknown", po::bool_switch(), "with --import: leave out apps that are not here")   //
      ("dry-run", po::bool_switch(), "say what would be stored, store nothing");
  add_actor_option(line);
  add_candidate_options(line);
  line.take_words("APP or HOST", 0, 1);
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  if (line.has("actor") && line.text("actor").empty()) return line.misused(kNoActor);
  const std::string actor = actor_of(line);
  const std::string database = line.text("db");
  if (line.has("export")) return export_decisions(line, database);
  if (line.has("import")) return import_decisions(line, database, actor);
  // With a candidate, vendor and category are what it becomes.
  const bool bulk = !line.has("candidate") &&
                    (line.has("vendor") || line.has("where-status") || line.get<bool>("all") ||
                     line.has("category"));
  if (line.words().empty() && !bulk) return line.misused("APP or HOST is missing");
  if (!line.words().empty() && bulk)
    return line.misused("'" + line.words().front() + "' and a choice of many do not go together");
  if (line.has("candidate")) {
    if (line.get<bool>("dry-run"))
      return line.misused("--dry-run goes with decisions on apps, not with --candidate");
    for (const Field& field : kFields)
      if (line.has(field.option) && std::string_view{field.option} != "reason")
        return line.misused("--" + std::string{field.option} +
                            " goes with apps; an accepted candidate is one after the next replay");
    return review_candidate(line, actor);
  }
  if (const auto code = refuse_values(line)) return *code;

  auto apps = read_apps(database);
  if (!apps) return line.unreadable(apps.error().message);
  auto stored = inventory::read_decisions(database);
  if (!stored) return line.unreadable(stored.error().message);
  if (bulk) {
    const std::vector<const AppSummary*> meant = chosen(line, *apps);
    if (meant.empty()) return line.misused("no app of the inventory is chosen by this");
    if (line.get<bool>("remove")) return line.misused("--remove takes one app");
    return decide_on_many(line, database, actor, meant, *stored);
  }
  auto app = find_app(*apps, line.words().front());
  if (!app) return line.misused(app.error().message);
  const DecisionChange change = change_of(line, **app, *stored);
  if (line.get<bool>("remove")) return take_away(line, database, actor, **app, change);
  return decide_on_one(line, database, actor, **app, change, *stored);
}

}  // namespace gnomon::cli
