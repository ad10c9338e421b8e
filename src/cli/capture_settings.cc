#include "capture_settings.h"

#include <chrono>
#include <cmath>

#include "config/config_check.h"
#include "config/sensor_options.h"
#include "gnomon/report/numbers.h"
#include "status_file.h"

namespace gnomon::cli {
namespace {

std::optional<std::string> refuse_files(const CaptureSettings& settings) {
  if (auto clash = clashing_files(settings.config.values, settings.database, settings.config.file,
                                  settings.status))
    return clash;
  if (settings.status.empty()) return std::nullopt;
  if (const auto refused = refuse_as_status_file(settings.status))
    return "--write-status: " + refused->message;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> read_capture_options(const CommandLine& line,
                                                CaptureSettings& settings) {
  const Config& config = settings.config.values;
  settings.database = settings.config.given("inventory.database") || !settings.config.file.empty()
                          ? config.database
                          : std::string{kDatabaseDefault};
  settings.config.values.database = settings.database;
  settings.events = config.events;
  settings.status = line.text("write-status");
  settings.interfaces.interfaces = config.interfaces;
  settings.interfaces.snap_length = static_cast<std::uint32_t>(config.snap_length);
  settings.interfaces.buffer_mib = static_cast<std::uint32_t>(config.buffer_mib);
  settings.interfaces.promiscuous = config.promiscuous;
  settings.folder = config.folder;
  settings.streams.peers = config.peers;
  settings.streams.listen = config.listen;
  sensor::CaptureOptions& capture = settings.capture;
  capture.sensor = sensor_options(config);
  const double seconds = line.get<double>("duration");

  if (names_no_source(config))
    return "nothing to capture from: name an interface (-i), a folder (-r), --pcap-over-ip or "
           "--pcap-over-ip-listen; interfaces: " +
           report::joined(packet::interface_names(), ", ");
  if (!(seconds >= 0) || seconds > 1e9) return "--duration takes a number of seconds";
  // 0 would be for ever.
  capture.duration =
      std::chrono::milliseconds{static_cast<std::int64_t>(std::ceil(seconds * 1000))};
  if (auto refused = refuse_files(settings)) return refused;
  if (!config.cpus.empty())
    if (auto parsed = parse_cpus(config.cpus)) capture.cpus = std::move(*parsed);
  return std::nullopt;
}

std::string inputs_text(const CaptureSettings& settings) {
  if (!settings.interfaces.interfaces.empty())
    return report::listed(settings.interfaces.interfaces);
  if (!settings.folder.empty()) return settings.folder;
  std::vector<std::string> all = settings.streams.peers;
  all.insert(all.end(), settings.streams.listen.begin(), settings.streams.listen.end());
  return report::listed(all);
}

std::vector<std::string> input_names(const CaptureSettings& settings) {
  if (!settings.interfaces.interfaces.empty()) return settings.interfaces.interfaces;
  std::vector<std::string> all = settings.streams.peers;
  all.insert(all.end(), settings.streams.listen.begin(), settings.streams.listen.end());
  return all;
}

}  // namespace gnomon::cli
