#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/config.h"
#include "gnomon/bytes/result.h"
#include "gnomon/packet/live_source.h"
#include "gnomon/report/event_writer.h"
#include "gnomon/report/syslog_output.h"
#include "options.h"

namespace gnomon::cli {

// What a run writes where.
struct EventOptions {
  std::string file;  // empty: none; "-": standard output
  report::EventFormat file_format = report::EventFormat::kEve;
  report::FileStart file_start = report::FileStart::kAnew;
  std::optional<report::SyslogOptions> syslog;
  report::EventFormat syslog_format = report::EventFormat::kCef;

  [[nodiscard]] bool any() const { return !file.empty() || syslog; }
};
// Kinds of events with commas between them; of 'all', none, which stands for all.
Result<std::set<std::string, std::less<>>> event_types(const std::string& text);
// From --events-format, --syslog and its companions; `file` is what --events says. The error says
// which option is wrong.
Result<EventOptions> event_options(const CommandLine& line, const std::string& file);
// From the section `events` of a configuration.
Result<EventOptions> event_options(const Config& config);

// The streams of events that a run feeds: a file, a collector, both or none.
class EventStreams {
 public:
  // --events-format, --syslog and its companions; --events is the command's own.
  static void add_options(CommandLine& line);
  static Result<EventStreams> open(EventOptions options);
  // What open() would refuse, for as far as that is known without making or changing anything.
  static std::optional<Error> refused(const EventOptions& options);

  [[nodiscard]] bool any() const { return !writers_.empty(); }
  // Takes over the streams of another, opened later than these.
  void add(EventStreams more);
  void add_to(std::vector<observation::Sink*>& sinks) const;
  void on_alert(const inventory::Alert& alert) const;
  // Writes what is still buffered, and waits some seconds for the collector. The first thing that
  // went wrong.
  std::optional<Error> close() const;
  // What came of the collector; empty without one.
  [[nodiscard]] std::string summary() const;

  // As of EventWriter, for a sensor that runs.
  void keep_going() const;
  std::optional<Error> reopen() const;
  // Events that reached neither the file nor the spool, or that a full spool let go.
  [[nodiscard]] std::uint64_t dropped() const;
  // Why the file cannot be written now, if so.
  [[nodiscard]] std::optional<Error> file_failing() const;
  // Nothing without a collector.
  [[nodiscard]] std::optional<report::SyslogCounts> collector() const;
  // Lines for the log: the collector, or room for the file, has gone or come back since this was
  // last asked.
  std::vector<packet::LiveNews> news();

 private:
  void add_news_of_file(std::vector<packet::LiveNews>& news);
  void add_news_of_collector(std::vector<packet::LiveNews>& news);

  std::vector<std::unique_ptr<report::EventWriter>> writers_;
  const report::EventWriter* file_ = nullptr;     // one of them
  const report::SyslogOutput* syslog_ = nullptr;  // owned by one of them
  std::string collector_;
  std::string spool_;
  bool file_fails_ = false;      // as it was told
  std::uint64_t lost_told_ = 0;  // of the file
  bool unreachable_ = false;
  std::uint64_t failures_told_ = 0;
};

// --syslog and the options that say how, of a command that only sends what waits.
Result<report::SyslogOptions> syslog_options(const CommandLine& line);
std::string syslog_summary(const report::SyslogCounts& counts, const std::string& spool);

}  // namespace gnomon::cli
