#include "event_streams.h"

#include <unistd.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>

#include "config/settings.h"
#include "gnomon/report/numbers.h"
#include "write_file.h"

namespace gnomon::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr const char* kSpoolDefault = "gnomon-spool";
constexpr std::uint64_t kMegabyte = 1'000'000;

Result<report::EventFormat> format_of(const std::string& name, const std::string& word) {
  if (const auto format = report::event_format_of(word)) return *format;
  return Error{name + ": '" + word + "' is not " + one_of({"eve", "ocsf", "ecs", "cef"})};
}

}  // namespace

Result<std::set<std::string, std::less<>>> event_types(const std::string& text) {
  std::set<std::string, std::less<>> types;
  std::vector<std::string_view> known{std::begin(report::kEventTypes),
                                      std::end(report::kEventTypes)};
  known.emplace_back("all");
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t end = std::min(text.find(',', from), text.size());
    const std::string type = text.substr(from, end - from);
    from = end + 1;
    if (type.empty()) continue;
    if (std::find(known.begin(), known.end(), type) == known.end())
      return Error{"'" + type + "' is not " + one_of(known)};
    types.insert(type);
  }
  if (types.empty()) return Error{"names no kind of event"};
  if (types.contains("all")) types.clear();
  return types;
}

void EventStreams::add_options(CommandLine& line) {
  // clang-format off
  line.options().add_options()
      ("events-format", text_value("FORMAT", "eve"),
       "what --events writes: eve (Suricata), ocsf, ecs (Elastic), cef")
      ("syslog", text_value("URL"),
       "also send events to a collector: tcp://HOST:PORT, tls:// or udp:// (RFC 5424)")
      ("syslog-format", text_value("FORMAT", "cef"), "what it gets: cef, eve, ocsf, ecs")
      ("syslog-events", text_value("TYPES", std::string{find_setting("events.syslog_events")->otherwise}),
       "kinds of events it gets, with commas; 'all' for all")
      ("syslog-spool", text_value("DIR", kSpoolDefault),
       "where events wait until it has taken them")
      ("syslog-spool-mb", po::value<unsigned>()->value_name("N")->default_value(256),
       "what may wait, in megabytes; beyond, the oldest events go, and are counted")
      ("syslog-ca", text_value("FILE"), "tls: who may vouch for the collector (PEM)")
      ("syslog-wait", po::value<unsigned>()->value_name("SECONDS")->default_value(10),
       "how long to wait at the end for what is unsent; the rest stays in the spool");
  // clang-format on
}

Result<report::SyslogOptions> syslog_options(const CommandLine& line) {
  auto target = report::SyslogTarget::parse(line.text("syslog"));
  if (!target) return std::move(target.error()).in("--syslog");
  report::SyslogOptions options;
  options.target = std::move(*target);
  options.spool = line.text("syslog-spool");
  options.spool_bytes_max = line.get<unsigned>("syslog-spool-mb") * kMegabyte;
  options.ca_file = line.text("syslog-ca");
  options.drain_max = std::chrono::seconds{line.get<unsigned>("syslog-wait")};
  return options;
}

Result<EventOptions> event_options(const CommandLine& line, const std::string& file) {
  EventOptions events;
  events.file = file;
  const auto format = format_of("--events-format", line.text("events-format"));
  if (!format) return format.error();
  events.file_format = *format;
  const auto syslog_format = format_of("--syslog-format", line.text("syslog-format"));
  if (!syslog_format) return syslog_format.error();
  events.syslog_format = *syslog_format;
  if (!line.has("syslog")) return events;
  auto options = syslog_options(line);
  if (!options) return options.error();
  auto types = event_types(line.text("syslog-events"));
  if (!types) return std::move(types.error()).in("--syslog-events");
  options->types = std::move(*types);
  events.syslog = std::move(*options);
  return events;
}

Result<EventOptions> event_options(const Config& config) {
  EventOptions events;
  events.file = config.events;
  events.file_start = report::FileStart::kGoOn;  // a service that is started again loses none
  const auto format = format_of("events.format", config.events_format);
  if (!format) return format.error();
  events.file_format = *format;
  const auto syslog_format = format_of("events.syslog_format", config.syslog_format);
  if (!syslog_format) return syslog_format.error();
  events.syslog_format = *syslog_format;
  if (config.syslog.empty()) return events;
  auto target = report::SyslogTarget::parse(config.syslog);
  if (!target) return std::move(target.error()).in("events.syslog");
  report::SyslogOptions options;
  options.target = std::move(*target);
  options.spool = config.syslog_spool.empty() ? config.database + "-spool" : config.syslog_spool;
  options.spool_bytes_max = config.syslog_spool_max;
  options.ca_file = config.syslog_ca;
  auto types = event_types(config.syslog_events);
  if (!types) return std::move(types.error()).in("events.syslog_events");
  options.types = std::move(*types);
  options.drain_max = std::chrono::seconds{5};
  events.syslog = std::move(options);
  return events;
}

