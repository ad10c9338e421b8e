#include <fcntl.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <memory>
#include <optional>
#include <thread>

#include "capture_parts.h"
#include "capture_settings.h"
#include "command.h"
#include "config/config_check.h"
#include "config/config_file.h"
#include "config/sensor_options.h"
#include "event_streams.h"
#include "gnomon/bytes/descriptor.h"
#include "gnomon/content/document_desk.h"
#include "gnomon/inventory/groups.h"
#include "gnomon/inventory/live_recorder.h"
#include "gnomon/inventory/privacy.h"
#include "gnomon/inventory/used_apps.h"
#include "gnomon/packet/interface_capture.h"
#include "gnomon/packet/stream_capture.h"
#include "gnomon/report/numbers.h"
#include "gnomon/sensor/running_sensor.h"
#include "interface_state.h"
#include "options.h"
#include "rematch.h"
#include "run_summary.h"
#include "sensor_setup.h"
#include "service/knowledge_set.h"
#include "service/running_service.h"
#include "status_file.h"
#include "stop_signals.h"
#include "write_file.h"

namespace gnomon::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

// Where a capture differs from a replay unless it is told otherwise: metrics want fresh counters.
constexpr std::chrono::seconds kStatsInterval{10};

// `unwritten`: what the inventory did not get any more was seen, and is lost all the same, and so
// are events that nobody got.
void print_loss(std::FILE* out, const packet::LiveCounters& total, bool unwritten,
                std::uint64_t events) {
  using observation::grouped;
  const std::uint64_t lost = total.lost();
  if (unwritten)
    std::fputs("LOST: what was seen since the inventory could last be written.\n", out);
  if (events > 0)
    std::fprintf(out, "LOST: %s that could not be written.\n",
                 report::count_of(events, "event").c_str());
  if (lost == 0) {
    std::fputs(unwritten || events > 0 ? "No packet was lost.\n" : "Nothing was lost.\n", out);
    return;
  }
  std::fprintf(
      out,
      "LOST: %s of %s packets (kernel %s, interface %s, backlog of the machine %s, sensor %s).\n",
      grouped(lost).c_str(), grouped(total.came()).c_str(), grouped(total.kernel_drops).c_str(),
      grouped(total.interface_drops).c_str(), grouped(total.softnet_drops).c_str(),
      grouped(total.own_drops).c_str());
}

class Capture {
 public:
  explicit Capture(const CaptureSettings& settings) : settings_(settings) {}

  int run() {
    // What can be wrong is found before anything begins.
    auto service = RunningService::open(settings_.config, settings_.read_config);
    if (!service) return complain(service.error().message), kMisused;
    service_ = std::move(*service);
    std::vector<std::string> problems;
    set_ = load_knowledge(settings_.config.values, problems);
    if (!set_) return say_config_problems(problems), kMisused;
    knowledge_ = knowledge_of(set_, settings_.config.values, &desk_);
    auto events = event_options(settings_.config.values);
    if (!events) return complain(events.error().message), kMisused;
    if (!events->file.empty()) {
      EventOptions file = *events;
      file.syslog.reset();
      if (const int code = open_events(std::move(file)); code != kDone) return code;
    }
    if (const int code = open_recorder(); code != kDone) return code;
    if (const int code = open_source(); code != kDone) return code;
    std::vector<fs::path> writable;
    if (!settings_.status.empty()) writable.push_back(place_of(settings_.status).parent_path());
    // A folder that is not there yet is made by whom the sensor becomes, in the one above.
    if (events->syslog)
      for (fs::path at = fs::absolute(events->syslog->spool); !at.empty(); at = at.parent_path())
        if (std::error_code ignored; fs::is_directory(at, ignored) || at == at.parent_path()) {
          writable.push_back(at);
          break;
        }
    std::vector<fs::path> readable{settings_.folder};
    if (events->syslog) readable.emplace_back(events->syslog->ca_file);
    const auto confined = service_->confine(std::move(readable), std::move(writable));
    if (!confined) return complain(confined.error().message), kMisused;
    // Its sender is a thread, and its spool is to be written by whom the sensor has become.
    if (events->syslog) {
      events->file.clear();
      if (const int code = open_events(std::move(*events)); code != kDone) return code;
    }
    return capture();
  }

