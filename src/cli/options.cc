#include "options.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <typeinfo>
#include <utility>

#include "gnomon/report/display_text.h"

namespace gnomon::cli {
namespace po = boost::program_options;
namespace {

// Long options are written whole: an abbreviation that works today may be ambiguous tomorrow.
constexpr int kStyle = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;

void say(const std::string& line) {
  const std::string text = report::printable(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

CommandLine::CommandLine(std::string name, std::string usage, std::string about)
    : name_(std::move(name)), usage_(std::move(usage)), about_(std::move(about)) {
  options_.add_options()("help,h", "show this help and stop");
}

void CommandLine::take_words(std::string what, std::size_t words_min, std::size_t words_max) {
  words_what_ = std::move(what);
  words_min_ = words_min;
  words_max_ = words_max;
}

std::optional<int> CommandLine::parse(Arguments arguments) {
  try {
    const std::vector<std::string> texts{arguments.begin(), arguments.end()};
    // Without a positional description, what is no option comes back without a key.
    const po::parsed_options parsed =
        po::command_line_parser{texts}.options(options_).style(kStyle).run();
    for (const po::option& option : parsed.options)
      if (option.string_key.empty())
        words_.insert(words_.end(), option.value.begin(), option.value.end());
    po::store(parsed, values_);
    // Boost takes "-1" for the largest number that there is.
    for (const po::option& option : parsed.options) {
      if (option.string_key.empty() || option.value.empty()) continue;
      const std::type_info& type = values_[option.string_key].value().type();
      const bool natural = type == typeid(unsigned) || type == typeid(std::size_t);
      if (natural && option.value.front().starts_with('-'))
        return misused("--" + option.string_key + ": '" + option.value.front() +
                       "' is less than none");
    }
    if (has("help")) {
      const std::string text = help();
      std::fwrite(text.data(), 1, text.size(), stdout);
      return kDone;
    }
    po::notify(values_);
  } catch (const po::error& error) {
    return misused(error.what());
  }
  if (words_.size() > words_max_)
    return misused("unexpected argument '" + words_[words_max_] + "'");
  if (words_.size() < words_min_) return misused(words_what_ + " is missing");
  return std::nullopt;
}

std::string CommandLine::text(const std::string& option) const {
  return has(option) ? values_[option].as<std::string>() : std::string{};
}

int CommandLine::misused(std::string_view message) const {
  say("gnomon " + name_ + ": " + std::string{message} + " (see 'gnomon " + name_ + " --help')");
  return kMisused;
}

int CommandLine::unreadable(std::string_view message) const {
  say("gnomon " + name_ + ": " + std::string{message});
  return kUnreadable;
}

std::string CommandLine::help() const {
  std::ostringstream out;
  out << "Usage: gnomon " << name_ << ' ' << usage_ << "\n\n" << about_ << "\n\n" << options_;
  if (!notes_.empty()) out << '\n' << notes_ << '\n';
  return out.str();
}

po::typed_value<std::string>* text_value(const std::string& called) {
  return po::value<std::string>()->value_name(called);
}

po::typed_value<std::string>* text_value(const std::string& called, const std::string& otherwise) {
  return text_value(called)->default_value(otherwise);
}

void add_database_option(CommandLine& line) {
  line.options().add_options()("db", text_value("FILE", std::string{kDatabaseDefault}),
                               "the inventory, as 'gnomon replay' makes it");
}

std::string one_of(const std::vector<std::string_view>& choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
    text += "'" + std::string{choices[i]} + "'";
  }
  return text;
}

std::optional<int> refuse_other_formats(const CommandLine& line,
                                        const std::vector<std::string_view>& formats) {
  const std::string wanted = line.text("format");
  if (std::find(formats.begin(), formats.end(), wanted) != formats.end()) return std::nullopt;
  return line.misused("--format: '" + wanted + "' is not " + one_of(formats));
}

std::string no_inventory_message(const std::string& path, const std::string& reason) {
  // The reason mostly begins with the path; it is said once.
  std::string message = reason.starts_with(path) ? reason : path + ": " + reason;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    message += "; 'gnomon replay --db " + path + " FILE...' makes one from captures";
  else
    message += "; an inventory is made by 'gnomon replay --db FILE CAPTURE...'";
  return message;
}

}  // namespace gnomon::cli
