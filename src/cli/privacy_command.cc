#include <cstdio>

#include "actor.h"
#include "command.h"
#include "gnomon/bytes/wall_clock.h"
#include "gnomon/inventory/privacy.h"
#include "gnomon/report/numbers.h"
#include "options.h"

namespace gnomon::cli {

int run_privacy(Arguments arguments) {
  CommandLine line{"privacy", "[--db FILE]",
                   "Tells what an inventory keeps of clients: in clear or under pseudonyms, under\n"
                   "which key, and how far back it goes. docs/privacy.md is the note on data\n"
                   "protection."};
  add_database_option(line);
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  const std::string database = line.text("db");
  auto state = inventory::privacy_state(database);
  if (!state) return line.unreadable(no_inventory_message(database, state.error().message));
  if (state->pseudonyms) {
    say_line("Clients are kept under pseudonyms of the key " + state->key_id + "; " +
             report::count_of(state->mapped, "pseudonym") +
             " can be revealed by who has it (gnomon reveal).");
  } else {
    say_line(
        "Clients are kept in clear: addresses, MAC addresses and the names they give themselves.");
  }
  if (state->runs == 0) {
    say_line("It holds no capture.");
  } else {
    say_line("It goes back to " + to_text_time(state->oldest).substr(0, 10) + " (newest packet " +
             to_text_time(state->newest).substr(0, 10) + ", " +
             report::count_of(state->runs, "run") +
             "); nothing is removed from it but by retention.");
  }
  for (const auto& [subject, time] : state->removed_before)
    say_line("Of " + subject + " nothing from before " + to_text_time(time).substr(0, 10) +
             " is left (gnomon tidy).");
  say_line("No prompt and no file is kept; of sensitive items a masked sample and a keyed hash.");
  return kDone;
}

int run_reveal(Arguments arguments) {
  CommandLine line{"reveal", "PSEUDONYM --reason TEXT [--key-file FILE] [--db FILE]",
                   "Tells which client a pseudonym stands for. Only who may read the key can, and\n"
                   "each question is kept in the audit with who asked and why, before it is\n"
                   "answered."};
  add_database_option(line);
  line.options().add_options()                                //
      ("reason", text_value("TEXT"), "why it must be known")  //
      ("key-file", text_value("FILE"), "the key (default: the inventory's path and .key)");
  add_actor_option(line);
  line.take_words("PSEUDONYM", 1, 1);
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  const std::string actor = actor_of(line);
  if (actor.empty()) return line.misused(kNoActor);
  if (line.text("reason").find_first_not_of(" \t") == std::string::npos)
    return line.misused("--reason is missing: it is kept in the audit");
  const std::string database = line.text("db");
  const std::filesystem::path path = line.has("key-file")
                                         ? std::filesystem::path{line.text("key-file")}
                                         : inventory::default_key_path(database);
  auto key = inventory::PseudonymKey::load(path, false);
  if (!key) return line.unreadable(key.error().message);
  auto revealed = inventory::reveal(database, *key, line.words().front(), line.text("reason"),
                                    actor, wall_clock());
  if (!revealed) return line.unreadable(no_inventory_message(database, revealed.error().message));
  if (!*revealed)
    return line.misused("'" + line.words().front() +
                        "' is no pseudonym of this inventory and key; asking is in the audit");
  say_line((*revealed)->pseudonym + " is the " + (*revealed)->kind + " " + (*revealed)->original +
           ". Recorded for " + actor + ".");
  return kDone;
}

}  // namespace gnomon::cli
