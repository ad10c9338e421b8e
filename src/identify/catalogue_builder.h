#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "contents.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/identify/yaml_reader.h"
#include "vocabulary.h"

namespace gnomon::identify {

// What counts more when two say something of the same app or host.
enum class Rank : std::uint8_t { kShipped, kPack, kLocal };

// Puts a Catalogue together from texts, and notes whatever is wrong with them. Files that say which
// words there are come first: vocabulary, sources, then the others in any order.
class CatalogueBuilder {
 public:
  // `cache`, which must outlive the builder, knows texts that were read before.
  explicit CatalogueBuilder(YamlCache* cache = nullptr)
      : contents_(std::make_unique<Catalogue::Contents>()), cache_(cache) {}

  // `file` as problems name it, relative to the folder of signatures.
  void read_vocabulary(std::string_view text, std::string_view file);
  void read_sources(std::string_view text, std::string_view file);
  void read_shared_hosts(std::string_view text, std::string_view file);
  void read_clients(std::string_view text, std::string_view file);
  void read_apps(std::string_view text, std::string_view file);

  // The rank of what is read from here on. Apps of packs and local files need no sources, and may
  // disable others.
  void begin_rank(Rank rank) { rank_ = rank; }

  void add_problem(Problem problem) { problems_.push_back(std::move(problem)); }

  // After the last file. The problems are in the order of files and lines; with any of them the
  // catalogue is not to be used.
  Catalogue finish();
  [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }

 private:
  // A pattern somebody wrote down, with its place for problems.
  struct Claim {
    std::string_view pattern;
    std::size_t app = kNobody;           // in the order of reading
    std::size_t endpoint = kNoEndpoint;  // of the app, or of the shared hosts
    std::string_view file;
    unsigned line = 0;
    Rank rank = Rank::kShipped;
  };
  static constexpr std::size_t kNobody = static_cast<std::size_t>(-1);
  static constexpr std::size_t kNoEndpoint = static_cast<std::size_t>(-1);

  // An app that was shipped and is not wanted, with its place for problems.
  struct Disabled {
    std::string_view id;
    std::string_view file;
    unsigned line = 0;
  };

  // What a file of apps says for all of them.
  struct FileDefaults {
    std::string_view vendor;
    std::string_view country;
    std::string_view category;
    bool category_is_wrong = false;
    bool reviewed = true;
  };

  // vocabulary.yaml (build_vocabulary.cc)
  void read_roles(YamlReader& in);
  void read_categories(YamlReader& in);
  void read_attributes(YamlReader& in);
  void read_label_roles(YamlReader& in);
  void read_words(YamlReader& in, std::vector<std::string_view>& words);
  void read_shared_host(YamlReader& in, std::string_view file);
  void read_client(YamlReader& in);

  // Apps (build_apps.cc)
  void read_app(YamlReader& in, std::string_view file, const FileDefaults& defaults);
  unsigned read_endpoint(YamlReader& in, App& app);
  void read_paths(YamlReader& in, Endpoint& endpoint);
  void read_risk(YamlReader& in, App& app);
  void read_facts(YamlReader& in, App& app, std::string_view value);
  void read_incident(YamlReader& in, App& app);
  void add_derived_attributes(App& app);
  // `wrong`: its keys that were complained of, which are not missing besides.
  void complete(App& app, YamlReader& in, const std::vector<std::string>& wrong);

  // Values that several files use (build_values.cc)
  std::string_view keep(std::string_view text) { return contents_->text.keep(text); }
  std::string_view read_text(YamlReader& in) { return keep(in.scalar()); }
  bool read_flag(YamlReader& in);
  Role read_role(YamlReader& in);
  Proof read_proof(YamlReader& in);
  std::string_view read_pattern(YamlReader& in, bool tree);
  void refuse_too_broad(std::string_view pattern, std::string_view file, unsigned line,
                        std::string_view key);
  std::string_view read_country(YamlReader& in);
  std::string_view read_date(YamlReader& in);
  // One of `words`; a problem that calls it a `what` otherwise, and nothing.
  std::string_view read_word(YamlReader& in, const std::vector<std::string_view>& words,
                             std::string_view what);
  std::vector<std::string_view> read_word_list(YamlReader& in,
                                               const std::vector<std::string_view>& words,
                                               std::string_view what);

  // build_catalogue.cc
  void check_disabled();
  void sort_apps();
  void match_claims();
  void check_overlap(const Claim& claim, const Claim& other, std::string_view what);

  std::unique_ptr<Catalogue::Contents> contents_;
  Vocabulary vocabulary_;
  std::unordered_set<std::string_view> too_broad_;
  // The shipped file being read was in a set without problems: asking for thousands of suffixes
  // is a twentieth of a start.
  bool was_good_ = false;
  std::vector<Claim> claims_;
  Rank rank_ = Rank::kShipped;
  std::vector<Rank> ranks_;                 // of apps, in the order of reading
  std::vector<Disabled> disabled_;
  std::vector<std::size_t> order_;          // where the app read n-th is after sorting, or kNobody
  std::vector<Problem> problems_;
  YamlCache* cache_;
};

}  // namespace gnomon::identify
