#include <cstdio>

#include "command.h"
#include "config/config_file.h"
#include "options.h"
#include "service/small_server.h"

namespace gnomon::cli {

int run_status(Arguments arguments) {
  CommandLine line{"status", "[--json] [--config FILE]",
                   "Asks the running sensor how it is: packets and losses, apps, coverage, alerts."};
  add_config_options(line, {});
  line.options().add_options()("json", boost::program_options::bool_switch(),
                               "as one JSON object, with all counters");
  line.add_notes(
      "Exit codes: 0 it runs, 1 bad usage or configuration, 2 no sensor runs, or\n"
      "it does not answer.");
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  std::vector<std::string> problems;
  const LoadedConfig loaded = load_config(line, kConfigFile, problems);
  if (!problems.empty()) return say_config_problems(problems), kMisused;
  const std::string& socket = loaded.values.status_socket;
  if (socket.empty())
    return line.misused("service.status_socket is empty: the sensor cannot be asked");
  bool listens = false;
  const auto answer =
      ask_socket(socket, line.get<bool>("json") ? "/status.json" : "/status", &listens);
  if (!answer && listens)
    return line.unreadable("a sensor runs, but is busy and does not answer (" +
                           answer.error().message + "); ask again a little later");
  if (!answer)
    return line.unreadable("no sensor runs that could be asked (" + answer.error().message +
                           "); 'systemctl start gnomon' starts the service");
  std::fwrite(answer->data(), 1, answer->size(), stdout);
  return kDone;
}

}  // namespace gnomon::cli
