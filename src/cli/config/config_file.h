#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../options.h"
#include "config.h"
#include "settings.h"

namespace gnomon::cli {

inline constexpr const char* kConfigFile = "/etc/gnomon/gnomon.yaml";

// Where a value comes from.
struct Origin {
  enum class From : std::uint8_t { kDefault, kFile, kOption };
  From from = From::kDefault;
  unsigned line = 0;   // of the file
  std::string option;  // "--workers", "--set"
};

struct LoadedConfig {
  Config values = default_config();
  std::vector<Origin> origins{settings().size()};  // in the order of settings()
  std::string file;                                // that was read; empty for none

  [[nodiscard]] const Origin& origin_of(const Setting& setting) const {
    return origins[static_cast<std::size_t>(&setting - settings().data())];
  }
  // Whether somebody asked for this value, or it is the default.
  [[nodiscard]] bool given(std::string_view name) const {
    const Setting* const setting = find_setting(name);
    return setting != nullptr && origin_of(*setting).from != Origin::From::kDefault;
  }
};

// Reads the text of a configuration file over what is loaded. Every problem is added, as
// "FILE:LINE: what"; what is wrong keeps its value.
void read_config_text(std::string_view text, const std::string& file, LoadedConfig& loaded,
                      std::vector<std::string>& problems);
// The same from a file, which must exist.
void read_config_file(const std::string& path, LoadedConfig& loaded,
                      std::vector<std::string>& problems);

// --config, --set, and the options that override these settings ("flows.max" makes --flows-max).
void add_config_options(CommandLine& line, std::vector<std::string_view> names);
// What the options of a command say, over what a file says: the second half of load_config.
void apply_options(const CommandLine& line, LoadedConfig& loaded,
                   std::vector<std::string>& problems);
// What --config names, else `otherwise` when that exists (empty: no file), and the options over it.
LoadedConfig load_config(const CommandLine& line, const std::string& otherwise,
                         std::vector<std::string>& problems);

// "gnomon: PROBLEM" for each, and how many there are when there are several.
void say_config_problems(const std::vector<std::string>& problems);

// "replay.cc:7: a" and so on: "gnomon.yaml:12", "--workers", "default".
std::string origin_text(const LoadedConfig& loaded, const Setting& setting);

}  // namespace gnomon::cli
