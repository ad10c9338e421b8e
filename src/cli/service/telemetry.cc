#include "telemetry.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "gnomon/bytes/ascii.h"
#include "gnomon/observation/counters.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/json_writer.h"

namespace gnomon::cli {
namespace {

using observation::grouped;

std::string fixed(double number, int digits) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%.*f", digits, number);
  return {text, static_cast<std::size_t>(std::clamp(size, 0, 63))};
}

double loss_percent(const packet::LiveCounters& counters) {
  return counters.came() == 0
             ? 0
             : 100.0 * static_cast<double>(counters.lost()) / static_cast<double>(counters.came());
}

std::uint64_t resident_bytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long pages = 0;
  const bool read = std::fscanf(file, "%*u %lu", &pages) == 1;
  std::fclose(file);
  return read ? pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

double processor_seconds() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::int64_t unix_seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

struct Part {
  std::string_view name;
  std::uint64_t packet::LiveCounters::*member;
};
constexpr Part kDrops[] = {{"kernel", &packet::LiveCounters::kernel_drops},
                           {"interface", &packet::LiveCounters::interface_drops},
                           {"softnet", &packet::LiveCounters::softnet_drops},
                           {"sensor", &packet::LiveCounters::own_drops}};

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP gnomon_").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE gnomon_").append(name).append(" ").append(type).append("\n");
}

// The text of a label: what would end it is escaped.
std::string label(std::string_view text) {
  std::string out;
  for (const char each : text) {
    if (each == '\\' || each == '"') out += '\\';
    if (each == '\n') {
      out += "\\n";
    } else {
      out += each;
    }
  }
  return out;
}

void sample(std::string& out, std::string_view name, const std::string& labels,
            std::string_view value) {
  out.append("gnomon_").append(name);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).append("\n");
}

void one(std::string& out, std::string_view name, std::string_view type, std::string_view help,
         std::string_view value) {
  head(out, name, type, help);
  sample(out, name, {}, value);
}

}  // namespace

std::uint64_t SensorState::counter(std::string_view name) const {
  const auto at = std::lower_bound(counters.begin(), counters.end(), name,
                                   [](const auto& each, std::string_view asked) {
                                     return std::string_view{each.first} < asked;
                                   });
  return at != counters.end() && at->first == name ? at->second : 0;
}

double SensorState::named_share() const {
  const std::uint64_t all = counter("coverage.flows_with_payload");
  if (all == 0) return 0;
  const std::uint64_t unnamed = std::min(counter("coverage.unnamed"), all);
  return static_cast<double>(all - unnamed) / static_cast<double>(all);
}

void Telemetry::run_between_records(std::function<void()> errand) {
  const std::lock_guard lock{mutex_};
  errands_.push_back(std::move(errand));
  errands_wait_ = true;
}

void Telemetry::take_errands() {
  std::vector<std::function<void()>> mine;
  {
    const std::lock_guard lock{mutex_};
    mine.swap(errands_);
    errands_wait_ = false;
  }
  for (const auto& errand : mine) errand();
}

void Telemetry::know_apps(const std::vector<std::string>& ids) {
  for (const std::string& id : ids)
    if (apps_.size() < kAppsMax) apps_.insert(id);
  const std::lock_guard lock{mutex_};
  state_.apps = apps_.size();
}

void Telemetry::on_flow(const observation::FlowRecord& record) {
  run_errands();
  if (record.identity.app.empty() || record.identity.grade < observation::Grade::kSession) return;
  if (apps_.find(record.identity.app) != apps_.end() || apps_.size() >= kAppsMax) return;
  apps_.emplace(record.identity.app);
  const std::lock_guard lock{mutex_};
  state_.apps = apps_.size();
}

void Telemetry::on_stats(const observation::StatsRecord& record) {
  run_errands();
  std::vector<std::pair<std::string, std::uint64_t>> counters;
  counters.reserve(record.counters.size());
  for (const auto& [name, value] : record.counters) counters.emplace_back(name, value);
  if (record.coverage != nullptr && !record.final) {
    for (const observation::CoverageCounterName& each : observation::kCoverageCounterNames)
      counters.emplace_back("coverage." + std::string{each.name}, record.coverage->*each.member);
    std::sort(counters.begin(), counters.end());
  }
  const std::lock_guard lock{mutex_};
  state_.counters = std::move(counters);
}

