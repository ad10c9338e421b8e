#include "log.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/wall_clock.h"
#include "gnomon/report/json_writer.h"

namespace gnomon::cli {
namespace {

constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
constexpr char kPriorities[] = {'7', '6', '4', '3'};  // of syslog

void append_logfmt(std::string& out, std::string_view key, std::string_view value) {
  if (!out.empty()) out += ' ';
  out += key;
  out += '=';
  bool plain = !value.empty();
  for (const char each : value) {
    const auto byte = static_cast<unsigned char>(each);
    if (byte <= 0x20 || byte >= 0x7f || each == '"' || each == '=' || each == '\\') plain = false;
  }
  if (plain) {
    out += value;
  } else {
    report::append_json_text(out, value);  // what it escapes is what a line must not hold
  }
}

}  // namespace

LogLevel log_level_named(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (name == kNames[i]) return static_cast<LogLevel>(i);
  return LogLevel::kInfo;
}

Log::Log(const Config& config, Write write, Now now)
    : write_(std::move(write)),
      now_(std::move(now)),
      journal_(std::getenv("JOURNAL_STREAM") != nullptr) {
  if (!write_)
    write_ = [](const std::string& line) { std::fwrite(line.data(), 1, line.size(), stderr); };
  if (!now_) now_ = [] { return Clock::now(); };
  set(config);
}

void Log::set(const Config& config) {
  const std::lock_guard lock{mutex_};
  level_ = log_level_named(config.log_level);
  json_ = config.log_format == "json";
  per_minute_max_ = config.log_per_minute_max;
}

void Log::say_news(LogLevel level, std::string_view message) {
  std::string kind;
  const std::size_t name_end = message.find(": ");
  for (const char each : message.substr(name_end == std::string_view::npos ? 0 : name_end))
    if (!is_digit(each)) kind += each;
  say_of(level, kind, message, {});
}

void Log::say_of(LogLevel level, std::string_view kind_name, std::string_view message,
                 std::initializer_list<LogField> fields) {
  const std::lock_guard lock{mutex_};
  if (level < level_) return;
  const Clock::time_point now = now_();
  if (kinds_.size() >= kKindsMax && kinds_.find(kind_name) == kinds_.end()) kinds_.clear();
  Kind& kind = kinds_.try_emplace(std::string{kind_name}, Kind{now, 0, 0}).first->second;
  if (now - kind.since >= std::chrono::minutes{1}) {
    kind.since = now;
    kind.written = 0;
  }
  if (kind.written >= per_minute_max_) {
    ++kind.left_out;
    return;
  }
  ++kind.written;
  const std::uint64_t left_out = std::exchange(kind.left_out, 0);

  std::string line;
  const std::string_view name = kNames[static_cast<std::size_t>(level)];
  if (json_) {
    report::JsonWriter json{line};
    json.begin_object();
    if (!journal_) json.member("time", to_eve_time(wall_clock()));
    json.member("level", name);
    json.member("msg", message);
    for (const LogField& field : fields) json.member(field.key, field.value);
    if (left_out > 0) json.member("left_out", left_out);
    json.end_object();
  } else {
    if (!journal_) append_logfmt(line, "time", to_eve_time(wall_clock()));
    append_logfmt(line, "level", name);
    append_logfmt(line, "msg", message);
    for (const LogField& field : fields) append_logfmt(line, field.key, field.value);
    if (left_out > 0) append_logfmt(line, "left_out", std::to_string(left_out));
  }
  if (journal_) line.insert(0, {'<', kPriorities[static_cast<std::size_t>(level)], '>'});
  line += '\n';
  write_(line);
}

}  // namespace gnomon::cli
