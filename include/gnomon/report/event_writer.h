#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/anomaly.h"
#include "gnomon/observation/observation.h"

// Records as a stream of lines in the shape that another system reads. The format says how a record
// becomes a line, the output where lines go; any goes with any.
namespace gnomon::report {

// What EventLine::type can be.
inline constexpr std::string_view kEventTypes[] = {"alert", "artifact",   "asset",   "candidate",
                                                   "dns",   "fileinfo",   "finding", "flow",
                                                   "http",  "model_call", "stats"};

// What an output needs to know of a line beside its text.
struct EventLine {
  std::string_view type;      // one of kEventTypes
  std::string_view severity;  // "low", "medium", "high", "critical"; empty: for information
  std::string time;           // RFC 3339, UTC; empty when the record has none
};

// Takes lines, without their line ends, in order.
class LineOutput {
 public:
  virtual ~LineOutput() = default;
  virtual void take(const EventLine& about, std::string_view line) = 0;
  // Whether take() looks at `about`: who makes lines may save the trouble otherwise.
  [[nodiscard]] virtual bool wants_about() const { return true; }
  // Writes what is still buffered; to be called once, last. The first thing that went wrong.
  virtual std::optional<Error> close() = 0;

  // For a sensor that runs: writes what is buffered now and then; a write that fails loses the lines
  // that waited for it, which are counted, and the next one is tried again.
  virtual void flush() {}
  virtual void keep_going() {}
  // Both may be asked from another thread: lines that were lost, and why the last write failed,
  // until one succeeds.
  [[nodiscard]] virtual std::uint64_t dropped() const { return 0; }
  [[nodiscard]] virtual std::optional<Error> failing() const { return std::nullopt; }
  // Goes on in a file of this name that is begun anew: whoever rotates logs has moved the old one
  // away. On failure it goes on in the old one.
  virtual std::optional<Error> reopen() { return std::nullopt; }
};

// What becomes of a file that is there already.
enum class FileStart : std::uint8_t { kAnew, kGoOn };

// A file of lines; "-" is standard output. A write that fails is remembered, unless it keeps going: the
// lines after it are dropped, and close() tells.
Result<std::unique_ptr<LineOutput>> open_line_file(const std::string& path,
                                                   FileStart start = FileStart::kAnew);

// One thread at a time.
class EventWriter : public observation::Sink {
 public:
  // What the inventory told when the run was finished.
  virtual void on_alert(const inventory::Alert& alert) = 0;
  void on_tick(Time) override { output_->flush(); }
  // Writes what is still buffered. The first thing that went wrong, if anything did.
  std::optional<Error> close() { return output_->close(); }
  // As the output's.
  void keep_going() { output_->keep_going(); }
  [[nodiscard]] std::uint64_t dropped() const { return output_->dropped(); }
  [[nodiscard]] std::optional<Error> failing() const { return output_->failing(); }
  std::optional<Error> reopen() { return output_->reopen(); }

 protected:
  explicit EventWriter(std::unique_ptr<LineOutput> output) : output_(std::move(output)) {}

  std::unique_ptr<LineOutput> output_;
};

enum class EventFormat : std::uint8_t {
  kEve,   // Suricata's EVE: docs/events.md
  kOcsf,  // Open Cybersecurity Schema Framework
  kEcs,   // Elastic Common Schema
  kCef,   // Common Event Format, as SIEMs take by syslog
};
std::optional<EventFormat> event_format_of(std::string_view word);  // "eve", "ocsf", "ecs", "cef"

std::unique_ptr<EventWriter> make_event_writer(EventFormat format,
                                               std::unique_ptr<LineOutput> output);

}  // namespace gnomon::report
