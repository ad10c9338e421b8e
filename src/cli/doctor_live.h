#pragma once

#include <string>

#include "doctor_text.h"
#include "gnomon/sensor/replay.h"
#include "options.h"

namespace gnomon::cli {

// Prints it; the exit code.
int tell_diagnosis(Diagnosis& diagnosis, bool as_json, bool damaged);

// Looks at the interface's settings, then at its traffic for so long. The exit code.
int examine_interface(const CommandLine& line, const std::string& interface, unsigned seconds,
                      sensor::ReplayOptions options, bool as_json);

}  // namespace gnomon::cli
