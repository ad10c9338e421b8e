#include "settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "gnomon/bytes/text_parts.h"
#include "gnomon/report/syslog_output.h"

namespace gnomon::cli {
namespace {

template <class... Case>
struct Cases : Case... {
  using Case::operator()...;
};

struct Scale {
  std::string_view name;
  std::uint64_t factor;
};
// The first that divides a number is the one it is printed with.
constexpr Scale kBytes[] = {
    {"TiB", 1ULL << 40}, {"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}};
constexpr Scale kTimes[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};

std::string quoted(std::string_view text) { return "'" + std::string{text} + "'"; }

// Digits, with _ between them for people; then what it is counted in.
std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_' && i > 0 && i + 1 < text.size()) continue;
    digits += text[i];
  }
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty())
    return std::nullopt;
  return number;
}

std::optional<std::uint64_t> scaled(std::string_view text, std::span<const Scale> scales) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789_"), text.size());
  const auto number = whole_number(text.substr(0, digits));
  if (!number) return std::nullopt;
  const std::string_view unit = trimmed(text.substr(digits));
  if (unit.empty()) return *number == 0 ? number : std::nullopt;
  for (const Scale& scale : scales) {
    if (unit != scale.name) continue;
    if (*number > (~std::uint64_t{0} >> 1) / scale.factor) return std::nullopt;
    return *number * scale.factor;
  }
  return std::nullopt;
}

std::string scaled_text(std::uint64_t number, std::span<const Scale> scales) {
  if (number == 0) return "0";
  for (const Scale& scale : scales)
    if (number % scale.factor == 0)
      return std::to_string(number / scale.factor) + " " + std::string{scale.name};
  return std::to_string(number);
}

std::string double_text(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

std::optional<bool> truth(std::string_view text) {
  for (const std::string_view yes : {"yes", "true", "on"})
    if (text == yes) return true;
  for (const std::string_view no : {"no", "false", "off"})
    if (text == no) return false;
  return std::nullopt;
}

std::string out_of_range(const Setting& setting) { return "must be " + range_text(setting); }

bool in_range(const Setting& setting, double number) {
  return number >= setting.min && number <= setting.max;
}

// HOST:PORT, with an address in brackets when it has colons itself.
bool is_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = whole_number(text.substr(colon + 1));
  if (!port || *port == 0 || *port > 65535) return false;
  std::string_view host = text.substr(0, colon);
  if (host.front() == '[') return host.size() > 2 && host.back() == ']';
  return host.find(':') == std::string_view::npos && host.find(' ') == std::string_view::npos;
}

std::optional<std::string> text_problem(const Setting& setting, std::string_view text) {
  const bool control = std::any_of(text.begin(), text.end(), [](char each) {
    return static_cast<unsigned char>(each) < 0x20 || each == 0x7f;
  });
  if (control) return "must not hold control characters";
  if (text.size() > 4096) return "is longer than 4096 characters";
  switch (setting.unit) {
    case Unit::kAddress:
      if (!text.empty() && !is_address(text))
        return quoted(text) + " must be an address and a port, such as 127.0.0.1:9310";
      break;
    case Unit::kCollector:
      if (text.empty()) break;
      if (const auto target = report::SyslogTarget::parse(text); !target)
        return target.error().message;
      break;
    case Unit::kName:
      if (text.find_first_of(" \t/") != std::string_view::npos)
        return quoted(text) + " must be a name";
      break;
    case Unit::kChoice: {
      std::string_view rest = setting.choices;
      std::string all;
      while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find('|'));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        if (text == one) return std::nullopt;
        all += (all.empty() ? "" : rest.empty() ? " or " : ", ") + std::string{one};
      }
      return quoted(text) + " must be " + all;
    }
    default:
      break;
  }
  return std::nullopt;
}

