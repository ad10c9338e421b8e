#include <chrono>
#include <cstdio>
#include <set>

#include "actor.h"
#include "command.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/inventory/policy.h"
#include "gnomon/inventory/review.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/json_writer.h"
#include "gnomon/report/numbers.h"
#include "options.h"
#include "policy_files.h"
#include "signature_folder.h"
#include "terminal_table.h"

namespace gnomon::cli {
namespace {

using inventory::Policy;
using inventory::PolicyFile;
using inventory::PolicyHit;
using inventory::PolicyProblem;
using inventory::PolicyRule;

// Those that are named, or those in force.
Result<std::vector<PolicyFile>> files_of(const CommandLine& line,
                                         const std::vector<std::string>& paths) {
  if (!paths.empty()) return read_policies(paths);
  auto folders = signature_folders(line);
  if (!folders) return folders.error();
  return read_policies(*folders);
}

int print_problems(const std::vector<PolicyProblem>& problems) {
  for (const PolicyProblem& problem : problems)
    std::fprintf(stderr, "gnomon: %s\n", report::printable(problem.to_string()).c_str());
  return kMisused;
}

std::string action_text(const PolicyRule& rule) {
  std::string text = rule.alert ? "alert " + rule.severity : "";
  for (const std::string& tag : rule.tags) text += (text.empty() ? "tag " : ", tag ") + tag;
  if (rule.require_review) text += text.empty() ? "require review" : ", require review";
  return text;
}

// What rules ask for that no app of the signatures has: they could never hold.
std::vector<PolicyProblem> strangers(const Policy& policy, const identify::Catalogue& catalogue) {
  std::set<std::string_view> ids, categories, vendors, countries;
  for (const identify::App& app : catalogue.apps()) {
    ids.insert(app.id);
    categories.insert(app.category);
    vendors.insert(app.vendor);
    countries.insert(app.country);
  }
  std::vector<PolicyProblem> problems;
  for (const PolicyRule& rule : policy.rules()) {
    const auto look = [&](const std::vector<std::string>& wanted, const char* what,
                          const std::set<std::string_view>& there) {
      for (const std::string& each : wanted)
        if (!there.contains(each))
          problems.push_back(
              {rule.file, rule.line,
               "rule '" + rule.id + "': the signatures have no " + what + " '" + each + "'"});
    };
    look(rule.apps, "app", ids);
    look(rule.not_apps, "app", ids);
    look(rule.categories, "category", categories);
    look(rule.not_categories, "category", categories);
    look(rule.vendors, "vendor", vendors);
    look(rule.countries, "vendor in", countries);
    look(rule.not_countries, "vendor in", countries);
  }
  return problems;
}

int check(const CommandLine& line, const std::vector<std::string>& paths) {
  auto files = files_of(line, paths);
  if (!files) return line.unreadable(files.error().message);
  std::vector<PolicyProblem> problems;
  const Policy policy = Policy::parse(*files, problems);
  if (problems.empty()) {
    auto folders = signature_folders(line);
    if (!folders) return line.unreadable(folders.error().message);
    const auto catalogue = load_catalogue(*folders);
    if (!catalogue) return line.misused(catalogue.error().message);
    problems = strangers(policy, *catalogue);
  }
  if (!problems.empty()) return print_problems(problems);
  say_line(report::count_of(policy.rules().size(), "rule") + " in " +
           report::count_of(files->size(), "file") + ", nothing wrong.");
  return kDone;
}

int list(const CommandLine& line) {
  auto files = files_of(line, {});
  if (!files) return line.unreadable(files.error().message);
  std::vector<PolicyProblem> problems;
  const Policy policy = Policy::parse(*files, problems);
  if (!problems.empty()) return print_problems(problems);
  if (line.text("format") == "json") {
    std::string out;
    report::JsonWriter json{out};
    json.begin_array();
    for (const PolicyRule& rule : policy.rules()) {
      json.begin_object();
      json.member("id", rule.id);
      json.member("sid", std::uint64_t{rule.sid});
      json.member("title", rule.title);
      json.member_if("description", rule.description);
      json.member("enabled", rule.enabled);
      json.member("for", to_string(rule.subject));
      json.member("alert", rule.alert);
      json.member("severity", rule.severity);
      json.member("require_review", rule.require_review);
      json.member("file", rule.file);
      json.member("line", static_cast<std::uint64_t>(rule.line));
      json.end_object();
    }
    json.end_array();
    std::printf("%s\n", out.c_str());
    return kDone;
  }
  TerminalTable table{{{"Rule"},
                       {"On"},
                       {"For"},
                       {"Then", false, 12},
                       {"Title", false, 20},
                       {"File", false, 12, 1}}};
  for (const PolicyRule& rule : policy.rules())
    table.add_row({rule.id, rule.enabled ? "yes" : "no", std::string{to_string(rule.subject)},
                   action_text(rule), rule.title, rule.file + ":" + std::to_string(rule.line)});
  std::fputs(table.render(Terminal::of_standard_output()).text.c_str(), stdout);
  return kDone;
}

void print_hit_json(std::string& out, const PolicyHit& hit) {
  report::JsonWriter json{out};
  json.begin_object();
  json.member("id", hit.alert.id);
  json.member("rule", hit.rule->id);
  json.member("time", to_text_time(hit.alert.time));
  json.member("severity", hit.alert.severity);
  json.member("title", hit.alert.title);
  json.member_if("app", hit.alert.app);
  json.member_if("client", hit.alert.client);
  json.member_if("server", hit.alert.server);
  json.member_if("host", hit.alert.host);
  json.member("explanation", hit.alert.explanation);
  json.member("evidence_count", hit.alert.evidence_count);
  json.key("evidence");
  json.begin_array();
  for (const inventory::AlertEvidence& each : hit.evidence) {
    json.begin_object();
    json.member("source", each.source);
    json.member("record", each.record);
    json.member("flow_id", each.flow_id);
    json.member("file", each.file);
    json.member("frame", each.frame);
    json.member("time", to_text_time(each.time));
    json.end_object();
  }
  json.end_array();
  json.end_object();
  out += '\n';
}

int test(const CommandLine& line, const std::string& id) {
  auto files = line.has("file") ? read_policies(std::vector<std::string>{line.text("file")})
                                : files_of(line, {});
  if (!files) return line.unreadable(files.error().message);
  std::vector<PolicyProblem> problems;
  const Policy policy = Policy::parse(*files, problems);
  if (!problems.empty()) return print_problems(problems);
  const PolicyRule* rule = policy.find(id);
  if (rule == nullptr) return line.misused("there is no rule '" + id + "'; gnomon policy list");
  std::optional<Time> since;
  if (line.has("since")) {
    const std::string day = line.text("since");
    if (!inventory::is_date(day))
      return line.misused("--since: '" + day + "' is no day written YYYY-MM-DD");
    since = Time{std::chrono::sys_days{
        std::chrono::year{std::stoi(day.substr(0, 4))} /
        std::chrono::month{static_cast<unsigned>(std::stoi(day.substr(5, 2)))} /
        std::chrono::day{static_cast<unsigned>(std::stoi(day.substr(
            8, 2)))}}.time_since_epoch()};
  }
  const std::string database = line.text("db");
  auto hits = inventory::test_rule(database, *rule, since);
  if (!hits) return line.unreadable(no_inventory_message(database, hits.error().message));
  if (line.text("format") == "json") {
    std::string out;
    for (const PolicyHit& hit : *hits) print_hit_json(out, hit);
    std::fputs(out.c_str(), stdout);
    return kDone;
  }
  for (const PolicyHit& hit : *hits) {
    say_line(to_text_time(hit.alert.time).substr(0, 16) + "  " + hit.alert.severity + "  " +
             hit.alert.title);
    say_line("    " + hit.alert.explanation);
    if (!hit.evidence.empty()) {
      const inventory::AlertEvidence& first = hit.evidence.front();
      say_line("    " + report::count_of(hit.alert.evidence_count, "observation") +
               ", first: " + first.source + " " + first.record + " (" + first.file + ", frame " +
               std::to_string(first.frame) + ")");
    }
  }
  say_line("'" + rule->id + "' would have done this " + report::count_of(hits->size(), "time") +
           ": " + action_text(*rule) + ". Nothing was written.");
  return kDone;
}

}  // namespace

int run_policy(Arguments arguments) {
  CommandLine line{
      "policy",
      "check [FILE...]\n"
      "       gnomon policy list [--format table|json]\n"
      "       gnomon policy test RULE [--since YYYY-MM-DD] [--file FILE] [--db FILE]",
      "Rules that tell, tag and ask for decisions. 'check' reads rules and tells\n"
      "everything that is wrong with them; 'list' shows those in force; 'test' runs one\n"
      "against what the inventory holds and says what it would have raised."};
  add_database_option(line);
  line.options().add_options()                                             //
      ("since", text_value("YYYY-MM-DD"), "with test: from this day on")   //
      ("file", text_value("FILE"), "with test: the rule is in this file")  //
      ("format", text_value("FORMAT", "table"), "table or json");
  add_signature_options(line);
  line.take_words("check, list or test", 1, static_cast<std::size_t>(-1));
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  if (const auto code = refuse_other_formats(line, {"table", "json"})) return *code;
  const std::vector<std::string>& words = line.words();
  if (words[0] == "check") return check(line, {words.begin() + 1, words.end()});
  if (words[0] == "list" && words.size() == 1) return list(line);
  if (words[0] == "test" && words.size() == 2) return test(line, words[1]);
  if (words[0] == "test") return line.misused("RULE is missing, or there are several");
  return line.misused("'" + words[0] + "' is not " + one_of({"check", "list", "test"}));
}

}  // namespace gnomon::cli
