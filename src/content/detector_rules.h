#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "country_words.h"
#include "gnomon/bytes/result.h"
#include "gnomon/content/detector.h"
#include "gnomon/content/profile.h"
#include "gnomon/yaml/yaml_tree.h"
#include "pattern.h"
#include "validator.h"

// How a detector decides, as its YAML says (signatures/detectors/README.md tells the keys).
namespace gnomon::content {

struct Check {
  const Validator* validator = nullptr;
  double number = 0;
  std::string word;
};

// Words near a value that say what it is. Lower case; matched without case.
struct ContextRule {
  std::vector<std::string> words;
  std::size_t within = 100;  // bytes before and after
  bool needed = false;       // without one there is no finding at all
};

enum class Raise : std::uint8_t {
  kLow,      // never more than low
  kContext,  // high with a context word
  kProof,    // high when a validator proves it, or with a context word
  kForm,     // the form alone is enough
};

// A text pattern with its hook: what Hyperscan looks for, of fixed width.
struct TextPattern {
  Pattern pattern;
  std::string hook;  // a Hyperscan expression
  std::size_t hook_width = 0;
  std::vector<ByteSet> lead;    // the sets of its bytes
  std::vector<std::vector<ByteSet>> starts;  // the same branch by branch; empty: too many
  std::size_t reach = 0;        // the value may start up to so far before the hook
  std::size_t token_least = 0;  // not hooked: tried where so many letters and digits begin
  bool left_edge = true;        // no letter or digit directly before
  bool right_edge = true;       // nor after
};

// These sets one after the other, as Hyperscan reads them.
std::string as_expression(const std::vector<ByteSet>& sets);
// Any of these; what is there twice is written once.
std::string as_expression(const std::vector<std::vector<ByteSet>>& starts);

// A form of a number without its separators: which places are digits, which letters, which fixed.
struct NumberForm {
  std::size_t length = 0;
  std::uint64_t digits = 0;
  std::uint64_t letters = 0;
  std::string fixed;  // '\0' where it is not
};

struct Rule {
  Detector detector;
  std::vector<TextPattern> patterns;
  std::vector<NumberForm> forms;
  std::vector<std::string> layouts;  // "3-2-4": how the number is usually written
  bool layout_needed = false;
  bool alone = false;  // a number that is proven is told, as low, with no word near
  std::vector<std::string> vendor_words;  // the value counts only behind one of these
  std::vector<std::string> keywords;      // of the built-in readers: "password", "secret" ...
  std::vector<std::string> heads;         // of columns of a table that hold what a reader finds
  std::vector<std::string> account_heads;   // of columns beside which doubtful ones are meant so
  std::vector<std::string> doubtful_heads;  // that may hold other things too
  // Columns of tables that only one kind of file has: sets of captions, as caption_words() gives
  // them.
  std::vector<std::vector<std::string>> table_heads;
  std::string built_in;                   // the reader in code that finds it; empty for most
  std::vector<std::string> file_types;    // files that are one by their type: file_type.h
  std::vector<Check> checks;
  ContextRule context;
  std::vector<Pattern> exclusions;
  Raise raise = Raise::kProof;
  bool general = false;              // of any country: stands for those that nothing tells apart
  bool gives_way = false;            // inside of a sure secret of another kind it is not told
  Country country = kNoCountry;      // whose it is, by its id: "de-passport"
  bool placeholder_check = false;    // examples and placeholders are low
  std::vector<std::string> phrases;  // documents: captions of which `phrases_needed` are wanted
  std::size_t phrases_needed = 0;
  std::vector<std::string> match_examples;
  std::vector<std::string> other_examples;
};

struct RuleBook {
  std::vector<Rule> rules;        // by id
  std::vector<Profile> profiles;  // by id; their indices follow those of the rules
  CountryWords countries;
};

struct RuleFile {
  std::string name;
  std::string text;
  bool local = false;
};

// The detectors of one file; errors say "line 7: what is wrong".
Result<std::vector<Rule>> read_detectors(const YamlNode& root);

// Every rule and profile of every *.yaml in the folders; or the first thing that is wrong. A local
// one stands for one of the same id that is not. The local folder need not exist.
Result<std::vector<RuleFile>> read_rule_files(const std::filesystem::path& folder,
                                              const std::filesystem::path& local_folder);
Result<RuleBook> read_rules(const std::vector<RuleFile>& files, YamlCache* cache = nullptr);

// "ghp_${alnum:36}" with every ${} filled by reproducible characters that are no one's secret.
std::string expand_example(std::string_view example);

}  // namespace gnomon::content