void Telemetry::on_interval(const sensor::CaptureInterval& interval) {
  const std::uint64_t resident = resident_bytes();
  const double processor = processor_seconds();
  const std::lock_guard lock{mutex_};
  state_.inputs = interval.inputs;
  state_.total = interval.total;
  state_.interval = interval.counters;
  state_.interval_seconds = static_cast<double>(interval.length.count()) / 1000;
  state_.frames_total = interval.frames_total;
  state_.frames_interval = interval.frames;
  state_.resident_bytes = resident;
  state_.processor_seconds = processor;
}

void Telemetry::change(const std::function<void(SensorState&)>& how) {
  const std::lock_guard lock{mutex_};
  how(state_);
}

SensorState Telemetry::state() const {
  const std::lock_guard lock{mutex_};
  return state_;
}

std::string status_line(const SensorState& state) {
  std::string line = grouped(state.frames_total) + " packets (" +
                     fixed(loss_percent(state.total), 2) + " % lost), " + grouped(state.apps) +
                     (state.apps == 1 ? " app" : " apps");
  if (state.counter("coverage.flows_with_payload") > 0)
    line += ", " + fixed(100 * state.named_share(), 0) + " % of flows named";
  for (const packet::LiveInput& input : state.inputs)
    if (!input.up) line += "; " + input.name + " " + input.state;
  for (const std::string& alert : state.alerts) line += "; " + alert;
  return line;
}

std::string status_json(const SensorState& state) {
  std::string out;
  report::JsonWriter json{out};
  json.begin_object();
  json.member("version", GNOMON_VERSION);
  json.member("state", state.state);
  json.member("started", to_eve_time(std::chrono::time_point_cast<Time::duration>(state.started)));
  json.member("database", state.database);
  json.member("packets", state.frames_total);
  json.member("packets_per_second",
              state.interval_seconds > 0
                  ? static_cast<double>(state.frames_interval) / state.interval_seconds
                  : 0.0);
  json.key("lost");
  json.begin_object();
  json.member("packets", state.total.lost());
  json.member("percent", loss_percent(state.total));
  json.member("interval_percent", loss_percent(state.interval));
  for (const Part& part : kDrops) json.member(part.name, state.total.*part.member);
  json.end_object();
  json.member("apps", state.apps);
  json.member("flows", state.counter("coverage.flows"));
  json.member("flows_named_share", state.named_share());
  json.key("inputs");
  json.begin_array();
  for (const packet::LiveInput& input : state.inputs) {
    json.begin_object();
    json.member("name", input.name);
    json.member("up", input.up);
    json.member_if("state", input.state);
    json.member("received", input.counters.received);
    json.member("lost", input.counters.lost());
    json.end_object();
  }
  json.end_array();
  json.key("signatures");
  json.begin_object();
  json.member("date", state.signatures_date);
  json.member("reloads", state.reloads_done);
  json.member("reloads_refused", state.reloads_refused);
  json.member_if("last_reload", state.last_reload);
  json.end_object();
  json.key("alerts");
  json.begin_array();
  for (const std::string& alert : state.alerts) json.value(alert);
  json.end_array();
  json.member("memory_bytes", state.resident_bytes);
  json.member("processor_seconds", state.processor_seconds);
  json.member("disk_free_bytes", state.disk_free_bytes);
  json.member("events_dropped", state.events_dropped);
  json.member_if("events_failure", state.events_failure);
  json.key("counters");
  json.begin_object();
  for (const auto& [name, value] : state.counters) json.member(name, value);
  json.end_object();
  json.end_object();
  return out + "\n";
}

