// gnomon signatures check|list|test|sign
#include <cstdio>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "command.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/content/scanner.h"
#include "gnomon/identify/api_reader.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/identify/pack.h"
#include "gnomon/identify/shadow_name.h"
#include "gnomon/report/json_writer.h"
#include "options.h"
#include "signature_folder.h"
#include "terminal_table.h"

namespace gnomon::cli {
namespace {

using identify::App;
using identify::Catalogue;
using identify::Endpoint;
using identify::Match;
using report::JsonWriter;

// YYYY-MM-DD of today, for judging dates that lie ahead.
std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

// A date may end with the month.
bool lies_ahead(std::string_view date, std::string_view now) {
  return date > now.substr(0, date.size());
}

// What is not wrong with a file but with what it claims.
std::vector<identify::Problem> doubtful_dates(const Catalogue& catalogue) {
  std::vector<identify::Problem> problems;
  const std::string now = today();
  for (const App& app : catalogue.apps()) {
    const auto ahead = [&](std::string_view key, std::string_view date) {
      if (!lies_ahead(date, now)) return;
      problems.push_back(
          {std::string{app.file}, app.line, std::string{key},
           "'" + std::string{date} + "' lies ahead, in app '" + std::string{app.id} + "'"});
    };
    ahead("as_of", app.attributes_as_of);
    for (const identify::Incident& incident : app.incidents) ahead("date", incident.date);
  }
  return problems;
}

int run_check(Arguments arguments) {
  CommandLine line{
      "signatures check", "[DIR] [OPTIONS]",
      "Reads all signatures and tells whatever is wrong with them: file, line and key.\n"
      "DIR stands for --signatures DIR."};
  add_signature_options(line);
  add_detector_option(line);
  line.take_words("DIR", 0, 1);
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  auto folders = signature_folders(line);
  if (folders && !line.words().empty()) {
    auto named = find_signature_folder(line.words().front());
    if (!named) return line.misused("no such folder: " + line.words().front());
    folders->shipped = *named;
    folders->shipped_is_installed = false;
  }
  if (!folders) return line.misused(folders.error().message);
  auto catalogue = load_catalogue(*folders);
  if (!catalogue || !catalogue->doubts().empty()) return kMisused;
  const std::vector<identify::Problem> dates = doubtful_dates(*catalogue);
  for (const identify::Problem& problem : dates)
    std::fprintf(stderr, "gnomon: %s\n", problem.to_string().c_str());
  if (!dates.empty()) return kMisused;

  auto api = load_api_knowledge(*folders);
  if (!api) return kMisused;
  if (auto shadow = identify::ShadowName::load(folders->shipped); !shadow) {
    std::fprintf(stderr, "gnomon: %s\n", shadow.error().message.c_str());
    return kMisused;
  }
  content::DetectorOptions options;
  options.cache_folder = cache_folder();
  auto local = local_detectors(line);
  if (!local) return line.misused(local.error().message);
  options.local_folder = std::move(*local);
  auto detectors = content::DetectorSet::load(folders->shipped / "detectors", options);
  if (!detectors) {
    std::fprintf(stderr, "gnomon: %s\n", detectors.error().message.c_str());
    return kMisused;
  }
  const std::vector<std::string> wrong = detectors->check_examples();
  for (const std::string& each : wrong) std::fprintf(stderr, "gnomon: %s\n", each.c_str());
  if (!wrong.empty()) return kMisused;

  std::size_t reviewed = 0;
  std::size_t rated = 0;
  for (const App& app : catalogue->apps()) {
    reviewed += app.reviewed ? 1 : 0;
    rated += app.attributes_as_of.empty() ? 0 : 1;
  }
  std::printf(
      "%zu apps (%zu reviewed, %zu with risk attributes), %zu patterns of hosts; %zu families of "
      "APIs, %zu self-hosted products; %zu detectors: no problem.\n",
      catalogue->apps().size(), reviewed, rated, catalogue->pattern_count(), api->family_count(),
      api->product_count(), detectors->detectors().size());
  return kDone;
}

void write_app_line(const App& app) {
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  json.member("id", app.id);
  json.member("name", app.name);
  json.member_if("vendor", app.vendor);
  json.member_if("country", app.country);
  json.member("category", app.category);
  json.member("domain_match", identify::to_string(app.proof));
  json.member("reviewed", app.reviewed);
  json.key("domains");
  json.begin_array();
  for (const std::string_view domain : app.domains) json.value(domain);
  json.end_array();
  json.key("endpoints");
  json.begin_array();
  for (const Endpoint& endpoint : app.endpoints) {
    json.begin_object();
    json.member("host", endpoint.pattern);
    json.member("role", identify::to_string(endpoint.role));
    json.member("usage", endpoint.usage);
    if (endpoint.shared) json.member("shared", true);
    json.end_object();
  }
  json.end_array();
  json.key("attributes");
  json.begin_object();
  for (const identify::Attribute& each : app.attributes) json.member(each.key, each.value);
  json.end_object();
  json.member("file", app.file);
  json.member("line", app.line);
  json.end_object();
  out += '\n';
  std::fwrite(out.data(), 1, out.size(), stdout);
}

int run_list(Arguments arguments) {
  CommandLine line{
      "signatures list", "[TEXT] [OPTIONS]",
      "Lists the apps that are known; with TEXT those whose id, name, vendor, category\n"
      "or domains contain it."};
  add_signature_options(line);
  line.options().add_options()("format", text_value("FORMAT", "table"),
                               "table, or json: one line an app, with all that is known of it");
  line.take_words("TEXT", 0, 1);
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  const std::string format = line.text("format");
  if (const auto code = refuse_other_formats(line, {"table", "json"})) return *code;
  auto folders = signature_folders(line);
  if (!folders) return line.misused(folders.error().message);
  auto catalogue = load_catalogue(*folders);
  if (!catalogue) return kMisused;

  const std::string wanted = line.words().empty() ? "" : lowered(line.words().front());
  const auto shown = [&](const App& app) {
    for (const std::string_view text : {app.id, app.name, app.vendor, app.category})
      if (lowered(text).find(wanted) != std::string::npos) return true;
    for (const std::string_view domain : app.domains)
      if (domain.find(wanted) != std::string_view::npos) return true;
    for (const Endpoint& endpoint : app.endpoints)
      if (endpoint.pattern.find(wanted) != std::string_view::npos) return true;
    return false;
  };
  TerminalTable table{{{"APP", false, 12},
                       {"NAME", false, 10},
                       {"VENDOR", false, 8, 2},
                       {"CATEGORY", false, 0, 1},
                       {"DOMAINS", false, 16}}};
  for (const App& app : catalogue->apps()) {
    if (!shown(app)) continue;
    if (format == "json") {
      write_app_line(app);
      continue;
    }
    std::string domains;
    for (const std::string_view domain : app.domains)
      domains += (domains.empty() ? "" : " ") + std::string{domain};
    for (const Endpoint& endpoint : app.endpoints)
      if (app.domains.empty())
        domains += (domains.empty() ? "" : " ") + std::string{endpoint.pattern};
    table.add_row({std::string{app.id}, std::string{app.name}, std::string{app.vendor},
                   std::string{app.category}, domains});
  }
  if (format == "table") {
    const std::string out = table.render(Terminal::of_standard_output()).text;
    std::fwrite(out.data(), 1, out.size(), stdout);
  }
  return kDone;
}

// One line: what the signatures say of a host.
void write_answer(std::string& out, std::string_view host, const Match& match,
                  const identify::NameScore& shadow) {
  JsonWriter json{out};
  json.begin_object();
  json.member("host", host);
  json.key("app");
  if (match.app != nullptr)
    json.value(match.app->id);
  else
    json.null();
  json.key("role");
  if (match.pattern.empty())
    json.null();
  else
    json.value(identify::to_string(match.role));
  json.key("match");
  if (match.pattern.empty())
    json.null();
  else
    json.value(match.pattern);
  if (match.app != nullptr) {
    json.member("category", match.app->category);
    json.member("usage", match.usage);
    json.member("proof", identify::to_string(match.proof));
  }
  if (match.shared) json.member("shared", true);
  json.member("shadow_score", shadow.score);
  json.key("reasons");
  json.begin_array();
  for (const identify::NameReason& reason : shadow.reasons()) json.value(identify::to_text(reason));
  json.end_array();
  json.end_object();
  out += '\n';
}

int run_test(Arguments arguments) {
  CommandLine line{
      "signatures test", "HOST... [OPTIONS]",
      "Tells what is known of host names, one JSON line each, in order: the app, and how\n"
      "much the name alone looks like AI that no list knows (0 to 1, from 0.5 on it\n"
      "does; docs/shadow.md), with reasons. - reads names from standard input, one a\n"
      "line. Names are taken as they are: whatever is no host name matches nothing."};
  add_signature_options(line);
  line.take_words("HOST", 1, static_cast<std::size_t>(-1));
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  auto folders = signature_folders(line);
  if (!folders) return line.misused(folders.error().message);
  auto catalogue = load_catalogue(*folders);
  if (!catalogue) return kMisused;

  auto shadow = identify::ShadowName::load(folders->shipped);
  if (!shadow) return line.misused(shadow.error().message);

  std::string out;
  const auto answer = [&](std::string_view host) {
    write_answer(out, host, catalogue->match(host), shadow->score(host));
    if (out.size() < 64 * 1024) return;
    std::fwrite(out.data(), 1, out.size(), stdout);
    out.clear();
  };
  for (const std::string& word : line.words()) {
    if (word != "-") {
      answer(word);
      continue;
    }
    std::string host;
    while (std::getline(std::cin, host)) {
      if (host.ends_with('\r')) host.pop_back();
      answer(host);
    }
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  return kDone;
}

int run_sign(Arguments arguments) {
  CommandLine line{"signatures sign", "--key FILE DIR",
                   "Makes a signed pack of a folder: lists its *.yaml files by their SHA-256 in\n"
                   "DIR/MANIFEST, and signs that into DIR/MANIFEST.sig. Who is to take the pack\n"
                   "puts the public key into the folder of trusted keys, and the pack below the\n"
                   "folder of local signatures. A key pair is made by\n\n"
                   "  openssl genpkey -algorithm ed25519 -out key.pem\n"
                   "  openssl pkey -in key.pem -pubout -out NAME.pem"};
  line.options().add_options()("key", text_value("FILE"), "private key, Ed25519, PEM");
  line.take_words("DIR", 1, 1);
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  if (line.text("key").empty()) return line.misused("--key FILE is missing");
  auto signed_files = identify::sign_pack(line.words().front(), line.text("key"));
  if (!signed_files) return line.unreadable(signed_files.error().message);
  std::printf("%zu files signed in %s\n", *signed_files, line.words().front().c_str());
  return kDone;
}

constexpr Command kActions[] = {
    {"check", "tells whatever is wrong with them", run_check},
    {"list", "lists the apps that are known", run_list},
    {"test", "tells what is known of host names", run_test},
    {"sign", "makes a signed pack of a folder", run_sign},
};

}  // namespace

int run_signatures(Arguments arguments) {
  const std::string_view asked{arguments.empty() ? "" : arguments.front()};
  for (const Command& action : kActions)
    if (action.name == asked) return action.run(arguments.subspan(1));
  const bool help = asked == "--help" || asked == "-h";
  std::FILE* const to = help ? stdout : stderr;
  if (!help && !asked.empty())
    std::fprintf(to, "gnomon signatures: no action '%.*s'\n", static_cast<int>(asked.size()),
                 asked.data());
  std::fputs("Usage: gnomon signatures ACTION [OPTIONS]\n\nActions\n", to);
  for (const Command& action : kActions)
    std::fprintf(to, "  %-6.*s %.*s\n", static_cast<int>(action.name.size()), action.name.data(),
                 static_cast<int>(action.summary.size()), action.summary.data());
  std::fputs("\n'gnomon signatures ACTION --help' tells the options.\n", to);
  return help ? kDone : kMisused;
}

}  // namespace gnomon::cli
