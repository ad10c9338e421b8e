#include "doctor_text.h"

#include <catch2/catch.hpp>

#include "interface_state.h"

namespace gnomon::cli {
namespace {

using observation::HealthSeverity;

observation::HealthRecord told(std::string_view check, HealthSeverity severity) {
  observation::HealthRecord record;
  record.check = check;
  record.title = "Something is wrong";
  record.severity = severity;
  record.evidence = "3 of 4.";
  record.meaning = "It means this.";
  record.remedy = "Do that.";
  record.command = "mend --it";
  return record;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what was told last of a fault stands, worst first") {
  ComplaintBook book;
  book.on_health(told("gaps", HealthSeverity::kNotice));
  book.on_health(told("clock", HealthSeverity::kWarning));
  book.on_health(told("gaps", HealthSeverity::kCritical));
  std::vector<Complaint> complaints = book.complaints();
  REQUIRE(complaints.size() == 2);
  sort_complaints(complaints);
  CHECK(complaints[0].check == "gaps");
  CHECK(complaints[1].check == "clock");
}

TEST_CASE("the verdict comes first, and no control character of a name reaches the terminal") {
  Diagnosis diagnosis;
  CHECK(diagnosis_text(diagnosis, {}).starts_with("Healthy: "));
  CHECK(has(diagnosis_json(diagnosis), R"("healthy":true)"));

  ComplaintBook book;
  book.on_health(told("duplicates", HealthSeverity::kNotice));
  diagnosis.complaints = book.complaints();
  CHECK(diagnosis_text(diagnosis, {}).starts_with("Usable, with 1 remark.\n"));
  book.on_health(told("gaps", HealthSeverity::kWarning));
  diagnosis.complaints = book.complaints();
  CHECK(diagnosis_text(diagnosis, {}).starts_with("Incomplete: 2 faults.\n"));
  book.on_health(told("clock", HealthSeverity::kCritical));
  diagnosis.complaints = book.complaints();
  diagnosis.complaints[0].evidence = "evil \x1b[2J";
  const std::string text = diagnosis_text(diagnosis, {});
  CHECK(text.starts_with("Not to be relied upon: 3 faults, 1 critical.\n"));
  CHECK(has(text, "  Evidence  3 of 4.\n  Means     It means this.\n  Mend      Do that.\n"
                  "            $ mend --it\n"));
  CHECK_FALSE(has(text, "\x1b"));
  const std::string json = diagnosis_json(diagnosis);
  CHECK(has(json, R"("healthy":false)"));
  CHECK(has(json, R"("check":"clock","severity":"critical")"));
  CHECK(has(json, R"("counters":{"frames":0)"));
}

TEST_CASE("an interface is judged by its settings") {
  InterfaceState state;
  state.name = "eth1";
  const auto checks = [&] {
    std::string found;
    for (const Complaint& each : complaints_of(state)) found += each.check + " ";
    return found;
  };
  CHECK(checks() == "interface-down ");
  state.up = true;
  CHECK(checks().empty());  // a driver that tells nothing is not accused of anything
  state.carrier = true;
  state.gro = state.lro = false;
  CHECK(checks().empty());
  state.gro = true;
  CHECK(checks() == "offload-on ");
  CHECK(complaints_of(state)[0].evidence == "GRO is on for eth1.");
  state.gro = false;
  state.lro = true;
  CHECK(complaints_of(state)[0].evidence == "LRO is on for eth1.");
  state.carrier = false;
  CHECK(checks() == "no-carrier offload-on ");
}

TEST_CASE("there is no interface of a name that is none") {
  CHECK_FALSE(read_interface(""));
  CHECK_FALSE(read_interface("nosuch0"));
  CHECK_FALSE(read_interface(std::string(200, 'x')));
  CHECK_FALSE(read_interface("../../etc"));
}

}  // namespace gnomon::cli
