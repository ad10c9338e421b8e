#include "doctor_text.h"

#include <algorithm>

#include "gnomon/observation/coverage.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/json_writer.h"
#include "gnomon/report/numbers.h"

namespace gnomon::cli {
namespace {

using observation::HealthSeverity;
using report::printable;

constexpr std::size_t kIndent = 12;

Style style_of(HealthSeverity severity) {
  switch (severity) {
    case HealthSeverity::kCritical: return Style::kCritical;
    case HealthSeverity::kWarning: return Style::kHigh;
    case HealthSeverity::kNotice: return Style::kMedium;
    case HealthSeverity::kNone: break;
  }
  return Style::kPlain;
}

std::string verdict(const Diagnosis& d) {
  if (d.complaints.empty()) return "Healthy: no fault found in what was shown.";
  std::size_t critical = 0;
  std::size_t warnings = 0;
  for (const Complaint& each : d.complaints) {
    critical += each.severity == HealthSeverity::kCritical;
    warnings += each.severity == HealthSeverity::kWarning;
  }
  const std::string count = report::count_of(d.complaints.size(), "fault");
  if (critical > 0) return "Not to be relied upon: " + count + ", " + std::to_string(critical) + " critical.";
  if (warnings > 0) return "Incomplete: " + count + ".";
  return "Usable, with " + report::count_of(d.complaints.size(), "remark") + ".";
}

}  // namespace

void ComplaintBook::on_health(const observation::HealthRecord& record) {
  auto at = std::find_if(complaints_.begin(), complaints_.end(),
                         [&](const Complaint& each) { return each.check == record.check; });
  if (at == complaints_.end()) at = complaints_.emplace(complaints_.end());
  at->check = record.check;
  at->title = record.title;
  at->severity = record.severity;
  at->evidence = record.evidence;
  at->meaning = record.meaning;
  at->remedy = record.remedy;
  at->command = record.command;
  at->first = record.first;
  at->last = record.last;
  at->intervals = record.intervals;
  at->part = record.part;
  at->whole = record.whole;
}

void sort_complaints(std::vector<Complaint>& complaints) {
  std::stable_sort(complaints.begin(), complaints.end(),
                   [](const Complaint& a, const Complaint& b) { return a.severity > b.severity; });
}

std::string diagnosis_text(const Diagnosis& d, const Terminal& terminal) {
  std::string out;
  const bool healthy = d.complaints.empty();
  out += styled(wrapped(verdict(d), terminal.columns, 0),
                healthy ? Style::kBold : style_of(d.complaints.front().severity), terminal.colour) +
         "\n";
  std::string seen = observation::grouped(d.counters.frames) +
                     (d.counters.frames == 1 ? " frame, " : " frames, ") +
                     report::count_of(d.flows, "flow");
  if (d.counters.frames > 0)
    seen += ", " + report::second_text(d.first_packet) + " to " + report::second_text(d.last_packet) +
            " UTC";
  out += wrapped("Seen: " + seen + ".", terminal.columns, kIndent) + "\n";
  for (const auto& [name, value] : d.facts) {
    std::string label = name + ":";
    label.resize(std::max(label.size() + 1, kIndent), ' ');
    out += label + wrapped(printable(value), terminal.columns, kIndent, label.size()) + "\n";
  }

  const auto line = [&](std::string_view label, const std::string& text, bool verbatim = false) {
    std::string padded = "  " + std::string{label};
    padded.resize(kIndent, ' ');
    out += padded + (verbatim ? printable(text)
                              : wrapped(printable(text), terminal.columns, kIndent, kIndent)) +
           "\n";
  };
  for (const Complaint& each : d.complaints) {
    out += "\n" +
           styled(each.title + " (" + each.check + ", " +
                      std::string{observation::to_string(each.severity)} + ")",
                  style_of(each.severity), terminal.colour) +
           "\n";
    line("Evidence", each.evidence);
    if (each.intervals > 0 && each.last > each.first && d.last_packet > d.first_packet &&
        (each.first > d.first_packet || each.last < d.last_packet))
      line("When", report::second_text(each.first) + " to " + report::second_text(each.last) +
                       " UTC, in " + report::count_of(each.intervals, "interval"));
    line("Means", each.meaning);
    line("Mend", each.remedy);
    if (!each.command.empty()) line("", "$ " + each.command, true);
  }
  if (!d.notes.empty()) out += "\n";
  for (const std::string& note : d.notes)
    out += wrapped("Not looked at: " + printable(note), terminal.columns, 2) + "\n";
  return out;
}

std::string diagnosis_json(const Diagnosis& d) {
  std::string out;
  report::JsonWriter json{out};
  json.begin_object();
  json.member("healthy", d.complaints.empty());
  json.member("verdict", verdict(d));
  json.key("inputs");
  json.begin_array();
  for (const std::string& input : d.inputs) json.value(std::string_view{input});
  json.end_array();
  if (!d.interface.empty()) {
    json.key("interface");
    json.begin_object();
    json.member("name", std::string_view{d.interface});
    for (const auto& [name, value] : d.facts) json.member(name, std::string_view{value});
    json.end_object();
  }
  json.member("frames", d.counters.frames);
  json.member("flows", d.flows);
  json.member_if("first_packet", d.counters.frames > 0 ? report::rfc3339_text(d.first_packet) : "");
  json.member_if("last_packet", d.counters.frames > 0 ? report::rfc3339_text(d.last_packet) : "");
  json.key("faults");
  json.begin_array();
  for (const Complaint& each : d.complaints) {
    json.begin_object();
    json.member("check", std::string_view{each.check});
    json.member("severity", observation::to_string(each.severity));
    json.member("title", std::string_view{each.title});
    json.member("evidence", std::string_view{each.evidence});
    json.member("meaning", std::string_view{each.meaning});
    json.member("remedy", std::string_view{each.remedy});
    json.member_if("command", each.command);
    if (each.intervals > 0) {
      json.member_if("first", report::rfc3339_text(each.first));
      json.member_if("last", report::rfc3339_text(each.last));
      json.member("intervals", each.intervals);
    }
    json.member("part", each.part);
    json.member("whole", each.whole);
    json.end_object();
  }
  json.end_array();
  json.key("checks");
  json.begin_array();
  for (const observation::HealthRule& rule : observation::health_rules()) json.value(rule.id);
  json.end_array();
  json.key("notes");
  json.begin_array();
  for (const std::string& note : d.notes) json.value(std::string_view{note});
  json.end_array();
  json.key("counters");
  json.begin_object();
  for (const observation::HealthCounterName& each : observation::health_counter_names())
    json.member(each.name, d.counters.*each.member);
  json.end_object();
  json.end_object();
  out += "\n";
  return out;
}

}  // namespace gnomon::cli
