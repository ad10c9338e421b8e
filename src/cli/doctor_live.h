#pragma once

#include <string>

#include "doctor_text.h"
#include "gnomon/sensor/replay.h"
#include "options.h"

namespace gnomon::cli {

// Prints it; the exit code.
int tell_diagnosis(Diagnosis& diagnosis, bool as_json, bool damaged);

struct Listening {
  std::string interface;
  unsigned seconds = 0;
  unsigned buffer_mib = 0;
};

// Looks at the interface's settings, then at its traffic for so long. The exit code.
int examine_interface(const CommandLine& line, const Listening& wanted,
                      sensor::ReplayOptions options, bool as_json);

}  // namespace gnomon::cli