 private:
  int open_events(EventOptions options) {
    // A pipe is opened once somebody reads it; told to end before, the sensor does not wait.
    std::optional<Descriptor> pipe;
    while (!pipe && !options.file.empty() && waits_for_reader(options.file)) {
      if (running_sensor().stopping()) return kDone;
      const int end = ::open(options.file.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
      if (end < 0 && errno != ENXIO) break;  // opening it to write will tell
      if (end >= 0)
        pipe.emplace(end);
      else
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    auto opened = EventStreams::open(std::move(options));
    if (!opened) return complain(opened.error().message), kMisused;
    events_.add(std::move(*opened));
    events_.keep_going();
    return kDone;
  }

  int open_recorder() {
    const Config& config = settings_.config.values;
    if (config.pseudonyms) {
      auto key = inventory::PseudonymKey::load(
          config.key_file.empty() ? inventory::default_key_path(settings_.database)
                                  : std::filesystem::path{config.key_file},
          true);
      if (!key) return complain(key.error().message), kMisused;
      key_ = *key;
    }
    if (const auto refused = inventory::may_record(settings_.database, key_ ? &*key_ : nullptr))
      return complain(refused->message), kMisused;
    inventory::LiveRecorderOptions recording;
    recording.recorder.path = settings_.database;
    recording.recorder.limits = recorder_limits(settings_.config.values);
    recording.recorder.apps = facts_of(*set_->catalogue);
    recording.recorder.risk_rubric = set_->rubric;
    recording.recorder.anomaly_rules = set_->anomaly_rules;
    recording.recorder.policies = set_->policies;
    recording.retention = retention(settings_.config.values);
    recording.tidy_every = settings_.config.values.tidy_interval;
    recording.filter = settings_.capture.sensor.filter;
    recording.inputs = input_names(settings_);
    auto recorder = inventory::LiveRecorder::open(std::move(recording));
    if (!recorder) return complain(recorder.error().message), kMisused;
    recorder_ = std::move(*recorder);
    // The signatures may have learnt since the inventory was last written.
    const auto rematched = rematch_hosts(*recorder_, *set_->catalogue);
    if (!rematched) return complain(rematched.error().message), kMisused;
    for (const std::string& said : rematch_lines(*rematched)) service_->log().info(said);
    return kDone;
  }

  int open_source() {
    const unsigned workers = settings_.capture.sensor.workers;
    Result<std::unique_ptr<packet::LiveSource>> opened = Error{"nothing to capture from"};
    if (!settings_.interfaces.interfaces.empty()) {
      packet::InterfaceOptions options = settings_.interfaces;
      options.workers = workers;
      options.filter = settings_.capture.sensor.filter;
      opened = packet::listen_on(options);
    } else if (!settings_.folder.empty()) {
      auto inputs = recorder_->recorded_inputs();
      if (!inputs) return complain(inputs.error().message), kMisused;
      known_.emplace(*inputs);
      packet::FolderOptions options;
      options.folder = settings_.folder;
      options.workers = workers;
      options.wanted = [this](const std::string& path) { return known_->wanted(path); };
      options.done = [this](const std::string& path, const std::string& damage) {
        recorder_->add_input(known_->finish(path, damage));
      };
      opened = packet::follow_folder(options);
    } else {
      packet::StreamOptions options = settings_.streams;
      options.workers = workers;
      opened = packet::receive_streams(options);
    }
    if (!opened) return complain(opened.error().message), kUnreadable;
    source_ = std::move(*opened);
    return kDone;
  }

  int capture() {
    sensor::CaptureOptions options = settings_.capture;
    options.sensor.events = events_.any();
    options.sensor.shadow = knowledge_->shadow;
    options.sensor.api = knowledge_->api;
    options.sensor.detectors = knowledge_->detectors;
    options.sensor.inspector = knowledge_->inspector;
    // The kernel has filtered already, and better: it still knew the tags it took off.
    if (!settings_.interfaces.interfaces.empty()) options.sensor.filter.clear();
    // Files of a folder come when they come; of all else silence is worth telling.
    options.sensor.health.place = {report::joined(settings_.interfaces.interfaces, " "),
                                   settings_.folder.empty(), !settings_.folder.empty()};
    options.sensor.health.own = addresses_of_machine();

    std::vector<observation::Sink*> sinks{recorder_.get()};
    std::optional<AlertEvents> alerts;
    events_.add_to(sinks);
    if (key_) {
      inventory::GroupMap groups;
      if (auto stored = inventory::read_groups(settings_.database))
        if (auto made = inventory::GroupMap::make(*stored)) groups = std::move(*made);
      hidden_.emplace(*key_, std::move(groups), std::move(sinks));
      sinks = {&*hidden_};
      recorder_->keep_pseudonyms(
          *key_, [this] { return hidden_->taken(); }, [this] { hidden_->tell_again(); });
    }
    if (events_.any()) sinks.push_back(&alerts.emplace(*recorder_, events_));
    sinks.push_back(&service_->telemetry());
    sensor::SensorControl& control = running_sensor();
    recorder_->start();
    service_->log().info("capturing from " + inputs_text(settings_) + " with " +
                         report::count_of(options.sensor.workers, "worker") + " into " +
                         settings_.database);

    sensor::CaptureHooks hooks;
    hooks.on_news = [this](const packet::LiveNews& news) { service_->on_news(news); };
    hooks.on_packets = [this](Time first) { recorder_->on_packets(first); };
    hooks.on_reload = [this] {
      // Whatever comes of the reload: a file that was moved away is written no further.
      service_->telemetry().run_between_records([this] {
        if (const auto failed = events_.reopen()) service_->on_news({failed->message});
      });
      service_->on_reload();
    };
    hooks.on_interval = [&](const sensor::CaptureInterval& interval) {
      tell(interval);
      service_->on_interval(interval);
      if (control.stopping()) service_->stopping();
    };
    start_service(control);
    auto result = sensor::run_capture(options, *source_, *set_->catalogue, sinks, control, hooks);
    service_->stopping();
    if (!result) return complain(result.error().message), kMisused;
    return finish(*result, alerts ? &*alerts : nullptr);
  }

  void start_service(sensor::SensorControl& control) {
    RunningService::Hooks hooks;
    hooks.hand_over = [&control](sensor::KnowledgePointer knowledge) {
      control.hand_over(std::move(knowledge));
    };
    hooks.desk = &desk_;
    hooks.learn = [this](const std::shared_ptr<const KnowledgeSet>& set) {
      inventory::LiveRecorder::Lesson lesson;
      lesson.apps = facts_of(*set->catalogue);
      lesson.risk_rubric = set->rubric;
      lesson.anomaly_rules = set->anomaly_rules;
      lesson.policies = set->policies;
      lesson.judge = judge_of(set);
      lesson.told = [this](const Result<std::vector<inventory::RetroMatch>>& matches) {
        if (!matches) return service_->on_news({matches.error().message});
        for (std::string& said : rematch_lines(*matches))
          service_->on_news({std::move(said), false});
      };
      recorder_->learn(std::move(lesson));
    };
    hooks.tell_alert = [this](const inventory::Alert& alert) {
      ++own_alerts_;
      recorder_->add_alert(alert);
      events_.on_alert(alert);
    };
    hooks.write_failure = [this]() -> std::optional<std::string> {
      const inventory::LiveRecorderState state = recorder_->state();
      if (!state.failing) return std::nullopt;
      return state.error;
    };
    hooks.events_failure = [this]() -> std::optional<std::string> {
      const auto failing = events_.file_failing();
      if (!failing) return std::nullopt;
      return failing->message;
    };
    // What it says of itself begins with what is known, not with nothing.
    if (const auto used = inventory::used_apps(settings_.database))
      service_->telemetry().know_apps(*used);
    service_->start(set_, std::move(hooks));
  }

  void tell(const sensor::CaptureInterval& interval) {
    total_ = interval.total;
    for (auto& news : recorder_->take_news())
      service_->on_news({std::move(news.text), news.trouble});
    for (const auto& news : events_.news()) service_->on_news(news);
    service_->telemetry().change(
        [this](SensorState& state) { state.events_dropped = events_.dropped(); });
    const std::uint64_t lost = interval.counters.lost();
    if (lost > 0) {
      lost_untold_ += lost;
      const auto now = std::chrono::steady_clock::now();
      if (now >= tell_loss_at_) {
        service_->on_news({"lost " + report::count_of(lost_untold_, "packet") + " (kernel " +
                           std::to_string(total_.kernel_drops) + ", interface " +
                           std::to_string(total_.interface_drops) + ", backlog " +
                           std::to_string(total_.softnet_drops) + ", sensor " +
                           std::to_string(total_.own_drops) + " since the start)"});
        lost_untold_ = 0;
        tell_loss_at_ = now + std::chrono::seconds{10};
      }
    }
    if (settings_.status.empty()) return;
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::steady_clock::now() - began_);
    // A pipe that took its place would hold the sensor until somebody reads it.
    const auto failed =
        waits_for_reader(settings_.status)
            ? refuse_as_status_file(settings_.status)
            : write_whole(settings_.status,
                          status_json(interval, recorder_->state(), events_.dropped(),
                                      events_.collector(), uptime));
    if (failed && failed->message != status_trouble_)
      service_->on_news({"--write-status: " + failed->message});
    status_trouble_ = failed ? failed->message : std::string{};
  }

  int finish(sensor::ReplayResult& result, AlertEvents* alerts) {
    for (const std::string& said : complaints_of_key_logs(result)) service_->on_news({said});
    service_->telemetry().run_errands();
    const auto failed = recorder_->finish();
    for (const auto& news : recorder_->take_news()) service_->on_news({news.text, news.trouble});
    std::size_t alert_count = 0;
    if (alerts != nullptr) {
      alerts->tell();
      alert_count = alerts->told();
    } else {
      alert_count = recorder_->take_alerts().size();
    }
    alert_count += own_alerts_;
    int code = total_.damaged > 0 ? kDamaged : kDone;
    if (failed) {
      complain(failed->message + ": what was not written by now is lost");
      code = kMisused;
    }
    if (events_.any()) {
      const auto error = events_.close();
      if (events_.dropped() > 0) {
        service_->on_news({report::count_of(events_.dropped(), "event") + " could not be kept"});
        code = kMisused;
      }
      if (error) {
        complain(error->message);
        code = kMisused;
      }
      if (const std::string said = events_.summary(); !said.empty())
        service_->on_news({said, false});
    }
    std::FILE* const out = settings_.events == "-" ? stderr : stdout;
    const std::vector<std::string>& interfaces = settings_.interfaces.interfaces;
    print_summary(out, result, inputs_text(settings_),
                  interfaces.empty() ? "FILE" : "-i " + report::joined(interfaces, " -i "),
                  settings_.database, !failed, alert_count);
    if (known_ && known_->skipped() > 0)
      std::fprintf(out, "%s in the folder %s read before, and not again.\n",
                   report::count_of(known_->skipped(), "capture").c_str(),
                   known_->skipped() == 1 ? "was" : "were");
    print_loss(out, total_, failed.has_value(), events_.dropped());
    return code;
  }

  const CaptureSettings& settings_;
  content::DocumentDesk desk_{{"/proc/self/exe"}};  // before what leaves documents on it
  std::shared_ptr<const KnowledgeSet> set_;
  sensor::KnowledgePointer knowledge_;
  std::unique_ptr<RunningService> service_;  // before the recorder, whose thread tells it news
  EventStreams events_;
  std::optional<inventory::PseudonymKey> key_;
  std::optional<inventory::PseudonymSink> hidden_;  // in front of the recorder and the events
  std::unique_ptr<inventory::LiveRecorder> recorder_;
  std::optional<KnownFiles> known_;
  std::unique_ptr<packet::LiveSource> source_;
  packet::LiveCounters total_;
  std::uint64_t lost_untold_ = 0;
  std::chrono::steady_clock::time_point tell_loss_at_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::string status_trouble_;
  std::size_t own_alerts_ = 0;  // of the sensor itself; of whoever runs the sinks, one at a time
};

}  // namespace

