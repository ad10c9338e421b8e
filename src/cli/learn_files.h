#pragma once

#include <string>

#include "gnomon/content/scanner.h"
#include "options.h"

namespace gnomon::cli {

// --learn-table and --learn-document of classify: makes FILE of what is to be recognised. The exit
// code, or nothing when neither was asked for.
std::optional<int> learn(const CommandLine& line);

// --table, --documents and --marking: what `options` should look for besides. The exit code when
// one of the files cannot be read.
std::optional<int> add_registered(const CommandLine& line, content::DetectorOptions& options);

void add_registered_options(CommandLine& line);

}  // namespace gnomon::cli
