#include <sched.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "capture_identity.h"
#include "command.h"
#include "config/config_file.h"
#include "config/sensor_options.h"
#include "event_streams.h"
#include "gnomon/content/document_desk.h"
#include "gnomon/inventory/groups.h"
#include "gnomon/inventory/live_recorder.h"
#include "gnomon/inventory/privacy.h"
#include "gnomon/packet/bpf_filter.h"
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

namespace gnomon::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

// Where a capture differs from a replay unless it is told otherwise: metrics want fresh counters.
constexpr std::chrono::seconds kStatsInterval{10};

struct Settings {
  std::string database = "gnomon.db";
  std::string events;
  std::string status;
  LoadedConfig config;
  RunningService::ReadConfig read_config;
  packet::InterfaceOptions interfaces;
  packet::StreamOptions streams;
  std::string folder;
  sensor::CaptureOptions capture;
};

sensor::SensorControl* running = nullptr;  // what signals are for; set before they are taken

// The first asks for a clean end, the second is not waited for.
void on_stop_signal(int signal) {
  if (running->stopping()) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  running->stop();
}
void on_reload_signal(int) { running->request_reload(); }

void take_signals(sensor::SensorControl& control) {
  running = &control;
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  action.sa_handler = on_stop_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = on_reload_signal;
  sigaction(SIGHUP, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

// Files of a folder that were read before, by what they held.
class KnownFiles {
 public:
  explicit KnownFiles(const std::vector<inventory::RunInput>& inputs) {
    for (const inventory::RunInput& each : inputs) known_.emplace(each.sha256, each.bytes);
  }
  bool wanted(const std::string& path) {
    inventory::RunInput input = identify_capture(path);
    const std::lock_guard lock{mutex_};
    if (!input.sha256.empty() && known_.contains({input.sha256, input.bytes})) return false;
    begun_ = std::move(input);
    return true;
  }
  // What was last begun, read to its end now.
  inventory::RunInput finish(const std::string& path, const std::string& damage) {
    const std::lock_guard lock{mutex_};
    inventory::RunInput input = begun_.path == path ? begun_ : identify_capture(path);
    input.damage = damage;
    if (!input.sha256.empty()) known_.emplace(input.sha256, input.bytes);
    return input;
  }

 private:
  std::mutex mutex_;
  std::set<std::pair<std::string, std::uint64_t>> known_;
  inventory::RunInput begun_;
};

// Tells alerts among the other events, from where those are told.
class AlertEvents final : public observation::Sink {
 public:
  AlertEvents(inventory::LiveRecorder& recorder, const EventStreams& events)
      : recorder_(recorder), events_(events) {}
  void on_flow(const observation::FlowRecord&) override {}
  void on_dns(const observation::DnsRecord&) override {}
  void on_http(const observation::HttpRecord&) override {}
  void on_client_name(const observation::ClientNameRecord&) override {}
  void on_stats(const observation::StatsRecord&) override {}
  void on_tick(Time) override { tell(); }
  void tell() {
    for (const inventory::Alert& alert : recorder_.take_alerts()) {
      events_.on_alert(alert);
      ++told_;
    }
  }
  [[nodiscard]] std::size_t told() const { return told_; }

 private:
  inventory::LiveRecorder& recorder_;
  const EventStreams& events_;
  std::size_t told_ = 0;
};

std::string inputs_text(const Settings& settings) {
  if (!settings.interfaces.interfaces.empty())
    return report::listed(settings.interfaces.interfaces);
  if (!settings.folder.empty()) return settings.folder;
  std::vector<std::string> all = settings.streams.peers;
  all.insert(all.end(), settings.streams.listen.begin(), settings.streams.listen.end());
  return report::listed(all);
}

std::vector<std::string> input_names(const Settings& settings) {
  if (!settings.interfaces.interfaces.empty()) return settings.interfaces.interfaces;
  std::vector<std::string> all = settings.streams.peers;
  all.insert(all.end(), settings.streams.listen.begin(), settings.streams.listen.end());
  return all;  // files of a folder are told one by one
}

void print_loss(std::FILE* out, const packet::LiveCounters& total) {
  using observation::grouped;
  const std::uint64_t lost = total.lost();
  if (lost == 0) {
    std::fputs("Nothing was lost.\n", out);
    return;
  }
  std::fprintf(out,
               "LOST: %s packets (kernel %s, interface %s, backlog of the machine %s, sensor %s); "
               "the kernel handed over %s.\n",
               grouped(lost).c_str(), grouped(total.kernel_drops).c_str(),
               grouped(total.interface_drops).c_str(), grouped(total.softnet_drops).c_str(),
               grouped(total.own_drops).c_str(), grouped(total.received).c_str());
}

class Capture {
 public:
  explicit Capture(const Settings& settings) : settings_(settings) {}

  int run() {
    // What can be wrong is found before anything begins.
    if (!settings_.capture.sensor.filter.empty()) {
      auto compiled = packet::BpfFilter::compile(settings_.capture.sensor.filter);
      if (!compiled) return complain(std::move(compiled.error()).in("--filter").message), kMisused;
    }
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
    if (!settings_.status.empty())
      writable.push_back(std::filesystem::absolute(settings_.status).parent_path());
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
    for (const std::string& said : rematch_lines(*rematched)) complain(said);
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
                                   settings_.folder.empty()};
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
      recorder_->keep_pseudonyms(*key_, [this] { return hidden_->taken(); });
    }
    if (events_.any()) sinks.push_back(&alerts.emplace(*recorder_, events_));
    sinks.push_back(&service_->telemetry());
    sensor::SensorControl control;
    take_signals(control);
    recorder_->start();
    complain("capturing from " + inputs_text(settings_) + " with " +
             report::count_of(options.sensor.workers, "worker") + " into " + settings_.database);

    sensor::CaptureHooks hooks;
    hooks.on_news = [this](const std::string& line) { service_->on_news(line); };
    hooks.on_reload = [this] { service_->on_reload(); };
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
      if (const auto failed = events_.reopen()) service_->on_news(failed->message);
      inventory::LiveRecorder::Lesson lesson;
      lesson.apps = facts_of(*set->catalogue);
      lesson.risk_rubric = set->rubric;
      lesson.anomaly_rules = set->anomaly_rules;
      lesson.policies = set->policies;
      lesson.judge = judge_of(set);
      lesson.told = [this](const Result<std::vector<inventory::RetroMatch>>& matches) {
        if (!matches) return service_->on_news(matches.error().message);
        for (const std::string& said : rematch_lines(*matches)) service_->on_news(said);
      };
      recorder_->learn(std::move(lesson));
    };
    hooks.tell_alert = [this](const inventory::Alert& alert) {
      recorder_->add_alert(alert);
      events_.on_alert(alert);
    };
    hooks.write_failure = [this]() -> std::optional<std::string> {
      const inventory::LiveRecorderState state = recorder_->state();
      if (!state.failing) return std::nullopt;
      return state.error;
    };
    service_->start(set_, std::move(hooks));
  }

  void tell(const sensor::CaptureInterval& interval) {
    total_ = interval.total;
    for (const std::string& line : recorder_->take_news()) service_->on_news(line);
    if (const auto line = events_.news()) service_->on_news(*line);
    const std::uint64_t lost = interval.counters.lost();
    if (lost > 0) {
      lost_untold_ += lost;
      const auto now = std::chrono::steady_clock::now();
      if (now >= tell_loss_at_) {
        complain("lost " + report::count_of(lost_untold_, "packet") +
                 " (kernel " + std::to_string(total_.kernel_drops) + ", interface " +
                 std::to_string(total_.interface_drops) + ", backlog " +
                 std::to_string(total_.softnet_drops) + ", sensor " +
                 std::to_string(total_.own_drops) + " since the start)");
        lost_untold_ = 0;
        tell_loss_at_ = now + std::chrono::seconds{10};
      }
    }
    if (settings_.status.empty()) return;
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::steady_clock::now() - began_);
    const auto failed = write_status_file(
        settings_.status, status_json(interval, recorder_->state(), events_.dropped(),
                                      events_.collector(), uptime));
    if (failed && failed->message != status_trouble_) complain("--write-status: " + failed->message);
    status_trouble_ = failed ? failed->message : std::string{};
  }

  int finish(sensor::ReplayResult& result, AlertEvents* alerts) {
    complain_of_key_logs(result);
    service_->telemetry().run_errands();
    const auto failed = recorder_->finish();
    for (const std::string& line : recorder_->take_news()) complain(line);
    std::size_t alert_count = 0;
    if (alerts != nullptr) {
      alerts->tell();
      alert_count = alerts->told();
    } else {
      alert_count = recorder_->take_alerts().size();
    }
    int code = total_.damaged > 0 ? kDamaged : kDone;
    if (failed) {
      complain(failed->message + ": what was not written by now is lost");
      code = kMisused;
    }
    if (events_.any()) {
      const auto error = events_.close();
      if (events_.dropped() > 0)
        complain(report::count_of(events_.dropped(), "event") + " could not be kept");
      if (error) {
        complain(error->message);
        code = kMisused;
      }
      if (const std::string said = events_.summary(); !said.empty()) complain(said);
    }
    std::FILE* const out = settings_.events == "-" ? stderr : stdout;
    print_summary(out, result, inputs_text(settings_), settings_.database, !failed, alert_count);
    print_loss(out, total_);
    return code;
  }

  const Settings& settings_;
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
};