std::optional<Error> EventStreams::refused(const EventOptions& options) {
  if (!options.file.empty() && options.file != "-") {
    if (auto refused = refuse_to_replace(options.file)) return std::move(*refused).in("--events");
    if (auto refused = refuse_place(options.file)) return std::move(*refused).in("--events");
  }
  if (!options.syslog) return std::nullopt;
  // Its folders are made with it, in the first that is there.
  std::error_code ignored;
  fs::path folder = fs::absolute(options.syslog->spool, ignored);
  while (!fs::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
  const bool is_folder = fs::is_directory(folder, ignored);
  if (is_folder && ::access(folder.c_str(), W_OK | X_OK) == 0) return std::nullopt;
  return Error{std::strerror(is_folder ? errno : ENOTDIR)}
      .in(options.syslog->spool)
      .in("--syslog-spool");
}

Result<EventStreams> EventStreams::open(EventOptions options) {
  EventStreams streams;
  if (!options.file.empty()) {
    if (auto refused = refuse_to_replace(options.file))
      return Error{std::move(*refused)}.in("--events");
    auto file = report::open_line_file(options.file, options.file_start);
    if (!file) return std::move(file.error()).in("--events");
    streams.writers_.push_back(report::make_event_writer(options.file_format, std::move(*file)));
    streams.file_ = streams.writers_.back().get();
  }
  if (!options.syslog) return streams;
  streams.spool_ = options.syslog->spool;
  streams.collector_ = options.syslog->target.text();
  auto output = report::SyslogOutput::open(std::move(*options.syslog));
  if (!output) return std::move(output.error()).in("--syslog-spool");
  streams.syslog_ = output->get();
  streams.writers_.push_back(
      report::make_event_writer(options.syslog_format, std::move(*output)));
  return streams;
}

void EventStreams::add(EventStreams more) {
  for (auto& writer : more.writers_) writers_.push_back(std::move(writer));
  if (more.file_ != nullptr) file_ = more.file_;
  if (more.syslog_ == nullptr) return;
  syslog_ = more.syslog_;
  collector_ = std::move(more.collector_);
  spool_ = std::move(more.spool_);
}

void EventStreams::add_to(std::vector<observation::Sink*>& sinks) const {
  for (const auto& writer : writers_) sinks.push_back(writer.get());
}

void EventStreams::on_alert(const inventory::Alert& alert) const {
  for (const auto& writer : writers_) writer->on_alert(alert);
}

std::optional<Error> EventStreams::close() const {
  std::optional<Error> first;
  for (const auto& writer : writers_)
    if (auto failed = writer->close(); failed && !first) first = std::move(failed);
  return first;
}

std::string syslog_summary(const report::SyslogCounts& counts, const std::string& spool) {
  std::string text = report::count_of(counts.sent, "event") + " sent to the collector";
  if (counts.waiting > 0)
    text += ", " + report::count_of(counts.waiting, "waits", "wait") + " in " + spool +
            " for the next run (or gnomon export spool)";
  if (counts.dropped > 0)
    text += ", " + report::count_of(counts.dropped, "was", "were") + " dropped as it was full";
  if (counts.waiting > 0 && !counts.last_failure.empty()) text += ": " + counts.last_failure;
  return text + ".";
}

void EventStreams::keep_going() const {
  for (const auto& writer : writers_) writer->keep_going();
}

std::optional<Error> EventStreams::reopen() const {
  std::optional<Error> first;
  for (const auto& writer : writers_)
    if (auto failed = writer->reopen(); failed && !first) first = std::move(failed);
  return first;
}

std::uint64_t EventStreams::dropped() const {
  std::uint64_t dropped = 0;
  for (const auto& writer : writers_) dropped += writer->dropped();
  return dropped;
}

std::optional<report::SyslogCounts> EventStreams::collector() const {
  if (syslog_ == nullptr) return std::nullopt;
  return syslog_->counts();
}

std::optional<Error> EventStreams::file_failing() const {
  return file_ == nullptr ? std::nullopt : file_->failing();
}

std::vector<packet::LiveNews> EventStreams::news() {
  std::vector<packet::LiveNews> news;
  if (file_ != nullptr) add_news_of_file(news);
  if (syslog_ != nullptr) add_news_of_collector(news);
  return news;
}

void EventStreams::add_news_of_file(std::vector<packet::LiveNews>& news) {
  const std::optional<Error> failing = file_->failing();
  if (failing) {
    if (!std::exchange(file_fails_, true))
      news.push_back(
          {"events: " + failing->message +
           (file_->dropped() > lost_told_ ? "; they are lost until it can be written" : "")});
    return;
  }
  // One that failed and was written again since has lost some all the same.
  const std::uint64_t lost = file_->dropped();
  const std::uint64_t untold = lost - std::exchange(lost_told_, lost);
  if (std::exchange(file_fails_, false) || untold > 0)
    news.push_back(
        {"events are written again; " + report::count_of(untold, "was", "were") + " lost", false});
}

void EventStreams::add_news_of_collector(std::vector<packet::LiveNews>& news) {
  const report::SyslogCounts counts = syslog_->counts();
  const bool failed = counts.failures > failures_told_;
  failures_told_ = counts.failures;
  if (failed && counts.waiting > 0 && !unreachable_) {
    unreachable_ = true;
    news.push_back({"collector " + collector_ + ": " + counts.last_failure + "; events wait in " +
                    spool_ + " until it answers"});
  } else if (unreachable_ && counts.waiting == 0) {
    unreachable_ = false;
    news.push_back({"collector " + collector_ + " has taken all that waited", false});
  }
}

std::string EventStreams::summary() const {
  return syslog_ == nullptr ? std::string{} : syslog_summary(syslog_->counts(), spool_);
}

}  // namespace gnomon::cli
