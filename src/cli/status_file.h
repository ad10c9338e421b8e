#pragma once

#include <optional>
#include <string>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/live_recorder.h"
#include "gnomon/report/syslog_output.h"
#include "gnomon/sensor/running_sensor.h"

namespace gnomon::cli {

// How the sensor is doing, as one JSON object: what came and what was lost in the latest interval
// and in all, every input, and how writing the inventory goes. docs/events.md describes it.
std::string status_json(const sensor::CaptureInterval& interval,
                        const inventory::LiveRecorderState& recorder, std::uint64_t events_dropped,
                        const std::optional<report::SyslogCounts>& collector,
                        std::chrono::seconds uptime);

// Says so where the file is there and holds anything but such an object: it is replaced every
// second.
std::optional<Error> refuse_as_status_file(const std::string& path);

}  // namespace gnomon::cli
