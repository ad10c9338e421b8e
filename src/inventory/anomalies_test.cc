#include "anomalies.h"

#include <algorithm>
#include <functional>

#include "test_records.h"

namespace gnomon::inventory {
namespace {

constexpr std::int64_t kDay = 86'400;
// at_second(kMorning) is Wednesday 2023-11-15 09:00 UTC.
constexpr std::int64_t kMorning = 38'800;

// Runs of one day each, told apart by their number.
class Days {
 public:
  std::vector<Alert> add(int day, const std::function<void(Recorder&, std::int64_t)>& give,
                         bool again = false, const std::string& capture = "day") {
    RecorderOptions options = options_for(scratch_);
    options.anomaly_rules = anomaly_text();
    options.again = again;
    auto recorder = Recorder::open(std::move(options));
    REQUIRE(recorder);
    const std::int64_t second = kMorning + day * kDay;
    give(*recorder, second);
    RunInfo run = run_of(capture + std::to_string(day));
    run.first_packet = at_second(second);
    run.last_packet = at_second(second + 7200);
    auto recorded = recorder->finish(run, {});
    REQUIRE(recorded);
    return recorded->alerts;
  }

  // A quiet past: one client, one app, on as many days.
  void quiet(int days, bool weekends = true) {
    for (int day = 0; day < days; ++day)
      if (weekends || (day % 7 != 3 && day % 7 != 4))
        CHECK(add(day, [](Recorder& to, std::int64_t second) { usual(to, second); }).empty());
  }
  static void usual(Recorder& to, std::int64_t second) {
    to.on_flow(use_of("chat", "chat.example", "10.0.0.1", second, 1));
  }

  [[nodiscard]] const Scratch& scratch() const { return scratch_; }

 private:
  Scratch scratch_;
};

observation::FlowRecord large(std::string_view app, const char* client, std::int64_t second,
                              std::uint64_t bytes, std::uint64_t uploaded) {
  observation::FlowRecord flow = use_of(app, "chat.example", client, second, 9);
  flow.bytes_to_server = bytes;
  flow.upload_bytes = uploaded;
  return flow;
}

}  // namespace

TEST_CASE("a new app is told once there is a past to compare with", "[anomalies]") {
  const int past = GENERATE(3, 6, 7, 20);
  Days days;
  days.quiet(past);
  const auto alerts = days.add(past, [](Recorder& to, std::int64_t second) {
    Days::usual(to, second);
    to.on_flow(use_of("coder", "coder.example", "10.0.0.1", second + 60, 2));
  });
  if (past < 7) {
    CHECK(alerts.empty());
    return;
  }
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].kind == "new-app");
  CHECK(alerts[0].app == "coder");
  CHECK(alerts[0].client.empty());
  CHECK(alerts[0].signature_id == 9'100'001);
  CHECK_THAT(alerts[0].explanation, Catch::Contains(" on " + std::to_string(past) + " of the 28 "));
  // Told once: the next day it is no news.
  CHECK(days.add(past + 1,
                 [](Recorder& to, std::int64_t second) {
                   to.on_flow(use_of("coder", "coder.example", "10.0.0.1", second, 2));
                 })
            .empty());
  CHECK(days.scratch().ask("SELECT count(*) FROM v_alerts") == 1);
}

TEST_CASE("a name that was only asked for is no use, and no alert", "[anomalies]") {
  Days days;
  days.quiet(8);
  CHECK(days.add(8,
                 [](Recorder& to, std::int64_t second) {
                   auto asked = use_of("coder", "coder.example", "10.0.0.1", second, 2);
                   asked.identity.grade = Grade::kName;
                   to.on_flow(asked);
                 })
            .empty());
}

TEST_CASE("a new client of an app that was in use is told, with the app's alert it is not",
          "[anomalies]") {
  Days days;
  days.quiet(8);
  const auto alerts = days.add(8, [](Recorder& to, std::int64_t second) {
    Days::usual(to, second);
    to.on_flow(use_of("chat", "chat.example", "10.0.0.2", second + 60, 2));
    to.on_flow(use_of("coder", "coder.example", "10.0.0.3", second + 60, 3));
  });
  REQUIRE(alerts.size() == 2);
  CHECK(alerts[0].kind == "new-app");
  CHECK(alerts[0].app == "coder");
  CHECK(alerts[1].kind == "new-client");
  CHECK(alerts[1].client == "10.0.0.2");
}

