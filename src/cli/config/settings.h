#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config.h"

namespace gnomon::cli {

// What a number counts, or a text names.
enum class Unit : std::uint8_t {
  kNone,
  kBytes,    // "64 MiB"
  kPercent,  // "0.5"
  kFile,
  kFolder,
  kAddress,  // "127.0.0.1:9310", "[::1]:9310"
  kChoice,
  kFilter,  // BPF
  kName,    // of an interface, a user: no spaces
  kCollector,  // "tls://HOST:6514"
};

using Member =
    std::variant<bool Config::*, std::uint64_t Config::*, double Config::*,
                 std::chrono::seconds Config::*, std::string Config::*,
                 std::vector<std::string> Config::*>;

// One row of the table that everything about configuration is made from: the reader of the file,
// the options on the command line, the sample, the documentation.
struct Setting {
  std::string_view name;  // "flows.max": section and key
  Member member;
  Unit unit;
  double min;  // of a number: in bytes, seconds, percent
  double max;
  std::string_view otherwise;  // the default, as it would be written; of a list, nothing
  bool reloads;                // SIGHUP takes it over; else it needs a restart
  std::string_view flag;       // the option that overrides it; "no-" before one sets a bool to false
  std::string_view choices;    // of kChoice: "info|debug"
  std::string_view help;       // one or more sentences
};

std::span<const Setting> settings();
const Setting* find_setting(std::string_view name);
// The known name that is most like this one; empty when none is.
std::string_view nearest_setting(std::string_view name);
std::string_view section_of(const Setting& setting);  // "flows"
std::string_view key_of(const Setting& setting);      // "max"

Config default_config();

// Puts the value into the configuration. Returns what is wrong with it, naming what would be right;
// the configuration is as it was then.
std::optional<std::string> assign(Config& config, const Setting& setting, std::string_view text);
std::optional<std::string> assign_list(Config& config, const Setting& setting,
                                       std::vector<std::string> items);
bool is_list(const Setting& setting);

// The value as the file would have it: "64 MiB", "[eth1, eth2]", '""'.
std::string value_text(const Config& config, const Setting& setting);
// "size", "time", "list of names" ...; and the range, empty when there is none: "1024 to 100000000".
std::string type_text(const Setting& setting);
std::string range_text(const Setting& setting);

}  // namespace gnomon::cli
