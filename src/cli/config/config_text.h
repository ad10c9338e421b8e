#pragma once

#include <string>

#include "config_file.h"

namespace gnomon::cli {

// A file with every setting at its default, commented out, and its help above it.
std::string config_sample();
// The effective values as YAML, each with where it comes from; or as one JSON object.
std::string config_as_yaml(const LoadedConfig& loaded);
std::string config_as_json(const LoadedConfig& loaded);
// The table as it stands in docs/configuration.md.
std::string config_reference();

}  // namespace gnomon::cli
