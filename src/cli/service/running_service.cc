#include "running_service.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "../config/config_check.h"
#include "../config/sensor_options.h"
#include "gnomon/bytes/wall_clock.h"

namespace gnomon::cli {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

namespace {

fs::path folder_of(const std::string& file) {
  const fs::path folder = fs::path{file}.parent_path();
  return folder.empty() ? fs::path{"."} : folder;
}

std::optional<std::uint64_t> free_bytes(const fs::path& folder) {
  struct statvfs info{};
  if (::statvfs(folder.c_str(), &info) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

// "2026-11-02", or "2026-11", as days since 1970; nothing when it is no date.
std::optional<std::chrono::sys_days> day_of(const std::string& date) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 1;
  if (std::sscanf(date.c_str(), "%d-%u-%u", &year, &month, &day) < 2) return std::nullopt;
  const std::chrono::year_month_day ymd{std::chrono::year{year}, std::chrono::month{month},
                                        std::chrono::day{day}};
  if (!ymd.ok()) return std::nullopt;
  return std::chrono::sys_days{ymd};
}

}  // namespace

Result<std::unique_ptr<RunningService>> RunningService::open(const LoadedConfig& config,
                                                             ReadConfig read_config) {
  std::unique_ptr<RunningService> service{new RunningService{config, std::move(read_config)}};
  SmallServer::Options options;
  // Who starts a capture by hand, without a configuration, asks for these when they are wanted.
  const auto wanted = [&](std::string_view name) {
    return !config.file.empty() || config.given(name);
  };
  if (wanted("service.metrics")) options.address = config.values.metrics_listen;
  const std::string& socket = config.values.status_socket;
  std::error_code ignored;
  if (wanted("service.status_socket") &&
      (fs::is_directory(folder_of(socket), ignored) || config.given("service.status_socket")))
    options.socket_path = socket;
  auto server = SmallServer::listen(options);
  // A capture by hand, beside the service: the address that nobody asked for is the other one's.
  if (!server && !config.given("service.metrics") &&
      server.error().message.starts_with(options.address)) {
    service->log_.warning("no metrics", {{"why", server.error().message}});
    options.address.clear();
    server = SmallServer::listen(options);
  }
  if (!server && !options.socket_path.empty() && !config.given("service.status_socket") &&
      server.error().message.find(options.socket_path) != std::string::npos) {
    service->log_.warning("no status socket", {{"why", server.error().message}});
    options.socket_path.clear();
    server = SmallServer::listen(options);
  }
  if (!server) {
    const bool metrics = !options.address.empty() &&
                         server.error().message.starts_with(options.address);
    return std::move(server.error()).in(metrics ? "service.metrics" : "service.status_socket");
  }
  service->server_ = std::move(*server);
  return service;
}

RunningService::RunningService(const LoadedConfig& config, ReadConfig read_config)
    : config_(config),
      read_config_(std::move(read_config)),
      log_(config.values),
      manager_(ServiceManager::from_environment()),
      live_config_(config.values) {}

RunningService::~RunningService() {
  if (reloading_.joinable()) reloading_.join();
}

Result<std::monostate> RunningService::confine(std::vector<fs::path> readable,
                                               std::vector<fs::path> writable) {
  const Config& config = config_.values;
  SandboxOptions options;
  // Who captures by hand, as root, without a configuration, wants the inventory to be root's.
  if (!config_.file.empty() || config_.given("service.user")) options.user = config.user;
  options.confine = config.sandbox;
  options.follow_folder = !config.folder.empty();
  // Libraries and fonts of programs that open documents, time zones, users, counters of interfaces.
  for (const char* each : {"/usr", "/lib", "/lib64", "/bin", "/etc", "/proc", "/sys"})
    options.readable.emplace_back(each);
  for (fs::path& folder : resolver_folders()) options.readable.push_back(std::move(folder));
  std::error_code ignored;
  const auto allow_folder = [&](const fs::path& folder) {
    for (fs::path& path : folder_and_above(folder)) options.readable.push_back(std::move(path));
  };
  if (const auto folder = find_signature_folder(config.signatures)) allow_folder(*folder);
  for (const std::string* folder :
       {&config.local_signatures, &config.trusted_keys, &config.local_detectors, &config.folder})
    allow_folder(*folder);
  // Starts itself as the program that opens documents.
  options.readable.push_back(fs::read_symlink("/proc/self/exe", ignored));
  for (const std::string& keys : config.key_logs) options.readable.push_back(folder_of(keys));
  for (const std::string* learnt : {&config.learnt_table, &config.learnt_documents})
    if (!learnt->empty()) options.readable.push_back(folder_of(*learnt));
  if (!config_.file.empty()) options.readable.push_back(folder_of(config_.file));
  for (fs::path& path : readable) options.readable.push_back(std::move(path));

  options.writable.push_back(folder_of(config.database));
  if (!config.events.empty() && config.events != "-")
    options.writable.push_back(folder_of(config.events));
  if (!config.status_socket.empty() && fs::is_directory(folder_of(config.status_socket), ignored))
    options.writable.push_back(folder_of(config.status_socket));
  if (const fs::path cache = cache_folder(); !cache.empty()) {
    fs::create_directories(cache, ignored);
    options.caches.push_back(cache);
  }
  for (fs::path& path : temporary_folders()) options.caches.push_back(std::move(path));
  for (fs::path& path : writable) options.writable.push_back(std::move(path));

  const auto report = enter_sandbox(options);
  if (!report) return report.error();
  confined_ = report->landlock > 0;
  for (const std::string& note : report->notes) log_.warning("sandbox", {{"note", note}});
  log_.debug("sandbox entered",
             {{"user", report->user_changed ? config.user : std::string{"unchanged"}},
              {"capabilities", report->capabilities ? "dropped" : "kept"},
              {"seccomp", report->seccomp ? "yes" : "no"},
              {"landlock", static_cast<std::uint64_t>(report->landlock)}});
  return std::monostate{};
}

void RunningService::start(const std::shared_ptr<const KnowledgeSet>& knowledge, Hooks hooks) {
  hooks_ = std::move(hooks);
  knowledge_ = knowledge;
  last_packet_ = last_alive_ = Steady::now();
  telemetry_.change([&](SensorState& state) {
    state.state = "running";
    state.started = std::chrono::system_clock::now();
    state.database = config_.values.database;
    state.signatures_date = knowledge->newest;
    state.disk_free_bytes = free_bytes(folder_of(config_.values.database)).value_or(0);
  });
  server_->start([this](std::string_view path) { return answer(path); });
  manager_.ready("Waiting for packets");
  tell_doubts(*knowledge);
  log_.info("running", {{"version", GNOMON_VERSION}, {"database", config_.values.database}});
}

SmallServer::Answer RunningService::answer(std::string_view path) {
  SensorState state = telemetry_.state();
  state.requests_refused = server_->refused();
  if (path == "/metrics")
    return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(state)};
  if (path == "/status") return {200, "text/plain; charset=utf-8", status_text(state)};
  if (path == "/status.json") return {200, "application/json", status_json(state)};
  return {404, "text/plain; charset=utf-8", "There are /metrics, /status and /status.json.\n"};
}

void RunningService::on_interval(const sensor::CaptureInterval& interval) {
  const std::uint64_t came =
      interval.counters.came() - std::min(interval.counters.came(), interval.counters.lost());
  if (interval.frames > 0 || came > 0) last_packet_ = Steady::now();
  telemetry_.on_interval(interval);
  tell_alerts(interval);
  // Packets that came and went nowhere are no progress; where none came there is nothing to do.
  tell_systemd(interval.frames > 0 || came == 0);

  const std::lock_guard lock{mutex_};
  std::erase_if(used_, [](const auto& each) { return each.use_count() == 1; });
}

void RunningService::tell_systemd(bool progress) {
  if (!manager_.present()) return;
  const auto now = Steady::now();
  if (progress && manager_.watchdog() && now - last_alive_ >= *manager_.watchdog() / 3) {
    last_alive_ = now;
    manager_.alive();
  }
  if (now - last_status_ < std::chrono::seconds{5} || reload_runs_) return;
  last_status_ = now;
  manager_.status(status_line(telemetry_.state()));
}

std::optional<std::chrono::seconds> RunningService::signatures_age() const {
  const auto day = knowledge_ ? day_of(knowledge_->newest) : std::nullopt;
  if (!day) return std::nullopt;
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now() - std::chrono::system_clock::time_point{*day});
  return std::max(age, std::chrono::seconds{0});
}

