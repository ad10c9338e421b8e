#include <unistd.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "capture_identity.h"
#include "command.h"
#include "config/config_file.h"
#include "config/sensor_options.h"
#include "gnomon/content/scanner.h"
#include "gnomon/identify/api_reader.h"
#include "gnomon/inventory/recorder.h"
#include "gnomon/report/eve_writer.h"
#include "gnomon/report/numbers.h"
#include "gnomon/sensor/replay.h"
#include "options.h"
#include "policy_files.h"
#include "rematch.h"
#include "service/knowledge_set.h"
#include "signature_folder.h"

namespace gnomon::cli {
namespace {

namespace po = boost::program_options;

struct Settings {
  std::string database = "gnomon.db";
  std::string events;
  identify::SignatureFolders signatures;
  bool again = false;
  bool pseudonyms = false;
  std::string key_file;  // empty: beside the inventory
  bool content = true;
  sensor::ReplayOptions replay;
  content::DetectorOptions detectors;
  inventory::RecorderLimits recording;
};

void complain(const std::string& message) { std::fprintf(stderr, "gnomon: %s\n", message.c_str()); }

// Detectors of content, loaded when the first visible body wants them: compiling them takes a
// while.
class Detectors {
 public:
  Detectors(std::filesystem::path folder, content::DetectorOptions options)
      : folder_(std::move(folder)), options_(std::move(options)) {}

  const content::DetectorSet* get() {
    std::call_once(once_, [this] {
      auto loaded = content::DetectorSet::load(folder_, options_);
      if (loaded) {
        set_.emplace(std::move(*loaded));
      } else {
        complain(loaded.error().message + "; bodies are not looked through for sensitive content");
      }
    });
    return set_ ? &*set_ : nullptr;
  }

 private:
  std::filesystem::path folder_;
  content::DetectorOptions options_;
  std::once_flag once_;
  std::optional<content::DetectorSet> set_;
};

// Draws a bar on a terminal while files are read; leaves nothing behind.
class ProgressBar {
 public:
  ProgressBar() : shown_(::isatty(STDERR_FILENO) == 1) {}
  ~ProgressBar() { clear(); }

  void show(const sensor::ReplayProgress& progress) {
    if (!shown_ || progress.read_bytes == 0) return;
    constexpr int kWidth = 40;
    const double mib = static_cast<double>(progress.read_bytes) / (1024 * 1024);
    if (progress.total_bytes == 0) {
      std::fprintf(stderr, "\r%.0f MiB read", mib);
    } else {
      const double part = std::min(1.0, static_cast<double>(progress.read_bytes) /
                                            static_cast<double>(progress.total_bytes));
      const int filled = static_cast<int>(part * kWidth);
      std::fprintf(stderr, "\r[%-*.*s] %3.0f %%  %.0f MiB", kWidth, filled,
                   "########################################", part * 100, mib);
    }
    drawn_ = true;
  }
  void clear() {
    if (drawn_) std::fputs("\r\x1b[K", stderr);
    drawn_ = false;
  }

