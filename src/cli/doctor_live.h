#pragma once

#include <string>
#include <vector>

#include "doctor_text.h"
#include "gnomon/sensor/replay.h"
#include "options.h"

namespace gnomon::cli {

// Prints it; the exit code.
int tell_diagnosis(Diagnosis& diagnosis, bool as_json, bool damaged);

struct Listening {
  std::vector<std::string> interfaces;
  unsigned seconds = 0;
  unsigned buffer_mib = 0;
};

// Looks at the settings of the interfaces, then at their traffic together for so long: a TAP has
// one for each direction. The exit code.
int examine_interfaces(const CommandLine& line, const Listening& wanted,
                       sensor::ReplayOptions options, bool as_json);

}  // namespace gnomon::cli
