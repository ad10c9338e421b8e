#include <boost/program_options.hpp>
#include <cstdio>
#include <sstream>

#include "actor.h"
#include "command.h"
#include "gnomon/bytes/wall_clock.h"
#include "gnomon/inventory/groups.h"
#include "gnomon/report/json_writer.h"
#include "gnomon/report/numbers.h"
#include "options.h"
#include "signature_folder.h"
#include "terminal_table.h"

namespace gnomon::cli {
namespace {

using inventory::ClientGroup;

int list(const CommandLine& line, const std::string& database) {
  auto groups = inventory::read_groups(database);
  if (!groups) return line.unreadable(no_inventory_message(database, groups.error().message));
  if (line.text("format") == "json") {
    std::string out;
    report::JsonWriter json{out};
    json.begin_array();
    for (const ClientGroup& group : *groups) {
      json.begin_object();
      json.member("id", group.id);
      json.member("description", group.description);
      json.key("members");
      json.begin_array();
      for (const std::string& member : group.members) json.value(member);
      json.end_array();
      json.member("clients", group.clients);
      json.member("version", group.version);
      json.end_object();
    }
    json.end_array();
    std::printf("%s\n", out.c_str());
    return kDone;
  }
  TerminalTable table{
      {{"Group"}, {"Clients", true}, {"Members", false, 20}, {"Description", false, 10, 1}}};
  for (const ClientGroup& group : *groups) {
    std::string members;
    for (const std::string& member : group.members)
      members += (members.empty() ? "" : ", ") + member;
    table.add_row({group.id, std::to_string(group.clients), members, group.description});
  }
  std::fputs(table.render(Terminal::of_standard_output()).text.c_str(), stdout);
  return kDone;
}

}  // namespace

int run_group(Arguments arguments) {
  CommandLine line{"group",
                   "list [--db FILE]\n"
                   "       gnomon group set GROUP MEMBER... [--members FILE] [--description TEXT]\n"
                   "       gnomon group remove GROUP",
                   "Groups of clients, for decisions and policy rules. A member is an address, a\n"
                   "network (10.1.0.0/16, 2001:db8::/32) or the name a client gives itself\n"
                   "(name:build-7). Where several fit, a name goes before an address, and the\n"
                   "longest prefix before others. 'set' makes a group or replaces its members."};
  add_database_option(line);
  line.options().add_options()                                                         //
      ("members", text_value("FILE"), "more members, one a line; # begins a comment")  //
      ("description", text_value("TEXT"), "for people")                                //
      ("expect-version", boost::program_options::value<std::int64_t>()->value_name("N"),
       "refuse when somebody changed it since this version")  //
      ("format", text_value("FORMAT", "table"), "table or json");
  add_actor_option(line);
  line.take_words("list, set or remove", 1, 100'000);
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  if (const auto code = refuse_other_formats(line, {"table", "json"})) return *code;
  const std::string database = line.text("db");
  const std::vector<std::string>& words = line.words();
  if (words[0] == "list" && words.size() == 1) return list(line, database);
  if (words[0] != "set" && words[0] != "remove")
    return line.misused("'" + words[0] + "' is not " + one_of({"list", "set", "remove"}));
  if (words.size() < 2) return line.misused("GROUP is missing");
  const std::string actor = actor_of(line);
  if (actor.empty()) return line.misused(kNoActor);

  Result<inventory::GroupStored> done = Error{};
  if (words[0] == "remove") {
    if (words.size() > 2) return line.misused("unexpected argument '" + words[2] + "'");
    done = inventory::remove_group(database, words[1], actor, wall_clock());
  } else {
    ClientGroup group;
    group.id = words[1];
    group.members.assign(words.begin() + 2, words.end());
    if (line.has("members")) {
      auto text = read_text_file(line.text("members"));
      if (!text) return line.unreadable(text.error().message);
      std::istringstream lines{*text};
      for (std::string each; std::getline(lines, each);) {
        each = each.substr(0, each.find('#'));
        const std::size_t from = each.find_first_not_of(" \t\r");
        if (from == std::string::npos) continue;
        group.members.push_back(each.substr(from, each.find_last_not_of(" \t\r") - from + 1));
      }
    }
    if (line.has("description")) {
      group.description = line.text("description");
    } else {
      auto groups = inventory::read_groups(database);
      if (!groups) return line.unreadable(no_inventory_message(database, groups.error().message));
      for (const ClientGroup& each : *groups)
        if (each.id == group.id) group.description = each.description;
    }
    if (group.members.empty()) return line.misused("MEMBER is missing");
    std::optional<std::int64_t> expected;
    if (line.has("expect-version")) expected = line.get<std::int64_t>("expect-version");
    done = inventory::set_group(database, group, expected, actor, wall_clock());
  }
  if (!done) return line.unreadable(no_inventory_message(database, done.error().message));
  if (!done->problem.empty()) return line.misused(done->problem);
  say_line(words[1] + ": " +
           (words[0] == "remove" ? std::string{"removed"}
                                 : report::count_of(done->clients, "client") +
                                       (done->changed ? "" : ", nothing to change")) +
           ". Recorded for " + actor + ".");
  return kDone;
}

}  // namespace gnomon::cli
