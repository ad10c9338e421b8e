#include "config_file.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cassert>
#include <cstdio>
#include <filesystem>

#include "../signature_folder.h"
#include "config_check.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/identify/yaml_reader.h"
#include "sensor_options.h"

namespace gnomon::cli {
namespace {

namespace po = boost::program_options;

bool is_time(const Setting& setting) {
  return std::holds_alternative<std::chrono::seconds Config::*>(setting.member);
}

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;

std::string no_such_setting(const std::string& name) {
  const std::string_view near = nearest_setting(name);
  std::string text = "there is no setting '" + name + "'";
  if (!near.empty()) text += "; is '" + std::string{near} + "' meant?";
  return text;
}

bool is_section(std::string_view name) {
  return std::any_of(settings().begin(), settings().end(),
                     [&](const Setting& each) { return section_of(each) == name; });
}

std::string nearest_section(const std::string& name) {
  // As if a setting of it was asked for: the section that needs the fewest changes.
  std::string best;
  std::size_t least = 4;
  for (const Setting& setting : settings()) {
    const std::string_view section = section_of(setting);
    std::size_t same = 0;
    while (same < std::min(section.size(), name.size()) && section[same] == name[same]) ++same;
    const std::size_t apart = std::max(section.size(), name.size()) - same;
    if (apart >= least) continue;
    least = apart;
    best = section;
  }
  return best;
}

void set_origin(LoadedConfig& loaded, const Setting& setting, Origin origin) {
  loaded.origins[static_cast<std::size_t>(&setting - settings().data())] = std::move(origin);
}

class FileReader {
 public:
  FileReader(std::string_view text, const std::string& file, LoadedConfig& loaded)
      : yaml_(text, file, found_), loaded_(loaded) {}

  std::vector<identify::Problem>& read() {
    yaml_.document([this](std::string_view key) { return read_section(std::string{key}); });
    return found_;
  }

 private:
  bool read_section(const std::string& section) {
    if (!is_section(section)) {
      const std::string name{section};
      if (const Setting* const setting = find_setting(name)) {
        yaml_.problem("is written as '" + std::string{key_of(*setting)} + "' below '" +
                      std::string{section_of(*setting)} + ":'");
      } else if (const std::string near = nearest_section(name); !near.empty()) {
        yaml_.problem("is no section of the configuration; is '" + near + "' meant?");
      } else if (const std::string_view other = nearest_setting(name); !other.empty()) {
        yaml_.problem("is no section of the configuration; is '" + std::string{other} + "' meant?");
      } else {
        yaml_.problem("is no section of the configuration ('gnomon config sample' shows all)");
      }
      yaml_.skip();
      return true;
    }
    if (yaml_.nothing()) return true;
    yaml_.mapping([&](std::string_view key) {
      const std::string name = section + "." + std::string{key};
      const Setting* const setting = find_setting(name);
      if (setting != nullptr) {
        read_value(*setting);
      } else {
        yaml_.problem(no_such_setting(name));
        yaml_.skip();
      }
      return true;
    });
    return true;
  }

  void read_value(const Setting& setting) {
    const unsigned line = yaml_.line();
    const std::size_t before = found_.size();
    std::optional<std::string> problem;
    if (is_list(setting)) {
      std::vector<std::string> items;
      if (!yaml_.nothing())
        yaml_.one_or_more([&] { items.emplace_back(yaml_.scalar()); });
      if (found_.size() == before) problem = assign_list(loaded_.values, setting, std::move(items));
    } else if (yaml_.nothing()) {
      problem = "has no value (leave it out for its default, " + std::string{setting.otherwise} +
                "; '' is an empty text)";
    } else {
      const std::string text{yaml_.text()};
      if (found_.size() == before) problem = assign(loaded_.values, setting, text);
    }
    if (problem) found_.push_back({file_of(), line, std::string{key_of(setting)}, *problem});
    if (found_.size() == before) set_origin(loaded_, setting, {Origin::From::kFile, line, {}});
  }

