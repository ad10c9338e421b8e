#include <cstdio>

#include "command.h"
#include "config/config_file.h"
#include "config/config_text.h"
#include "gnomon/packet/bpf_filter.h"
#include "options.h"

namespace gnomon::cli {
namespace {

void write(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// What takes more than the table to judge.
void check_further(const LoadedConfig& loaded, std::vector<std::string>& problems) {
  if (loaded.values.filter.empty()) return;
  const Setting* const setting = find_setting("capture.filter");
  if (const auto filter = packet::BpfFilter::compile(loaded.values.filter); !filter)
    problems.push_back(origin_text(loaded, *setting) + ": key 'filter': " +
                       filter.error().message);
}

}  // namespace

int run_config(Arguments arguments) {
  CommandLine line{"config", "check [FILE] | show [OPTIONS] | sample | reference",
                   "check: says everything that is wrong with a configuration, with file and line.\n"
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
  } else {
    loaded = load_config(line, kConfigFile, problems);
  }
  check_further(loaded, problems);
  if (!problems.empty()) return say_config_problems(problems), kMisused;
  if (what == "show")
    write(line.get<bool>("json") ? config_as_json(loaded) : config_as_yaml(loaded));
  else
    std::printf("%s: good\n", loaded.file.c_str());
  return kDone;
}

}  // namespace gnomon::cli
