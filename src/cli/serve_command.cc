#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "block_knowledge.h"
#include "command.h"
#include "config/config_file.h"
#include "config/sensor_options.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/wall_clock.h"
#include "gnomon/report/console.h"
#include "gnomon/report/display_text.h"
#include "local_app.h"
#include "options.h"

namespace gnomon::cli {
namespace {

using report::console::Console;
using report::console::ConsoleOptions;

// Each line of it made printable.
void tell(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    text += report::printable(lines.substr(0, end)) + "\n";
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  std::fwrite(text.data(), 1, text.size(), stderr);
}

bool is_host_name(const std::string& name) {
  return !name.empty() && name.size() <= 253 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos;
}

Result<std::string> make_local_app(const Config& config, const ConsoleOptions::NewApp& wanted) {
  auto folders = signature_folders(config);
  if (!folders) return folders.error();
  LocalApp app;
  app.host = app.name = wanted.host;
  app.id = wanted.id;
  const Time now = wall_clock();
  app.comment = accepted_by(wanted.account, now, wanted.reason);
  auto written = write_local_app(*folders, app);
  if (!written) return written.error();
  return written->string();
}

// Read anew each time: who updates signatures need not restart the console.
Result<std::shared_ptr<const report::HostKnowledge>> knowledge_of_hosts(const Config& config) {
  struct Both {
    identify::Catalogue catalogue;
    report::HostKnowledge knowledge;
  };
  auto folders = signature_folders(config);
  if (!folders) return folders.error();
  auto catalogue = identify::Catalogue::load(*folders, nullptr);
  if (!catalogue) return catalogue.error();
  auto both = std::make_shared<Both>(Both{std::move(*catalogue), {}});
  both->knowledge = block_knowledge(both->catalogue);
  return std::shared_ptr<const report::HostKnowledge>{both, &both->knowledge};
}

}  // namespace

int run_serve(Arguments arguments) {
  CommandLine line{
      "serve", "[--db FILE] [--listen ADDRESS:PORT] [--tls-cert FILE --tls-key FILE]",
      "Serves the web console: the inventory in a browser, with decisions, and a REST API\n"
      "under /api/v1. Who may sign in is kept in FILE-accounts beside the inventory; while\n"
      "there is nobody, a link for the first account is printed. Ends with Ctrl-C."};
  add_database_option(line);
  add_config_options(line, {"signatures.folder", "signatures.local", "signatures.trusted_keys",
                            "signatures.require_signed"});
  line.options().add_options()  //
      ("listen", text_value("ADDRESS:PORT", "127.0.0.1:8787"),
       "where; anything but this machine itself needs TLS")       //
      ("tls-cert", text_value("FILE"), "certificate chain, PEM")  //
      ("tls-key", text_value("FILE"), "its private key, PEM")     //
      ("insecure-listen",
       "listen beyond this machine without TLS: passwords cross the network in clear, unless a "
       "proxy in front speaks TLS")  //
      ("host-name", boost::program_options::value<std::vector<std::string>>()->value_name("NAME"),
       "a name under which browsers may ask for the console, besides addresses and localhost; "
       "may be given again");
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  std::vector<std::string> problems;
  const LoadedConfig loaded = load_config(line, {}, problems);
  if (!problems.empty()) return say_config_problems(problems), kMisused;
  const Config& config = loaded.values;
  const auto option = [&](const char* name, const std::string& otherwise) {
    return line.given(name) ? line.text(name) : otherwise;
  };
  const std::string database =
      line.given("db") || loaded.file.empty() ? line.text("db") : config.database;

  auto place = report::console::parse_listen(option("listen", config.console_listen));
  if (!place) return line.misused("--listen: " + place.error().message);
  ConsoleOptions options;
  options.database = database;
  options.address = place->address;
  options.port = place->port;
  options.tls_certificate = option("tls-cert", config.console_certificate);
  options.tls_key = option("tls-key", config.console_key);
  options.version = GNOMON_VERSION;
  options.make_app = [config](const ConsoleOptions::NewApp& wanted) {
    return make_local_app(config, wanted);
  };
  options.withdraw_app = [config](const std::string& id) {
    const auto folders = signature_folders(config);
    if (!folders) return withdrawn_text({}, id);
    const WithdrawnApp done = withdraw_local_app(*folders, id);
    return done.removed ? std::string{} : withdrawn_text(done, id);
  };
  options.host_knowledge = [config] { return knowledge_of_hosts(config); };
  if (options.tls_certificate.empty() != options.tls_key.empty())
    return line.misused("--tls-cert and --tls-key go together");
  const bool tls = !options.tls_certificate.empty();
  if (!place->loopback && !tls && !line.has("insecure-listen"))
    return line.misused("--listen: " + place->address +
                        " can be reached from other machines, and passwords would cross the "
                        "network in clear; give --tls-cert and --tls-key, or --insecure-listen");
  for (std::string name : line.has("host-name")
                              ? line.get<std::vector<std::string>>("host-name")
                              : config.console_names) {
    std::transform(name.begin(), name.end(), name.begin(), to_lower);
    if (!is_host_name(name)) return line.misused("--host-name: '" + name + "' is no host name");
    options.host_names.push_back(std::move(name));
  }

  // Ctrl-C and systemd's TERM are waited for by a thread of their own.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  auto console = Console::open(options);
  if (!console) return line.unreadable(console.error().message);
  tell("The console of " + database + " is at " + (*console)->url());
  if (const std::string setup = (*console)->setup_url(); !setup.empty())
    tell("Nobody may sign in yet. Make the first account, an admin, at\n  " + setup +
         "\nor with 'gnomon user add NAME --role admin --db " + database + "'.");
  if (!place->loopback && !tls)
    tell("Beware: this place can be reached from other machines, and nothing here is encrypted.");
  std::thread waiting{[&] {
    int signal = 0;
    sigwait(&ends, &signal);
    (*console)->stop();
  }};
  (*console)->run();
  waiting.join();
  return kDone;
}

}  // namespace gnomon::cli
