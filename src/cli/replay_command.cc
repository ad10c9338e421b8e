#include <unistd.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <thread>

#include "capture_identity.h"
#include "command.h"
#include "config/config_check.h"
#include "config/config_file.h"
#include "config/sensor_options.h"
#include "event_streams.h"
#include "gnomon/bytes/wall_clock.h"
#include "gnomon/inventory/recorder.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/numbers.h"
#include "gnomon/sensor/replay.h"
#include "options.h"
#include "rematch.h"
#include "run_summary.h"
#include "sensor_setup.h"

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

// Those that could be read, in part at least.
std::size_t captures_of(const sensor::ReplayResult& result) {
  const auto unread = std::count_if(
      result.files.begin(), result.files.end(), [&](const std::string& file) {
        return std::any_of(result.problems.begin(), result.problems.end(),
                           [&](const packet::InputProblem& each) {
                             return each.fatal_for_file && each.file == file;
                           });
      });
  return result.files.size() - static_cast<std::size_t>(unread);
}

// What is wrong with inputs. Of files in folders that are no captures the first few are named.
void complain_of(std::span<const packet::InputProblem> problems) {
  constexpr std::size_t kForeignNamed = 10;
  std::size_t foreign = 0;
  for (const packet::InputProblem& problem : problems)
    if (!problem.foreign || ++foreign <= kForeignNamed)
      complain(problem.file + ": offset " + std::to_string(problem.offset) + ": " + problem.what);
  if (foreign > kForeignNamed)
    complain(std::to_string(foreign - kForeignNamed) + " further files in folders are not captures");
}

// False, and said, when there is not one of the inputs: then no inventory is to be made.
bool any_input(const std::vector<std::string>& inputs) {
  std::vector<std::string> missing;
  for (const std::string& input : inputs)
    if (input != "-" && ::access(input.c_str(), F_OK) != 0)
      missing.push_back(input + ": " + std::strerror(errno));
  if (missing.size() < inputs.size()) return true;
  for (const std::string& said : missing) complain(said);
  return false;
}

// Leaves one of those that hold the same.
void drop_copies(std::vector<inventory::RunInput>& inputs, std::FILE* out) {
  std::map<std::pair<std::string_view, std::uint64_t>, std::string_view> seen;
  std::vector<inventory::RunInput> kept;
  kept.reserve(inputs.size());  // what `seen` points to stays where it is
  for (inventory::RunInput& input : inputs) {
    kept.push_back(std::move(input));
    if (kept.back().sha256.empty()) continue;
    const auto [at, is_new] =
        seen.try_emplace({kept.back().sha256, kept.back().bytes}, kept.back().path);
    if (is_new) continue;
    std::fprintf(out, "%s holds the same as %s: not counted again.\n",
                 report::printable(kept.back().path).c_str(),
                 report::printable(at->second).c_str());
    kept.pop_back();
  }
  inputs = std::move(kept);
}

// Events would go over what is read, or over the key that alone tells who pseudonyms are.
std::optional<std::string> refuse_files(const Settings& settings, const Config& config) {
  if (settings.events.empty()) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> files{
      {"the file of events (--events)", settings.events}};
  const auto beside = [&](const char* what, const std::string& path) {
    files.resize(1);
    files.emplace_back(what, path);
    return one_file_twice(files);
  };
  if (auto twice = beside("the inventory (--db)", settings.database)) return twice;
  for (const char* suffix : {"-wal", "-shm", "-lock"})
    if (auto twice = beside("what belongs to the inventory", settings.database + suffix))
      return twice;
  if (auto twice =
          beside("the key (--key-file)",
                 settings.key_file.empty() ? inventory::default_key_path(settings.database).string()
                                           : settings.key_file))
    return twice;
  for (const std::string& each : config.key_logs)
    if (auto twice = beside("a key log", each)) return twice;
  for (const std::string& each : settings.replay.inputs)
    if (auto twice = beside("a capture", each)) return twice;
  return std::nullopt;
}

