#include "doctor_live.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "gnomon/packet/interface_tap.h"
#include "gnomon/report/numbers.h"
#include "interface_state.h"

namespace gnomon::cli {
namespace {

std::atomic<bool> stopped{false};

void stop(int) { stopped.store(true, std::memory_order_relaxed); }

// While it lives, Ctrl-C ends the looking and not the program; a pipe that nobody reads is an error
// of the write alone.
class Signals {
 public:
  Signals() {
    struct sigaction action {};
    action.sa_handler = stop;
    ::sigaction(SIGINT, &action, &interrupt_);
    ::sigaction(SIGTERM, &action, &terminate_);
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, &pipe_);
  }
  ~Signals() {
    ::sigaction(SIGINT, &interrupt_, nullptr);
    ::sigaction(SIGTERM, &terminate_, nullptr);
    ::sigaction(SIGPIPE, &pipe_, nullptr);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct sigaction interrupt_ {};
  struct sigaction terminate_ {};
  struct sigaction pipe_ {};
};

}  // namespace

int examine_interface(const CommandLine& line, const std::string& interface, unsigned seconds,
                      sensor::ReplayOptions options, bool as_json) {
  const auto state = read_interface(interface);
  if (!state)
    return line.misused("there is no interface '" + interface + "' here; there is " +
                        report::joined(interface_names(), ", "));

  Diagnosis diagnosis;
  diagnosis.inputs = {interface};
  diagnosis.interface = interface;
  diagnosis.facts = facts_of(*state);
  diagnosis.complaints = complaints_of(*state);
  if (!state->up || state->carrier == std::optional{false}) {
    diagnosis.notes.push_back("traffic, as none can come");
    return tell_diagnosis(diagnosis, as_json, false);
  }

  auto tap = packet::InterfaceTap::open(interface, options.filter);
  if (!tap) return line.misused(tap.error().message);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return line.misused("no pipe can be had");
  ::fcntl(ends[1], F_SETPIPE_SZ, 1024 * 1024);

  const Signals signals;
  const LossCounters before = read_losses(interface);
  std::optional<Error> failed;
  std::thread taking{[&] {
    failed = tap->copy_to(ends[1], std::chrono::seconds{seconds}, stopped, [&] {
      const LossCounters now = read_losses(interface);
      return packet::InterfaceTap::Losses{now.card - before.card, now.backlog - before.backlog};
    });
    ::close(ends[1]);
  }};
  options.inputs = {"/proc/self/fd/" + std::to_string(ends[0])};
  options.filter.clear();  // the kernel has it
  options.health.place = {interface, true};
  options.health.own = addresses_of_machine();
  ComplaintBook book;
  observation::Sink* const sinks[] = {&book};
  auto result = sensor::replay(options, identify::Catalogue::nothing(), sinks, {});
  ::close(ends[0]);
  taking.join();
  if (!result) return line.misused(result.error().message);
  if (failed) return line.unreadable(interface + ": " + failed->message);

  diagnosis.complaints.insert(diagnosis.complaints.end(), book.complaints().begin(),
                              book.complaints().end());
  diagnosis.counters = result->health_counters;
  diagnosis.flows = result->coverage.flows;
  diagnosis.first_packet = result->first_packet;
  diagnosis.last_packet = result->last_packet;
  return tell_diagnosis(diagnosis, as_json, false);
}

}  // namespace gnomon::cli
