#include "gnomon/inventory/policy.h"

#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/groups.h"
#include "gnomon/inventory/pages.h"
#include "test_records.h"

namespace gnomon::inventory {
namespace {

constexpr const char* kHead = "rules:\n  - id: r\n    sid: 1\n    title: T\n";

std::vector<std::string> problems_of(const std::string& text) {
  const PolicyFile file{"p.yaml", text};
  std::vector<PolicyProblem> problems;
  (void)Policy::parse(std::span{&file, 1}, problems);
  std::vector<std::string> lines;
  for (const PolicyProblem& problem : problems) lines.push_back(problem.to_string());
  return lines;
}

PolicyRule rule_of(const std::string& body) {
  const PolicyFile file{"p.yaml", kHead + body};
  std::vector<PolicyProblem> problems;
  Policy policy = Policy::parse(std::span{&file, 1}, problems);
  for (const PolicyProblem& problem : problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(policy.rules().size() == 1);
  return policy.rules().front();
}

RecorderOptions with_rules(const Scratch& scratch, const std::string& rules) {
  RecorderOptions options = options_for(scratch);
  options.policies = {{"policies/test.yaml", rules}};
  return options;
}

void record_use(const Scratch& scratch) {
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  recorder->on_flow(use_of("chat", "chat.example", "10.1.0.1", 0, 1));
  recorder->on_flow(use_of("chat", "chat.example", "10.2.0.1", 10, 2));
  recorder->on_flow(use_of("coder", "coder.example", "10.1.0.1", 20, 3));
  auto name = use_of("coder", "coder.example", "10.9.0.9", 30, 4);
  name.identity.grade = Grade::kName;  // asked for, never answered
  recorder->on_flow(name);
  recorder->on_finding(finding_of("10.1.0.1", "aws-access-key", "h1", 40, 5));
  recorder->on_asset(asset_of("10.1.0.1", "ollama", 50, 6));
  const std::string_view reasons[] = {"streams"};
  recorder->on_candidate(candidate_of("10.1.0.1", "new.example", 0.9, reasons, 60, 7));
  REQUIRE(recorder->finish(run_of("aa"), {}));
}

std::vector<std::string> subjects_of(const Scratch& scratch, const std::string& body) {
  const PolicyRule rule = rule_of(body);
  auto hits = test_rule(scratch.path(), rule, std::nullopt);
  REQUIRE(hits);
  std::vector<std::string> subjects;
  for (const PolicyHit& hit : *hits)
    subjects.push_back(hit.alert.app + "|" + hit.alert.client + "|" + hit.alert.server + "|" +
                       hit.alert.host);
  std::sort(subjects.begin(), subjects.end());
  return subjects;
}

using Subjects = std::vector<std::string>;

}  // namespace

TEST_CASE("the rules that come along have nothing wrong", "[policy]") {
  std::ifstream file{"signatures/policies/default.yaml"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  REQUIRE(text.size() > 100);
  CHECK(problems_of(text).empty());
}

TEST_CASE("what goes to a host that is no AI is not said to go to AI", "[policy]") {
  const Scratch scratch;
  std::ifstream file{"signatures/policies/default.yaml"};
  auto recorder =
      Recorder::open(with_rules(scratch, std::string{std::istreambuf_iterator<char>{file}, {}}));
  REQUIRE(recorder);
  std::uint64_t number = 0;
  for (const char* host :
       {"plain.example", "llm.example", "10.0.9.9", "api.example", "new.example"})
    for (const char* category :
         {"secret.cloud", "pii", "confidential", "prompt-attack", "misuse"}) {
      ++number;
      auto finding =
          finding_of("10.1.0.1", category, "h", static_cast<std::int64_t>(number), number);
      finding.identity = {};
      finding.host = host;
      finding.category = category;
      recorder->on_finding(finding);
    }
  recorder->on_asset(asset_of("10.1.0.1", "ollama", 50, 60));
  auto named = asset_of("10.1.0.1", "vllm", 51, 61);
  named.host = "llm.example";
  recorder->on_asset(named);
  auto call = call_of("10.1.0.1", 52, 62);
  call.host = "api.example";
  recorder->on_model_call(call);
  const std::string_view reasons[] = {"streams"};
  recorder->on_candidate(candidate_of("10.1.0.1", "new.example", 0.7, reasons, 53, 63));
  REQUIRE(recorder->finish(run_of("aa"), {}));

  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  const auto alerts = inventory->alerts();
  REQUIRE(alerts);
  std::map<std::string, std::vector<std::string>> titles;  // by host
  for (const Alert& alert : *alerts) titles[alert.host].push_back(alert.title);
  CHECK(titles.size() == 4);
  CHECK_FALSE(titles.contains(""));
  CHECK_FALSE(titles.contains("plain.example"));
  for (auto& [host, told] : titles) CHECK(told.size() == 5);
  const auto secret = [&](const char* host) {
    for (const std::string& title : titles[host])
      if (title.starts_with("Secrets sent to AI: ")) return title.substr(20);
    return std::string{};
  };
  CHECK(secret("llm.example") == "the self-hosted AI server llm.example (vllm) by 10.1.0.1");
  CHECK(secret("10.0.9.9") == "the self-hosted AI server 10.0.9.9 (ollama) by 10.1.0.1");
  CHECK(secret("api.example") == "the model API at api.example by 10.1.0.1");
  CHECK(secret("new.example") == "the likely AI new.example by 10.1.0.1");

  // Who asks about hosts that are no AI is told of them, all as one.
  CHECK(subjects_of(scratch,
                    "    for: finding\n    when: {with_ai: false}\n    then: {alert: low}\n") ==
        Subjects{"|10.1.0.1||"});
}

TEST_CASE("a run of several days is judged by the day, as a sensor's are", "[policy]") {
  const Scratch scratch;
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  std::uint64_t number = 0;
  for (const std::int64_t second : {40, 50, 86'440, 3 * 86'400}) {
    recorder->on_finding(finding_of("10.1.0.1", "aws-access-key", "h1", second, ++number));
    recorder->on_asset(asset_of("10.1.0.1", "ollama", second, ++number));
    auto artifact = record_at<observation::ArtifactRecord>("10.1.0.1", second, ++number);
    artifact.kind = "model";
    artifact.repository = "org/m";
    recorder->on_artifact(artifact);
  }
  RunInfo run = run_of("aa");
  run.last_packet = at_second(3 * 86'400);
  REQUIRE(recorder->finish(run, {}));
  const auto hits_of = [&](const std::string& subject, const std::string& period) {
    return subjects_of(scratch, "    for: " + subject + "\n    period: " + period +
                                    "\n    when: {}\n    then: {alert: low}\n")
        .size();
  };
  for (const char* subject : {"finding", "asset", "artifact"}) {
    INFO(subject);
    CHECK(hits_of(subject, "day") == 3);
    CHECK(hits_of(subject, "week") == 1);
    CHECK(hits_of(subject, "once") == 1);
  }
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  REQUIRE(inventory->findings()->size() == 1);
  CHECK(inventory->findings()->front().count == 8);
  CHECK(inventory->findings()->front().unique_count == 1);
  REQUIRE(inventory->artifacts()->size() == 1);
  CHECK(inventory->artifacts()->front().times == 4);
  REQUIRE(inventory->assets()->size() == 1);
  CHECK(inventory->assets()->front().observations == 4);
  CHECK(inventory->assets()->front().products.size() == 1);
}

TEST_CASE("whatever is wrong with rules is told with its line", "[policy]") {
  struct Case {
    const char* body;
    const char* said;
  };
  const std::vector<Case> cases = {
      {"    for: app\n    when: {}\n    then: {alert: low}\n    wen: 1\n",
       "p.yaml:8: unknown key 'wen'"},
      {"    for: thing\n    when: {}\n    then: {alert: low}\n", "p.yaml:5: 'for' must be one of"},
      {"    when: {}\n    then: {alert: low}\n", "p.yaml:2: 'for' is missing"},
      {"    for: app\n    then: {alert: low}\n", "p.yaml:2: 'when' is missing"},
      {"    for: app\n    when: {}\n", "p.yaml:2: 'then' is missing"},
      {"    for: app\n    when: {}\n    then: {}\n", "p.yaml:7: 'then' does nothing"},
      {"    for: app\n    when: {}\n    then: {alert: loud}\n",
       "p.yaml:7: 'alert' wants a severity"},
      {"    for: app\n    when: {}\n    then: {alert: low, mail: x}\n", "unknown action 'mail'"},
      {"    for: app\n    when:\n      colour: red\n    then: {alert: low}\n",
       "p.yaml:7: unknown condition 'colour'"},
      {"    for: app\n    when:\n      status: fine\n    then: {alert: low}\n",
       "p.yaml:7: 'fine' is not one of"},
      {"    for: app\n    when:\n      status: []\n    then: {alert: low}\n",
       "'status' must be a value or a list"},
      {"    for: app\n    when:\n      status: sanctioned\n      status: tolerated\n    then: "
       "{alert: low}\n",
       "p.yaml:8: 'status' is there twice"},
      {"    for: app\n    when:\n      clients_min: many\n    then: {alert: low}\n",
       "p.yaml:7: 'clients_min' must be a whole number"},
      {"    for: app\n    when:\n      clients_min: -1\n    then: {alert: low}\n",
       "'clients_min' must be a whole number"},
      {"    for: app\n    when:\n      grade_min: dns\n    then: {alert: low}\n",
       "p.yaml:7: 'grade_min: dns': a name that was looked up"},
      {"    for: app\n    when:\n      grade_min: sure\n    then: {alert: low}\n",
       "'grade_min' must be session, use or content"},
      {"    for: app\n    when:\n      detector: x\n    then: {alert: low}\n",
       "'detector' cannot be asked of 'for: app'"},
      {"    for: finding\n    when:\n      bytes_up_min: 1\n    then: {alert: low}\n",
       "'bytes_up_min' cannot be asked of 'for: finding'"},
      {"    for: app\n    when: {status: sanctioned.really}\n    then: {alert: low}\n",
       "'sanctioned.really' is not one of unreviewed, "},
      {"    for: finding\n    when: {confidence: high.low}\n    then: {alert: low}\n",
       "'high.low' is not one of low, "},
      {"    for: finding\n    when: {finding_category: secretz.cloud}\n    then: {alert: low}\n",
       "'secretz.cloud' is not one of secret, pii, "},
      {"    for: asset\n    when: {exposure: admin}\n    then: {alert: low}\n",
       "'admin' is not one of unauthenticated, admin-api, "},
      {"    for: artifact\n    when: {artifact_kind: modell}\n    then: {alert: low}\n",
       "'modell' is not one of model, dataset, "},
      {"    for: client\n    when: {client_kind: phone}\n    then: {alert: low}\n",
       "'phone' is not one of browser, app, "},
      {"    for: asset\n    when: {}\n    then: {tag: x}\n",
       "'tag' cannot be asked of 'for: asset'"},
      {"    for: app\n    when:\n      decision_overdue: maybe\n    then: {alert: low}\n",
       "'decision_overdue' must be true or false"},
      {"    for: candidate\n    when:\n      score_min: 101\n    then: {alert: low}\n",
       "'score_min' must be a whole number up to 100"},
      {"    for: app\n    period: year\n    when: {}\n    then: {alert: low}\n",
       "p.yaml:6: 'period' must be one of"},
      {"    for: app\n    when: [1]\n    then: {alert: low}\n", "'when' must be a list of"},
  };
  for (const Case& each : cases) {
    INFO(each.body);
    const auto problems = problems_of(kHead + std::string{each.body});
    REQUIRE_FALSE(problems.empty());
    CHECK_THAT(problems.front(), Catch::Contains(each.said));
  }
  CHECK_FALSE(problems_of("").empty());
  CHECK_FALSE(problems_of("rules: {}").empty());
  CHECK_FALSE(problems_of("rules:\n  - a: [\n").empty());
  CHECK_FALSE(problems_of("other: 1\nrules: []\n").empty());
  const std::string twice = std::string{kHead} +
                            "    for: app\n    when: {}\n    then: {alert: low}\n" +
                            "  - id: r\n    sid: 1\n    title: T\n    for: app\n    when: {}\n"
                            "    then: {alert: low}\n";
  CHECK(problems_of(twice).size() == 2);  // id and sid
  // Two mistakes are two problems.
  CHECK(problems_of(std::string{kHead} +
                    "    for: app\n    when: {colour: 1, size: 2}\n    then: {alert: low}\n")
            .size() == 2);
}

TEST_CASE("a local rule stands for the shipped one of its id", "[policy]") {
  const std::string body = "    for: app\n    when: {}\n    then: {alert: low}\n";
  const std::vector<PolicyFile> files = {{"a.yaml", kHead + body},
                                         {"b.yaml", kHead + body + "    enabled: false\n", true}};
  std::vector<PolicyProblem> problems;
  const Policy policy = Policy::parse(files, problems);
  CHECK(problems.empty());
  REQUIRE(policy.rules().size() == 1);
  CHECK_FALSE(policy.rules()[0].enabled);
}

TEST_CASE("rules hold for what they ask for, and no name below session is use", "[policy]") {
  const Scratch scratch;
  record_use(scratch);
  const auto ask = [&](const std::string& subject, const std::string& when) {
    return subjects_of(
        scratch, "    for: " + subject + "\n    when: {" + when + "}\n    then: {alert: low}\n");
  };
  CHECK(ask("app", "") == Subjects{"chat|||", "coder|||"});
  CHECK(ask("client", "") == Subjects{"chat|10.1.0.1||", "chat|10.2.0.1||", "coder|10.1.0.1||"});
  CHECK(ask("app", "clients_min: 2") == Subjects{"chat|||"});
  CHECK(ask("app", "category: chat-assistant") == Subjects{"chat|||"});
  CHECK(ask("app", "not_category: chat-assistant") == Subjects{"coder|||"});
  CHECK(ask("app", "vendor: Chat Ltd, country: US") == Subjects{"chat|||"});
  CHECK(ask("app", "country: DE") == Subjects{});
  CHECK(ask("client", "app: chat, bytes_up_min: 100") ==
        Subjects{"chat|10.1.0.1||", "chat|10.2.0.1||"});
  CHECK(ask("client", "bytes_up_min: 101") == Subjects{});
  CHECK(ask("app", "bytes_up_min: 200, bytes_down_min: 2000") == Subjects{"chat|||"});
  CHECK(ask("client", "uploads_min: 2") == Subjects{});
  CHECK(ask("client", "usage: upload, app: coder") == Subjects{"coder|10.1.0.1||"});
  CHECK(ask("client", "usage: api") == Subjects{});
  CHECK(ask("client", "client_kind: sdk") == Subjects{});
  CHECK(ask("client", "grade_min: content") == Subjects{});
  CHECK(ask("app", "risk_score_min: 100") == Subjects{});
  CHECK(ask("app", "risk_score_min: 1") == Subjects{"chat|||", "coder|||"});
  CHECK(ask("app", "first_seen_days_max: 0") == Subjects{"chat|||", "coder|||"});
  CHECK(ask("app", "status: sanctioned") == Subjects{});
  CHECK(ask("app", "decision_overdue: true") == Subjects{});
  CHECK(ask("finding", "finding_category: secret, severity_min: high") ==
        Subjects{"chat|10.1.0.1||"});
  CHECK(ask("finding", "finding_category: secret.clou") == Subjects{});
  CHECK(ask("finding", "confidence: low") == Subjects{});
  CHECK(ask("finding", "direction: to_client") == Subjects{});
  CHECK(ask("finding", "count_min: 3") == Subjects{});
  CHECK(ask("finding", "status: [sanctioned]") == Subjects{});
  CHECK(ask("asset", "product: ollama, authenticated: \"no\"") == Subjects{"||10.0.9.9:11434|"});
  CHECK(ask("asset", "exposure: unauthenticated") == Subjects{});
  CHECK(ask("asset", "clients_min: 2") == Subjects{});
  CHECK(ask("candidate", "score_min: 90") == Subjects{"|||new.example"});
  CHECK(ask("candidate", "score_min: 91") == Subjects{});
  CHECK(ask("artifact", "") == Subjects{});
}

TEST_CASE("the shipped rule on servers that the internet reaches holds for those alone",
          "[policy]") {
  std::ifstream file{"signatures/policies/default.yaml"};
  const PolicyFile shipped{"default.yaml", {std::istreambuf_iterator<char>{file}, {}}};
  std::vector<PolicyProblem> problems;
  const Policy policy = Policy::parse(std::span{&shipped, 1}, problems);
  const PolicyRule* rule = policy.find("public-ai-server");
  REQUIRE(rule != nullptr);
  for (const auto& [client, reached] : {std::pair{"10.1.0.1", false}, std::pair{"8.8.4.4", true}}) {
    INFO(client);
    const Scratch scratch;
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    recorder->on_asset(asset_of(client, "ollama", 50, 6));
    REQUIRE(recorder->finish(run_of("aa"), {}));
    const auto hits = test_rule(scratch.path(), *rule, std::nullopt);
    REQUIRE(hits);
    REQUIRE(hits->size() == (reached ? 1 : 0));
    if (reached) CHECK(hits->front().alert.server == "10.0.9.9:11434");
  }
}

TEST_CASE("whether a rule holds is not up to the periods of others", "[policy]") {
  struct Case {
    const char* subject;
    const char* body;
    std::int64_t alerts;
  };
  const auto test = GENERATE(values<Case>({
      {"finding", "period: once\n    when: {count_min: 3}", 0},
      {"finding", "period: day\n    when: {}", 1},
      {"artifact", "period: once\n    when: {count_min: 2}", 0},
      {"artifact", "period: day\n    when: {}", 1},
      {"asset", "period: once\n    when: {}", 1},
      {"asset", "period: day\n    when: {}", 1},
      {"candidate", "period: day\n    when: {}", 1},
      {"client", "period: day\n    when: {usage: api}", 0},
      {"client", "period: once\n    when: {}", 1},
      {"app", "period: day\n    when: {uploads_min: 2}", 0},
  }));
  for (const bool beside : {false, true}) {
    INFO(test.subject << " " << test.body << (beside ? ", beside another" : ""));
    const Scratch scratch;
    const std::string subject = std::string{"    for: "} + test.subject + "\n    ";
    std::string rules = kHead + subject + test.body + "\n    then: {alert: low}\n";
    if (beside)
      rules += "  - id: other\n    sid: 2\n    title: T\n" + subject +
               "period: month\n    when: {first_seen_days_max: 300}\n    then: {alert: low}\n";
    if (const auto at = rules.find("first_seen_days_max: 300");
        std::string_view{"artifact"} == test.subject && at != std::string::npos)
      rules.erase(at, 24);
    for (const std::int64_t day : {0, 1}) {
      const std::int64_t second = day * 86'400;
      auto recorder = Recorder::open(day == 0 ? options_for(scratch) : with_rules(scratch, rules));
      REQUIRE(recorder);
      auto use = use_of("chat", "chat.example", "10.1.0.1", second, 1);
      use.identity.usage = day == 0 ? "api" : "web-chat";
      recorder->on_flow(use);
      recorder->on_finding(finding_of("10.1.0.1", "aws-access-key", "h1", second, 2));
      recorder->on_asset(asset_of("10.1.0.1", "ollama", second, 3));
      const std::string_view reasons[] = {"streams"};
      recorder->on_candidate(candidate_of("10.1.0.1", "new.example", 0.9, reasons, second, 4));
      auto artifact = record_at<observation::ArtifactRecord>("10.1.0.1", second, 5);
      artifact.identity.app = "chat";
      artifact.kind = "model";
      artifact.repository = "org/model";
      recorder->on_artifact(artifact);
      RunInfo run = run_of(day == 0 ? "aa" : "bb");
      run.first_packet = at_second(second);
      run.last_packet = at_second(second + 300);
      REQUIRE(recorder->finish(run, {}));
    }
    CHECK(scratch.ask("SELECT count(*) FROM alert WHERE kind = 'r'") == test.alerts);
    CHECK(scratch.ask("SELECT count(*) FROM alert WHERE kind = 'other'") == (beside ? 1 : 0));
  }
}

TEST_CASE("a rule that waits for clients of a candidate is told when the last of them came",
          "[policy]") {
  const Scratch scratch;
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    const std::string_view reasons[] = {"streams"};
    recorder->on_flow(use_of("", "new.example", "10.1.0.1", 0, 1));
    recorder->on_candidate(candidate_of("10.1.0.1", "new.example", 0.9, reasons, 300, 2));
    recorder->on_flow(use_of("", "new.example", "10.1.0.2", 400, 3));
    recorder->on_flow(use_of("", "new.example", "10.1.0.3", 500, 4));
    recorder->on_flow(use_of("", "new.example", "10.1.0.4", 100'000, 5));  // the next day
    RunInfo run = run_of("aa");
    run.last_packet = at_second(100'300);
    REQUIRE(recorder->finish(run, {}));
  }
  const auto times = [&](const std::string& when) {
    const PolicyRule rule =
        rule_of("    for: candidate\n    when: {" + when + "}\n    then: {alert: low}\n");
    auto hits = test_rule(scratch.path(), rule, std::nullopt);
    REQUIRE(hits);
    std::vector<Time> all;
    for (const PolicyHit& hit : *hits) all.push_back(hit.alert.time);
    return all;
  };
  CHECK(times("") == std::vector{at_second(300)});
  CHECK(times("clients_min: 1") == std::vector{at_second(300)});
  CHECK(times("clients_min: 2") == std::vector{at_second(400)});
  CHECK(times("clients_min: 3") == std::vector{at_second(500)});
  CHECK(times("clients_min: 4") == std::vector{at_second(100'000)});
  CHECK(times("clients_min: 5").empty());
}

TEST_CASE("decisions by usage and group decide what a rule takes for sanctioned", "[policy]") {
  const Scratch scratch;
  record_use(scratch);
  ClientGroup group;
  group.id = "finance";
  group.members = {"10.1.0.0/16"};
  REQUIRE(set_group(scratch.path(), group, {}, "ada", at_second(1)));
  std::vector<DecisionChange> changes(2);
  changes[0].scope = {"chat", "", ""};
  changes[0].review.status = "sanctioned";
  changes[1].scope = {"chat", "upload", "finance"};
  changes[1].review.status = "unsanctioned";
  REQUIRE(set_decisions(scratch.path(), changes, "ada", at_second(1)));
  const auto ask = [&](const std::string& when) {
    return subjects_of(scratch,
                       "    for: client\n    when: {" + when + "}\n    then: {alert: low}\n");
  };
  CHECK(ask("status: unsanctioned") == Subjects{"chat|10.1.0.1||"});
  CHECK(ask("status: unsanctioned, usage: web-chat") == Subjects{});
  CHECK(ask("client_group: finance") == Subjects{"chat|10.1.0.1||", "coder|10.1.0.1||"});
  CHECK(ask("not_client_group: finance") == Subjects{"chat|10.2.0.1||"});
}

TEST_CASE("an alert is told once for its subject and period, with what is behind it", "[policy]") {
  const Scratch scratch;
  const std::string rules = std::string{kHead} +
                            "    for: client\n    when: {app: chat}\n"
                            "    then: {alert: high, tag: talked, require_review: true}\n";
  const auto record = [&](std::string_view input, std::int64_t second) {
    auto recorder = Recorder::open(with_rules(scratch, rules));
    REQUIRE(recorder);
    recorder->on_flow(use_of("chat", "chat.example", "10.1.0.1", second, 1));
    RunInfo run = run_of(input);
    run.first_packet = at_second(second);
    run.last_packet = at_second(second + 900);
    auto done = recorder->finish(run, {});
    REQUIRE(done);
    return done->alerts;
  };
  const auto first = record("aa", 0);
  REQUIRE(first.size() == 1);
  CHECK(first[0].kind == "r");
  CHECK(first[0].signature_id == 9'300'001);
  CHECK(first[0].title == "T: Chat by 10.1.0.1");
  CHECK(first[0].tags == std::vector<std::string>{"talked"});
  CHECK(record("bb", 60).empty());          // the same day
  CHECK(record("cc", 86'400).size() == 1);  // the next
  CHECK(scratch.ask("SELECT count(*) FROM alert") == 2);

  auto evidence = alert_evidence(scratch.path(), first[0].id);
  REQUIRE(evidence);
  REQUIRE(evidence->size() == 1);
  CHECK(evidence->front().source == "sighting");
  CHECK_THAT(evidence->front().record, Catch::Contains("host=chat.example"));
  CHECK(evidence->front().flow_id == 7);
  CHECK(evidence->front().frame == 1);

  auto pages = Pages::open(scratch.path());
  REQUIRE(pages);
  auto app = pages->app_parts("chat");
  REQUIRE(app);
  CHECK(app->tags == std::vector<std::string>{"talked"});
  CHECK(app->review_required);
  DecisionChange change;
  change.scope.app = "chat";
  change.review.status = "tolerated";
  REQUIRE(set_decisions(scratch.path(), std::span{&change, 1}, "ada", at_second(1)));
  CHECK_FALSE(pages->app_parts("chat")->review_required);

  CHECK(pages->alerts({.state = AlertState::kOpen}, {})->total == 2);
  auto done = acknowledge_alert(scratch.path(), first[0].id, "known", "eve", at_second(2));
  REQUIRE(done);
  CHECK(*done);
  CHECK_FALSE(*acknowledge_alert(scratch.path(), "nothing", "", "eve", at_second(2)));
  CHECK(pages->alerts({.state = AlertState::kOpen}, {})->total == 1);
  CHECK(scratch.ask("SELECT count(*) FROM audit WHERE action = 'alert' AND actor = 'eve'") == 1);
  // What was said stays when the capture is read again.
  {
    auto options = with_rules(scratch, rules);
    options.again = true;
    auto recorder = Recorder::open(options);
    REQUIRE(recorder);
    recorder->on_flow(use_of("chat", "chat.example", "10.1.0.1", 0, 1));
    auto again = recorder->finish(run_of("aa"), {});
    REQUIRE(again);
    CHECK(again->alerts.size() == 1);
  }
  CHECK(pages->alerts({.state = AlertState::kAcknowledged}, {})->total == 1);
}

TEST_CASE("testing a rule writes nothing", "[policy]") {
  const Scratch scratch;
  record_use(scratch);
  const std::string before = dump_of(scratch);
  const auto body = "    for: client\n    when: {}\n    then: {alert: low, tag: x}\n";
  CHECK(subjects_of(scratch, body).size() == 3);
  CHECK(scratch.ask("SELECT count(*) FROM alert") == 0);
  CHECK(scratch.ask("SELECT count(*) FROM app_flag") == 0);
  CHECK(dump_of(scratch) == before);
  auto later = test_rule(scratch.path(), rule_of(body), at_second(3 * 86'400));
  REQUIRE(later);
  CHECK(later->empty());
}

TEST_CASE("wrong rules stop a recorder before it begins", "[policy]") {
  const Scratch scratch;
  auto recorder = Recorder::open(with_rules(scratch, "rules:\n  - id: x\n"));
  REQUIRE_FALSE(recorder);
  CHECK_THAT(recorder.error().message, Catch::Contains("policies/test.yaml:2: "));
}

}  // namespace gnomon::inventory
