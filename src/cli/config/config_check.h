#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config_file.h"

namespace gnomon::cli {

// What a capture would refuse of a configuration in which every value is right by itself: what does
// not go together, and what the machine does not have.
struct ConfigComplaints {
  std::vector<std::string>
      problems;          // "FILE:LINE: key 'cpus': what is wrong", in the order of lines
  bool misused = false;  // a capture ends with "bad configuration", and not with "cannot be opened"
};
ConfigComplaints check_for_capture(const LoadedConfig& loaded);
// The same of a configuration that a sensor which runs with `running` is to take. What is not there
// for the moment, such as an interface, is none; nor is what the machine has where the setting is
// as it was, or may not be looked at: a sensor that has given up its rights cannot judge that, and
// whoever starts it again can.
ConfigComplaints check_for_reload(const LoadedConfig& loaded, const Config& running);

// No interface, no folder, no stream: a capture wants options that name one.
bool names_no_source(const Config& config);

// Those of keep.* alone, which need no machine.
std::vector<std::string> check_keep(const LoadedConfig& loaded);
// What is wrong with capture.filter; empty when nothing is.
std::vector<std::string> check_filter(const LoadedConfig& loaded);

// Of files by what they are for: two that are one file, in words. Those without a name do not
// count.
std::optional<std::string> one_file_twice(
    const std::vector<std::pair<std::string, std::string>>& files);

// What is written would go over what is read, or over what is written for another purpose: in
// words. `status`: --write-status.
std::optional<std::string> clashing_files(const Config& config, const std::string& database,
                                          const std::string& config_file,
                                          const std::string& status = {});

// "0,2-3"; nothing when it is no list of processors there are.
std::optional<std::vector<int>> parse_cpus(const std::string& text);

}  // namespace gnomon::cli
