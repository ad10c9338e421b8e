#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "config_file.h"
#include "config_text.h"
#include "sensor_options.h"

namespace gnomon::cli {
namespace {

std::vector<std::string> problems_of(std::string_view text, LoadedConfig* kept = nullptr) {
  LoadedConfig loaded;
  std::vector<std::string> problems;
  read_config_text(text, "g.yaml", loaded, problems);
  if (kept != nullptr) *kept = std::move(loaded);
  return problems;
}

// Some line of the sample that comments a setting out, without its mark.
std::string uncommented(std::string text) {
  std::istringstream lines{text};
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t mark = line.find("  #");
    if (mark == 0 && line.size() > 3 && line[3] != ' ') line = "  " + line.substr(3);
    out += line + "\n";
  }
  return out;
}

TEST_CASE("every row of the table is whole") {
  std::set<std::string_view> names, flags;
  for (const Setting& setting : settings()) {
    INFO(setting.name);
    CHECK(names.insert(setting.name).second);
    CHECK(std::count(setting.name.begin(), setting.name.end(), '.') == 1);
    CHECK((setting.flag.empty() || flags.insert(setting.flag).second));
    CHECK(setting.help.size() > 5);
    CHECK(setting.help.back() == '.');
    Config config{};
    if (!is_list(setting)) CHECK(assign(config, setting, setting.otherwise) == std::nullopt);
    CHECK(config_sample().find(std::string{key_of(setting)} + ":") != std::string::npos);
  }
  CHECK(names.size() > 50);
}

TEST_CASE("the defaults are those that each part has by itself") {
  const Config config = default_config();
  const sensor::ReplayOptions made = sensor_options(config);
  const sensor::ReplayOptions own;
  CHECK(made.flows_max == own.flows_max);
  CHECK(made.reassembly_bytes_max == own.reassembly_bytes_max);
  CHECK(made.stats_interval == own.stats_interval);
  CHECK(made.flow.tcp_new == own.flow.tcp_new);
  CHECK(made.flow.tcp_established == own.flow.tcp_established);
  CHECK(made.flow.tcp_closed == own.flow.tcp_closed);
  CHECK(made.flow.udp_one_way == own.flow.udp_one_way);
  CHECK(made.flow.udp_two_way == own.flow.udp_two_way);
  CHECK(made.flow.other == own.flow.other);
  CHECK(made.fragments.bytes_max == own.fragments.bytes_max);
  CHECK(made.fragments.datagrams_max == own.fragments.datagrams_max);
  CHECK(made.fragments.timeout == own.fragments.timeout);
  CHECK(made.inspector.open_max == own.inspector.open_max);
  CHECK(made.inspector.limits.body_bytes_max == own.inspector.limits.body_bytes_max);
  CHECK(made.inspector.limits.decoded_bytes_max == own.inspector.limits.decoded_bytes_max);
  CHECK(made.inspector.limits.decoded_ratio_max == own.inspector.limits.decoded_ratio_max);
  CHECK(made.inspector.limits.document_bytes_max == own.inspector.limits.document_bytes_max);
  CHECK(made.inspector.limits.text_bytes_max == own.inspector.limits.text_bytes_max);
  CHECK(made.inspector.limits.document_seconds_max == own.inspector.limits.document_seconds_max);
  CHECK(made.inspector.limits.parts_max == own.inspector.limits.parts_max);
  CHECK(made.inspector.limits.depth_max == own.inspector.limits.depth_max);
  CHECK(made.inspector.files_per_body_max == own.inspector.files_per_body_max);
  CHECK(made.inspector.findings_per_body_max == own.inspector.findings_per_body_max);
  CHECK(made.inspector.uploads_max == own.inspector.uploads_max);
  CHECK(made.inspector.upload_bytes_max == own.inspector.upload_bytes_max);
  CHECK(made.inspector.upload_silence == own.inspector.upload_silence);
  const inventory::RecorderLimits limits = recorder_limits(config);
  const inventory::RecorderLimits own_limits;
  CHECK(limits.sightings_max == own_limits.sightings_max);
  CHECK(limits.hours_max == own_limits.hours_max);
  CHECK(limits.unknown_hosts_max == own_limits.unknown_hosts_max);
  CHECK(limits.clients_per_unknown_host_max == own_limits.clients_per_unknown_host_max);
  CHECK(limits.unknown_rows_max == own_limits.unknown_rows_max);
  CHECK(limits.client_names_max == own_limits.client_names_max);
  CHECK(limits.ledger_rows_max == own_limits.ledger_rows_max);
}

TEST_CASE("what a file says is taken, and where it said so") {
  LoadedConfig loaded;
  REQUIRE(problems_of("# mine\n"
                      "flows:\n"
                      "  max: 5_000\n"
                      "  timeout_tcp: 2 h\n"
                      "content:\n"
                      "  read: no\n"
                      "  body_max: 3MiB\n"
                      "  markings: [Acme Internal, 'Acme: Secret']\n"
                      "capture:\n"
                      "  interfaces: eth1\n"
                      "  filter: ''\n"
                      "log:\n"
                      "service:\n"
                      "  metrics: '[::1]:9310'\n"
                      "alerts:\n"
                      "  loss_max: 0.25\n",
                      &loaded)
              .empty());
  CHECK(loaded.values.flows_max == 5000);
  CHECK(loaded.values.tcp_established == std::chrono::hours{2});
  CHECK_FALSE(loaded.values.content);
  CHECK(loaded.values.body_bytes_max == 3U << 20);
  CHECK(loaded.values.markings == std::vector<std::string>{"Acme Internal", "Acme: Secret"});
  CHECK(loaded.values.interfaces == std::vector<std::string>{"eth1"});
  CHECK(loaded.values.metrics_listen == "[::1]:9310");
  CHECK(loaded.values.loss_percent_max == 0.25);
  CHECK(origin_text(loaded, *find_setting("flows.timeout_tcp")) == "g.yaml:4");
  CHECK(origin_text(loaded, *find_setting("flows.timeout_udp")) == "default");
  CHECK(loaded.given("capture.filter"));
  CHECK_FALSE(loaded.given("log.level"));
  // What is shown can be loaded again and means the same.
  LoadedConfig again;
  CHECK(problems_of(config_as_yaml(loaded), &again).empty());
  CHECK(config_as_yaml(again).size() > 1000);
  for (const Setting& setting : settings())
    CHECK(value_text(again.values, setting) == value_text(loaded.values, setting));
}

TEST_CASE("files of nothing are good files") {
  CHECK(problems_of("").empty());
  CHECK(problems_of("# nothing\n\n   # more of it").empty());
  CHECK(problems_of("flows:\n").empty());
  CHECK(problems_of(config_sample()).empty());
}

TEST_CASE("the sample, uncommented, is the defaults") {
  LoadedConfig loaded;
  CHECK(problems_of(uncommented(config_sample()), &loaded).empty());
  const Config defaults = default_config();
  for (const Setting& setting : settings()) {
    INFO(setting.name);
    CHECK(loaded.given(setting.name));
    CHECK(value_text(loaded.values, setting) == value_text(defaults, setting));
  }
}

TEST_CASE("what is wrong is said with file, line, and what would be right") {
  struct Row {
    const char* text;
    const char* said;
  };
  const auto row = GENERATE(values<Row>({
      {"flows:\n  maks: 5\n", "g.yaml:2: key 'maks': there is no setting 'flows.maks'; is 'flows.max' meant?"},
      {"flow:\n  max: 5000\n", "g.yaml:1: key 'flow': is no section of the configuration; is 'flows' meant?"},
      {"flows.max: 5000\n", "is written as 'max' below 'flows:'"},
      {"zzzzzzzzzzzz: 1\n", "g.yaml:1: key 'zzzzzzzzzzzz': is no section"},
      {"workers: 4\n", "is 'capture.workers' meant?"},
      {"flows:\n  workers: 4\n", "is 'capture.workers' meant?"},
      {"flows:\n  qqqqqqqqqqqq: 4\n", "there is no setting 'flows.qqqqqqqqqqqq'"},
      {"flows:\n  max: 5000\n  max: 6000\n", "g.yaml:3: key 'max': is there twice"},
      {"flows:\n  max: 5000\nlog:\n  level: info\nflows:\n  max: 5000\n", "g.yaml:5: key 'flows': is there twice"},
      {"flows:\n  max: many\n", "g.yaml:2: key 'max': 'many' must be a whole number"},
      {"flows:\n  max: 1e6\n", "must be a whole number"},
      {"flows:\n  max: -5\n", "must be a whole number"},
      {"flows:\n  max: _5\n", "must be a whole number"},
      {"flows:\n  max: 1023\n", "must be 1024 to 100000000"},
      {"flows:\n  max: 100000001\n", "must be 1024 to 100000000"},
      {"flows:\n  max: 99999999999999999999999\n", "must be a whole number"},
      {"flows:\n  max:\n", "g.yaml:2: key 'max': has no value"},
      {"flows:\n  max: ''\n", "must be a whole number"},
      {"flows:\n  max: [5000]\n", "g.yaml:2: key 'max': must be text"},
      {"flows:\n  max: {a: b}\n", "must be text"},
      {"flows: 5\n", "must hold keys and values"},
      {"flows: [max]\n", "must hold keys and values"},
      {"flows:\n  reassembly_max: 128\n", "must be a size with its unit"},
      {"flows:\n  reassembly_max: 128 MB\n", "must be a size with its unit"},
      {"flows:\n  reassembly_max: 1 MiB MiB\n", "must be a size with its unit"},
      {"flows:\n  reassembly_max: 1023 KiB\n", "must be 1 MiB to 64 GiB"},
      {"flows:\n  reassembly_max: 99999999999 TiB\n", "must be a size with its unit"},
      {"flows:\n  timeout_tcp: 30\n", "must be a time with its unit"},
      {"flows:\n  timeout_tcp: 30 m\n", "must be a time with its unit"},
      {"flows:\n  timeout_tcp: 0\n", "must be 1 s to 1 d"},
      {"flows:\n  timeout_tcp: 25 h\n", "must be 1 s to 1 d"},
      {"content:\n  read: maybe\n", "'maybe' must be yes or no"},
      {"content:\n  read: 1\n", "must be yes or no"},
      {"log:\n  level: verbose\n", "'verbose' must be debug, info, warning or error"},
      {"log:\n  level: INFO\n", "must be debug, info, warning or error"},
      {"service:\n  metrics: 9310\n", "must be an address and a port"},
      {"service:\n  metrics: ':9310'\n", "must be an address and a port"},
      {"service:\n  metrics: '127.0.0.1:0'\n", "must be an address and a port"},
      {"service:\n  metrics: '127.0.0.1:65536'\n", "must be an address and a port"},
      {"service:\n  metrics: '::1:9310'\n", "must be an address and a port"},
      {"service:\n  user: a b\n", "must be a name"},
      {"capture:\n  interfaces: [eth0, eth0]\n", "'eth0' is there twice"},
      {"capture:\n  interfaces: [eth0, '']\n", "is empty"},
      {"capture:\n  interfaces: [eth0, [eth1]]\n", "must be text"},
      {"capture:\n  interfaces: {a: b}\n", "must be text"},
      {"capture:\n  filter: \"tcp\\tport\\n443\"\n", "must not hold control characters"},
      {"alerts:\n  loss_max: 101\n", "must be 0 to 100"},
      {"alerts:\n  loss_max: nan\n", "must be a number"},
      {"alerts:\n  loss_max: 1%\n", "must be a number"},
      {"flows: &a\n  max: 5000\n", "anchor"},
      {"flows:\n  max: *a\n", "anchor"},
      {"flows:\n  max: !!int 5000\n", "anchor"},
      {"flows:\n\tmax: 5000\n", "is not YAML"},
      {"flows: [\n", "is not YAML"},
      {"- flows\n", "must hold keys and values"},
      {"flows\n", "must hold keys and values"},
      {"flows:\n  max: 5000\n---\nlog:\n  level: info\n", "a second document begins here"},
      {"a\xff: b\n", "is not YAML"},
  }));
  INFO(row.text);
  LoadedConfig loaded;
  const auto problems = problems_of(row.text, &loaded);
  REQUIRE_FALSE(problems.empty());
  INFO(problems.front());
  CHECK(std::any_of(problems.begin(), problems.end(), [&](const std::string& each) {
    return each.find(row.said) != std::string::npos && each.starts_with("g.yaml:");
  }));
}

TEST_CASE("all problems are told at once, by line") {
  const auto problems = problems_of(
      "flows:\n  max: x\n  nothing: 5\nlog:\n  level: loud\ncontent:\n  read: perhaps\n");
  REQUIRE(problems.size() == 4);
  CHECK(problems[0].starts_with("g.yaml:2:"));
  CHECK(problems[1].starts_with("g.yaml:3:"));
  CHECK(problems[2].starts_with("g.yaml:5:"));
  CHECK(problems[3].starts_with("g.yaml:7:"));
}

TEST_CASE("a file cut anywhere is read or refused, and says something when it is refused") {
  const std::string whole = uncommented(config_sample());
  for (std::size_t cut = 0; cut < whole.size(); cut += 7) {
    LoadedConfig loaded;
    for (const std::string& problem : problems_of(std::string_view{whole}.substr(0, cut), &loaded))
      CHECK(problem.size() > 12);
  }
}

TEST_CASE("options override the file, and are told apart from it") {
  const auto load = [](std::vector<std::string> words, std::vector<std::string>& problems) {
    CommandLine line{"test", "", ""};
    add_config_options(line, {"capture.workers", "content.read", "content.key_logs", "flows.max"});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    REQUIRE(line.parse(arguments) == std::nullopt);
    return load_config(line, {}, problems);
  };
  std::vector<std::string> problems;
  LoadedConfig loaded = load({"--workers", "3", "--no-content", "--keylog", "a", "--keylog", "b",
                              "--set", "log.level=debug", "--set", "capture.interfaces=eth1,eth2"},
                             problems);
  CHECK(problems.empty());
  CHECK(loaded.values.workers == 3);
  CHECK_FALSE(loaded.values.content);
  CHECK(loaded.values.key_logs == std::vector<std::string>{"a", "b"});
  CHECK(loaded.values.log_level == "debug");
  CHECK(loaded.values.interfaces == std::vector<std::string>{"eth1", "eth2"});
  CHECK(origin_text(loaded, *find_setting("capture.workers")) == "--workers");
  CHECK(origin_text(loaded, *find_setting("log.level")) == "--set");
  CHECK(origin_text(loaded, *find_setting("flows.max")) == "default");

  load({"--workers", "17", "--flows-max", "1", "--set", "log.level=loud", "--set", "log.levl=info",
        "--set", "nothing", "--set", "capture.interfaces=a,a", "--config", "/nowhere/g.yaml"},
       problems);
  REQUIRE(problems.size() == 7);
  CHECK(problems[0].find("/nowhere/g.yaml: No such file") == 0);
  CHECK(problems[1].find("--workers: must be 0 to 16") == 0);
  CHECK(problems[2].find("--flows-max: must be 1024 to") == 0);
  CHECK(problems[3].find("--set log.level: 'loud' must be") == 0);
  CHECK(problems[4].find("'log.level' meant?") != std::string::npos);
  CHECK(problems[5].find("must be NAME=VALUE") != std::string::npos);
  CHECK(problems[6].find("is there twice") != std::string::npos);
}

TEST_CASE("an option that switches something off says what is not done then") {
  CommandLine line{"test", "", ""};
  add_config_options(line, {"content.read", "capture.promiscuous"});
  std::string help;  // without its lines' ends
  std::istringstream words{line.help()};
  for (std::string word; words >> word;) help += word + " ";
  CHECK(help.find("Does not read what requests and answers carry where it is visible. ") !=
        std::string::npos);
  CHECK(help.find("No text is kept") == std::string::npos);
  CHECK(help.find("Does not put interfaces into promiscuous mode, ") != std::string::npos);
}

TEST_CASE("docs/configuration.md holds the table as it is") {
  std::ifstream file{"docs/configuration.md"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  // After a change: gnomon config reference, between the two marks.
  CHECK(text.find("<!-- table -->\n" + config_reference() + "<!-- /table -->") !=
        std::string::npos);
}

}  // namespace
}  // namespace gnomon::cli