// A word that YAML reads back as it is needs no quotes.
std::string yaml_text(std::string_view text) {
  const bool plain = !text.empty() &&
                     text.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789_./-") == std::string_view::npos &&
                     text != "-" && text.front() != '-';
  const bool address = !text.empty() && text.find(": ") == std::string_view::npos &&
                       text.find_first_not_of("0123456789.:") == std::string_view::npos &&
                       text.back() != ':' && text.front() != ':';
  if (plain || address) return std::string{text};
  std::string out = "'";
  for (const char each : text) {
    out += each;
    if (each == '\'') out += each;
  }
  return out + "'";
}

// How many letters differ, for guessing what was meant.
std::size_t distance(std::string_view one, std::string_view two) {
  std::vector<std::size_t> row(two.size() + 1);
  for (std::size_t j = 0; j <= two.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= one.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= two.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1,
                         diagonal + (one[i - 1] == two[j - 1] ? std::size_t{0} : std::size_t{1})});
      diagonal = above;
    }
  }
  return row[two.size()];
}

}  // namespace

const Setting* find_setting(std::string_view name) {
  for (const Setting& setting : settings())
    if (setting.name == name) return &setting;
  return nullptr;
}

std::string_view section_of(const Setting& setting) {
  return setting.name.substr(0, setting.name.find('.'));
}
std::string_view key_of(const Setting& setting) {
  return setting.name.substr(setting.name.find('.') + 1);
}

std::string_view nearest_setting(std::string_view name) {
  if (name.size() > 128) return {};
  std::string_view best;
  std::size_t least = std::max<std::size_t>(3, name.size() / 3);
  const std::string_view key = name.substr(name.find('.') + 1);
  for (const Setting& setting : settings()) {
    std::size_t apart = distance(name, setting.name);
    if (key == key_of(setting)) apart = 1;  // right, but in another section
    if (apart >= least) continue;
    least = apart;
    best = setting.name;
  }
  return best;
}

bool is_list(const Setting& setting) {
  return std::holds_alternative<std::vector<std::string> Config::*>(setting.member);
}

Config default_config() {
  Config config{};
  for (const Setting& setting : settings())
    if (!is_list(setting)) (void)assign(config, setting, setting.otherwise);
  return config;
}

std::optional<std::string> assign(Config& config, const Setting& setting, std::string_view given) {
  using Problem = std::optional<std::string>;
  const std::string_view text = trimmed(given);
  return std::visit(
      Cases{
          [&](bool Config::*member) -> Problem {
            const auto value = truth(text);
            if (!value) return quoted(text) + " must be yes or no";
            config.*member = *value;
            return {};
          },
          [&](std::uint64_t Config::*member) -> Problem {
            const bool bytes = setting.unit == Unit::kBytes;
            const auto value = bytes ? scaled(text, kBytes) : whole_number(text);
            if (!value && bytes)
              return quoted(text) +
                     " must be a size with its unit, such as 64 MiB (B, KiB, MiB, "
                     "GiB, TiB)";
            if (!value) return quoted(text) + " must be a whole number";
            if (!in_range(setting, static_cast<double>(*value))) return out_of_range(setting);
            config.*member = *value;
            return {};
          },
          [&](double Config::*member) -> Problem {
            double value = 0;
            const auto [end, error] =
                std::from_chars(text.data(), text.data() + text.size(), value);
            if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
              return quoted(text) + " must be a number";
            if (!in_range(setting, value)) return out_of_range(setting);
            config.*member = value;
            return {};
          },
          [&](std::chrono::seconds Config::*member) -> Problem {
            const auto value = scaled(text, kTimes);
            if (!value)
              return quoted(text) + " must be a time with its unit, such as 30 s (s, min, h, d)";
            if (!in_range(setting, static_cast<double>(*value))) return out_of_range(setting);
            config.*member = std::chrono::seconds{*value};
            return {};
          },
          [&](std::string Config::*member) -> Problem {
            if (Problem problem = text_problem(setting, text)) return problem;
            config.*member = text;
            return {};
          },
          [&](std::vector<std::string> Config::*) -> Problem {
            return assign_list(config, setting, {std::string{text}});
          },
      },
      setting.member);
}

