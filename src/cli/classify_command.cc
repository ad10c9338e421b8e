#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "command.h"
#include "file_text.h"
#include "gnomon/content/document_process.h"
#include "gnomon/content/json_line.h"
#include "gnomon/content/scanner.h"
#include "gnomon/content/tally.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/json_writer.h"
#include "learn_files.h"
#include "options.h"
#include "signature_folder.h"
#include "terminal_table.h"

namespace gnomon::cli {
namespace {

namespace fs = std::filesystem;

// Compiled patterns are kept where this user's caches are.
void write_match(report::JsonWriter& json, const content::Match& match) {
  json.begin_object();
  json.member("detector", match.detector->id);
  json.member("category", content::to_string(match.detector->category));
  json.member("confidence", content::to_string(match.confidence));
  json.member("severity", content::to_string(match.severity));
  json.member("start", match.start);
  json.member("end", match.end);
  json.member_if("sample", match.sample);
  json.member_if("reason", content::to_string(match.reason));
  json.key("reasons");
  json.begin_array();
  for (const std::string_view each : content::to_strings(match.signs)) json.value(each);
  json.end_array();
  if (!match.detector->references.empty()) {
    json.key("references");
    json.begin_array();
    for (const std::string& reference : match.detector->references) json.value(reference);
    json.end_array();
  }
  json.end_object();
}

// What one file says, or one speaker in it: profiles are judged of each, as in traffic.
struct Group {
  std::size_t file = 0;
  content::Role role = content::Role::kNone;
  content::FindingTally tally{{}};
};

Group& group_of(std::vector<Group>& groups, const FileText::Stretch& stretch) {
  for (Group& group : groups)
    if (group.file == stretch.file && group.role == stretch.role) return group;
  groups.emplace_back().file = stretch.file;
  groups.back().role = stretch.role;
  return groups.back();
}

// What is in one file.
class FileScan {
 public:
  FileScan(content::Scanner& scanner, const FileText& file) {
    content::PromptPrints prompt;  // what the system says in a conversation
    content::PromptEcho echo;
    for (std::size_t i = 0; i < file.stretches.size(); ++i) {
      const FileText::Stretch& stretch = file.stretches[i];
      const std::string_view text = file.text_of(i);
      const std::size_t known = matches.size();
      scanner.scan(text, {true, stretch.role}, matches);
      add(known, stretch);
      if (stretch.role == content::Role::kSystem) {
        prompt.next_text();
        prompt.read(text);
      } else if (stretch.role == content::Role::kAssistant) {
        echo.next_text();
        echo.read(text, prompt);
      }
    }
    std::size_t known = matches.size();
    scanner.scan_echo(prompt, echo, matches);
    add(known, {0, content::Role::kAssistant, 0});
    for (std::size_t i = 0; i < file.types.size(); ++i) {
      known = matches.size();
      scanner.scan_type(file.types[i], matches);
      add(known, {0, content::Role::kNone, i});
    }
  }

  content::FindingTally tally{{}};
  std::vector<Group> groups;
  std::vector<content::Match> matches;  // with places in the whole text

 private:
  // Those from `first` on are what this stretch holds.
  void add(std::size_t first, const FileText::Stretch& of) {
    const auto fresh = std::span{matches}.subspan(first);
    if (fresh.empty()) return;
    tally.add(fresh);
    group_of(groups, of).tally.add(fresh);
    for (content::Match& match : fresh) {
      match.start += of.begin;
      match.end += of.begin;
      match.value = {};  // a view that the next scan ends
    }
  }
};

struct ProfileFinding {
  content::FindingTally::Finding finding;
  const Group* group;
};

std::vector<ProfileFinding> profiles_of(const std::vector<Group>& groups,
                                        std::span<const content::Profile> profiles) {
  std::vector<ProfileFinding> all;
  for (const Group& group : groups)
    for (content::FindingTally::Finding& finding :
         group.tally.findings(profiles, {true, group.role}))
      if (finding.detector->is_profile) all.push_back({std::move(finding), &group});
  return all;
}

void write_profiles(report::JsonWriter& json, const FileText& file,
                    const std::vector<ProfileFinding>& all) {
  json.key("profiles");
  json.begin_array();
  for (const auto& [finding, group] : all) {
    json.begin_object();
    json.member("profile", finding.detector->id);
    json.member("category", content::to_string(finding.detector->category));
    json.member("confidence", content::to_string(finding.confidence));
    json.member("severity", content::to_string(finding.severity));
    json.member("reason", finding.sample);
    json.member_if("file_name", file.files[group->file]);
    json.member_if("speaker", content::to_string(group->role));
    json.end_object();
  }
  json.end_array();
}

void write_not_read(report::JsonWriter& json, const std::vector<FileText::NotRead>& all) {
  json.key("not_read");
  json.begin_array();
  for (const FileText::NotRead& each : all) {
    json.begin_object();
    json.member_if("file_name", each.file_name);
    json.member("reason", each.reason);
    json.end_object();
  }
  json.end_array();
}

constexpr std::size_t kNotReadRowsMax = 20;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// What becomes of the inputs together.
struct Inputs {
  std::size_t count = 0;
  std::size_t unreadable = 0;
  bool damaged = false;  // one or more, or not read whole

