#include "event_streams.h"

#include <boost/program_options.hpp>

#include "gnomon/report/numbers.h"

namespace gnomon::cli {
namespace {

namespace po = boost::program_options;

constexpr const char* kSpoolDefault = "gnomon-spool";
constexpr const char* kTypesDefault = "finding,asset,candidate,artifact,alert,health";
constexpr std::uint64_t kMegabyte = 1'000'000;

Result<report::EventFormat> format_of(const CommandLine& line, const std::string& option) {
  const std::string word = line.text(option);
  if (const auto format = report::event_format_of(word)) return *format;
  return Error{"--" + option + ": '" + word + "' is not " + one_of({"eve", "ocsf", "ecs", "cef"})};
}

std::set<std::string, std::less<>> types_of(const std::string& text) {
  std::set<std::string, std::less<>> types;
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t end = std::min(text.find(',', from), text.size());
    if (end > from) types.insert(text.substr(from, end - from));
    from = end + 1;
  }
  if (types.contains("all")) types.clear();
  return types;
}

}  // namespace

void EventStreams::add_options(CommandLine& line) {
  // clang-format off
  line.options().add_options()
      ("events-format", text_value("FORMAT", "eve"),
       "what --events writes: eve (Suricata), ocsf, ecs (Elastic), cef")
      ("syslog", text_value("URL"),
       "also send events to a collector: tcp://HOST:PORT, tls:// or udp:// (RFC 5424)")
      ("syslog-format", text_value("FORMAT", "cef"), "what it gets: cef, eve, ocsf, ecs")
      ("syslog-events", text_value("TYPES", kTypesDefault),
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

Result<EventStreams> EventStreams::open(const CommandLine& line, const std::string& path) {
  EventStreams streams;
  const auto format = format_of(line, "events-format");
  if (!format) return format.error();
  const auto syslog_format = format_of(line, "syslog-format");
  if (!syslog_format) return syslog_format.error();
  if (!path.empty()) {
    auto file = report::open_line_file(path);
    if (!file) return std::move(file.error()).in("--events");
    streams.writers_.push_back(report::make_event_writer(*format, std::move(*file)));
  }
  if (!line.has("syslog")) return streams;
  auto options = syslog_options(line);
  if (!options) return options.error();
  options->types = types_of(line.text("syslog-events"));
  streams.spool_ = options->spool;
  auto output = report::SyslogOutput::open(std::move(*options));
  if (!output) return std::move(output.error()).in("--syslog-spool");
  streams.syslog_ = output->get();
  streams.writers_.push_back(report::make_event_writer(*syslog_format, std::move(*output)));
  return streams;
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

std::string EventStreams::summary() const {
  return syslog_ == nullptr ? std::string{} : syslog_summary(syslog_->counts(), spool_);
}

}  // namespace gnomon::cli
