#include <boost/program_options.hpp>
#include <cstdio>

#include "actor.h"
#include "command.h"
#include "find_app.h"
#include "gnomon/bytes/wall_clock.h"
#include "gnomon/inventory/frameworks.h"
#include "gnomon/report/json_writer.h"
#include "options.h"
#include "terminal_table.h"

namespace gnomon::cli {

using inventory::FrameworkField;

int run_register(Arguments arguments) {
  CommandLine line{
      "register", "APP [--set FIELD=VALUE ...] [--format table|json] [--db FILE]",
      "What NIST AI RMF (GOVERN 1.6), ISO/IEC 42001 (A.4) and the EU AI Act want an\n"
      "inventory to hold about an app: filled from what was observed, is known of the\n"
      "vendor or was decided, and 'unknown' where nobody has said."};
  add_database_option(line);
  line.options().add_options()  //
      ("set",
       boost::program_options::value<std::vector<std::string>>()
           ->value_name("FIELD=VALUE")
           ->composing(),
       "fill a field; an empty value makes it unknown again")  //
      ("format", text_value("FORMAT", "table"), "table or json");
  add_actor_option(line);
  line.take_words("APP", 1, 1);
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  const std::string format = line.text("format");
  if (const auto code = refuse_other_formats(line, {"table", "json"})) return *code;
  const std::string actor = actor_of(line);
  if (actor.empty()) return line.misused(kNoActor);
  const std::string database = line.text("db");
  auto apps = read_apps(database);
  if (!apps) return line.unreadable(apps.error().message);
  auto app = find_app(*apps, line.words().front());
  if (!app) return line.misused(app.error().message);
  const std::string& id = (*app)->facts.id;
  if (line.has("set")) {
    for (const std::string& each : line.get<std::vector<std::string>>("set")) {
      const std::size_t equals = each.find('=');
      if (equals == std::string::npos) return line.misused("--set: '" + each + "' has no =");
      auto done = inventory::set_framework_field(database, id, each.substr(0, equals),
                                                 each.substr(equals + 1), actor, wall_clock());
      if (!done) return line.misused("--set: " + done.error().message);
    }
  }
  auto decisions = inventory::read_decisions(database, id);
  if (!decisions) return line.unreadable(decisions.error().message);
  auto given = inventory::given_fields(database, id);
  if (!given) return line.unreadable(given.error().message);
  const std::vector<FrameworkField> fields = inventory::framework_fields(**app, *decisions, *given);
  if (format == "json") {
    std::string out;
    report::JsonWriter json{out};
    json.begin_array();
    for (const FrameworkField& field : fields) {
      json.begin_object();
      json.member("framework", field.framework);
      json.member("field", field.key);
      json.member("title", field.title);
      json.member("value", field.value);
      json.member("source", field.source);
      json.end_object();
    }
    json.end_array();
    std::printf("%s\n", out.c_str());
    return kDone;
  }
  TerminalTable table{{{"Field"}, {"Title", false, 20, 1}, {"Value", false, 20}, {"Source"}}};
  for (const FrameworkField& field : fields)
    table.add_row({field.key, field.title, field.value, field.source});
  std::fputs(table.render(Terminal::of_standard_output()).text.c_str(), stdout);
  return kDone;
}

}  // namespace gnomon::cli
