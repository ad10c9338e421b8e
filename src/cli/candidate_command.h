#pragma once

#include <string>

#include "options.h"

namespace gnomon::cli {

// The options of 'gnomon review HOST --candidate ...'.
void add_candidate_options(CommandLine& line);

// What they ask for: records the decision for `actor`, and writes the local signature of a
// candidate that is accepted. The exit code.
int review_candidate(const CommandLine& line, const std::string& actor);

// A file of signatures/README.md's format that makes `host` known. Text may be anything.
std::string local_signature(const std::string& host, const std::string& id, const std::string& name,
                            const std::string& vendor, const std::string& category,
                            const std::string& comment);

}  // namespace gnomon::cli
