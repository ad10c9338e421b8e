#include "config_check.h"

#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <set>
#include <thread>
#include <utility>

#include "../event_streams.h"
#include "../service/small_server.h"
#include "../write_file.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/inventory/privacy.h"
#include "gnomon/packet/bpf_filter.h"
#include "gnomon/packet/interface_capture.h"
#include "gnomon/report/numbers.h"
#include "sensor_options.h"

namespace gnomon::cli {
namespace {

namespace fs = std::filesystem;

std::string complaint_of(const LoadedConfig& loaded, const Setting& setting,
                         const std::string& what) {
  const std::string origin = origin_text(loaded, setting);
  // An option of its own says which setting it is.
  if (loaded.origin_of(setting).from == Origin::From::kOption && origin != "--set")
    return origin + ": " + what;
  return origin + ": key '" + std::string{key_of(setting)} + "': " + what;
}

std::optional<std::string> filter_complaint(const Config& config) {
  if (config.filter.empty()) return std::nullopt;
  const auto filter = packet::BpfFilter::compile(config.filter);
  if (filter) return std::nullopt;
  return filter.error().message;
}

// Who gave the other one of two that do not fit must be told of this one.
std::string remedy_of(const LoadedConfig& loaded, const std::string& name) {
  const Setting& setting = *find_setting(name);
  if (loaded.origin_of(setting).from != Origin::From::kDefault) return {};
  return "; it is " + std::string{setting.otherwise} + " unless it is given: give --" +
         std::string{setting.flag} + " too (" + name + " in the configuration)";
}

class Checker {
 public:
  // `running`: of a sensor that runs; null before a start.
  Checker(const LoadedConfig& loaded, const Config* running)
      : loaded_(loaded), config_(loaded.values), running_(running) {}

  ConfigComplaints check() {
    check_inputs();
    if (!config_.cpus.empty() && !parse_cpus(config_.cpus))
      add("capture.cpus",
          "takes processors of this machine, such as 0,2-3; '" + config_.cpus + "' is none");
    if (const auto wrong = filter_complaint(config_)) add("capture.filter", *wrong);
    for (const auto& [kind, what] : inventory::complaints(retention(config_)))
      add("keep." + std::string{kind},
          std::string{what} + remedy_of(loaded_, "keep." + std::string{kind}));
    if (!config_.signatures.empty()) want_folder("signatures.folder", config_.signatures, true);
    if (config_.content) {
      want_file("content.learnt_table", config_.learnt_table);
      want_file("content.learnt_documents", config_.learnt_documents);
      for (const std::string& each : config_.markings)
        if (std::none_of(each.begin(), each.end(), [](char c) {
              return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80;
            }))
          add("content.markings", "'" + each + "' is no marking: it has no letter and no digit");
    }
    for (const std::string& each : config_.key_logs) want_file("content.key_logs", each);
    if (!config_.syslog.empty()) {
      want_file("events.syslog_ca", config_.syslog_ca);
      if (const auto types = event_types(config_.syslog_events); !types)
        add("events.syslog_events", types.error().message);
    }
    // The default's folder is the package's to make.
    if (config_.database != default_config().database)
      if (const fs::path folder = fs::path{config_.database}.parent_path(); !folder.empty())
        want_folder("inventory.database", folder.string(), true);
    refuse_folder("inventory.database", config_.database);
    if (config_.events != "-") want_folder_of("events.file", config_.events);
    if (config_.pseudonyms) want_folder_of("privacy.key_file", config_.key_file);
    if (const auto clash = clashing_files(config_, config_.database, loaded_.file))
      add(clash->find("events.file") != std::string::npos        ? "events.file"
          : clash->find("privacy.key_file") != std::string::npos ? "privacy.key_file"
                                                                 : "inventory.database",
          *clash);
    if (!config_.events.empty() && config_.events != "-" && is_to_judge("events.file"))
      if (const auto refused = refuse_to_replace(config_.events))
        add("events.file", refused->message);
    if (!config_.syslog.empty() && is_to_judge("events.syslog_spool")) {
      std::error_code ignored;
      if (fs::exists(config_.syslog_spool, ignored) &&
          !fs::is_directory(config_.syslog_spool, ignored))
        add("events.syslog_spool", config_.syslog_spool + ": is no folder");
    }
    if (loaded_.given("service.metrics") && is_to_judge("service.metrics"))
      if (const auto wrong = SmallServer::refused_address(config_.metrics_listen))
        add("service.metrics", wrong->message);

    std::stable_sort(found_.begin(), found_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& each : found_) complaints_.problems.push_back(std::move(each.second));
    return std::move(complaints_);
  }

 private:
  void check_inputs() {
    const std::vector<std::string> there = packet::interface_names();
    std::set<std::string> named;
    for (const std::string& each : config_.interfaces) {
      const std::string listed = packet::kernel_name(each);
      if (!named.insert(listed).second) add("capture.interfaces", each + ": is there twice");
      // The kernel knows other names of interfaces as well, which nothing lists.
      else if (each != "any" &&  // all of them
               std::find(there.begin(), there.end(), listed) == there.end() &&
               ::if_nametoindex(listed.c_str()) == 0)
        add("capture.interfaces",
            each + ": no such interface; there are: " + report::joined(there, ", "), false);
    }
    if (!config_.folder.empty()) want_folder("capture.folder", config_.folder, false);
    const bool streams = !config_.peers.empty() || !config_.listen.empty();
    constexpr const char* kOne =
        "interfaces, a folder and pcap-over-IP each want a sensor of their own";
    if (!config_.folder.empty() && (!config_.interfaces.empty() || streams))
      add("capture.folder", kOne);
    else if (!config_.interfaces.empty() && streams)
      add(config_.peers.empty() ? "capture.pcap_over_ip_listen" : "capture.pcap_over_ip", kOne);
  }

