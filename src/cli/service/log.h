#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "../config/config.h"

namespace gnomon::cli {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

struct LogField {
  std::string_view key;
  std::string value;

  LogField(std::string_view name, std::string text) : key(name), value(std::move(text)) {}
  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  LogField(std::string_view name, const char* text) : key(name), value(text) {}
  LogField(std::string_view name, std::uint64_t number) : key(name), value(std::to_string(number)) {}
};

// The log of the running sensor, a line for each message: logfmt or JSON, to standard error. A kind
// of message (its text, which is constant; what differs stands in fields) has so many lines a
// minute; the next line that is written says how many were left out. Threads may share it; the
// packet path does not log at all.
class Log {
 public:
  using Clock = std::chrono::steady_clock;
  // What takes a line, and what tells the time; those of the machine unless told otherwise.
  using Write = std::function<void(const std::string& line)>;
  using Now = std::function<Clock::time_point()>;

  explicit Log(const Config& config, Write write = {}, Now now = {});
  // Takes over level, format and limit.
  void set(const Config& config);

  void say(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {}) {
    say_of(level, message, message, fields);
  }
  // News that a part of the sensor has put into words, which begin with a name ("eth1: is down")
  // and hold numbers: neither makes another kind of it.
  void say_news(LogLevel level, std::string_view message);
  void debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
    say(LogLevel::kDebug, message, fields);
  }
  void info(std::string_view message, std::initializer_list<LogField> fields = {}) {
    say(LogLevel::kInfo, message, fields);
  }
  void warning(std::string_view message, std::initializer_list<LogField> fields = {}) {
    say(LogLevel::kWarning, message, fields);
  }
  void error(std::string_view message, std::initializer_list<LogField> fields = {}) {
    say(LogLevel::kError, message, fields);
  }

 private:
  void say_of(LogLevel level, std::string_view kind, std::string_view message,
              std::initializer_list<LogField> fields);

  static constexpr std::size_t kKindsMax = 1024;
  struct Kind {
    Clock::time_point since;
    std::uint64_t written = 0;
    std::uint64_t left_out = 0;
  };

  std::mutex mutex_;
  Write write_;
  Now now_;
  bool journal_;  // it has the time, and takes the level from a prefix
  LogLevel level_ = LogLevel::kInfo;
  bool json_ = false;
  std::uint64_t per_minute_max_ = 10;
  std::map<std::string, Kind, std::less<>> kinds_;
};

LogLevel log_level_named(std::string_view name);

}  // namespace gnomon::cli
