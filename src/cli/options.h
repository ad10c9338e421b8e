#pragma once

#include <boost/program_options.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command.h"

namespace gnomon::cli {

// The words after one command. Whatever is wrong with them becomes one line on standard error.
//
//   CommandLine line{"show", "APP [--db FILE]", "Shows one app whole."};
//   line.options().add_options()("db", text_value("FILE", "gnomon.db"), "the inventory");
//   line.take_words("APP", 1, 1);
//   if (const std::optional<int> code = line.parse(arguments)) return *code;
//   open(line.text("db"), line.words().front());
class CommandLine {
 public:
  // `usage` stands behind "gnomon NAME"; `about` is a paragraph or several, already wrapped.
  CommandLine(std::string name, std::string usage, std::string about);

  // To add to. --help is there already.
  boost::program_options::options_description& options() { return options_; }
  // How many words that are no options are wanted; without this, none: they are refused by name.
  void take_words(std::string what, std::size_t words_min, std::size_t words_max);
  // Printed by --help below the options.
  void add_notes(std::string notes) { notes_ = std::move(notes); }

  // The exit code when there is nothing more to do: kDone after --help, kMisused after a mistake.
  std::optional<int> parse(Arguments arguments);

  [[nodiscard]] bool has(const std::string& option) const { return values_.count(option) > 0; }
  // Written on the command line, not a default.
  [[nodiscard]] bool given(const std::string& option) const {
    return has(option) && !values_[option].defaulted();
  }
  template <class T>
  [[nodiscard]] const T& get(const std::string& option) const {
    return values_[option].as<T>();
  }
  // The option's text, empty when it was not given and has no default.
  [[nodiscard]] std::string text(const std::string& option) const;
  [[nodiscard]] const std::vector<std::string>& words() const { return words_; }

  // "gnomon NAME: message" on standard error; misused() adds where to find help. Both return their
  // exit code. Control characters in the message are escaped.
  [[nodiscard]] int misused(std::string_view message) const;
  [[nodiscard]] int unreadable(std::string_view message) const;

  // The help as --help prints it.
  [[nodiscard]] std::string help() const;

 private:
  std::string name_;
  std::string usage_;
  std::string about_;
  std::string notes_;
  std::string words_what_;
  std::size_t words_min_ = 0;
  std::size_t words_max_ = 0;
  boost::program_options::options_description options_{"Options"};
  boost::program_options::variables_map values_;
  std::vector<std::string> words_;
};

// A text option: what help calls its value, and its default.
boost::program_options::typed_value<std::string>* text_value(const std::string& called);
boost::program_options::typed_value<std::string>* text_value(const std::string& called,
                                                             const std::string& otherwise);

// The analyst's inventory: --db of the commands that read one.
inline constexpr std::string_view kDatabaseDefault = "gnomon.db";
void add_database_option(CommandLine& line);

// "'table', 'csv' or 'json'", for messages about a choice.
std::string one_of(const std::vector<std::string_view>& choices);

// The exit code, after saying so, unless --format is one of these.
std::optional<int> refuse_other_formats(const CommandLine& line,
                                        const std::vector<std::string_view>& formats);

// What to say when an inventory cannot be opened: the reason, and what makes one.
std::string no_inventory_message(const std::string& path, const std::string& reason);

}  // namespace gnomon::cli
