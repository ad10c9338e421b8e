#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>

#include "command.h"
#include "config/config_check.h"
#include "config/config_file.h"
#include "config/config_text.h"
#include "options.h"
#include "service/knowledge_set.h"

namespace gnomon::cli {
namespace {

void write(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

int run_config(Arguments arguments) {
  CommandLine line{"config", "check [FILE] | show [OPTIONS] | sample | reference",
                   "check: says everything that is wrong with a configuration, with file and line:\n"
                   "also what this machine does not have, such as processors, folders and key logs.\n"
                   "show: the effective values, and where each comes from.\n"
                   "sample: a file with every setting, its default and what it does.\n"
                   "reference: the same as a table, for documentation."};
  add_config_options(line, {});
  line.options().add_options()("json", boost::program_options::bool_switch(),
                               "show: as one JSON object");
  line.add_notes("Without FILE or --config: " + std::string{kConfigFile} + ".");
  line.take_words("one of check, show, sample, reference", 1, 2);
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  const std::string& what = line.words().front();
  if (line.words().size() == 2 && what != "check")
    return line.misused("unexpected argument '" + line.words()[1] + "'");
  if (what == "sample") return write(config_sample()), kDone;
  if (what == "reference") return write(config_reference()), kDone;
  if (what != "check" && what != "show")
    return line.misused("'" + what + "' is none of " +
                        one_of({"check", "show", "sample", "reference"}));

  std::vector<std::string> problems;
  LoadedConfig loaded;
  if (what == "check") {
    if (line.words().size() == 2 && line.has("config"))
      return line.misused("FILE and --config name two files");
    std::string file = line.text("config");
    if (line.words().size() == 2) file = line.words()[1];
    read_config_file(file.empty() ? kConfigFile : file, loaded, problems);
    apply_options(line, loaded, problems);
    // What could not be read at all has said so, and is not judged by its defaults.
    bool misused = !problems.empty();
    if (!loaded.file.empty()) {
      ConfigComplaints more = check_for_capture(loaded);
      misused |= more.misused;
      problems.insert(problems.end(), std::make_move_iterator(more.problems.begin()),
                      std::make_move_iterator(more.problems.end()));
      // What it names is read as a capture reads it, but for what is not even there: that is said.
      Config read = loaded.values;
      std::error_code ignored;
      for (std::string* learnt : {&read.learnt_table, &read.learnt_documents})
        if (!std::filesystem::is_regular_file(*learnt, ignored)) learnt->clear();
      if (std::any_of(problems.begin(), problems.end(), [](const std::string& each) {
            return each.find("is no marking") != std::string::npos;
          }))
        read.markings.clear();
      const std::size_t before = problems.size();
      if (read.signatures.empty() || std::filesystem::is_directory(read.signatures, ignored))
        if (const auto set = load_knowledge(read, problems))
          problems.insert(problems.end(), set->doubts.begin(), set->doubts.end());
      misused |= problems.size() > before;
    }
    if (!problems.empty())
      return say_config_problems(problems), misused ? kMisused : kUnreadable;
  } else {
    loaded = load_config(line, kConfigFile, problems);
    for (std::string& each : check_filter(loaded)) problems.push_back(std::move(each));
  }
  if (!problems.empty()) return say_config_problems(problems), kMisused;
  if (what == "show")
    write(line.get<bool>("json") ? config_as_json(loaded) : config_as_yaml(loaded));
  else
    std::printf("%s: good%s\n", loaded.file.c_str(),
                names_no_source(loaded.values)
                    ? ", but names nothing to capture from (capture.interfaces, for instance)"
                    : "");
  return kDone;
}

}  // namespace gnomon::cli
