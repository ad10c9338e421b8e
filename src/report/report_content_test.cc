#include "gnomon/report/report_content.h"

#include <catch2/catch.hpp>

#include "../inventory/test_review.h"
#include "gnomon/report/numbers.h"
#include "test_inventory.h"

namespace gnomon::report {

using inventory::TimelinePoint;

TimelinePoint hour_of(std::int64_t hour, std::uint64_t flows) {
  TimelinePoint point;
  point.start = time_of(1'795'478'400 + hour * 3'600, 0);  // Tuesday, 2026-11-24 00:00
  point.counts.flows = flows;
  return point;
}

std::uint64_t flows_of(const Timeline& timeline) {
  std::uint64_t flows = 0;
  for (const Timeline::Bar& bar : timeline.bars) flows += bar.counts.flows;
  return flows;
}

TEST_CASE("a timeline has no bars, or one, or all between the first and the last", "[timeline]") {
  CHECK(timeline_of({}).bars.empty());
  const Timeline one = timeline_of({hour_of(5, 3)});
  REQUIRE(one.bars.size() == 1);
  CHECK(one.step == "hour");
  CHECK(one.bars[0].counts.flows == 3);

  const Timeline holes = timeline_of({hour_of(0, 1), hour_of(3, 2), hour_of(4, 4)});
  REQUIRE(holes.bars.size() == 5);
  CHECK(second_text(holes.bars[3].start) == "2026-11-24 03:00:00");
  CHECK(holes.bars[2].counts.flows == 0);
  CHECK(holes.bars[3].counts.flows == 2);
}

struct Span {
  std::int64_t hours;
  std::string_view step;
  std::string_view first;
  std::size_t bars;
};

TEST_CASE("longer times have longer steps", "[timeline]") {
  const auto row = GENERATE(values<Span>({
      {71, "hour", "2026-11-24", 72},
      {72, "day", "2026-11-24", 4},
      {24 * 119, "day", "2026-11-24", 120},
      {24 * 120, "week", "2026-11-23", 18},
      {24 * 7 * 119, "week", "2026-11-23", 120},
      {24 * 7 * 121, "4 weeks", "2026-11-23", 31},
      {24 * 365 * 40, "4 weeks", "2026-11-23", 522},
  }));
  const Timeline timeline = timeline_of({hour_of(0, 1), hour_of(row.hours, 2)});
  CHECK(timeline.step == row.step);
  CHECK(timeline.bars.size() == row.bars);
  CHECK(day_text(timeline.bars.front().start) == row.first);
  CHECK(flows_of(timeline) == 3);
}

TEST_CASE("packets of 1970 among those of today do not make endless bars", "[timeline]") {
  std::vector<TimelinePoint> hours{hour_of(0, 1), hour_of(24 * 365 * 200, 2)};
  hours.insert(hours.begin(), TimelinePoint{});
  hours.front().counts.flows = 4;
  hours.front().start = time_of(0, 0);
  const Timeline timeline = timeline_of(hours);
  CHECK(timeline.bars.size() <= 1'001);
  CHECK(flows_of(timeline) == 7);
}

std::string text_of(const std::vector<Finding>& all, std::string_view subject) {
  for (const Finding& finding : all)
    if (finding.subject == subject) return finding.text;
  return {};
}

TEST_CASE("findings say what was used, by whom, and what is open", "[findings]") {
  const SampleInventory sample;
  sample.make();
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  auto content = read_report(*inventory, {});
  REQUIRE(content);
  const auto all = findings(*content);
  CHECK(text_of(all, "Use") ==
        "2 AI apps were used by 3 clients. The widest spread: Chatter (2 clients) and " +
            std::string{kHostileName} +
            " (1 client). 1 app was only looked up or asked for, which is not counted as use.");
  CHECK(text_of(all, "Data").find("2 uploads were recognised, 1.50 MB in all") !=
        std::string::npos);
  CHECK(text_of(all, "Decisions") ==
        "There is no decision yet about any of the 2 apps that are used.");
  CHECK(text_of(all, "Programs") ==
        "1 app was reached by programs besides browsers: " + std::string{kHostileName} + " (sdk).");
}

TEST_CASE("of what was found in content the severe ones are told apart, and sure ones alone",
          "[findings]") {
  struct Case {
    std::uint32_t critical, high, medium, guessed;
    const char* text;
  };
  const auto each = GENERATE(values<Case>({
      {1, 14, 5, 7,
       "20 findings of high confidence in what could be read, 15 of them of high or "
       "critical severity."},
      {0, 2, 0, 7,
       "2 findings of high confidence in what could be read, of high or critical "
       "severity."},
      {0, 0, 3, 7, "3 findings of high confidence in what could be read."},
      {0, 0, 0, 7, ""},
  }));
  const SampleInventory sample;
  inventory::RecorderOptions options = SampleInventory::with_facts({});
  options.path = sample.path();
  {
    auto recorder = inventory::Recorder::open(options);
    REQUIRE(recorder);
    const auto flow = SampleInventory::flow("chatter", "chat.example", "10.0.0.1", 0, 7);
    const auto find = [&](const char* severity, const char* confidence, std::uint32_t count) {
      observation::FindingRecord finding;
      finding.place = flow.place;
      finding.conversation = flow.conversation;
      finding.time = flow.start;
      finding.detector = "aws-key";
      finding.category = "secret";
      finding.severity = severity;
      finding.confidence = confidence;
      finding.count = finding.unique_count = count;
      finding.value_hash = severity;
      if (count > 0) recorder->on_finding(finding);
    };
    find("critical", "high", each.critical);
    find("high", "high", each.high);
    find("medium", "high", each.medium);
    find("critical", "low", each.guessed);
    inventory::RunInfo run;
    run.inputs = {{"a.pcap", "sha256:11", 24, ""}};
    run.first_packet = run.last_packet = Time{std::chrono::hours{1}};
    REQUIRE(recorder->finish(run, {}));
  }
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  auto content = read_report(*inventory, {});
  REQUIRE(content);
  CHECK(text_of(findings(*content), "Content") == each.text);
}

TEST_CASE("findings tell of decisions against which apps are used, and of reviews that are due",
          "[findings]") {
  const SampleInventory sample;
  sample.make();
  inventory::Review review;
  review.status = "unsanctioned";
  REQUIRE(
      inventory::set_review(sample.path(), "chatter", review, "tester", SampleInventory::at(0)));
  review.status = "sanctioned";
  review.review_date = "2026-11-23";
  REQUIRE(inventory::set_review(sample.path(), "evil", review, "tester", SampleInventory::at(0)));
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  auto content = read_report(*inventory, {});
  REQUIRE(content);
  CHECK(text_of(findings(*content), "Decisions") ==
        "There is a decision about every app that is used. Used although unsanctioned: Chatter (2 "
        "clients). To be looked at again: " +
            std::string{kHostileName} + " (due 2026-11-23).");
}

TEST_CASE("an inventory without apps says so, and points to what could not be seen", "[findings]") {
  const SampleInventory sample;
  inventory::RecorderOptions options = SampleInventory::with_facts({});
  options.path = sample.path();
  {
    auto recorder = inventory::Recorder::open(options);
    REQUIRE(recorder);
    inventory::RunInfo run;
    run.inputs = {{"empty.pcap", "sha256:11", 24, ""}};
    run.first_packet = run.last_packet = Time{std::chrono::hours{1}};
    REQUIRE(recorder->finish(run, {}));
  }
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  auto content = read_report(*inventory, {});
  REQUIRE(content);
  const auto all = findings(*content);
  REQUIRE(all.size() == 2);
  CHECK(all[0].text.starts_with("No AI app was seen"));
  CHECK(all[1].subject == "Sight");
}

TEST_CASE("lists are cut to what is shown, and their lengths kept", "[report_content]") {
  const SampleInventory sample;
  sample.make();
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  ReportOptions options;
  options.limits.apps_whole = 2;
  options.limits.clients_per_app = options.limits.endpoints_per_app = 1;
  options.limits.evidence_per_app = 1;
  auto content = read_report(*inventory, options);
  REQUIRE(content);
  CHECK(content->apps.size() == 3);
  REQUIRE(content->sections.size() == 2);
  const auto chatter = std::find_if(
      content->sections.begin(), content->sections.end(),
      [](const AppSection& section) { return section.detail.summary.facts.id == "chatter"; });
  REQUIRE(chatter != content->sections.end());
  CHECK(chatter->detail.clients.size() == 1);
  CHECK(chatter->clients == 2);
  CHECK(chatter->detail.sightings.size() == 1);
  CHECK(chatter->sightings == 3);
  CHECK(chatter->endpoints == 2);
}

}  // namespace gnomon::report
