#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/report/event_writer.h"
#include "gnomon/report/syslog_output.h"
#include "options.h"

namespace gnomon::cli {

// The streams of events that a run feeds: a file, a collector, both or none.
class EventStreams {
 public:
  // --events-format, --syslog and its companions; --events is the command's own.
  static void add_options(CommandLine& line);
  // `path` is what --events says; empty for no file. The error says which option is wrong.
  static Result<EventStreams> open(const CommandLine& line, const std::string& path);

  [[nodiscard]] bool any() const { return !writers_.empty(); }
  void add_to(std::vector<observation::Sink*>& sinks) const;
  void on_alert(const inventory::Alert& alert) const;
  // Writes what is still buffered, and waits some seconds for the collector. The first thing that
  // went wrong.
  std::optional<Error> close() const;
  // What came of the collector; empty without one.
  [[nodiscard]] std::string summary() const;

 private:
  std::vector<std::unique_ptr<report::EventWriter>> writers_;
  const report::SyslogOutput* syslog_ = nullptr;  // owned by one of them
  std::string spool_;
};

// --syslog and the options that say how, of a command that only sends what waits.
Result<report::SyslogOptions> syslog_options(const CommandLine& line);
std::string syslog_summary(const report::SyslogCounts& counts, const std::string& spool);

}  // namespace gnomon::cli
