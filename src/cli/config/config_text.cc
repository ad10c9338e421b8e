#include "config_text.h"

#include <algorithm>

#include "gnomon/report/json_writer.h"

namespace gnomon::cli {
namespace {

constexpr std::size_t kWidth = 96;

struct Section {
  std::string_view name;
  std::string_view about;
};
constexpr Section kSections[] = {
    {"inventory", "Where what is seen is kept, and how much of it waits in memory"},
    {"keep", "How long what is seen is kept"},
    {"capture", "What packets are read"},
    {"flows", "The flow table: limits and timeouts"},
    {"content", "What is read of visible requests and answers"},
    {"signatures", "What is known of AI apps"},
    {"events", "Events: into a file, and to a collector"},
    {"privacy", "Who is told of"},
    {"log", "The log"},
    {"service", "The running sensor"},
    {"console", "The web console"},
    {"alerts", "When the sensor says that something is wrong with itself"},
};

std::string_view about_section(std::string_view name) {
  for (const Section& section : kSections)
    if (section.name == name) return section.about;
  return {};
}

void wrap(std::string& out, std::string_view prefix, std::string_view text) {
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column > 0 && column + 1 + word.size() > kWidth) {
      out += '\n';
      column = 0;
    }
    if (column == 0) {
      out += prefix;
      column = prefix.size();
    } else {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  out += '\n';
}

std::string facts_of(const Setting& setting) {
  std::string text = type_text(setting);
  if (const std::string range = range_text(setting); !range.empty()) text += ": " + range;
  return text + (setting.reloads ? "; taken over by a reload" : "; needs a restart");
}

}  // namespace

std::string config_sample() {
  std::string out =
      "# Gnomon's configuration: /etc/gnomon/gnomon.yaml. Every setting stands here with its\n"
      "# default, commented out: take the # before a setting away to change it.\n"
      "# 'gnomon config check' tells what is wrong with this file, 'gnomon config show' what holds.\n";
  const Config defaults = default_config();
  std::string_view section;
  for (const Setting& setting : settings()) {
    if (section_of(setting) != section) {
      section = section_of(setting);
      out += "\n# " + std::string{about_section(section)} + "\n" + std::string{section} + ":\n";
    }
    wrap(out, "  # ", setting.help);
    wrap(out, "  # ", "(" + facts_of(setting) + ")");
    out += "  #" + std::string{key_of(setting)} + ": " + value_text(defaults, setting) + "\n";
  }
  return out;
}

std::string config_as_yaml(const LoadedConfig& loaded) {
  std::string out;
  std::string_view section;
  for (const Setting& setting : settings()) {
    if (section_of(setting) != section) {
      section = section_of(setting);
      out += std::string{section} + ":\n";
    }
    std::string row = "  " + std::string{key_of(setting)} + ": " +
                      value_text(loaded.values, setting);
    row.resize(std::max<std::size_t>(row.size() + 1, 48), ' ');
    out += row + "# " + origin_text(loaded, setting) + "\n";
  }
  return out;
}

std::string config_as_json(const LoadedConfig& loaded) {
  std::string out = "{\n";
  bool first = true;
  for (const Setting& setting : settings()) {
    if (!first) out += ",\n";
    first = false;
    std::string row;
    report::JsonWriter json{row};
    json.begin_object();
    json.member("value", value_text(loaded.values, setting));
    json.member("from", origin_text(loaded, setting));
    json.member("reloads", setting.reloads);
    json.end_object();
    out += "  \"" + std::string{setting.name} + "\": " + row;
  }
  return out + "\n}\n";
}

std::string config_reference() {
  std::string out;
  std::string_view section;
  for (const Setting& setting : settings()) {
    if (section_of(setting) != section) {
      section = section_of(setting);
      out += (out.empty() ? "### `" : "\n### `") + std::string{section} + "`: " +
             std::string{about_section(section)} + "\n\n";
      out += "| setting | value | default | what it does |\n| --- | --- | --- | --- |\n";
    }
    std::string value = type_text(setting);
    if (const std::string range = range_text(setting); !range.empty()) value += ", " + range;
    std::string help{setting.help};
    if (!setting.flag.empty()) help += " Option `--" + std::string{setting.flag} + "`.";
    if (setting.reloads) help += " Reloads.";
    const std::string otherwise =
        setting.otherwise.empty() ? "" : "`" + std::string{setting.otherwise} + "`";
    out += "| `" + std::string{key_of(setting)} + "` | " + value + " | " + otherwise + " | " + help +
           " |\n";
  }
  return out;
}

}  // namespace gnomon::cli