int run_capture(Arguments arguments) {
  CommandLine line{"capture", "-i INTERFACE... [OPTIONS]",
                   "Watches interfaces and keeps the inventory, until it is told to stop (Ctrl-C, "
                   "SIGTERM).\nAlso follows a folder into which captures are written, or receives "
                   "them over TCP."};
  add_config_options(
      line, {"capture.interfaces", "capture.folder", "capture.pcap_over_ip",
             "capture.pcap_over_ip_listen", "inventory.database", "events.file", "events.format",
             "events.syslog", "events.syslog_format", "events.syslog_events",
             "events.syslog_spool", "events.syslog_ca", "content.key_logs",
             "content.learnt_table", "content.learnt_documents", "content.read",
             "capture.workers", "capture.cpus", "capture.filter",
             "capture.snap_length", "capture.buffer_mib", "capture.promiscuous", "flows.max",
             "signatures.folder", "signatures.local", "signatures.trusted_keys",
             "signatures.require_signed", "privacy.pseudonyms", "privacy.key_file", "log.level"});
  line.options().add_options()
      ("duration", po::value<double>()->value_name("SECONDS")->default_value(0, "0"),
       "end by itself after so long; 0: not")
      ("write-status", text_value("FILE"),
       "every second, write what came and what was lost into this file, as JSON");
  line.add_notes(
      "Without --config /etc/gnomon/gnomon.yaml is read, where it exists. Without any such file\n"
      "the inventory is gnomon.db in the working folder, and metrics and status need --set.\n\n"
      "Exit codes: 0 ended as it was told, 1 bad usage or configuration, or something seen could\n"
      "not be written, 2 the input cannot be opened, 3 ended as it was told but some input was\n"
      "damaged.");
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  take_signals();  // those that come before it runs are kept until it does

  CaptureSettings settings;
  settings.read_config = [line](std::vector<std::string>& problems) {
    LoadedConfig loaded = load_config(line, kConfigFile, problems);
    if (!loaded.given("events.stats_interval")) loaded.values.stats_interval = kStatsInterval;
    // The other half of the processors is the kernel's.
    if (loaded.values.workers == 0)
      loaded.values.workers = std::clamp(std::thread::hardware_concurrency() / 2, 1U, 4U);
    return loaded;
  };
  std::vector<std::string> problems;
  settings.config = settings.read_config(problems);
  bool misused = !problems.empty();
  ConfigComplaints more = check_for_capture(settings.config);
  misused |= more.misused;
  problems.insert(problems.end(), std::make_move_iterator(more.problems.begin()),
                  std::make_move_iterator(more.problems.end()));
  if (!problems.empty()) return say_config_problems(problems), misused ? kMisused : kUnreadable;
  if (const auto wrong = read_capture_options(line, settings)) return line.misused(*wrong);
  return Capture{settings}.run();
}

}  // namespace gnomon::cli
