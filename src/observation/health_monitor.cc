#include <algorithm>

#include "gnomon/observation/health.h"

namespace gnomon::observation {

void HealthMonitor::end_interval(const HealthCounters& total, Time from, Time to,
                                 const Tell& tell) {
  const HealthCounters change = since(total, before_);
  before_ = total;
  // Replayed time has holes in which nothing was captured; only a clock that runs on can say that
  // nothing came.
  if (change.frames > 0 || place_.live) look(change, HealthScope::kFast, from, to, true, tell);
  recent_.push_back({change, from});
  if (recent_.size() > kSlowIntervals) recent_.pop_front();
  if (recent_.size() < kSlowIntervals) return;
  HealthCounters sum;
  for (const Interval& each : recent_) sum += each.counters;
  if (sum.frames > 0) look(sum, HealthScope::kSlow, recent_.front().from, to, true, tell);
}

void HealthMonitor::step_clock(std::chrono::nanoseconds by) {
  for (State& state : states_) {
    if (state.worst.rule == nullptr) continue;
    state.first += by;
    state.last += by;
  }
  for (Interval& each : recent_) each.from += by;
}

void HealthMonitor::finish(const HealthCounters& total, Time from, Time to, Time first,
                           const Tell& tell) {
  const bool one_stretch = before_ == HealthCounters{};
  if (!one_stretch) {
    const HealthCounters rest = since(total, before_);
    if (rest.frames > 0) look(rest, HealthScope::kFast, from, to, true, tell);
  }
  // What is too thin in every interval may be plain in all of them.
  for (HealthFault& fault : judge_health(total, place_)) {
    State& state = states_[static_cast<std::size_t>(fault.rule - health_rules().data())];
    if (state.worst.rule != nullptr && state.worst.severity > fault.severity) continue;
    const bool began = state.worst.rule == nullptr;
    state.worst = std::move(fault);
    state.now = state.worst.severity;
    if (!began) continue;
    state.first = first;
    state.last = to;
    state.intervals = one_stretch ? 1 : 0;
    tell_of(state, HealthState::kBegan, tell);
  }
  for (State& state : states_)
    if (state.worst.rule != nullptr) tell_of(state, HealthState::kFinal, tell);
}

std::vector<HealthFault> HealthMonitor::named() const {
  std::vector<HealthFault> faults;
  for (const State& state : states_)
    if (state.worst.rule != nullptr) faults.push_back(state.worst);
  return faults;
}

void HealthMonitor::look(const HealthCounters& counters, HealthScope scope, Time from, Time to,
                         bool counts_interval, const Tell& tell) {
  std::array<bool, kRules> still{};
  for (HealthFault& fault : judge_health(counters, place_, scope)) {
    const auto rule = static_cast<std::size_t>(fault.rule - health_rules().data());
    State& state = states_[rule];
    still[rule] = true;
    const bool first = state.worst.rule == nullptr;
    const bool began = state.now == HealthSeverity::kNone;
    state.now = fault.severity;
    if (first) state.first = from;
    state.last = to;
    if (counts_interval) ++state.intervals;
    // Of equals the one that shows most.
    if (first || fault.severity > state.worst.severity ||
        (fault.severity == state.worst.severity && fault.part > state.worst.part))
      state.worst = std::move(fault);
    tell_of(state, began ? HealthState::kBegan : HealthState::kGoesOn, tell);
  }
  for (std::size_t rule = 0; rule < kRules; ++rule) {
    State& state = states_[rule];
    if (still[rule] || state.now == HealthSeverity::kNone) continue;
    if (health_rules()[rule].slow != (scope == HealthScope::kSlow)) continue;
    state.now = HealthSeverity::kNone;
    tell_of(state, HealthState::kEnded, tell);
  }
}

void HealthMonitor::tell_of(const State& state, HealthState what, const Tell& tell) const {
  HealthRecord record;
  record.first = state.first;
  record.last = state.last;
  record.check = state.worst.rule->id;
  record.title = state.worst.rule->title;
  record.severity = state.worst.severity;
  record.state = what;
  record.intervals = state.intervals;
  record.evidence = state.worst.evidence;
  record.meaning = state.worst.meaning;
  record.remedy = state.worst.remedy;
  record.command = state.worst.command;
  record.part = state.worst.part;
  record.whole = state.worst.whole;
  tell(record);
}

}  // namespace gnomon::observation