void RunningService::tell_alerts(const sensor::CaptureInterval& interval) {
  SelfFacts facts;
  facts.now = wall_clock();
  facts.received = interval.counters.came();
  facts.lost = interval.counters.lost();
  // Files of a folder come when they come.
  if (config_.values.folder.empty())
    facts.silent = std::chrono::duration_cast<std::chrono::seconds>(Steady::now() - last_packet_);
  facts.disk_free = free_bytes(folder_of(config_.values.database));
  if (hooks_.write_failure) facts.write_failure = hooks_.write_failure();
  if (hooks_.events_failure) facts.events_failure = hooks_.events_failure();
  std::vector<SelfAlerts::Change> changes;
  {
    const std::lock_guard lock{mutex_};
    facts.signatures_age = signatures_age();
    changes = alerts_.judge(facts, live_config_);
  }
  telemetry_.change([&](SensorState& state) {
    state.alerts = alerts_.active();
    state.disk_free_bytes = facts.disk_free.value_or(0);
    state.events_failure = facts.events_failure.value_or(std::string{});
  });
  for (SelfAlerts::Change& change : changes) {
    if (!change.began) {
      log_.info("alert is over", {{"kind", change.alert.kind}});
      continue;
    }
    log_.warning("alert", {{"kind", change.alert.kind}, {"why", change.alert.explanation}});
    if (!hooks_.tell_alert) continue;
    telemetry_.run_between_records(
        [this, alert = std::move(change.alert)] { hooks_.tell_alert(alert); });
  }
}

