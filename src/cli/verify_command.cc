#include <cstdio>
#include <string>

#include "command.h"
#include "gnomon/inventory/verify.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/numbers.h"
#include "options.h"

namespace gnomon::cli {

int run_verify(Arguments arguments) {
  CommandLine line{"verify", "[--db FILE]",
                   "Looks whether an inventory is as it should be: the file itself, references\n"
                   "between tables, the schema, an audit without holes, sums that add up. Changes\n"
                   "nothing, and may be run while a sensor records.\n\n"
                   "Exit code 0: sound; 2: no inventory, or of a newer Gnomon; 3: there are problems."};
  add_database_option(line);
  line.options().add_options()("quiet,q", "says nothing but what is wrong");
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  const std::string path = line.text("db");
  auto verified = inventory::verify(path);
  if (!verified) return line.unreadable(verified.error().message);
  const bool quiet = line.has("quiet");
  const auto say = [](const std::string& text) {
    std::printf("%s\n", report::printable(text).c_str());
  };
  if (!quiet)
    say(path + ": " +
        (verified->schema > 0 ? "schema " + std::to_string(verified->schema) + ", " : "") +
        report::human_bytes(verified->bytes));
  for (const inventory::Check& check : verified->checks) {
    const bool good = check.problems.empty();
    if (quiet && good) continue;
    say((good ? "  ok       " : "  PROBLEM  ") + check.name + ": " + check.about);
    for (const std::string& problem : check.problems) say("           - " + problem);
    if (check.more) say("           - and more");
  }
  if (!quiet)
    for (const std::string& note : verified->notes) say("  note     " + note);
  if (!verified->sound())
    say(path + " is not sound: keep it, and go back to a backup or replay the captures");
  return verified->sound() ? kDone : kDamaged;
}

}  // namespace gnomon::cli
