#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "../config/settings.h"
#include "log.h"
#include "notify.h"
#include "self_alerts.h"

namespace gnomon::cli {
namespace {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/gnomon-service-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Stands in for systemd.
class Listener {
 public:
  explicit Listener(const std::string& path) {
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~Listener() { ::close(socket_); }
  std::string next() {
    char buffer[1024];
    const ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
    return got < 0 ? "" : std::string(buffer, static_cast<std::size_t>(got));
  }

 private:
  int socket_;
};

TEST_CASE("the service manager hears what it should, and no more") {
  const Folder folder;
  Listener listener{folder / "notify"};
  ::setenv("NOTIFY_SOCKET", (folder / "notify").c_str(), 1);
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  ServiceManager manager = ServiceManager::from_environment();
  REQUIRE(manager.present());
  CHECK(manager.watchdog() == std::chrono::seconds{30});
  CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);
  CHECK(std::getenv("WATCHDOG_USEC") == nullptr);
  manager.ready("5 packets");
  CHECK(listener.next() == "READY=1\nSTATUS=5 packets");
  manager.status("a\nREADY=0");
  CHECK(listener.next() == "STATUS=a READY=0");
  manager.reloading();
  CHECK(listener.next().find("RELOADING=1\nMONOTONIC_USEC=") == 0);
  manager.alive();
  CHECK(listener.next() == "WATCHDOG=1");
  manager.stopping();
  CHECK(listener.next().find("STOPPING=1\n") == 0);
  CHECK(listener.next().empty());
}

TEST_CASE("without a service manager nothing happens") {
  struct Row {
    const char* socket;
    const char* usec;
    const char* pid;
    bool watched;
  };
  const auto row = GENERATE(values<Row>({
      {"", "1000", "", false},
      {"relative/path", "1000", "", false},
      {"/tmp/nobody-listens", "", "", false},
      {"/tmp/nobody-listens", "x", "", false},
      {"/tmp/nobody-listens", "0", "", false},
      {"/tmp/nobody-listens", "1000", "1", false},  // another process is meant
      {"@abstract-nobody", "1000", "", true},
  }));
  ::setenv("NOTIFY_SOCKET", row.socket, 1);
  ::setenv("WATCHDOG_USEC", row.usec, 1);
  if (*row.pid != '\0') ::setenv("WATCHDOG_PID", row.pid, 1);
  ServiceManager manager = ServiceManager::from_environment();
  INFO(row.socket << " " << row.usec << " " << row.pid);
  CHECK(manager.watchdog().has_value() == row.watched);
  manager.ready("x");  // must not fail, wait or raise a signal
  manager.alive();
}

TEST_CASE("a kind of message has so many lines a minute, and says what was left out") {
  Config config = default_config();
  config.log_per_minute_max = 2;
  std::vector<std::string> lines;
  Log::Clock::time_point now{};
  ::unsetenv("JOURNAL_STREAM");
  Log log{config, [&](const std::string& line) { lines.push_back(line); }, [&] { return now; }};
  for (int i = 0; i < 5; ++i) log.warning("packets are lost", {{"lost", std::uint64_t{7}}});
  CHECK(lines.size() == 2);
  log.info("another kind");
  CHECK(lines.size() == 3);
  now += std::chrono::seconds{59};
  log.warning("packets are lost");
  CHECK(lines.size() == 3);
  now += std::chrono::seconds{1};
  log.warning("packets are lost");
  REQUIRE(lines.size() == 4);
  CHECK(lines.back().find("left_out=4") != std::string::npos);
  log.warning("packets are lost");
  CHECK(lines.back().find("left_out") == std::string::npos);
  log.debug("too little");
  CHECK(lines.size() == 5);
}

TEST_CASE("of whom news are, and how many, makes no other kind of message") {
  Config config = default_config();
  config.log_per_minute_max = 2;
  std::vector<std::string> lines;
  ::unsetenv("JOURNAL_STREAM");
  Log log{config, [&](const std::string& line) { lines.push_back(line); }};
  for (int i = 0; i < 50; ++i)
    log.say_news(LogLevel::kWarning, "192.0.2.1:" + std::to_string(40000 + i) + ": ended after " +
                                         std::to_string(i) + " frames");
  CHECK(lines.size() == 2);
  log.say_news(LogLevel::kWarning, "192.0.2.1:1: connected");
  CHECK(lines.size() == 3);
  for (int i = 0; i < 50; ++i)
    log.say_news(LogLevel::kInfo, "lost " + std::to_string(i) + " packets");
  CHECK(lines.size() == 5);
}

TEST_CASE("log lines hold whatever is put into them") {
  Config config = default_config();
  std::vector<std::string> lines;
  ::unsetenv("JOURNAL_STREAM");
  Log log{config, [&](const std::string& line) { lines.push_back(line); }};
  log.error("bad \"thing\"", {{"file", "a b\nc=\x1b[31m"}, {"plain", "x/y"}, {"none", ""}});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("time=") == 0);
  CHECK(lines[0].find(" level=error msg=\"bad \\\"thing\\\"\" file=\"a b\\nc=\\u001b[31m\" plain=x/y "
                      "none=\"\"\n") != std::string::npos);
  config.log_format = "json";
  log.set(config);
  log.error("m", {{"k", "a\nb"}});
  CHECK(lines[1].find("\"level\":\"error\",\"msg\":\"m\",\"k\":\"a\\nb\"}\n") != std::string::npos);
  ::setenv("JOURNAL_STREAM", "8:1", 1);
  Log journal{config, [&](const std::string& line) { lines.push_back(line); }};
  journal.warning("m");
  CHECK(lines[2] == "<4>{\"level\":\"warning\",\"msg\":\"m\"}\n");
  ::unsetenv("JOURNAL_STREAM");
}

TEST_CASE("the sensor says what is wrong with itself, once, and when it is over") {
  const Config config = default_config();
  struct Row {
    const char* kind;
    SelfFacts facts;
  };
  const std::chrono::hours day{24};
  const auto row = GENERATE_REF(values<Row>({
      {"", {.received = 1000, .lost = 0}},
      {"", {.received = 1000, .lost = 10}},  // 1 %: not more than may be
      {"sensor-loss", {.received = 1000, .lost = 11}},
      {"", {.received = 0, .lost = 0}},
      {"", {.silent = std::chrono::seconds{299}}},
      {"sensor-stall", {.silent = std::chrono::seconds{300}}},
      {"", {.disk_free = 500ULL << 20}},
      {"sensor-disk", {.disk_free = (500ULL << 20) - 1}},
      {"sensor-disk", {.disk_free = 1ULL << 40, .write_failure = "disk full"}},
      {"sensor-disk", {.disk_free = 1ULL << 40, .events_failure = "disk full"}},
      {"", {.signatures_age = day * 180}},
      {"sensor-signatures", {.signatures_age = day * 181}},
  }));
  SelfAlerts alerts;
  const auto changes = alerts.judge(row.facts, config);
  const std::string kind = row.kind;
  INFO(kind);
  REQUIRE(changes.size() == (kind.empty() ? 0 : 1));
  if (kind.empty()) return;
  CHECK(changes[0].began);
  CHECK(changes[0].alert.kind == kind);
  const bool full = changes[0].alert.title.find("disk is full") != std::string::npos;
  CHECK(full == (kind == "sensor-disk" && !row.facts.write_failure && !row.facts.events_failure));
  CHECK(changes[0].alert.explanation.size() > 20);
  CHECK(alerts.active() == std::vector<std::string>{kind});
  CHECK(alerts.judge(row.facts, config).empty());  // once
  for (unsigned i = 0; i + 1 < SelfAlerts::kCalm; ++i) CHECK(alerts.judge({}, config).empty());
  CHECK(alerts.judge(row.facts, config).empty());  // again, before it was over
  for (unsigned i = 0; i + 1 < SelfAlerts::kCalm; ++i) CHECK(alerts.judge({}, config).empty());
  const auto over = alerts.judge({}, config);
  REQUIRE(over.size() == 1);
  CHECK_FALSE(over[0].began);
  CHECK(over[0].alert.title == changes[0].alert.title);
  CHECK(alerts.active().empty());
}

TEST_CASE("what is switched off is not told") {
  Config config = default_config();
  config.loss_percent_max = 100;
  config.stall_max = std::chrono::seconds{0};
  config.disk_free_min = 0;
  config.signatures_age_max = std::chrono::seconds{0};
  SelfAlerts alerts;
  CHECK(alerts
            .judge({.received = 10,
                    .lost = 10,
                    .silent = std::chrono::hours{9},
                    .disk_free = 0,
                    .signatures_age = std::chrono::hours{24 * 3650}},
                   config)
            .empty());
}

}  // namespace
}  // namespace gnomon::cli