void RunningService::on_reload() {
  reload_again_ = true;
  if (reload_runs_.exchange(true)) return;  // the one that runs looks again when it is done
  if (reloading_.joinable()) reloading_.join();
  reloading_ = std::thread{[this] { reload(); }};
}

void RunningService::reload() {
  do {
    reload_all();
    reload_runs_ = false;
    // One that was asked for just now found this one at work, and left it to it.
  } while (reload_again_ && !reload_runs_.exchange(true));
}

void RunningService::reload_all() {
  while (reload_again_.exchange(false)) {
    manager_.reloading();
    telemetry_.change([](SensorState& state) { state.state = "reloading"; });
    std::string outcome;
    const bool done = reload_now(outcome);
    outcome = to_text_time(wall_clock()) + " UTC, " + outcome;
    telemetry_.change([&](SensorState& state) {
      state.state = "running";
      ++(done ? state.reloads_done : state.reloads_refused);
      state.last_reload = outcome;
    });
    manager_.ready(done ? "Reloaded" : "Reload refused: " + outcome);
  }
}

// Everything new is loaded and checked before any of it is used.
bool RunningService::reload_now(std::string& outcome) {
  std::vector<std::string> problems;
  LoadedConfig fresh = read_config_(problems);
  const bool content = std::exchange(fresh.values.content, config_.values.content);  // a restart's
  std::shared_ptr<const KnowledgeSet> set;
  // What waits for a restart must not be what a start refuses.
  if (problems.empty()) problems = check_for_reload(fresh, config_.values).problems;
  if (problems.empty()) set = load_knowledge(fresh.values, problems);
  if (!problems.empty()) {
    for (std::string& problem : problems)
      if (confined_ && problem.find(std::strerror(EACCES)) != std::string::npos)
        problem += " (or outside of the sandbox of this start: restart the sensor)";
    for (const std::string& problem : problems)
      log_.error("reload refused, what was before stays", {{"problem", problem}});
    outcome = "refused: " + problems.front();
    return false;
  }
  fresh.values.content = content;
  std::string waiting;
  for (const Setting& setting : settings()) {
    if (setting.reloads ||
        value_text(fresh.values, setting) == value_text(config_.values, setting))
      continue;
    waiting += (waiting.empty() ? "" : ", ") + std::string{setting.name};
  }
  {
    const std::lock_guard lock{mutex_};
    if (used_.size() >= kGenerationsMax) {
      outcome = "refused: bodies are still being read by " + std::to_string(used_.size()) +
                " earlier sets of signatures";
      log_.error("reload refused, what was before stays", {{"problem", outcome}});
      return false;
    }
  }
  if (hooks_.hand_over) hooks_.hand_over(knowledge_of(set, fresh.values, hooks_.desk));
  log_.set(fresh.values);
  {
    const std::lock_guard lock{mutex_};
    live_config_ = fresh.values;
    used_.push_back(std::exchange(knowledge_, set));
  }
  telemetry_.change([&](SensorState& state) { state.signatures_date = set->newest; });
  if (hooks_.learn) telemetry_.run_between_records([this, set] { hooks_.learn(set); });
  log_.info("reloaded", {{"apps", static_cast<std::uint64_t>(set->catalogue->apps().size())},
                         {"signatures", set->newest}});
  tell_doubts(*set);
  if (!waiting.empty()) log_.warning("these settings wait for a restart", {{"settings", waiting}});
  outcome = "done" + (waiting.empty() ? "" : "; wait for a restart: " + waiting);
  return true;
}

void RunningService::tell_doubts(const KnowledgeSet& knowledge) {
  for (const std::string& doubt : knowledge.doubts) log_.warning(doubt);
}

void RunningService::stopping() {
  if (std::exchange(stopping_, true)) return;
  manager_.stopping();
  telemetry_.change([](SensorState& state) { state.state = "stopping"; });
  if (reloading_.joinable()) reloading_.join();
  log_.info("stopping");
}

}  // namespace gnomon::cli