 private:
  bool shown_;
  bool drawn_ = false;
};

// What is wrong in key logs: the rest of them is used.
void complain_of_key_logs(const sensor::ReplayResult& result) {
  for (const sensor::KeyLogs::File& file : result.key_logs) {
    for (const message::KeyLogReader::BadLine& line : file.first_bad_lines)
      complain(file.path + ": line " + std::to_string(line.number) + ": " + std::string{line.what});
    if (file.bad_lines > file.first_bad_lines.size())
      complain(file.path + ": " + std::to_string(file.bad_lines) + " lines like these in all");
    if (file.secrets == 0) complain(file.path + ": holds no secret of a key log");
  }
}

// What came of the key logs; nothing where there were none.
void print_decryption(std::FILE* out, const sensor::ReplayResult& result) {
  const auto counter = [&](std::string_view name) -> std::uint64_t {
    for (const auto& [each, value] : result.counters)
      if (each == name) return value;
    return 0;
  };
  const std::uint64_t tls = counter("decrypt.tls.connections");
  const std::uint64_t quic = counter("decrypt.quic.connections");
  if (result.key_logs.empty() && tls + quic == 0) return;
  const std::uint64_t no_keys = counter("decrypt.tls.no_keys") + counter("decrypt.quic.no_keys");
  std::fprintf(out, "Decrypted %s TLS and %s QUIC connections; of %s others no secret is known.\n",
               observation::grouped(tls).c_str(), observation::grouped(quic).c_str(),
               observation::grouped(no_keys).c_str());
}

void print_summary(std::FILE* out, const sensor::ReplayResult& result, std::size_t inputs,
                   const std::string& database, bool recorded, std::size_t alerts) {
  std::fprintf(out, "%s packets, %s flows from %zu capture%s",
               observation::grouped(result.frames).c_str(),
               observation::grouped(result.coverage.flows).c_str(), inputs, inputs == 1 ? "" : "s");
  if (result.frames > 0) {
    std::fprintf(out, ", %s to %s UTC", to_text_time(result.first_packet).c_str(),
                 to_text_time(result.last_packet).c_str());
  }
  std::fputs(".\n", out);
  for (const std::string& line : observation::coverage_statement(result.coverage))
    std::fprintf(out, "%s\n", line.c_str());
  for (const std::string& line : observation::health_statement(result.health))
    std::fprintf(out, "%s\n", line.c_str());
  if (!result.health.empty())
    std::fputs("What mends it: gnomon doctor FILE\n", out);
  print_decryption(out, result);
  if (alerts > 0)
    std::fprintf(out, "%s: gnomon inventory --alerts --db %s\n",
                 report::count_of(alerts, "alert").c_str(), database.c_str());
  if (recorded)
    std::fprintf(out, "Inventory: %s (gnomon inventory --db %s)\n", database.c_str(),
                 database.c_str());
}

int exit_code_of(const sensor::ReplayResult& result) {
  const bool any = std::any_of(result.file_had_frames.begin(), result.file_had_frames.end(),
                               [](bool had) { return had; });
  bool damaged = false;
  bool unreadable = false;
  for (const packet::InputProblem& problem : result.problems) {
    if (problem.foreign) continue;
    damaged = true;
    unreadable |= problem.fatal_for_file;
  }
  if (!any && (unreadable || result.files.empty())) return kUnreadable;
  return damaged ? kDamaged : kDone;
}

int replay(const Settings& settings) {
  auto catalogue = load_catalogue(settings.signatures);
  if (!catalogue) return kMisused;
  std::optional<identify::ApiKnowledge> api;
  if (settings.content) {
    std::vector<identify::Problem> problems;
    auto loaded = identify::ApiKnowledge::load(settings.signatures, &problems);
    if (!loaded) {
      for (const identify::Problem& problem : problems) complain(problem.to_string());
      if (problems.empty()) complain(loaded.error().message);
      return kMisused;
    }
    api.emplace(std::move(*loaded));
  }
  auto shadow = identify::ShadowName::load(settings.signatures.shipped);
  if (!shadow) return complain(shadow.error().message), kMisused;
  const std::filesystem::path weights = own_or_shipped(settings.signatures, "risk.yaml");
  auto rubric = read_text_file(weights.empty() ? settings.signatures.shipped / "risk.yaml" : weights);
  if (!rubric) return complain(rubric.error().message), kMisused;
  if (auto checked = inventory::RiskRubric::parse(*rubric, weights.string()); !checked)
    return complain(checked.error().message), kMisused;
  auto policies = read_policies(settings.signatures);
  if (!policies) return complain(policies.error().message), kMisused;
  std::vector<inventory::PolicyProblem> problems;
  (void)inventory::Policy::parse(*policies, problems);
  for (const inventory::PolicyProblem& problem : problems) complain(problem.to_string());
  if (!problems.empty()) return kMisused;

  std::optional<inventory::PseudonymKey> key;
  if (settings.pseudonyms) {
    auto loaded = inventory::PseudonymKey::load(
        settings.key_file.empty() ? inventory::default_key_path(settings.database)
                                  : std::filesystem::path{settings.key_file},
        true);
    if (!loaded) return complain(loaded.error().message), kMisused;
    key = *loaded;
  }
  if (const auto refused = inventory::may_record(settings.database, key ? &*key : nullptr))
    return complain(refused->message), kMisused;

  std::unique_ptr<report::EveWriter> events;
  if (!settings.events.empty()) {
    auto opened = report::EveWriter::open(settings.events);
    if (!opened) return complain(std::move(opened.error()).in("--events").message), kMisused;
    events = std::move(*opened);
  }
  inventory::RecorderOptions recording;
  recording.path = settings.database;
  recording.apps = facts_of(*catalogue);
  recording.risk_rubric = std::move(*rubric);
  recording.again = settings.again;
  recording.limits = settings.recording;
  recording.policies = std::move(*policies);
  if (const auto rules = own_or_shipped(settings.signatures, "anomalies.yaml"); !rules.empty()) {
    auto text = read_text_file(rules);
    if (!text) return complain(text.error().message), kMisused;
    recording.anomaly_rules = std::move(*text);
  }
  auto recorder = inventory::Recorder::open(std::move(recording));
  if (!recorder) return complain(recorder.error().message), kMisused;

  // The signatures may have learnt since the inventory was last written.
  const auto rematched = rematch_hosts(*recorder, *catalogue);
  if (!rematched) return complain(rematched.error().message), kMisused;
  for (const std::string& said : rematch_lines(*rematched)) complain(said);

  inventory::RunInfo run;
  run.filter = settings.replay.filter;
  const packet::CaptureReader named{settings.replay.inputs};  // looks into folders, reads nothing
  for (const std::string& file : named.files()) run.inputs.push_back(identify_capture(file));

  if (named.files().empty()) {
    for (const packet::InputProblem& problem : named.problems())
      complain(problem.file + ": " + problem.what);
    for (const std::string& input : settings.replay.inputs) complain(input + ": holds no capture");
    return kUnreadable;
  }

  // What is in the inventory already is read only for events.
  std::FILE* const out = settings.events == "-" ? stderr : stdout;
  bool record = true;
  if (!settings.again) {
    const auto known = recorder->recorded_before(run.inputs, run.filter);
    if (!known) return complain(known.error().message), kMisused;
    std::vector<inventory::RunInput> fresh;
    for (std::size_t i = 0; i < run.inputs.size(); ++i) {
      if (!(*known)[i]) {
        fresh.push_back(run.inputs[i]);
        continue;
      }
      std::fprintf(out,
                   "%s is in the inventory already: not counted again (--again replaces it).\n",
                   run.inputs[i].path.c_str());
    }
    if (fresh.empty() && !run.inputs.empty()) {
      if (!events) return kDone;
      record = false;
    } else {
      run.inputs = std::move(fresh);
    }
  }

  sensor::ReplayOptions options = settings.replay;
  options.events = events != nullptr;
  Detectors detectors{settings.signatures.shipped / "detectors", settings.detectors};
  if (api) {
    options.api = &*api;
    options.detectors = [&detectors] { return detectors.get(); };
    options.inspector.hash_key = machine_key();
    options.inspector.helper = "/proc/self/exe";
  }
  options.shadow = &*shadow;
  options.inputs.clear();
  for (const inventory::RunInput& input : run.inputs) options.inputs.push_back(input.path);
  std::vector<observation::Sink*> sinks;
  if (record) sinks.push_back(&*recorder);
  if (events) sinks.push_back(events.get());
  std::optional<inventory::PseudonymSink> hidden;
  if (key) {
    inventory::GroupMap groups;
    if (auto stored = inventory::read_groups(settings.database))
      if (auto made = inventory::GroupMap::make(*stored)) groups = std::move(*made);
    hidden.emplace(*key, std::move(groups), std::move(sinks));
    sinks = {&*hidden};
    recorder->keep_pseudonyms(*key, [&hidden] { return hidden->taken(); });
  }
  ProgressBar bar;
  auto result = sensor::replay(options, *catalogue, sinks,
                               [&](const sensor::ReplayProgress& progress) { bar.show(progress); });
  bar.clear();
  if (!result) return complain(result.error().message), kMisused;

  complain_of_key_logs(*result);
  // What folders held besides captures is known from looking into them.
  result->problems.insert(result->problems.begin(), named.problems().begin(),
                          named.problems().end());
  for (const packet::InputProblem& problem : result->problems) {
    complain(problem.file + ": offset " + std::to_string(problem.offset) + ": " + problem.what);
    for (inventory::RunInput& input : run.inputs) {
      if (input.path == problem.file && input.damage.empty())
        input.damage = "offset " + std::to_string(problem.offset) + ": " + problem.what;
    }
  }
  const int code = exit_code_of(*result);
  bool recorded = false;
  std::vector<inventory::Alert> alerts;
  if (record && code != kUnreadable) {
    run.first_packet = result->first_packet;
    run.last_packet = result->last_packet;
    run.recorded_at =
        std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    const auto done = recorder->finish(run, result->coverage);
    if (!done) return complain(done.error().message), kMisused;
    recorded = true;
    alerts = done->alerts;
  } else if (events) {
    // Told when they were recorded; the same capture gives the same events.
    auto told = recorder->alerts_of(run.inputs, run.filter);
    if (!told) return complain(told.error().message), kMisused;
    alerts = std::move(*told);
  }
  if (events) {
    for (const inventory::Alert& alert : alerts) events->on_alert(alert);
    if (const auto error = events->close()) return complain(error->message), kMisused;
  }
  if (code != kUnreadable)
    print_summary(out, *result, result->files.size(), settings.database, recorded, alerts.size());
  return code;
}

}  // namespace

int run_replay(Arguments arguments) {
  CommandLine line{
      "replay", "[OPTIONS] FILE...",
      "Reads captures into the inventory: pcap and pcapng, plain or compressed (gzip, zstd),\n"
      "folders of captures in order of time, or - for standard input."};
  line.options().add_options()("db", text_value("FILE", std::string{kDatabaseDefault}),
                               "the inventory to write; made when it does not exist");
  add_config_options(line, {"events.file", "content.key_logs", "content.read", "capture.workers",
                            "capture.filter", "flows.max", "signatures.folder", "signatures.local",
                            "signatures.trusted_keys", "signatures.require_signed",
                            "privacy.pseudonyms", "privacy.key_file"});
  line.options().add_options()(
      "again", po::bool_switch(),
      "record captures that the inventory holds already once more, in place of before");
  line.add_notes(
      "Exit codes: 0 done, 1 bad usage or configuration, 2 nothing could be read, 3 finished but\n"
      "some input was damaged: what is wrong and where is said on standard error.");
  line.take_words("FILE", 1, static_cast<std::size_t>(-1));
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  std::vector<std::string> problems;
  // The configuration of the service counts only when it is named.
  const LoadedConfig loaded = load_config(line, {}, problems);
  if (!problems.empty()) return say_config_problems(problems), kMisused;
  const Config& config = loaded.values;

  Settings settings;
  settings.database = loaded.given("inventory.database") ? config.database : line.text("db");
  settings.events = config.events;
  auto signatures = signature_folders(config);
  if (!signatures) return line.misused(signatures.error().message);
  settings.signatures = std::move(*signatures);
  settings.again = line.get<bool>("again");
  settings.pseudonyms = config.pseudonyms;
  settings.key_file = config.key_file;
  settings.content = config.content;
  settings.replay = sensor_options(config);
  settings.replay.inputs = line.words();
  settings.detectors = detector_options(config);
  settings.recording = recorder_limits(config);
  return replay(settings);
}

}  // namespace gnomon::cli
