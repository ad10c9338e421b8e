#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config_file.h"
#include "gnomon/packet/interface_capture.h"
#include "gnomon/packet/stream_capture.h"
#include "gnomon/sensor/running_sensor.h"
#include "options.h"
#include "service/running_service.h"

namespace gnomon::cli {

// What `gnomon capture` is to do.
struct CaptureSettings {
  std::string database = "gnomon.db";
  std::string events;
  std::string status;
  LoadedConfig config;
  RunningService::ReadConfig read_config;
  packet::InterfaceOptions interfaces;
  packet::StreamOptions streams;
  std::string folder;
  sensor::CaptureOptions capture;
};

// Fills in what the configuration and the command line say, once `config` is read and was checked
// (config_check.h); what is missing, in words for a user.
std::optional<std::string> read_capture_options(const CommandLine& line, CaptureSettings& settings);

// Where packets come from, in words.
std::string inputs_text(const CaptureSettings& settings);
// As the inventory names a run's inputs; files of a folder are told one by one.
std::vector<std::string> input_names(const CaptureSettings& settings);

}  // namespace gnomon::cli