  [[nodiscard]] int code() const {
    if (unreadable > 0 && unreadable == count) return kUnreadable;
    return unreadable > 0 || damaged ? kDamaged : kDone;
  }
};

// `name` is what messages call the input; empty: standard input. False: there were damaged lines.
bool classify_lines(content::Scanner& scanner, std::istream& in, const std::string& name) {
  const std::string where = name.empty() ? "" : report::printable(name) + ": ";
  std::string line;
  std::string out;
  std::vector<content::Match> matches;
  std::size_t number = 0;
  std::size_t damaged = 0;
  content::JsonLineReader reader;
  while (std::getline(in, line)) {
    ++number;
    if (number == 1 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
    if (line.empty()) continue;
    const auto labelled = reader.read(line);
    if (!labelled) {
      ++damaged;
      std::fprintf(stderr, "gnomon classify: %sline %zu: %s\n", where.c_str(), number,
                   labelled.error().message.c_str());
      continue;
    }
    matches.clear();
    scanner.scan(labelled->text, labelled->context, matches);
    out.clear();
    report::JsonWriter json{out};
    json.begin_object();
    json.key("id");
    out += labelled->id_json;  // as it came: text or number
    out += ",\"findings\":";
    report::JsonWriter findings{out};
    findings.begin_array();
    for (const content::Match& match : matches) write_match(findings, match);
    findings.end_array();
    out += "}\n";
    std::fwrite(out.data(), 1, out.size(), stdout);
  }
  return damaged == 0;
}

int classify_line_files(content::Scanner& scanner, const CommandLine& line) {
  std::ios::sync_with_stdio(false);
  std::vector<std::string> names = line.words();
  if (names.empty()) names.emplace_back("-");
  Inputs inputs{names.size()};
  for (const std::string& name : names) {
    if (name == "-") {
      if (!classify_lines(scanner, std::cin, "")) inputs.damaged = true;
      continue;
    }
    std::ifstream file{name, std::ios::binary};
    std::error_code error;
    if (!file || fs::is_directory(name, error)) {
      (void)line.unreadable(report::printable(name) + ": " +
                            (file ? "is a folder" : std::strerror(errno)));
      ++inputs.unreadable;
      continue;
    }
    if (!classify_lines(scanner, file, name)) inputs.damaged = true;
  }
  return inputs.code();
}

struct Colours {
  bool on = false;
  [[nodiscard]] const char* of(content::Severity severity) const {
    if (!on) return "";
    switch (severity) {
      case content::Severity::kCritical:
        return "\033[1;31m";
      case content::Severity::kHigh:
        return "\033[31m";
      case content::Severity::kMedium:
        return "\033[33m";
      case content::Severity::kLow:
        return "\033[2m";
    }
    return "";
  }
  [[nodiscard]] const char* end() const { return on ? "\033[0m" : ""; }
};

void print_not_read(const std::vector<FileText::NotRead>& all) {
  std::size_t rows = 0;
  for (const FileText::NotRead& each : all) {
    if (++rows > kNotReadRowsMax) break;
    std::printf("  not read%s: %s", each.reason == "truncated" ? " whole" : "",
                report::printable(each.reason).c_str());
    if (!each.file_name.empty()) std::printf("  (%s)", report::printable(each.file_name).c_str());
    std::printf("\n");
  }
  if (all.size() > kNotReadRowsMax)
    std::printf("  and %zu more that were not read (--json tells them)\n",
                all.size() - kNotReadRowsMax);
}

void print_findings(const std::string& name, const std::vector<content::FindingTally::Finding>& all,
                    const std::vector<FileText::NotRead>& not_read, bool low_too) {
  const Colours colours{isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr};
  std::size_t hidden = 0;
  std::printf("%s\n", report::printable(name).c_str());
  std::size_t shown = 0;
  for (const auto& finding : all) {
    if (finding.confidence == content::Confidence::kLow && !low_too) {
      ++hidden;
      continue;
    }
    ++shown;
    // What a row that is sure counts is sure; guesses of the same kind are told apart.
    const bool sure = finding.confidence == content::Confidence::kHigh;
    const unsigned count = finding.told_count();
    const unsigned distinct = finding.told_unique();
    std::printf("  %s%-8s%s  %-14s %-30s %u", colours.of(finding.severity),
                std::string{content::to_string(finding.severity)}.c_str(), colours.end(),
                std::string{content::to_string(finding.detector->category)}.c_str(),
                finding.detector->name.c_str(), count);
    if (distinct > 1) std::printf(" (%u distinct)", distinct);
    if (!finding.sample.empty()) std::printf("  %s", finding.sample.c_str());
    if (const std::string_view reason = content::to_string(finding.reason); !reason.empty())
      std::printf("  (%s)", std::string{reason}.c_str());
    if (!sure)
      std::printf("  low confidence");
    else if (count < finding.count)
      std::printf("  and %u of low confidence", finding.count - count);
    std::printf("\n");
  }
  if (shown == 0)
    std::printf("  nothing sensitive was found%s\n", not_read.empty() ? "" : " in what was read");
  print_not_read(not_read);
  if (hidden > 0) std::printf("  %zu of low confidence not shown (--low shows them)\n", hidden);
}

}  // namespace

int run_classify(Arguments arguments) {
  CommandLine line{
      "classify", "[--jsonl | --json] [FILE...]",
      "Says what is sensitive in files or standard input: keys and passwords, personal,\n"
      "health and financial data, source code, markings, and what several of these mean\n"
      "together (profiles). Nothing is stored."};
  line.add_notes(
      "Exit code 2: no input could be read; 3: some could not, or not whole (encrypted, damaged,\n"
      "longer than what is read).");
  line.options().add_options()  //
      ("jsonl",
       "one {\"id\",\"text\"} a line in, one {\"id\",\"findings\"} a line out")  //
      ("json", "one JSON object a file, with every match")                       //
      ("low", "show findings of low confidence too")                             //
      ("signatures", text_value("DIR"), "the folder with signatures")            //
      ("check", "check the examples that the detectors carry, and do nothing else");
  add_detector_option(line);
  add_registered_options(line);
  line.take_words("FILE", 0, 100000);
  if (const std::optional<int> code = line.parse(arguments)) return *code;
  if (const std::optional<int> code = learn(line)) return *code;
  const auto folder = find_signature_folder(line.text("signatures"));
  if (!folder) return line.misused(folder.error().message);
  content::DetectorOptions options;
  options.cache_folder = cache_folder();
  auto local = local_detectors(line);
  if (!local) return line.misused(local.error().message);
  options.local_folder = std::move(*local);
  if (const std::optional<int> code = add_registered(line, options)) return *code;
  auto set = content::DetectorSet::load(*folder / "detectors", options);
  if (!set) return line.misused(set.error().message);
  if (line.has("check")) {
    const std::vector<std::string> wrong = set->check_examples();
    for (const std::string& each : wrong) std::fprintf(stderr, "%s\n", each.c_str());
    std::printf("%zu detectors, %zu profiles, %zu examples wrong\n", set->detectors().size(),
                set->profiles().size(), wrong.size());
    return wrong.empty() ? kDone : kMisused;
  }
  content::Scanner scanner{*set};
  if (line.has("jsonl")) return classify_line_files(scanner, line);

  content::DocumentProcessOptions process;
  process.program = "/proc/self/exe";
  content::DocumentProcess documents{process};
  std::vector<std::string> names = line.words();
  if (names.empty()) names.emplace_back("-");
  Inputs inputs{names.size()};
  for (const std::string& name : names) {
    std::string bytes;
    if (name == "-") {
      bytes.assign(std::istreambuf_iterator<char>{std::cin}, {});
    } else {
      auto read = read_text_file(name);
      if (!read) {
        (void)line.unreadable(read.error().message);
        ++inputs.unreadable;
        continue;
      }
      bytes = std::move(*read);
    }
    const FileText file = read_file_text(bytes, name, documents);
    if (!file.not_read.empty()) inputs.damaged = true;
    const FileScan found{scanner, file};
    if (line.has("json")) {
      std::string out;
      report::JsonWriter json{out};
      json.begin_object();
      json.member("file", name);
      json.member("type", file.type);
      if (!file.not_read.empty()) write_not_read(json, file.not_read);
      json.key("findings");
      json.begin_array();
      for (const content::Match& match : found.matches) write_match(json, match);
      json.end_array();
      write_profiles(json, file, profiles_of(found.groups, set->profiles()));
      json.end_object();
      std::printf("%s\n", out.c_str());
      continue;
    }
    std::vector<content::FindingTally::Finding> findings = found.tally.findings();
    for (ProfileFinding& each : profiles_of(found.groups, set->profiles())) {
      const auto worse = [&](const auto& other) { return other.severity < each.finding.severity; };
      findings.insert(std::find_if(findings.begin(), findings.end(), worse),
                      std::move(each.finding));
    }
    print_findings(name, findings, file.not_read, line.has("low"));
  }
  return inputs.code();
}

}  // namespace gnomon::cli
