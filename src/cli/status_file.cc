#include "status_file.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gnomon/report/json_writer.h"
#include "gnomon/report/numbers.h"
#include "write_file.h"

namespace gnomon::cli {
namespace {

void write_counters(report::JsonWriter& json, const packet::LiveCounters& counters) {
  json.member("received", counters.received);
  json.member("kernel_drops", counters.kernel_drops);
  json.member("interface_drops", counters.interface_drops);
  json.member("softnet_drops", counters.softnet_drops);
  json.member("own_drops", counters.own_drops);
  json.member("damaged", counters.damaged);
  json.member("reopened", counters.reopened);
  json.member("clock_steps", counters.clock_steps);
}

}  // namespace

std::string status_json(const sensor::CaptureInterval& interval,
                        const inventory::LiveRecorderState& recorder, std::uint64_t events_dropped,
                        const std::optional<report::SyslogCounts>& collector,
                        std::chrono::seconds uptime) {
  std::string text;
  report::JsonWriter json{text};
  json.begin_object();
  json.member("version", 1);
  json.member("pid", static_cast<std::int64_t>(::getpid()));
  json.member("uptime_seconds", static_cast<std::int64_t>(uptime.count()));
  json.member_if("clock", report::rfc3339_text(interval.end));
  json.member("frames", interval.frames_total);
  json.key("interval");
  json.begin_object();
  json.member("milliseconds", static_cast<std::int64_t>(interval.length.count()));
  json.member("frames", interval.frames);
  write_counters(json, interval.counters);
  json.end_object();
  json.key("total");
  json.begin_object();
  write_counters(json, interval.total);
  json.end_object();
  json.key("inputs");
  json.begin_array();
  for (const packet::LiveInput& input : interval.inputs) {
    json.begin_object();
    json.member("name", input.name);
    json.member("up", input.up);
    json.member_if("state", input.state);
    write_counters(json, input.counters);
    json.end_object();
  }
  json.end_array();
  json.key("inventory");
  json.begin_object();
  json.member("batches", recorder.batches);
  json.member("failures", recorder.failures);
  json.member("rows_tidied", recorder.rows_tidied);
  json.member("too_large", recorder.too_large);
  json.member("failing", recorder.failing);
  json.member_if("error", recorder.error);
  json.member("dropped", recorder.dropped);
  json.member("latest_milliseconds", static_cast<std::int64_t>(recorder.latest_took.count()));
  json.end_object();
  json.member("events_dropped", events_dropped);
  if (collector) {
    json.key("collector");
    json.begin_object();
    json.member("sent", collector->sent);
    json.member("waiting", collector->waiting);
    json.member("dropped", collector->dropped);
    json.member("failures", collector->failures);
    json.member_if("last_failure", collector->last_failure);
    json.end_object();
  }
  json.end_object();
  text += '\n';
  return text;
}

std::optional<Error> refuse_as_status_file(const std::string& path) {
  constexpr std::string_view kBegins = R"({"version":1,"pid":)";
  std::error_code ignored;
  if (waits_for_reader(path))
    return Error{"is a pipe, and would hold the sensor until somebody reads it"}.in(path);
  if (!std::filesystem::is_regular_file(path, ignored) ||
      std::filesystem::file_size(path, ignored) == 0)
    return std::nullopt;
  std::ifstream file{path, std::ios::binary};
  std::string begins(kBegins.size(), '\0');
  if (!file.read(begins.data(), static_cast<std::streamsize>(begins.size())) || begins != kBegins)
    return Error{"holds something else than a sensor's status, and is not written over"}.in(path);
  return std::nullopt;
}

}  // namespace gnomon::cli