std::optional<std::string> assign_list(Config& config, const Setting& setting,
                                       std::vector<std::string> items) {
  const auto* member = std::get_if<std::vector<std::string> Config::*>(&setting.member);
  if (member == nullptr) return "takes one value, not a list";
  if (static_cast<double>(items.size()) > setting.max) return "takes " + range_text(setting);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (trimmed(items[i]).empty()) return "holds an empty item";
    if (auto problem = text_problem(setting, items[i])) return problem;
    if (std::find(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(i), items[i]) !=
        items.begin() + static_cast<std::ptrdiff_t>(i))
      return cli::quoted(items[i]) + " is there twice";
  }
  config.*(*member) = std::move(items);
  return std::nullopt;
}

std::string value_text(const Config& config, const Setting& setting) {
  return std::visit(
      Cases{
          [&](bool Config::*member) -> std::string { return config.*member ? "yes" : "no"; },
          [&](std::uint64_t Config::*member) {
            return setting.unit == Unit::kBytes ? scaled_text(config.*member, kBytes)
                                                : std::to_string(config.*member);
          },
          [&](double Config::*member) { return double_text(config.*member); },
          [&](std::chrono::seconds Config::*member) {
            return scaled_text(static_cast<std::uint64_t>((config.*member).count()), kTimes);
          },
          [&](std::string Config::*member) { return yaml_text(config.*member); },
          [&](std::vector<std::string> Config::*member) {
            std::string text = "[";
            for (const std::string& item : config.*member)
              text += (text.size() > 1 ? ", " : "") + yaml_text(item);
            return text + "]";
          },
      },
      setting.member);
}

std::string type_text(const Setting& setting) {
  const std::string text = setting.unit == Unit::kFile        ? "file"
                           : setting.unit == Unit::kFolder    ? "folder"
                           : setting.unit == Unit::kAddress   ? "address and port"
                           : setting.unit == Unit::kFilter    ? "capture filter"
                           : setting.unit == Unit::kName      ? "name"
                           : setting.unit == Unit::kCollector ? "address of a collector"
                           : setting.unit == Unit::kChoice    ? "choice"
                                                              : "text";
  return std::visit(Cases{
                        [](bool Config::*) -> std::string { return "yes or no"; },
                        [&](std::uint64_t Config::*) -> std::string {
                          return setting.unit == Unit::kBytes ? "size" : "number";
                        },
                        [&](double Config::*) -> std::string {
                          return setting.unit == Unit::kPercent ? "percent" : "number";
                        },
                        [](std::chrono::seconds Config::*) -> std::string { return "time"; },
                        [&](std::string Config::*) { return text; },
                        [&](std::vector<std::string> Config::*) { return "list (" + text + ")"; },
                    },
                    setting.member);
}

std::string range_text(const Setting& setting) {
  const auto both = [&](const auto& text) {
    return text(setting.min) + " to " + text(setting.max);
  };
  return std::visit(Cases{
                        [](bool Config::*) -> std::string { return {}; },
                        [&](std::uint64_t Config::*) {
                          return both([&](double number) {
                            const auto whole = static_cast<std::uint64_t>(number);
                            return setting.unit == Unit::kBytes ? scaled_text(whole, kBytes)
                                                                : std::to_string(whole);
                          });
                        },
                        [&](double Config::*) { return both(double_text); },
                        [&](std::chrono::seconds Config::*) {
                          return both([](double number) {
                            return scaled_text(static_cast<std::uint64_t>(number), kTimes);
                          });
                        },
                        [&](std::string Config::*) {
                          std::string text{setting.choices};
                          for (std::size_t at; (at = text.find('|')) != std::string::npos;)
                            text.replace(at, 1, ", ");
                          return text;
                        },
                        [&](std::vector<std::string> Config::*) {
                          return std::to_string(static_cast<int>(setting.max)) + " at most";
                        },
                    },
                    setting.member);
}

}  // namespace gnomon::cli
