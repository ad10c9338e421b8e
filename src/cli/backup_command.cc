#include <unistd.h>

#include <cstdio>
#include <string>

#include "command.h"
#include "gnomon/inventory/backup.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/numbers.h"
#include "options.h"
#include "write_file.h"

namespace gnomon::cli {

int run_backup(Arguments arguments) {
  CommandLine line{"backup", "FILE [--db FILE] [--force]",
                   "Copies the inventory into one file, while a sensor may be recording into it.\n"
                   "The copy is of one moment, checked, on the disk when this returns, and readable\n"
                   "by its owner alone. To go back to it, stop the sensor and copy it in the\n"
                   "inventory's place."};
  add_database_option(line);
  line.options().add_options()("force", "replaces FILE when it is there");
  line.take_words("FILE", 1, 1);
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  inventory::BackupOptions options;
  options.force = line.has("force");
  // One of before may be replaced, and what is no inventory never was one.
  if (const auto refused = refuse_to_replace(line.words().front());
      refused && refused->message.find("an inventory") == std::string::npos)
    return line.misused(refused->message);
  const bool terminal = isatty(STDERR_FILENO) != 0;
  if (terminal)
    options.progress = [](std::uint64_t done, std::uint64_t all) {
      std::fprintf(stderr, "\r%3u %%", all == 0 ? 100U : static_cast<unsigned>(done * 100 / all));
    };
  auto bytes = inventory::back_up(line.text("db"), line.words().front(), options);
  if (terminal) std::fputs("\r     \r", stderr);
  if (!bytes) return line.unreadable(bytes.error().message);
  std::printf("%s\n", report::printable(line.words().front() + ": " + report::human_bytes(*bytes))
                          .c_str());
  return kDone;
}

}  // namespace gnomon::cli