int replay(const Settings& settings, EventOptions streams) {
  // Before an inventory is made: what is refused leaves nothing behind.
  if (const auto refused = EventStreams::refused(streams))
    return complain(refused->message), kMisused;
  flow::NdpiEngines engines{settings.replay.workers};
  const auto setup = SensorSetup::load(settings.signatures, settings.content, settings.detectors);
  if (!setup) return kMisused;

  std::optional<inventory::PseudonymKey> key;
  if (settings.pseudonyms) {
    auto loaded = inventory::PseudonymKey::load(
        settings.key_file.empty() ? inventory::default_key_path(settings.database)
                                  : std::filesystem::path{settings.key_file},
        true);
    if (!loaded) return complain(loaded.error().message), kMisused;
    key = *loaded;
  }

  inventory::RecorderOptions recording;
  recording.path = settings.database;
  recording.again = settings.again;
  recording.limits = settings.recording;
  setup->fill(recording);
  auto recorder = inventory::Recorder::open(std::move(recording));
  if (!recorder) return complain(recorder.error().message), kMisused;
  // Asked once nobody else can be making the inventory.
  if (const auto refused = inventory::may_record(settings.database, key ? &*key : nullptr))
    return complain(refused->message), kMisused;

  // The signatures may have learnt since the inventory was last written.
  const auto rematched = rematch_hosts(*recorder, setup->catalogue());
  if (!rematched) return complain(rematched.error().message), kMisused;
  for (const std::string& said : rematch_lines(*rematched)) complain(said);

  inventory::RunInfo run;
  run.filter = settings.replay.filter;
  const packet::CaptureReader named{settings.replay.inputs};  // looks into folders, reads nothing
  for (const std::string& file : named.files()) run.inputs.push_back(identify_capture(file));
  std::FILE* const out = settings.events == "-" ? stderr : stdout;
  drop_copies(run.inputs, out);

  if (named.files().empty()) {
    complain_of(named.problems());
    for (const std::string& input : settings.replay.inputs) complain(input + ": holds no capture");
    return kUnreadable;
  }

  // What is in the inventory already is read only for events.
  bool record = true;
  if (!settings.again) {
    const auto known = recorder->recorded_before(run.inputs, run.filter);
    if (!known) return complain(known.error().message), kMisused;
    std::vector<inventory::RunInput> fresh;
    for (std::size_t i = 0; i < run.inputs.size(); ++i)
      if (!(*known)[i]) fresh.push_back(run.inputs[i]);
    record = !fresh.empty() || run.inputs.empty();
    const char* const beside = record && streams.any() ? ", and not among the events" : "";
    for (std::size_t i = 0; i < run.inputs.size(); ++i)
      if ((*known)[i])
        std::fprintf(out,
                     "%s is in the inventory already: not counted again%s (--again replaces it).\n",
                     report::printable(run.inputs[i].path).c_str(), beside);
    if (!record && !streams.any()) return kDone;
    if (record) run.inputs = std::move(fresh);
  } else {
    const auto beside = recorder->recorded_beside(run.inputs, run.filter);
    if (!beside) return complain(beside.error().message), kMisused;
    if (!beside->empty()) {
      std::string others = beside->front();
      if (beside->size() > 1) others += " and " + std::to_string(beside->size() - 1) + " more";
      return complain("--again: what is given was recorded in one run with " + others +
                      ": name all of them, or it would count twice"),
             kMisused;
    }
  }

  // A file of events is begun anew only now that nothing refuses the replay any more.
  const auto opened = EventStreams::open(std::move(streams));
  if (!opened) return complain(opened.error().message), kMisused;
  const EventStreams& events = *opened;

  sensor::ReplayOptions options = settings.replay;
  options.events = events.any();
  options.engines = &engines;
  options.leave_memory = true;
  setup->fill(options);
  options.inputs.clear();
  for (const inventory::RunInput& input : run.inputs) options.inputs.push_back(input.path);
  std::vector<observation::Sink*> sinks;
  if (record) sinks.push_back(&*recorder);
  events.add_to(sinks);
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
  auto result = sensor::replay(options, setup->catalogue(), sinks,
                               [&](const sensor::ReplayProgress& progress) { bar.show(progress); });
  bar.clear();
  if (!result) return complain(result.error().message), kMisused;

  for (const std::string& said : complaints_of_key_logs(*result)) complain(said);
  // What folders held besides captures is known from looking into them.
  result->problems.insert(result->problems.begin(), named.problems().begin(),
                          named.problems().end());
  complain_of(result->problems);
  for (const packet::InputProblem& problem : result->problems) {
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
    run.recorded_at = wall_clock();
    const auto done = recorder->finish(run, result->coverage);
    if (!done) return complain(done.error().message), kMisused;
    recorded = true;
    alerts = done->alerts;
  } else if (events.any()) {
    // Told when they were recorded; the same capture gives the same events.
    auto told = recorder->alerts_of(run.inputs, run.filter);
    if (!told) return complain(told.error().message), kMisused;
    alerts = std::move(*told);
  }
  for (const inventory::Alert& alert : alerts) events.on_alert(alert);
  if (const auto error = events.close()) return complain(error->message), kMisused;
  if (const std::string said = events.summary(); !said.empty()) complain(said);
  if (code != kUnreadable)
    print_summary(out, *result, report::count_of(captures_of(*result), "capture"),
                  "FILE", settings.database, recorded, alerts.size());
  return code;
}

}  // namespace

int run_replay(Arguments arguments) {
  CommandLine line{
      "replay", "[OPTIONS] FILE...",
      "Reads captures into the inventory: pcap and pcapng, plain or compressed (gzip, zstd),\n"
      "folders and those below them, or - for standard input. Files are read in order of time,\n"
      "however they are named; pipes and standard input keep their place."};
  line.options().add_options()("db", text_value("FILE", std::string{kDatabaseDefault}),
                               "the inventory to write; made when it does not exist");
  add_config_options(line, {"events.file", "content.key_logs", "content.learnt_table",
                            "content.learnt_documents", "content.read", "capture.workers",
                            "capture.filter", "flows.max", "signatures.folder", "signatures.local",
                            "signatures.trusted_keys", "signatures.require_signed",
                            "privacy.pseudonyms", "privacy.key_file"});
  line.options().add_options()(
      "again", po::bool_switch(),
      "record captures that the inventory holds already once more, in place of before");
  EventStreams::add_options(line);
  line.add_notes(
      "Exit codes: 0 done, 1 bad usage or configuration, 2 nothing could be read, 3 finished but\n"
      "some input was damaged: what is wrong and where is said on standard error.");
  line.take_words("FILE", 1, static_cast<std::size_t>(-1));
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  std::vector<std::string> problems;
  // The configuration of the service counts only when it is named.
  const LoadedConfig loaded = load_config(line, {}, problems);
  for (std::string& each : check_filter(loaded)) problems.push_back(std::move(each));
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
  auto detectors = detector_options(config);
  if (!detectors) return line.misused(detectors.error().message);
  settings.detectors = std::move(*detectors);
  settings.recording = recorder_limits(config);
  auto streams = event_options(line, settings.events);
  if (!streams) return line.misused(streams.error().message);
  if (const auto twice = refuse_files(settings, config)) return line.misused(*twice);
  if (!any_input(settings.replay.inputs)) return kUnreadable;
  return replay(settings, std::move(*streams));
}

}  // namespace gnomon::cli
