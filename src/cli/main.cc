#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <span>
#include <string_view>

#include "command.h"
#include "gnomon/content/document_process.h"

namespace {

using namespace gnomon::cli;

constexpr Command kCommands[] = {
    {"replay", "reads captures into the inventory", run_replay},
    {"capture", "the live sensor: watches interfaces, folders or streams of captures", run_capture},
    {"inventory", "lists apps, clients, unknown hosts and capture runs", run_inventory},
    {"show", "shows one app whole, with its risk explained", run_show},
    {"review", "records governance decisions", run_review},
    {"policy", "checks, lists and tests rules that raise alerts", run_policy},
    {"alert", "lists and acknowledges alerts", run_alert},
    {"group", "groups of clients, for decisions and rules", run_group},
    {"risk", "history of ratings, scores and weights of your own", run_risk},
    {"register", "what NIST, ISO and the EU want to be known of an app", run_register},
    {"privacy", "tells what is kept of clients, and how long", run_privacy},
    {"reveal", "tells which client a pseudonym stands for", run_reveal},
    {"report", "writes the governance report", run_report},
    {"export", "writes block lists and bills of materials", run_export},
    {"signatures", "checks, lists and tests what is known of AI apps", run_signatures},
    {"status", "asks the running sensor how it is", run_status},
    {"config", "checks, shows and explains the configuration", run_config},
    {"classify", "says what is sensitive in files or standard input", run_classify},
    {"tidy", "removes what is older than it need be kept", run_tidy},
    {"backup", "copies the inventory, also while a sensor records", run_backup},
    {"verify", "looks whether an inventory is sound", run_verify},
    {"serve", "serves the web console", run_serve},
    {"user", "says who may sign in to the console", run_user},
    {"doctor", "says what is wrong with a mirror or a capture, and what mends it", run_doctor},
};

int print_commands(std::FILE* out, int code) {
  std::fputs(
      "gnomon COMMAND [OPTIONS]\n\n"
      "A passive network sensor that tells an organisation which AI it uses.\n\n"
      "Commands\n",
      out);
  for (const Command& command : kCommands)
    std::fprintf(out, "  %-10.*s %.*s\n", static_cast<int>(command.name.size()),
                 command.name.data(), static_cast<int>(command.summary.size()),
                 command.summary.data());
  std::fputs("\ngnomon COMMAND --help tells the options; gnomon --version the version.\n", out);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char* const> arguments{argv, static_cast<std::size_t>(argc)};
  if (arguments.size() < 2) return print_commands(stderr, kMisused);
  const std::string_view name{arguments[1]};
  if (name == "--help" || name == "-h" || name == "help") return print_commands(stdout, kDone);
  if (name == "--version") {
    std::puts("gnomon " GNOMON_VERSION);
    return kDone;
  }
  // Not for people: the process that opens documents for the others, shut in from here on.
  if (name == "extract") {
    return gnomon::content::run_document_process(argc - 2, argv + 2);
  }
  const auto* command = std::find_if(std::begin(kCommands), std::end(kCommands),
                                     [&](const Command& each) { return each.name == name; });
  if (command == std::end(kCommands)) {
    std::fprintf(stderr, "gnomon: no command '%.*s' (gnomon --help)\n",
                 static_cast<int>(name.size()), name.data());
    return kMisused;
  }
  try {
    const int code = command->run(arguments.subspan(2));
    // What was printed may have found no room: a file cut short must not pass for a whole one.
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      std::fprintf(stderr, "gnomon: standard output: %s\n", std::strerror(errno));
      return kMisused;
    }
    return code;
  } catch (const std::exception& error) {  // of the standard library or Boost: ours throws nothing
    std::fprintf(stderr, "gnomon: %s\n", error.what());
    return kMisused;
  }
}