TEST_CASE("volume and uploads are told when they are far more than before", "[anomalies]") {
  struct Case {
    std::uint64_t bytes;
    std::uint64_t uploaded;
    std::vector<std::string> kinds;
  };
  const auto row = GENERATE(values<Case>({
      {60'000'000, 10, {"volume-growth"}},
      {49'000'000, 10, {}},  // below what matters
      {60'000'000, 20'000'000, {"upload-growth", "volume-growth"}},
      {1'000, 9'999'999, {}},
  }));
  Days days;
  days.quiet(10);
  const auto alerts = days.add(10, [&](Recorder& to, std::int64_t second) {
    to.on_flow(large("chat", "10.0.0.1", second, row.bytes, row.uploaded));
  });
  std::vector<std::string> kinds;
  for (const Alert& alert : alerts) {
    kinds.push_back(alert.kind);
    CHECK(alert.client == "10.0.0.1");  // and not of all clients as well
    CHECK_THAT(alert.explanation, Catch::Contains("median"));
  }
  std::sort(kinds.begin(), kinds.end());
  CHECK(kinds == row.kinds);
}

TEST_CASE("what is much every day is not told", "[anomalies]") {
  Days days;
  for (int day = 0; day < 10; ++day) {
    const auto alerts = days.add(day, [&](Recorder& to, std::int64_t second) {
      to.on_flow(large("chat", "10.0.0.1", second, 60'000'000, 20'000'000));
    });
    CHECK(alerts.empty());
  }
}

TEST_CASE("use at night by whom that is unusual is told", "[anomalies]") {
  const int connections = GENERATE(19, 20);
  Days days;
  days.quiet(12, false);
  const auto alerts = days.add(12, [&](Recorder& to, std::int64_t second) {
    Days::usual(to, second);
    for (int i = 0; i < connections; ++i)  // 01:00
      to.on_flow(use_of("chat", "chat.example", "10.0.0.1", second - 8 * 3600 + i, 2));
  });
  REQUIRE(alerts.size() == (connections == 20 ? 1 : 0));
  if (!alerts.empty()) {
    CHECK(alerts[0].kind == "off-hours");
    CHECK_THAT(alerts[0].explanation, Catch::StartsWith("20 of 21 connections"));
  }
}

TEST_CASE("a burst of calls to a server of one's own is told without a past", "[anomalies]") {
  struct Case {
    int calls;
    int clients;
    std::size_t alerts;
  };
  const auto row = GENERATE(values<Case>({{599, 1, 0}, {600, 1, 1}, {600, 3, 1}}));
  Days days;
  const auto give = [&](Recorder& to, std::int64_t second) {
    const std::int64_t minute = second - second % 60 + 40;  // at_second(0) is 20 s past the minute
    for (int i = 0; i < row.calls; ++i) {
      const char* clients[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
      to.on_model_call(
          call_of(clients[i % row.clients], minute + i % 60, static_cast<std::uint64_t>(i) + 1));
    }
  };
  const auto alerts = days.add(0, give);
  REQUIRE(alerts.size() == row.alerts);
  if (alerts.empty()) return;
  CHECK(alerts[0].kind == "request-burst");
  CHECK(alerts[0].server == "10.0.9.9:11434");
  CHECK(alerts[0].client == (row.clients == 1 ? "10.0.0.1" : ""));
  CHECK_THAT(alerts[0].explanation, Catch::StartsWith("600 calls within one minute"));
  // The same capture in place of before tells the same, and there is still one.
  CHECK(days.add(0, give, true).size() == 1);
  CHECK(days.scratch().ask("SELECT count(*) FROM v_alerts") == 1);
}

TEST_CASE("tokens by the million are told", "[anomalies]") {
  Days days;
  const auto alerts = days.add(0, [](Recorder& to, std::int64_t second) {
    auto call = call_of("10.0.0.1", second, 1);
    call.tokens_out = 5'000'000;
    to.on_model_call(call);
  });
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].kind == "token-burst");
}

TEST_CASE("an alert that an earlier capture explains goes away", "[anomalies]") {
  Days days;
  days.quiet(8);
  const auto coder = [](Recorder& to, std::int64_t second) {
    to.on_flow(use_of("coder", "coder.example", "10.0.0.1", second, 2));
  };
  CHECK(days.add(9, coder).size() == 1);
  (void)days.add(8, coder);
  // The later day is judged again when something of it is read.
  (void)days.add(9, coder, false, "more");
  CHECK(days.scratch().ask("SELECT count(*) FROM v_alerts WHERE time LIKE '2023-11-24%'") == 0);
}

TEST_CASE("alerts are told again for inputs that are recorded already", "[anomalies]") {
  Days days;
  (void)days.add(0, [](Recorder& to, std::int64_t second) {
    auto call = call_of("10.0.0.1", second, 1);
    call.tokens_out = 5'000'000;
    to.on_model_call(call);
  });
  auto recorder = Recorder::open(options_for(days.scratch()));
  REQUIRE(recorder);
  const std::vector<RunInput> inputs{{"x", "day0", 1'000, ""}};
  const auto told = recorder->alerts_of(inputs, "");
  REQUIRE(told);
  REQUIRE(told->size() == 1);
  CHECK(told->front().numbers.front() ==
        std::pair<std::string, std::string>{"tokens_per_hour", "5000010"});
  CHECK(recorder->alerts_of(inputs, "tcp")->empty());
}

struct WrongRules {
  std::string from;
  std::string to;
  std::string error;
};

TEST_CASE("rules that are wrong are refused with their line", "[anomalies]") {
  const auto row = GENERATE(values<WrongRules>({
      {"  severity: high", "  severity: huge", "'severity' must be low"},
      {"new-app:", "new-ape:", "unknown key 'new-ape'"},
      {"  factor: 5", "  factor: five", "'factor' must be a whole number"},
      {"  factor: 5", "  factor: -5", "'factor' must be a whole number"},
      {"  days_min: 7", "  days_min: 70", "'days_min' must not be more than 'days'"},
      {"  days: 28", "  days: 0", "'days' must be a whole number from 1"},
      {"  least: 120", "  lest: 120", "unknown key 'lest'"},
      {"off-hours:", "off-hours: 5\noff-hours2:", "must be a list"},
      {"baseline:", "[", "anomalies.yaml:"},
      {"  usual_percent_max: 10", "  usual_percent_max: 101", "from 0 to 100"},
  }));
  std::string text = anomaly_text();
  REQUIRE(AnomalyRules::parse(text, "anomalies.yaml"));
  const std::size_t at = text.find(row.from);
  REQUIRE(at != std::string::npos);
  text.replace(at, row.from.size(), row.to);
  const auto rules = AnomalyRules::parse(text, "anomalies.yaml");
  REQUIRE_FALSE(rules);
  CHECK_THAT(rules.error().message, Catch::StartsWith("anomalies.yaml:"));
  CHECK_THAT(rules.error().message, Catch::Contains(row.error));
}

}  // namespace gnomon::inventory
