#pragma once

#include <string>

#include "options.h"

namespace gnomon::cli {

// The options of 'gnomon review HOST --candidate ...'.
void add_candidate_options(CommandLine& line);

// What they ask for: records the decision for `actor`, and writes the local signature of a
// candidate that is accepted. The exit code.
int review_candidate(const CommandLine& line, const std::string& actor);

}  // namespace gnomon::cli
