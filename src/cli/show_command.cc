#include <cstdio>
#include <string>
#include <vector>

#include "command.h"
#include "find_app.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/report/inventory_json.h"
#include "options.h"
#include "show_text.h"
#include "terminal_table.h"

namespace gnomon::cli {

using inventory::Inventory;

int run_show(Arguments arguments) {
  CommandLine line{
      "show", "APP [--db FILE] [--format FORMAT]",
      "Shows one app whole: what is known of it, its risk with every point explained,\n"
      "who used it, its hosts, and the packets that prove it. APP is the app's id or\n"
      "its name, in capitals or not ('gnomon inventory' lists them)."};
  add_database_option(line);
  line.options().add_options()                                  //
      ("format", text_value("FORMAT", "text"), "text or json")  //
      ("all", "in text, long lists whole instead of their first rows");
  line.take_words("APP", 1, 1);
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  const std::string format = line.text("format");
  if (format != "text" && format != "json")
    return line.misused("--format: '" + format + "' is not " + one_of({"text", "json"}));

  const std::string database = line.text("db");
  auto inventory = Inventory::open(database);
  if (!inventory) return line.unreadable(no_inventory_message(database, inventory.error().message));
  auto apps = inventory->apps();
  if (!apps) return line.unreadable(database + ": " + apps.error().message);
  auto found = find_app(*apps, line.words().front());
  if (!found) return line.misused(found.error().message);
  auto detail = inventory->app((*found)->facts.id);
  if (!detail) return line.unreadable(database + ": " + detail.error().message);
  if (!*detail) return line.unreadable(database + ": the app is gone");

  std::string out;
  if (format == "json")
    report::write_app_json(out, **detail);
  else
    out = show_text(**detail, Terminal::of_standard_output(), line.has("all"));
  std::fwrite(out.data(), 1, out.size(), stdout);
  return kDone;
}

}  // namespace gnomon::cli
