#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace gnomon {

// A packet's own time: nanoseconds since 1970, UTC. The only clock of a replay.
using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

inline Time time_of(std::int64_t seconds, std::int64_t nanoseconds) {
  return Time{std::chrono::seconds{seconds} + std::chrono::nanoseconds{nanoseconds}};
}

// "2026-11-24T12:37:27.000123+0000", microseconds, as Suricata's EVE writes it.
std::string to_eve_time(Time time);

// "2026-11-24 12:37:27", UTC, for people.
std::string to_text_time(Time time);

}  // namespace gnomon
