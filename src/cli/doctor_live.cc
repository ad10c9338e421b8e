#include "doctor_live.h"

#include <signal.h>

#include "gnomon/packet/interface_capture.h"
#include "gnomon/report/numbers.h"
#include "gnomon/sensor/running_sensor.h"
#include "interface_state.h"

namespace gnomon::cli {
namespace {

sensor::SensorControl* running = nullptr;

void stop(int) { running->stop(); }

// While it lives, Ctrl-C ends the looking and not the program.
class Signals {
 public:
  explicit Signals(sensor::SensorControl& control) {
    running = &control;
    struct sigaction action {};
    action.sa_handler = stop;
    ::sigaction(SIGINT, &action, &interrupt_);
    ::sigaction(SIGTERM, &action, &terminate_);
  }
  ~Signals() {
    ::sigaction(SIGINT, &interrupt_, nullptr);
    ::sigaction(SIGTERM, &terminate_, nullptr);
    running = nullptr;
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct sigaction interrupt_ {};
  struct sigaction terminate_ {};
};

}  // namespace

int examine_interfaces(const CommandLine& line, const Listening& wanted,
                       sensor::ReplayOptions options, bool as_json) {
  const bool several = wanted.interfaces.size() > 1;
  const std::string place = report::joined(wanted.interfaces, " ");
  Diagnosis diagnosis;
  diagnosis.inputs = wanted.interfaces;
  diagnosis.interface = place;
  std::vector<std::string> able;  // to bring packets
  for (const std::string& interface : wanted.interfaces) {
    if (interface == "any") {
      diagnosis.notes.push_back("settings, as 'any' stands for all interfaces");
      able.push_back(interface);
      continue;
    }
    const auto state = read_interface(interface);
    if (!state)
      return line.misused("there is no interface '" + interface + "' here; there is " +
                          report::joined(packet::interface_names(), ", "));
    for (auto& [name, value] : facts_of(*state))
      diagnosis.facts.emplace_back(several ? interface + " " + name : name, std::move(value));
    for (Complaint& each : complaints_of(*state)) diagnosis.complaints.push_back(std::move(each));
    if (state->up && state->carrier != std::optional{false})
      able.push_back(interface);
    else
      diagnosis.notes.push_back(several ? "traffic of " + interface + ", as none can come"
                                        : "traffic, as none can come");
  }
  if (able.empty()) return tell_diagnosis(diagnosis, as_json, false);

  packet::InterfaceOptions listening;
  listening.interfaces = std::move(able);
  listening.workers = options.workers;
  listening.filter = options.filter;
  listening.buffer_mib = wanted.buffer_mib;
  auto source = packet::listen_on(listening);
  if (!source) return line.misused(source.error().message);

  sensor::CaptureOptions capture;
  capture.sensor = std::move(options);
  capture.sensor.filter.clear();  // the kernel has it
  capture.sensor.health.place = {place, true};
  capture.sensor.health.own = addresses_of_machine();
  capture.duration = std::chrono::seconds{wanted.seconds};
  ComplaintBook book;
  observation::Sink* const sinks[] = {&book};
  sensor::SensorControl control;
  const Signals signals{control};
  auto result = sensor::run_capture(capture, **source, identify::Catalogue::nothing(), sinks,
                                    control, {});
  if (!result) return line.misused(result.error().message);

  for (const packet::LiveInput& input : (*source)->inputs())
    if (!input.up) diagnosis.complaints.push_back(complaint_of_lost(input.name, input.state));
  diagnosis.complaints.insert(diagnosis.complaints.end(), book.complaints().begin(),
                              book.complaints().end());
  diagnosis.counters = result->health_counters;
  diagnosis.flows = result->coverage.flows;
  diagnosis.first_packet = result->first_packet;
  diagnosis.last_packet = result->last_packet;
  return tell_diagnosis(diagnosis, as_json, false);
}

}  // namespace gnomon::cli