// "0,2-3"; nothing when it is no list of processors there are.
std::optional<std::vector<int>> parse_cpus(const std::string& text) {
  std::vector<int> cpus;
  const int there = static_cast<int>(std::thread::hardware_concurrency());
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  const auto number = [&](int& value) {
    const auto [next, failed] = std::from_chars(at, end, value);
    at = next;
    return failed == std::errc{} && value >= 0 && value < std::max(there, 1);
  };
  while (true) {
    int first = 0;
    if (!number(first)) return std::nullopt;
    int last = first;
    if (at != end && *at == '-') {
      ++at;
      if (!number(last) || last < first) return std::nullopt;
    }
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
    if (at == end) return cpus;
    if (*at++ != ',') return std::nullopt;
  }
}

std::optional<std::string> read_options(const CommandLine& line, Settings& settings) {
  const Config& config = settings.config.values;
  settings.database = settings.config.given("inventory.database") || !settings.config.file.empty()
                          ? config.database
                          : std::string{kDatabaseDefault};
  settings.config.values.database = settings.database;
  settings.events = config.events;
  settings.status = line.text("write-status");
  settings.interfaces.interfaces = config.interfaces;
  settings.interfaces.snap_length = static_cast<std::uint32_t>(config.snap_length);
  settings.interfaces.buffer_mib = static_cast<std::uint32_t>(config.buffer_mib);
  settings.interfaces.promiscuous = config.promiscuous;
  settings.folder = config.folder;
  settings.streams.peers = config.peers;
  settings.streams.listen = config.listen;
  sensor::CaptureOptions& capture = settings.capture;
  capture.sensor = sensor_options(config);
  const double seconds = line.get<double>("duration");
  const std::string& cpus = config.cpus;

  const bool streams = !settings.streams.peers.empty() || !settings.streams.listen.empty();
  const int kinds = (settings.interfaces.interfaces.empty() ? 0 : 1) +
                    (settings.folder.empty() ? 0 : 1) + (streams ? 1 : 0);
  if (kinds == 0)
    return "nothing to capture from: name an interface (-i), a folder (-r), --pcap-over-ip or "
           "--pcap-over-ip-listen; interfaces: " +
           report::joined(packet::interface_names(), ", ");
  if (kinds > 1) return "interfaces, a folder and pcap-over-IP each want a sensor of their own";
  if (!(seconds >= 0) || seconds > 1e9) return "--duration takes a number of seconds";
  capture.duration = std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
  if (!cpus.empty()) {
    auto parsed = parse_cpus(cpus);
    if (!parsed)
      return "--cpus takes processors of this machine, such as 0,2-3; '" + cpus + "' is none";
    capture.cpus = std::move(*parsed);
  }
  return std::nullopt;
}

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
             "content.read", "capture.workers", "capture.cpus", "capture.filter",
             "capture.snap_length", "capture.buffer_mib", "capture.promiscuous", "flows.max",
             "signatures.folder", "signatures.local", "signatures.trusted_keys",
             "signatures.require_signed", "privacy.pseudonyms", "privacy.key_file", "log.level"});
  line.options().add_options()
      ("duration", po::value<double>()->value_name("SECONDS")->default_value(0, "0"),
       "end by itself after so long; 0: not")
      ("write-status", text_value("FILE"),
       "every second, write what came and what was lost into this file, as JSON");
  line.add_notes(
      "Exit codes: 0 ended as it was told, 1 bad usage or configuration, 2 the input cannot be\n"
      "opened, 3 ended as it was told but some input was damaged.");
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  Settings settings;
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
  if (!problems.empty()) return say_config_problems(problems), kMisused;
  if (const auto wrong = read_options(line, settings)) return line.misused(*wrong);
  return Capture{settings}.run();
}

}  // namespace gnomon::cli
