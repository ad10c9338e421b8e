#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <thread>

#include "command.h"
#include "doctor_live.h"
#include "doctor_text.h"
#include "gnomon/sensor/replay.h"
#include "options.h"

namespace gnomon::cli {
namespace {

namespace po = boost::program_options;

constexpr unsigned kSecondsMax = 86'400;

int examine_files(const CommandLine& line, sensor::ReplayOptions options, bool as_json) {
  const packet::CaptureReader named{options.inputs};  // looks into folders, reads nothing
  if (named.files().empty()) return line.unreadable(options.inputs.front() + ": holds no capture");

  ComplaintBook book;
  observation::Sink* const sinks[] = {&book};
  auto result = sensor::replay(options, identify::Catalogue::nothing(), sinks, {});
  if (!result) return line.misused(result.error().message);

  bool damaged = false;
  std::size_t unreadable = 0;
  for (const packet::InputProblem& problem : result->problems) {
    if (problem.foreign) continue;
    std::fprintf(stderr, "gnomon doctor: %s: offset %llu: %s\n", problem.file.c_str(),
                 static_cast<unsigned long long>(problem.offset), problem.what.c_str());
    damaged = true;
    unreadable += problem.fatal_for_file;
  }
  if (unreadable == result->files.size()) return kUnreadable;

  Diagnosis diagnosis;
  diagnosis.inputs = result->files;
  diagnosis.complaints = book.complaints();
  diagnosis.counters = result->health_counters;
  diagnosis.flows = result->coverage.flows;
  diagnosis.first_packet = result->first_packet;
  diagnosis.last_packet = result->last_packet;
  return tell_diagnosis(diagnosis, as_json, damaged);
}

}  // namespace

int tell_diagnosis(Diagnosis& diagnosis, bool as_json, bool damaged) {
  sort_complaints(diagnosis.complaints);
  const std::string text = as_json
                               ? diagnosis_json(diagnosis)
                               : diagnosis_text(diagnosis, Terminal::of_standard_output());
  std::fwrite(text.data(), 1, text.size(), stdout);
  return diagnosis.complaints.empty() && !damaged ? kDone : kDamaged;
}

int run_doctor(Arguments arguments) {
  CommandLine line{
      "doctor", "FILE... | -i IFACE... [--seconds N]",
      "Says what is wrong with what the sensor is shown: packets missing before it, one\n"
      "direction only, duplicates, cut or merged frames, tunnels it cannot open, clocks,\n"
      "loss, names that are hidden. For each fault the evidence, what it means for the\n"
      "inventory, and the command that mends it. Nothing is recorded."};
  // clang-format off
  line.options().add_options()
      ("interface,i", po::value<std::vector<std::string>>()->value_name("IFACE"),
       "look at this interface: its settings, then its traffic; may be given again, as for a TAP with one "
       "for each direction")
      ("seconds", po::value<unsigned>()->value_name("N")->default_value(20),
       "how long to look at an interface")
      ("buffer", po::value<unsigned>()->value_name("MIB")->default_value(64),
       "the ring that each worker listens with, 2 to 1024")
      ("filter", text_value("BPF"), "look only at packets that this capture filter lets pass")
      ("workers", po::value<unsigned>()->value_name("N")->default_value(
           std::clamp(std::thread::hardware_concurrency(), 1U, 4U)),
       "threads that read flows, 1 to 16; the result is the same for any number")
      ("format", text_value("FORMAT", "table"), "table or json");
  // clang-format on
  line.add_notes(
      "Exit codes: 0 healthy, 1 bad usage, no permission or no such interface, 2 nothing could be\n"
      "read, 3 faults were named, or some input was damaged.\n"
      "docs/doctor.md explains every check.");
  line.take_words("FILE", 0, static_cast<std::size_t>(-1));
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  const std::string format = line.text("format");
  if (const auto code = refuse_other_formats(line, {"table", "json"})) return *code;
  std::vector<std::string> interfaces;
  if (line.has("interface")) interfaces = line.get<std::vector<std::string>>("interface");
  sensor::ReplayOptions options;
  options.workers = line.get<unsigned>("workers");
  options.filter = line.text("filter");
  if (options.workers < 1 || options.workers > 16)
    return line.misused("--workers takes a number from 1 to 16");
  if (interfaces.empty() == line.words().empty())
    return line.misused("wants captures to read, or an interface to look at (-i IFACE)");
  for (auto each = interfaces.begin(); each != interfaces.end(); ++each)
    if (std::find(interfaces.begin(), each, *each) != each)
      return line.misused("interface " + *each + " is named twice");
  if (!interfaces.empty()) {
    const unsigned seconds = line.get<unsigned>("seconds");
    if (seconds < 1 || seconds > kSecondsMax)
      return line.misused("--seconds takes a number from 1 to 86400");
    const unsigned buffer = line.get<unsigned>("buffer");
    if (buffer < 2 || buffer > 1024) return line.misused("--buffer takes a number from 2 to 1024");
    return examine_interfaces(line, {std::move(interfaces), seconds, buffer}, std::move(options),
                              format == "json");
  }
  options.inputs = line.words();
  return examine_files(line, std::move(options), format == "json");
}

}  // namespace gnomon::cli
