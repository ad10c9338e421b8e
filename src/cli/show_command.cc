#include <cstdio>
#include <string>
#include <vector>

#include "command.h"
#include "find_app.h"
#include "find_asset.h"
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
      "show", "APP | ADDRESS[:PORT] [--db FILE] [--format FORMAT]",
      "Shows one app whole: what is known of it, its risk with every point explained,\n"
      "who used it, its hosts, what was found in content, and the packets that prove it.\n"
      "APP is the app's id or its name, in capitals or not ('gnomon inventory' lists them).\n"
      "With an address, and a port where there are several, the self-hosted AI server\n"
      "there ('gnomon inventory --assets' lists them)."};
  add_database_option(line);
  line.options().add_options()                                  //
      ("format", text_value("FORMAT", "text"), "text or json")  //
      ("all", "in text, long lists whole instead of their first rows");
  line.take_words("APP or ADDRESS", 1, 1);
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  const std::string format = line.text("format");
  if (const auto code = refuse_other_formats(line, {"text", "json"})) return *code;

  const std::string database = line.text("db");
  auto inventory = Inventory::open(database);
  if (!inventory) return line.unreadable(no_inventory_message(database, inventory.error().message));
  auto coverage = inventory->coverage();
  if (!coverage) return line.unreadable(database + ": " + coverage.error().message);
  const Terminal terminal = Terminal::of_standard_output();
  std::string out;
  if (const auto server = parse_server(line.words().front())) {
    auto assets = inventory->assets();
    if (!assets) return line.unreadable(database + ": " + assets.error().message);
    auto asset = find_asset(*assets, *server);
    if (!asset) return line.misused(asset.error().message);
    if (format == "json")
      report::write_asset_json(out, **asset, *coverage);
    else
      out = show_text(**asset, *coverage, terminal, line.has("all"));
    std::fwrite(out.data(), 1, out.size(), stdout);
    return kDone;
  }
  auto apps = inventory->apps();
  if (!apps) return line.unreadable(database + ": " + apps.error().message);
  auto found = find_app(*apps, line.words().front());
  if (!found) return line.misused(found.error().message);
  auto detail = inventory->app((*found)->facts.id);
  if (!detail) return line.unreadable(database + ": " + detail.error().message);
  if (!*detail) return line.unreadable(database + ": the app is gone");

  if (format == "json")
    report::write_app_json(out, **detail);
  else
    out = show_text(**detail, terminal, line.has("all"));
  std::fwrite(out.data(), 1, out.size(), stdout);
  return kDone;
}

}  // namespace gnomon::cli