  [[nodiscard]] std::string file_of() const { return std::string{yaml_.file()}; }

  std::vector<identify::Problem> found_;
  identify::YamlReader yaml_;
  LoadedConfig& loaded_;
};

// Those that have a letter of their own.
constexpr std::pair<std::string_view, std::string_view> kShort[] = {{"interface", ",i"},
                                                                    {"read-folder", ",r"}};

bool is_no_flag(const Setting& setting) { return setting.flag.starts_with("no-"); }

// "Reads what is said. No more." as "Does not read what is said.": a setting that is yes or no says
// first what it does, in the third person.
std::string without(std::string_view help) {
  const std::size_t verb_end = help.find("s ");
  assert(verb_end != std::string_view::npos);
  const std::size_t sentence_end = help.find(". ");
  std::string verb{help.substr(0, verb_end)};
  verb.front() = to_lower(verb.front());
  std::string said = "Does not " + verb;
  said.append(help.substr(0, sentence_end).substr(verb_end + 1));
  return said.ends_with('.') ? said : said + '.';
}

}  // namespace

void read_config_text(std::string_view text, const std::string& file, LoadedConfig& loaded,
                      std::vector<std::string>& problems) {
  loaded.file = file;
  // A file of nothing but comments says nothing, which is not wrong.
  bool comment = false;
  const bool empty = std::all_of(text.begin(), text.end(), [&](char each) {
    if (each == '\n') comment = false;
    if (each == '#') comment = true;
    return comment || each == ' ' || each == '\n' || each == '\r' || each == '\t';
  });
  if (empty) return;
  FileReader reader{text, file, loaded};
  auto& found = reader.read();
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& one, const auto& two) { return one.line < two.line; });
  for (const identify::Problem& problem : found) problems.push_back(problem.to_string());
}

void read_config_file(const std::string& path, LoadedConfig& loaded,
                      std::vector<std::string>& problems) {
  loaded.file = path;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    problems.push_back(path + ": is a folder");
    return;
  }
  if (const auto size = std::filesystem::file_size(path, error); !error && size > kFileBytesMax) {
    problems.push_back(path + ": is larger than 1 MiB");
    return;
  }
  const auto text = read_text_file(path);
  if (!text) {
    problems.push_back(text.error().message);
    return;
  }
  read_config_text(*text, path, loaded, problems);
}

void add_config_options(CommandLine& line, std::vector<std::string_view> names) {
  auto add = line.options().add_options();
  add("config", text_value("FILE"), "settings to start from (gnomon config sample); options override them");
  add("set", po::value<std::vector<std::string>>()->value_name("NAME=VALUE")->composing(),
      "override any setting of the configuration; may be given several times");
  for (const std::string_view name : names) {
    const Setting* const setting = find_setting(name);
    if (setting == nullptr || setting->flag.empty()) continue;
    std::string flag{setting->flag};
    for (const auto& [whole, letter] : kShort)
      if (flag == whole) flag += letter;
    std::string help{setting->help};
    if (is_no_flag(*setting)) {
      add(flag.c_str(), po::bool_switch(), without(help).c_str());
      continue;
    }
    if (std::holds_alternative<bool Config::*>(setting->member)) {
      add(flag.c_str(), po::bool_switch(), help.c_str());
      continue;
    }
    if (!setting->otherwise.empty()) help += " (default: " + std::string{setting->otherwise} + ")";
    if (is_list(*setting)) {
      add(flag.c_str(),
          po::value<std::vector<std::string>>()
              ->value_name(setting->unit == Unit::kFile      ? "FILE"
                           : setting->unit == Unit::kAddress ? "ADDRESS:PORT"
                                                             : "NAME")
              ->composing(),
          (help + " May be given several times.").c_str());
      continue;
    }
    const char* const called = setting->unit == Unit::kFile      ? "FILE"
                               : setting->unit == Unit::kFolder  ? "DIR"
                               : setting->unit == Unit::kFilter  ? "BPF"
                               : setting->unit == Unit::kAddress ? "ADDRESS:PORT"
                               : setting->unit == Unit::kCollector ? "URL"
                               : is_time(*setting)               ? "TIME"
                               : setting->unit == Unit::kNone    ? "N"
                                                                 : "VALUE";
    add(flag.c_str(), text_value(called), help.c_str());
  }
}

