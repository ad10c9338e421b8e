#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "../test_inventory.h"
#include "gnomon/observation/health.h"
#include "gnomon/report/event_writer.h"
#include "gnomon/report/syslog_output.h"

namespace gnomon::report {
namespace {

// Keeps what is written.
class Kept final : public LineOutput {
 public:
  struct Line {
    std::string type, severity, time, text;
  };
  explicit Kept(std::vector<Line>& lines) : lines_(lines) {}
  void take(const EventLine& about, std::string_view line) override {
    lines_.push_back(
        {std::string{about.type}, std::string{about.severity}, about.time, std::string{line}});
  }
  std::optional<Error> close() override { return std::nullopt; }

 private:
  std::vector<Line>& lines_;
};

constexpr std::string_view kReasons[] = {"checksum", "label"};
constexpr std::string_view kHostileFile = "a|b=c\\d\ne\"<f>\x1b[0m\xff\xe2\x80\xae.txt";

std::vector<Kept::Line> lines_of(EventFormat format, std::string_view category = "secret.cloud") {
  std::vector<Kept::Line> lines;
  const auto writer = make_event_writer(format, std::make_unique<Kept>(lines));
  const observation::FlowRecord flow =
      SampleInventory::flow("chatter", kHostileHost, "10.0.0.1", 0, 1);
  writer->on_flow(flow);
  observation::FindingRecord finding;
  finding.place = flow.place;
  finding.conversation = flow.conversation;
  finding.time = SampleInventory::at(5);
  finding.host = kHostileHost;
  finding.identity = flow.identity;
  finding.to_server = true;
  finding.detector = "aws-key";
  finding.category = category;
  finding.severity = "critical";
  finding.confidence = "high";
  finding.count = 2;
  finding.sample = "AKIA****";
  finding.file_name = kHostileFile;
  finding.reasons = kReasons;
  writer->on_finding(finding);
  inventory::Alert alert;
  alert.kind = "new-app";
  alert.severity = "medium";
  alert.app = "chatter";
  alert.client = "10.0.0.1";
  alert.server = "[2001:db8::7]:8000";
  alert.time = SampleInventory::at(9);
  alert.period = SampleInventory::at(0);
  alert.signature_id = 7;
  alert.title = "New app in use: a|b";
  alert.explanation = "because=yes";
  writer->on_alert(alert);
  observation::ArtifactRecord artifact;
  artifact.place = flow.place;
  artifact.conversation = flow.conversation;
  artifact.time = SampleInventory::at(6);
  artifact.host = "hub.example";
  artifact.kind = "model";
  artifact.repository = "org/model";
  artifact.file = "model.gguf";
  artifact.format = "gguf";
  artifact.fetched_from = kHostileHost;
  writer->on_artifact(artifact);
  return lines;
}

bool is_in(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("every format tells the output what a line is about") {
  for (const EventFormat format :
       {EventFormat::kEve, EventFormat::kOcsf, EventFormat::kEcs, EventFormat::kCef}) {
    const auto lines = lines_of(format);
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].type == "flow");
    CHECK(lines[0].time == "2026-11-24T09:00:30.000000Z");
    CHECK(lines[0].severity.empty());
    CHECK(lines[1].type == "finding");
    CHECK(lines[1].severity == "critical");
    CHECK(lines[2].type == "alert");
    CHECK(lines[2].severity == "medium");
    for (const auto& line : lines) {
      CHECK_FALSE(is_in(line.text, "\n"));
      CHECK_FALSE(is_in(line.text, "\x1b"));
      CHECK_FALSE(is_in(line.text, "\xff"));
    }
  }
}

TEST_CASE("an alert about a host says which, and is not another host's") {
  inventory::Alert alert;
  alert.kind = "secrets-to-ai";
  alert.severity = "critical";
  alert.client = "10.0.0.1";
  alert.host = "llm.example";
  alert.title = "Secrets sent to AI";
  for (const EventFormat format :
       {EventFormat::kEve, EventFormat::kOcsf, EventFormat::kEcs, EventFormat::kCef}) {
    std::vector<Kept::Line> lines;
    const auto writer = make_event_writer(format, std::make_unique<Kept>(lines));
    writer->on_alert(alert);
    REQUIRE(lines.size() == 1);
    CHECK(is_in(lines[0].text, "llm.example"));
    if (format == EventFormat::kOcsf)
      CHECK(is_in(lines[0].text, "secrets-to-ai--10.0.0.1--llm.example-"));
  }
}

TEST_CASE("CEF escapes what would end a field, and shows no byte of the network raw") {
  const auto lines = lines_of(EventFormat::kCef);
  CHECK(
      lines[1].text.starts_with("CEF:0|Gnomon|Gnomon|1|finding:aws-key|Sensitive data sent to an "
                                "AI app|10|rt=1795510805000 "));
  CHECK(is_in(lines[1].text, " fname=a|b\\=c\\\\d\\\\x0ae\"<f>\\\\x1b[0m\\\\xff\\\\u202e.txt "));
  CHECK(is_in(lines[2].text, "|New app in use: a\\|b|5|"));
  CHECK(is_in(lines[2].text, " dst=2001:db8::7 dpt=8000 msg=because\\=yes"));
  CHECK_FALSE(is_in(lines[0].text, "\xe2\x80\xae"));
}

TEST_CASE("OCSF says class, activity and type, and ECS says kind and category") {
  const auto ocsf = lines_of(EventFormat::kOcsf);
  CHECK(is_in(ocsf[0].text, "\"class_uid\":4001"));
  CHECK(is_in(ocsf[0].text, "\"type_uid\":400106"));
  CHECK(is_in(ocsf[1].text, "\"class_uid\":2006"));
  CHECK(is_in(ocsf[1].text, "\"severity_id\":5"));
  CHECK(is_in(ocsf[2].text, "\"dst_endpoint\":{\"ip\":\"2001:db8::7\",\"port\":8000}"));
  const auto ecs = lines_of(EventFormat::kEcs);
  CHECK(is_in(ecs[0].text, "\"@timestamp\":\"2026-11-24T09:00:30.000000Z\""));
  CHECK(is_in(ecs[0].text, "\"category\":[\"network\"]"));
  CHECK(is_in(ecs[1].text, "\"kind\":\"signal\""));
  CHECK(is_in(ecs[2].text, "\"kind\":\"alert\""));
}

TEST_CASE("what goes to or comes from no known app is not said to", "[events]") {
  const bool to_server = GENERATE(false, true);
  std::vector<Kept::Line> lines;
  const auto writer = make_event_writer(EventFormat::kCef, std::make_unique<Kept>(lines));
  observation::FindingRecord finding;
  finding.time = SampleInventory::at(5);
  finding.host = "printer.example";
  finding.detector = "aws-key";
  finding.category = "secret.cloud";
  finding.to_server = to_server;
  writer->on_finding(finding);
  REQUIRE(lines.size() == 1);
  CHECK(is_in(lines[0].text, to_server ? "|Sensitive data sent|" : "|Sensitive data received|"));
}

TEST_CASE("each check of the sensor's health has a signature of its own in every format") {
  for (const EventFormat format : {EventFormat::kOcsf, EventFormat::kEcs, EventFormat::kCef}) {
    std::vector<Kept::Line> lines;
    const auto writer = make_event_writer(format, std::make_unique<Kept>(lines));
    std::uint32_t id = 9'200'000;
    for (const observation::HealthRule& rule : observation::health_rules()) {
      observation::HealthRecord record;
      record.first = record.last = SampleInventory::at(1);
      record.check = rule.id;
      record.title = "title";
      record.severity = observation::HealthSeverity::kWarning;
      writer->on_health(record);
      REQUIRE_FALSE(lines.empty());
      INFO(lines.back().text);
      CHECK(is_in(lines.back().text, std::to_string(++id)));
    }
  }
}

TEST_CASE("attacks and misuse are called so, not data that left") {
  struct Case {
    std::string_view category;
    const char* cef;
    const char* title;
  };
  for (const Case& each : {
           Case{"secret.cloud", "|Sensitive data sent to an AI app|", "Sensitive data: aws-key"},
           Case{"misuse", "|Misuse of an AI app|", "Misuse: aws-key"},
           Case{"prompt-attack", "|Prompt attack at an AI app|", "Prompt attack: aws-key"},
       }) {
    CAPTURE(each.category);
    CHECK(is_in(lines_of(EventFormat::kCef, each.category)[1].text, each.cef));
    CHECK(is_in(lines_of(EventFormat::kOcsf, each.category)[1].text,
                "\"title\":\"" + std::string{each.title}));
    CHECK(is_in(lines_of(EventFormat::kEcs, each.category)[1].text,
                "\"message\":\"" + std::string{each.title}));
  }
  CHECK(is_in(lines_of(EventFormat::kOcsf, "misuse")[1].text, "\"category_id\":99"));
}

TEST_CASE("every format says why a finding is one, and where an artifact came from") {
  const auto eve = lines_of(EventFormat::kEve);
  CHECK(is_in(eve[1].text, "\"reasons\":[\"checksum\",\"label\"]"));
  CHECK(is_in(eve[3].text, "\"fetched_from\":\""));
  const auto ocsf = lines_of(EventFormat::kOcsf);
  CHECK(is_in(ocsf[1].text, "\"desc\":\"checksum; label\""));
  CHECK(is_in(ocsf[1].text, "\"reasons\":[\"checksum\",\"label\"]"));
  CHECK(is_in(ocsf[3].text, "\"fetched_from\":\""));
  const auto ecs = lines_of(EventFormat::kEcs);
  CHECK(is_in(ecs[1].text, "\"reason\":\"checksum; label\""));
  CHECK(is_in(ecs[1].text, "\"reasons\":[\"checksum\",\"label\"]"));
  CHECK(is_in(ecs[3].text, "\"fetched_from\":\""));
  const auto cef = lines_of(EventFormat::kCef);
  CHECK(is_in(cef[1].text, " reason=checksum; label "));
  CHECK(is_in(cef[3].text, " cs6Label=fetchedFrom cs6="));
}

TEST_CASE("a collector is named by scheme, host and port") {
  const auto text_of = [](std::string_view url) {
    const auto target = SyslogTarget::parse(url);
    return target ? target->text() : "no: " + target.error().message;
  };
  CHECK(text_of("tcp://siem.example") == "tcp://siem.example:514");
  CHECK(text_of("tls://siem.example") == "tls://siem.example:6514");
  CHECK(text_of("udp://[2001:db8::1]:1514") == "udp://[2001:db8::1]:1514");
  for (const char* url :
       {"", "siem.example", "http://siem.example", "tcp://", "tcp://:514", "tcp://a:0",
        "tcp://a:65536", "tcp://a:99999999999", "tcp://a:5x", "tcp://a:", "tcp://[::1", "tcp://a/b",
        "tcp://[::1]x", "tcp://a b", "tls://user@host"})
    CHECK(text_of(url).starts_with("no: "));
}

TEST_CASE("a file is begun anew, or gone on with behind whole lines") {
  const std::string path = std::filesystem::temp_directory_path() / "gnomon-line-file-test";
  struct Case {
    const char* before;
    FileStart start;
    const char* after;
  };
  for (const Case& each : {Case{"a\nb\n", FileStart::kAnew, "c\n"},
                           Case{"a\nb\n", FileStart::kGoOn, "a\nb\nc\n"},
                           Case{"a\nb", FileStart::kGoOn, "a\nb\nc\n"},
                           Case{"", FileStart::kGoOn, "c\n"}, Case{nullptr, FileStart::kGoOn, "c\n"}}) {
    std::filesystem::remove(path);
    if (each.before != nullptr) std::ofstream{path} << each.before;
    auto file = open_line_file(path, each.start);
    REQUIRE(file);
    (*file)->take(EventLine{}, "c");
    CHECK_FALSE((*file)->close());
    std::ifstream in{path};
    const std::string after{std::istreambuf_iterator<char>{in}, {}};
    CHECK(after == each.after);
  }
  std::filesystem::remove(path);
}

}  // namespace gnomon::report