  [[nodiscard]] bool is_to_judge(std::string_view name) const {
    const Setting& setting = *find_setting(name);
    return running_ == nullptr || value_text(config_, setting) != value_text(*running_, setting);
  }
  [[nodiscard]] bool may_look(int failed) const { return running_ == nullptr || failed != EACCES; }

  void want_folder(std::string_view name, const std::string& path, bool misused) {
    if (!is_to_judge(name)) return;
    std::error_code failed;
    if (fs::is_directory(path, failed) || !may_look(failed.value())) return;
    add(name, path + ": " + (failed ? failed.message() : "is not a folder"), misused);
  }

  // Of a file that is made when it is not there.
  void want_folder_of(std::string_view name, const std::string& file) {
    if (file.empty()) return;
    if (const fs::path folder = fs::path{file}.parent_path(); !folder.empty())
      want_folder(name, folder.string(), true);
    refuse_folder(name, file);
  }

  void refuse_folder(std::string_view name, const std::string& file) {
    if (!is_to_judge(name)) return;
    std::error_code ignored;
    if (fs::is_directory(file, ignored)) add(name, file + ": is a folder");
  }

  void want_file(std::string_view name, const std::string& path) {
    if (path.empty() || !is_to_judge(name)) return;
    if (::access(path.c_str(), R_OK) != 0) {
      const int failed = errno;
      if (may_look(failed)) add(name, path + ": " + std::strerror(failed));
      return;
    }
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) add(name, path + ": is a folder");
  }

  void add(std::string_view name, const std::string& what, bool misused = true) {
    if (!misused && running_ != nullptr) return;
    const Setting& setting = *find_setting(name);
    found_.emplace_back(loaded_.origin_of(setting).line, complaint_of(loaded_, setting, what));
    complaints_.misused |= misused;
  }

  const LoadedConfig& loaded_;
  const Config& config_;
  const Config* const running_;
  std::vector<std::pair<unsigned, std::string>> found_;  // by line
  ConfigComplaints complaints_;
};

}  // namespace

bool names_no_source(const Config& config) {
  return config.interfaces.empty() && config.folder.empty() && config.peers.empty() &&
         config.listen.empty();
}

ConfigComplaints check_for_capture(const LoadedConfig& loaded) {
  return Checker{loaded, nullptr}.check();
}

ConfigComplaints check_for_reload(const LoadedConfig& loaded, const Config& running) {
  return Checker{loaded, &running}.check();
}

std::vector<std::string> check_keep(const LoadedConfig& loaded) {
  std::vector<std::string> problems;
  for (const auto& [kind, what] : inventory::complaints(retention(loaded.values))) {
    const std::string name = "keep." + std::string{kind};
    problems.push_back(
        complaint_of(loaded, *find_setting(name), std::string{what} + remedy_of(loaded, name)));
  }
  return problems;
}

std::vector<std::string> check_filter(const LoadedConfig& loaded) {
  const auto wrong = filter_complaint(loaded.values);
  if (!wrong) return {};
  return {complaint_of(loaded, *find_setting("capture.filter"), *wrong)};
}

std::optional<std::string> one_file_twice(
    const std::vector<std::pair<std::string, std::string>>& files) {
  std::vector<std::pair<std::string, fs::path>> known;
  for (const auto& [name, text] : files) {
    std::error_code ignored;
    if (text.empty() || text == "-") continue;
    if (fs::exists(text, ignored) && !fs::is_regular_file(text, ignored)) continue;  // /dev/null
    // Links are followed, and folders of files that are not there yet.
    std::error_code hidden;
    fs::path path = fs::weakly_canonical(fs::absolute(text), hidden);
    if (hidden) path = fs::absolute(text).lexically_normal();
    for (const auto& [other, there] : known)
      if (path == there || fs::equivalent(path, there, ignored))
        return name + " and " + other + " are one file: " + text;
    known.emplace_back(name, std::move(path));
  }
  return std::nullopt;
}

std::optional<std::string> clashing_files(const Config& config, const std::string& database,
                                          const std::string& config_file,
                                          const std::string& status) {
  using Files = std::vector<std::pair<std::string, std::string>>;
  Files written{{"inventory.database", database}};
  for (const char* beside : {"-wal", "-shm", "-lock"})
    written.emplace_back("what belongs to the inventory", database + beside);
  written.emplace_back("privacy.key_file", !config.key_file.empty() || !config.pseudonyms
                                               ? config.key_file
                                               : inventory::default_key_path(database).string());
  written.emplace_back("events.file", config.events);
  written.emplace_back("--write-status", status);
  if (auto twice = one_file_twice(written)) return twice;
  Files read;
  for (const std::string& keys : config.key_logs) read.emplace_back("a key log", keys);
  read.emplace_back("content.learnt_table", config.learnt_table);
  read.emplace_back("content.learnt_documents", config.learnt_documents);
  read.emplace_back("events.syslog_ca", config.syslog_ca);
  read.emplace_back("the configuration", config_file);
  // Two that are only read may be one.
  for (auto& each : read) {
    Files with = written;
    with.push_back(std::move(each));
    if (auto twice = one_file_twice(with)) return twice;
  }
  return std::nullopt;
}

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

}  // namespace gnomon::cli