void apply_options(const CommandLine& line, LoadedConfig& loaded,
                   std::vector<std::string>& problems) {
  for (const Setting& setting : settings()) {
    const std::string flag{setting.flag};
    if (flag.empty() || !line.given(flag)) continue;
    std::optional<std::string> problem;
    if (std::holds_alternative<bool Config::*>(setting.member)) {
      if (!line.get<bool>(flag)) continue;
      problem = assign(loaded.values, setting, is_no_flag(setting) ? "no" : "yes");
    } else if (is_list(setting)) {
      problem = assign_list(loaded.values, setting, line.get<std::vector<std::string>>(flag));
    } else {
      problem = assign(loaded.values, setting, line.text(flag));
    }
    if (problem) problems.push_back("--" + flag + ": " + *problem);
    set_origin(loaded, setting, {Origin::From::kOption, 0, "--" + flag});
  }
  if (!line.has("set")) return;
  for (const std::string& each : line.get<std::vector<std::string>>("set")) {
    const std::size_t equals = each.find('=');
    const std::string name = each.substr(0, equals);
    const Setting* const setting = find_setting(name);
    if (equals == std::string::npos) {
      problems.push_back("--set " + each + ": must be NAME=VALUE");
      continue;
    }
    if (setting == nullptr) {
      problems.push_back("--set: " + no_such_setting(name));
      continue;
    }
    std::optional<std::string> problem;
    const std::string value = each.substr(equals + 1);
    if (is_list(*setting)) {  // items between commas
      std::vector<std::string> items;
      for (std::size_t at = 0; at <= value.size() && !value.empty();) {
        const std::size_t comma = std::min(value.find(',', at), value.size());
        items.push_back(value.substr(at, comma - at));
        at = comma + 1;
      }
      problem = assign_list(loaded.values, *setting, std::move(items));
    } else {
      problem = assign(loaded.values, *setting, value);
    }
    if (problem) problems.push_back("--set " + name + ": " + *problem);
    set_origin(loaded, *setting, {Origin::From::kOption, 0, "--set"});
  }
}

LoadedConfig load_config(const CommandLine& line, const std::string& otherwise,
                         std::vector<std::string>& problems) {
  LoadedConfig loaded;
  const std::string asked = line.text("config");
  std::error_code ignored;
  if (!asked.empty())
    read_config_file(asked, loaded, problems);
  else if (!otherwise.empty() && std::filesystem::exists(otherwise, ignored))
    read_config_file(otherwise, loaded, problems);
  apply_options(line, loaded, problems);
  // What is right by itself, and not together.
  if (problems.empty())
    for (std::string& each : check_keep(loaded)) problems.push_back(std::move(each));
  return loaded;
}

void say_config_problems(const std::vector<std::string>& problems) {
  for (const std::string& problem : problems)
    std::fprintf(stderr, "gnomon: %s\n", problem.c_str());
  if (problems.size() > 1)
    std::fprintf(stderr, "gnomon: %zu problems in the configuration\n", problems.size());
}

std::string origin_text(const LoadedConfig& loaded, const Setting& setting) {
  const Origin& origin = loaded.origin_of(setting);
  switch (origin.from) {
    case Origin::From::kDefault:
      return "default";
    case Origin::From::kFile:
      return loaded.file + ":" + std::to_string(origin.line);
    case Origin::From::kOption:
      return origin.option;
  }
  return {};
}

}  // namespace gnomon::cli
