#include "small_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/wait.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <vector>

#include "telemetry.h"

namespace gnomon::cli {
namespace {

// A port that is free now.
std::string free_address() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(probe);
  return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

int connect_to(const std::string& at) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(at.substr(at.rfind(':') + 1))));
  REQUIRE(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return socket;
}

std::string read_all(int socket) {
  std::string text;
  char buffer[4096];
  while (true) {
    pollfd wait{socket, POLLIN, 0};
    if (::poll(&wait, 1, 20'000) <= 0) break;
    const ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

std::string ask(const std::string& address, const std::string& request) {
  const int socket = connect_to(address);
  (void)!::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
  const std::string text = read_all(socket);
  ::close(socket);
  return text;
}

SmallServer::Answer echo(std::string_view path) {
  if (path == "/none") return {404, "text/plain", "no\n"};
  return {200, "text/plain", "path " + std::string{path} + "\n"};
}

TEST_CASE("requests are answered or refused with the right word") {
  const std::string address = free_address();
  auto server = SmallServer::listen({.address = address});
  REQUIRE(server);
  (*server)->start(echo);
  struct Row {
    const char* request;
    const char* first_line;
  };
  const auto row = GENERATE(values<Row>({
      {"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK"},
      {"GET /metrics?a=b HTTP/1.0\n\n", "HTTP/1.1 200 OK"},
      {"GET /none HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "},
      {"POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "},
      {"get /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "},
      {"GET metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
      {"GET  HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
      {"GET /metrics\r\n\r\n", "HTTP/1.1 400 "},
      {"GET /metrics FTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
      {"\r\n\r\n", "HTTP/1.1 400 "},
      {"\x16\x03\x01\x02 nonsense\n\n", "HTTP/1.1 400 "},
  }));
  INFO(row.request);
  const std::string answer = ask(address, row.request);
  CHECK(answer.substr(0, std::string{row.first_line}.size()) == row.first_line);
  CHECK(answer.find("\r\n\r\n") != std::string::npos);
}

TEST_CASE("a request that is too long, too slow or one too many is refused and counted") {
  const std::string address = free_address();
  auto server = SmallServer::listen({.address = address, .seconds_max = 1});
  REQUIRE(server);
  (*server)->start(echo);
  CHECK(ask(address, "GET /" + std::string(SmallServer::kRequestBytesMax + 1024, 'x'))
            .starts_with("HTTP/1.1 431 "));
  CHECK((*server)->refused() == 1);

  std::vector<int> silent;
  for (std::size_t i = 0; i < SmallServer::kConnectionsMax + 1; ++i)
    silent.push_back(connect_to(address));
  CHECK(read_all(silent.back()).empty());  // one too many: closed at once
  CHECK((*server)->refused() == 2);
  CHECK(read_all(silent.front()).empty());  // said nothing: closed in time
  for (const int socket : silent) {
    CHECK(read_all(socket).empty());
    ::close(socket);
  }
  CHECK((*server)->refused() == 2 + SmallServer::kConnectionsMax);
  CHECK(ask(address, "GET /a HTTP/1.1\r\n\r\n").ends_with("path /a\n"));
}

TEST_CASE("who fills the connections of the address keeps nobody from the socket") {
  const std::string address = free_address();
  const std::string path =
      (std::filesystem::temp_directory_path() / ("gnomon-full-" + std::to_string(::getpid())))
          .string();
  auto server = SmallServer::listen({.address = address, .socket_path = path});
  REQUIRE(server);
  bool listens = false;
  CHECK_FALSE(ask_socket(path + "-none", "/a", &listens));
  CHECK_FALSE(listens);
  (*server)->start(echo);
  std::vector<int> silent;
  for (std::size_t i = 0; i < SmallServer::kConnectionsMax; ++i)
    silent.push_back(connect_to(address));
  CHECK(ask(address, "").empty());  // one too many
  const auto answer = ask_socket(path, "/a", &listens);
  REQUIRE(answer);
  CHECK(*answer == "path /a\n");
  CHECK(listens);
  for (const int socket : silent) ::close(socket);
}

TEST_CASE("an address that is taken, or none, is refused with the reason") {
  const std::string address = free_address();
  auto one = SmallServer::listen({.address = address});
  REQUIRE(one);
  const auto two = SmallServer::listen({.address = address});
  REQUIRE_FALSE(two);
  CHECK(two.error().message.find(address + ": the port is in use") == 0);
  CHECK_FALSE(SmallServer::listen({.address = "nonsense"}));
  CHECK_FALSE(SmallServer::listen({.address = "203.0.113.1:9310"}));
  CHECK_FALSE(SmallServer::listen({.socket_path = "/nowhere/at/all.sock"}));
  CHECK_FALSE(SmallServer::listen({.socket_path = std::string(200, 'x')}));
}

TEST_CASE("a socket left behind is replaced, one that is in use is not, and a file is left alone") {
  char name[] = "/tmp/gnomon-server-XXXXXX";
  REQUIRE(::mkdtemp(name) != nullptr);
  const std::string path = std::string{name} + "/status.sock";
  {
    auto server = SmallServer::listen({.socket_path = path});
    REQUIRE(server);
    (*server)->start(echo);
    const auto answer = ask_socket(path, "/status");
    REQUIRE(answer);
    CHECK(*answer == "path /status\n");
    CHECK_FALSE(ask_socket(path, "/none"));
    const auto second = SmallServer::listen({.socket_path = path});
    REQUIRE_FALSE(second);
    CHECK(second.error().message.find("runs already") != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(ask_socket(path, "/status"));
  // As one that was killed leaves it.
  const pid_t child = ::fork();
  if (child == 0) {
    auto server = SmallServer::listen({.socket_path = path});
    ::_exit(server ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(std::filesystem::exists(path));
  CHECK(SmallServer::listen({.socket_path = path}).has_value());
  { std::FILE* file = std::fopen(path.c_str(), "w"); std::fclose(file); }
  CHECK_FALSE(SmallServer::listen({.socket_path = path}));
  CHECK(std::filesystem::exists(path));
  std::filesystem::remove_all(name);
}

TEST_CASE("metrics are Prometheus' text, whatever interfaces are called") {
  Telemetry telemetry;
  sensor::CaptureInterval interval;
  interval.length = std::chrono::seconds{2};
  interval.frames = 100;
  interval.frames_total = 1000;
  packet::LiveInput input;
  input.name = "a\"b\\c\nd";
  input.up = true;
  input.counters.received = 1010;
  input.counters.kernel_drops = 10;
  interval.inputs.push_back(input);
  interval.total = input.counters;
  telemetry.on_interval(interval);
  const std::pair<std::string_view, std::uint64_t> counters[] = {
      {"coverage.flows_with_payload", 10}, {"coverage.unnamed", 2}, {"flow.peak", 7}};
  observation::StatsRecord stats;
  stats.counters = counters;
  telemetry.on_stats(stats);
  observation::FlowRecord flow;
  flow.identity.app = "chat";
  flow.identity.grade = observation::Grade::kName;
  telemetry.on_flow(flow);  // asked for, not used
  flow.identity.grade = observation::Grade::kSession;
  telemetry.on_flow(flow);
  telemetry.on_flow(flow);

  CHECK(telemetry.state().apps == 1);
  telemetry.know_apps({"chat", "coder"});  // one of them is new
  CHECK(telemetry.state().apps == 2);
  telemetry.know_apps({});
  flow.identity.app = "coder";
  telemetry.on_flow(flow);  // known already
  const SensorState state = telemetry.state();
  CHECK(state.apps == 2);
  CHECK(state.named_share() == Approx(0.8));
  CHECK(status_line(state) == "1,000 packets (0.99 % lost), 2 apps, 80 % of flows named");
  const std::string text = metrics_text(state);
  CHECK(text.find("gnomon_packets_total 1000\n") != std::string::npos);
  CHECK(text.find("gnomon_input_lost_total{input=\"a\\\"b\\\\c\\nd\",where=\"kernel\"} 10\n") !=
        std::string::npos);
  CHECK(text.find("# TYPE gnomon_flow_peak gauge\n") != std::string::npos);
  CHECK(text.find("gnomon_coverage_unnamed_total 2\n") != std::string::npos);
  CHECK(status_json(state).find("\"packets_per_second\":50") != std::string::npos);
}

TEST_CASE("what only grows is a counter, what says how things are now is a gauge") {
  SensorState state;
  state.counters = {
      {"asset.refused", 1},      {"asset.servers", 1},       {"dns_memory.answers", 1},
      {"dns_memory.evicted", 1}, {"dns_memory.pairs", 1},    {"flow.active", 1},
      {"flow.memory_bytes", 1},  {"flow.peak", 1},           {"health.kernel-drops", 1},
      {"interval.received", 1},  {"redirects.remembered", 1}};
  const std::string text = metrics_text(state);
  for (const char* counter :
       {"asset_refused", "dns_memory_answers", "dns_memory_evicted", "redirects_remembered"}) {
    CAPTURE(counter);
    CHECK(text.find("# TYPE gnomon_" + std::string{counter} + "_total counter\n") !=
          std::string::npos);
  }
  for (const char* gauge : {"asset_servers", "dns_memory_pairs", "flow_active", "flow_memory_bytes",
                            "flow_peak", "health_kernel_drops", "interval_received"}) {
    CAPTURE(gauge);
    CHECK(text.find("# TYPE gnomon_" + std::string{gauge} + " gauge\n") != std::string::npos);
  }
}

}  // namespace
}  // namespace gnomon::cli
