#include "config_check.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "gnomon/inventory/retention.h"
#include "sensor_options.h"

namespace gnomon::cli {
namespace {

namespace fs = std::filesystem;

ConfigComplaints complaints_of(const std::string& text) {
  LoadedConfig loaded;
  std::vector<std::string> problems;
  read_config_text(text, "g.yaml", loaded, problems);
  for (const std::string& problem : problems) UNSCOPED_INFO(problem);
  REQUIRE(problems.empty());
  return check_for_capture(loaded);
}

bool starts(const std::string& text, const std::string& with) { return text.starts_with(with); }

TEST_CASE("what a capture would refuse is told with line and key, by line, all of it at once") {
  const ConfigComplaints all = complaints_of(
      "inventory:\n"
      "  database: /nowhere/at/all/g.db\n"
      "keep:\n"
      "  sightings: 100 d\n"
      "  hours: 10 d\n"
      "  lookups: 101 d\n"
      "capture:\n"
      "  interfaces: [lo, no-such-0]\n"
      "  folder: /nowhere/captures\n"
      "  filter: prot 80\n"
      "  cpus: 0,9999\n"
      "content:\n"
      "  key_logs: [/nowhere/keys, /]\n"
      "  markings: [Acme, '#!']\n"
      "events:\n"
      "  syslog: tcp://localhost\n"
      "  syslog_events: finding,findng\n");
  const std::vector<std::string> wanted = {
      "g.yaml:2: key 'database': /nowhere/at/all: No such file",
      "g.yaml:5: key 'hours': hours are kept for 30 days at least",
      "g.yaml:6: key 'lookups': names that were looked up cannot be kept longer",
      "g.yaml:8: key 'interfaces': no-such-0: no such interface; there are: ",
      "g.yaml:9: key 'folder': /nowhere/captures: No such file",
      "g.yaml:9: key 'folder': interfaces, a folder and pcap-over-IP each want",
      "g.yaml:10: key 'filter': filter 'prot 80'",
      "g.yaml:11: key 'cpus': takes processors of this machine, such as 0,2-3; '0,9999' is none",
      "g.yaml:13: key 'key_logs': /nowhere/keys: No such file",
      "g.yaml:13: key 'key_logs': /: is a folder",
      "g.yaml:14: key 'markings': '#!' is no marking: it has no letter and no digit",
      "g.yaml:17: key 'syslog_events': 'findng' is not 'alert', "};
  for (const std::string& problem : all.problems) UNSCOPED_INFO(problem);
  REQUIRE(all.problems.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(starts(all.problems[i], wanted[i]));
  CHECK(all.misused);
}

TEST_CASE("what does not fit what nobody gave says what to give") {
  const ConfigComplaints all = complaints_of("keep:\n  sightings: 365 d\n");
  REQUIRE(all.problems.size() == 1);
  CHECK(all.problems.front().find(
            "it is 400 d unless it is given: give --keep-hours too (keep.hours") !=
        std::string::npos);
  const ConfigComplaints given = complaints_of("keep:\n  sightings: 365 d\n  hours: 366 d\n");
  REQUIRE(given.problems.size() == 1);
  CHECK(given.problems.front().find("give --") == std::string::npos);
}

TEST_CASE("what only cannot be opened is no misuse") {
  const ConfigComplaints folder = complaints_of("capture:\n  folder: /nowhere\n");
  CHECK(folder.problems.size() == 1);
  CHECK_FALSE(folder.misused);
  const ConfigComplaints interface = complaints_of("capture:\n  interfaces: [no-such-0]\n");
  CHECK(interface.problems.size() == 1);
  CHECK_FALSE(interface.misused);
  CHECK(complaints_of("signatures:\n  folder: /nowhere\n").misused);
  CHECK(complaints_of("capture:\n  interfaces: [lo]\n  pcap_over_ip: [\"h:1\"]\n").misused);
  CHECK(complaints_of("content:\n  learnt_table: /nowhere\n").misused);
}

TEST_CASE("what a capture would take is not complained of") {
  const fs::path folder = fs::temp_directory_path();
  for (const std::string& text :
       {std::string{"flows:\n"}, "capture:\n  folder: " + folder.string() + "\n",
        std::string{"capture:\n  interfaces: [lo]\n  cpus: 0\n  filter: tcp\n"},
        "inventory:\n  database: " + (folder / "g.db").string() + "\n",
        std::string{"inventory:\n  database: g.db\n"},
        "inventory:\n  database: " + default_config().database + "\n",
        std::string{"capture:\n  interfaces: [any]\n"},
        std::string{"keep:\n  sightings: 0 s\n  hours: 400 d\n"},
        std::string{"content:\n  read: no\n  learnt_table: /nowhere\n"}}) {
    const ConfigComplaints all = complaints_of(text);
    INFO(text << (all.problems.empty() ? "" : all.problems.front()));
    CHECK(all.problems.empty());
    CHECK_FALSE(all.misused);
  }
}

TEST_CASE("processors are those of the machine") {
  CHECK(parse_cpus("0") == std::vector<int>{0});
  CHECK(parse_cpus("0,0-0") == std::vector<int>{0, 0});
  for (const char* text : {"", "-", "0-", "1-0", "0,", ",0", "a", "0 ", "99999", "0-99999", "-1"})
    CHECK_FALSE(parse_cpus(text));
}

TEST_CASE("every kind of what is kept that can be wrong is a setting") {
  inventory::Retention wrong;
  wrong.sighting_days = wrong.hour_days = wrong.finding_days = wrong.file_days = 40'000;
  wrong.alert_days = wrong.dns_days = wrong.unknown_host_days = wrong.candidate_days = 40'000;
  wrong.client_name_days = wrong.health_days = 40'000;
  wrong.database_bytes_max = 1;
  const auto all = inventory::complaints(wrong);
  CHECK(all.size() == 11);
  for (const auto& each : all) CHECK(find_setting("keep." + std::string{each.kind}) != nullptr);
  CHECK(inventory::complaints(retention(default_config())).empty());
}

TEST_CASE(
    "what a capture makes when it is not there wants its folder, and an address to listen at is "
    "one") {
  struct Row {
    const char* text;
    const char* said;  // nothing: it is good
  };
  const auto row = GENERATE(values<Row>({
      {"events: {file: /nowhere/eve.json}", "/nowhere: No such file"},
      {"events: {file: /}", "/: is a folder"},
      {"events: {file: '-'}", nullptr},
      {"events: {file: eve.json}", nullptr},
      {"privacy: {pseudonyms: yes, key_file: /nowhere/k}", "/nowhere: No such file"},
      {"privacy: {pseudonyms: no, key_file: /nowhere/k}", nullptr},
      {"inventory: {database: /tmp}", "/tmp: is a folder"},
      {"service: {metrics: '192.0.2.77:9310'}", "192.0.2.77:9310: Cannot assign"},
      {"inventory: {database: /tmp/one}\nevents: {file: /tmp/../tmp/one}",
       "events.file and inventory.database are one file"},
      {"privacy: {pseudonyms: yes, key_file: /tmp/one}\nevents: {file: /tmp/one}",
       "events.file and privacy.key_file are one file"},
      {"events: {file: /dev/null}", nullptr},
      {"service: {metrics: ''}", nullptr},
      {"service: {metrics: '127.0.0.1:9310'}", nullptr},
  }));
  CAPTURE(row.text);
  const ConfigComplaints all = complaints_of(row.text);
  for (const std::string& problem : all.problems) UNSCOPED_INFO(problem);
  REQUIRE(all.problems.size() == (row.said == nullptr ? 0 : 1));
  if (row.said == nullptr) return;
  CHECK(all.misused);
  CHECK(all.problems[0].find(row.said) != std::string::npos);
}

TEST_CASE("a sensor that runs is not told of what may come back before it starts again") {
  LoadedConfig loaded;
  std::vector<std::string> problems;
  read_config_text("capture: {interfaces: [no-such-0], filter: tcp prt 1}", "g.yaml", loaded,
                   problems);
  REQUIRE(problems.empty());
  CHECK(check_for_capture(loaded).problems.size() == 2);
  const ConfigComplaints later = check_for_reload(loaded, default_config());
  REQUIRE(later.problems.size() == 1);
  CHECK(later.problems[0].find("tcp prt 1") != std::string::npos);
}

TEST_CASE("a sensor that runs does not judge what is as it was, nor what it may not look at") {
  const auto read = [](const std::string& text) {
    LoadedConfig loaded;
    std::vector<std::string> problems;
    read_config_text(text, "g.yaml", loaded, problems);
    REQUIRE(problems.empty());
    return loaded;
  };
  const std::string gone =
      "inventory: {database: /nowhere/g.db}\nevents: {file: /nowhere/eve.json}\n"
      "privacy: {pseudonyms: yes, key_file: /nowhere/k}\ncontent: {learnt_table: /nowhere/t}\n"
      "service: {metrics: '192.0.2.77:9310'}\n";
  const LoadedConfig same = read(gone);
  CHECK(check_for_capture(same).problems.size() == 5);
  CHECK(check_for_reload(same, same.values).problems.empty());
  CHECK(check_for_reload(same, default_config()).problems.size() == 5);
  // Values that do not go together are wrong wherever they are looked at.
  const LoadedConfig keep = read("keep:\n  sightings: 100 d\n  hours: 10 d\n");
  CHECK(check_for_reload(keep, keep.values).problems.size() == 1);

  if (::geteuid() != 0) return;  // root can make what nobody else may look at
  const fs::path folder = fs::temp_directory_path() / ("gnomon_hidden_" + std::to_string(getpid()));
  fs::create_directories(folder / "below");
  fs::permissions(folder, fs::perms::owner_all);
  const std::string below = (folder / "below" / "k").string();
  const LoadedConfig hidden = read("privacy: {pseudonyms: yes, key_file: " + below +
                                   "}\ncontent: {learnt_table: " + below + "-table}\n");
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(65'534) != 0 || ::setuid(65'534) != 0) ::_exit(9);
    const std::size_t at_start = check_for_capture(hidden).problems.size();
    const std::size_t later = check_for_reload(hidden, default_config()).problems.size();
    ::_exit(static_cast<int>(at_start * 3 + later));
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  fs::remove_all(folder);
  CHECK(WEXITSTATUS(status) == 2 * 3);
}

TEST_CASE("a check refuses what a start does: two purposes of one file, and what is no place") {
  const fs::path folder = fs::temp_directory_path() / ("gnomon_twice_" + std::to_string(getpid()));
  fs::create_directories(folder);
  const std::string in = folder.string() + "/";
  std::ofstream{in + "k"} << "gnomon pseudonym key 1\n";
  std::ofstream{in + "t"} << "CLIENT_RANDOM 00 00\n";
  struct Row {
    std::string text;
    const char* said;  // null: good
  };
  const std::string db = "inventory: {database: " + in + "g.db}\n";
  const Row rows[] = {
      {db, nullptr},
      {db + "events: {file: " + in + "e.json}\n", nullptr},
      {db + "events: {file: " + in + "g.db-wal}\n", "key 'file': events.file"},
      {db + "events: {file: " + in + "g.db.key}\nprivacy: {pseudonyms: yes}\n", "are one file"},
      {db + "events: {file: " + in + "t}\ncontent: {key_logs: [" + in + "t]}\n", "a key log"},
      {db + "events: {file: " + in + "x}\ncontent: {learnt_table: " + in + "x}\n",
       "content.learnt_table and events.file"},
      {db + "events: {file: " + in + "k}\n", "holds the key of pseudonyms"},
      {db + "events: {file: g.yaml}\n", "the configuration"},
      {db + "events: {syslog: 'tcp://localhost', syslog_spool: " + in + "t}\n", "is no folder"},
      {db + "content: {learnt_table: " + in + "t, learnt_documents: " + in + "t}\n", nullptr},
  };
  for (const Row& row : rows) {
    LoadedConfig loaded;
    std::vector<std::string> problems;
    read_config_text(row.text, "g.yaml", loaded, problems);
    loaded.file = "g.yaml";
    REQUIRE(problems.empty());
    std::string all;
    for (const std::string& each : check_for_capture(loaded).problems) all += each + "\n";
    CAPTURE(row.text, all);
    if (row.said == nullptr)
      CHECK(all.empty());
    else
      CHECK(all.find(row.said) != std::string::npos);
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace gnomon::cli