std::string status_text(const SensorState& state) {
  std::string out = "Gnomon " GNOMON_VERSION ", " +
                    (state.state == "running" ? "" : state.state + ", ") + "running since " +
                    to_text_time(std::chrono::time_point_cast<Time::duration>(state.started)) +
                    " UTC\n";
  out += "  " + status_line(state) + "\n";
  for (const packet::LiveInput& input : state.inputs)
    out += "  " + input.name + ": " + (input.up ? std::string{"up"} : input.state) + ", " +
           grouped(input.counters.received) + " packets, " + grouped(input.counters.lost()) +
           " lost\n";
  if (state.interval_seconds > 0)
    out += "  now " +
           grouped(static_cast<std::uint64_t>(static_cast<double>(state.frames_interval) /
                                              state.interval_seconds)) +
           " packets a second, " + fixed(loss_percent(state.interval), 2) + " % lost\n";
  out += "  inventory " + state.database + ", " + grouped(state.disk_free_bytes >> 20) +
         " MiB free; memory " + grouped(state.resident_bytes >> 20) + " MiB, processor " +
         fixed(state.processor_seconds, 1) + " s\n";
  if (!state.signatures_date.empty()) out += "  signatures of " + state.signatures_date + "\n";
  if (!state.last_reload.empty()) out += "  last reload: " + state.last_reload + "\n";
  if (state.events_dropped > 0 || !state.events_failure.empty())
    out += (state.events_dropped > 0 ? "  events LOST: " + grouped(state.events_dropped)
                                     : std::string{"  events: none lost"}) +
           (state.events_failure.empty() ? "" : "; " + state.events_failure) + "\n";
  for (const std::string& alert : state.alerts) out += "  alert: " + alert + "\n";
  return out;
}

std::string metrics_text(const SensorState& state) {
  std::string out;
  head(out, "build_info", "gauge", "The version, as a label.");
  sample(out, "build_info", "version=\"" GNOMON_VERSION "\"", "1");
  one(out, "start_time_seconds", "gauge", "When the sensor was started, since 1970.",
      std::to_string(unix_seconds(state.started)));
  one(out, "packets_total", "counter", "Packets that were read.",
      std::to_string(state.frames_total));
  one(out, "apps", "gauge", "AI apps in use, those of the inventory among them.", std::to_string(state.apps));
  one(out, "flows_named_ratio", "gauge", "Share of the flows with payload that have a name.",
      fixed(state.named_share(), 6));
  one(out, "interval_lost_ratio", "gauge", "Share of the last interval's packets that were lost.",
      fixed(loss_percent(state.interval) / 100, 6));
  one(out, "resident_memory_bytes", "gauge", "Memory in use.",
      std::to_string(state.resident_bytes));
  one(out, "cpu_seconds_total", "counter", "Processor time used.",
      fixed(state.processor_seconds, 3));
  one(out, "disk_free_bytes", "gauge", "Free on the disk of the inventory.",
      std::to_string(state.disk_free_bytes));
  one(out, "events_dropped_total", "counter",
      "Events that could not be written, or that a full spool let go.",
      std::to_string(state.events_dropped));
  one(out, "http_requests_refused_total", "counter",
      "Requests of this endpoint that were too large, too slow or too many.",
      std::to_string(state.requests_refused));
  head(out, "reloads_total", "counter", "Reloads of configuration and signatures.");
  sample(out, "reloads_total", "result=\"done\"", std::to_string(state.reloads_done));
  sample(out, "reloads_total", "result=\"refused\"", std::to_string(state.reloads_refused));
  head(out, "alert_active", "gauge", "What is wrong with the sensor now.");
  for (const std::string_view kind :
       {"sensor-loss", "sensor-stall", "sensor-disk", "sensor-signatures"}) {
    const bool active =
        std::find(state.alerts.begin(), state.alerts.end(), kind) != state.alerts.end();
    sample(out, "alert_active", "kind=\"" + std::string{kind} + "\"", active ? "1" : "0");
  }
  head(out, "input_up", "gauge", "Whether packets can come from this input.");
  for (const packet::LiveInput& input : state.inputs)
    sample(out, "input_up", "input=\"" + label(input.name) + "\"", input.up ? "1" : "0");
  head(out, "input_received_total", "counter", "Packets that came, those that were lost included.");
  for (const packet::LiveInput& input : state.inputs)
    sample(out, "input_received_total", "input=\"" + label(input.name) + "\"",
           std::to_string(input.counters.received));
  head(out, "input_lost_total", "counter", "Packets that were lost, by where.");
  for (const packet::LiveInput& input : state.inputs)
    for (const Part& part : kDrops)
      sample(out, "input_lost_total",
             "input=\"" + label(input.name) + "\",where=\"" + std::string{part.name} + "\"",
             std::to_string(input.counters.*part.member));
  for (const auto& [name, value] : state.counters) {
    std::string metric{name};
    for (char& each : metric)
      if (!(is_lower(each) || is_digit(each))) each = '_';
    const bool gauge = observation::is_gauge(name);
    if (!gauge) metric += "_total";
    one(out, metric, gauge ? "gauge" : "counter", "As in stats events: " + name + ".",
        std::to_string(value));
  }
  return out;
}

}  // namespace gnomon::cli
