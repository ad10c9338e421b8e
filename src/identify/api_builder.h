#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api_contents.h"
#include "gnomon/identify/yaml_reader.h"

namespace gnomon::identify {

// Puts ApiKnowledge together from the texts of its files, and notes what is wrong with them.
class ApiBuilder {
 public:
  // `cache`, which must outlive the builder, knows texts that were read before.
  explicit ApiBuilder(YamlCache* cache = nullptr)
      : contents_(std::make_unique<ApiKnowledge::Contents>()), cache_(cache) {}

  // `file` as problems name it, relative to the folder of signatures.
  void read_api(std::string_view text, std::string_view file);        // families, accounts
  void read_products(std::string_view text, std::string_view file);   // self-hosted
  void read_artifacts(std::string_view text, std::string_view file);  // sources, formats

  // What is read from here on is of packs (1) or of this network (2), where shipped is 0; it stands
  // for what was read before under the same id.
  void begin_rank(std::uint8_t rank) { rank_ = rank; }

  void add_problem(Problem problem) { problems_.push_back(std::move(problem)); }
  std::unique_ptr<ApiKnowledge::Contents> finish();
  [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }

 private:
  // A subject as it was read, with its traits beside it.
  struct Draft {
    Subject subject;
    std::vector<Trait> traits;
    std::vector<std::vector<ConditionId>> conditions;  // of each trait
    std::string file;
    unsigned line = 0;
    std::uint8_t rank = 0;
  };

  void read_subject(YamlReader& in, std::string_view file, bool family);
  void read_trait(YamlReader& in, Draft& draft);
  void read_says(YamlReader& in, Draft& draft);
  void read_saying(YamlReader& in, Saying what, Draft& draft, std::vector<Says>& into);
  CaptureId capture_at(YamlReader& in, const std::string& place);
  void read_operation(YamlReader& in, Draft& draft);
  Function read_function(YamlReader& in);
  void read_credentials(YamlReader& in);
  void read_tenant(YamlReader& in);
  void read_artifact(YamlReader& in);
  void read_download(YamlReader& in, ArtifactRule& rule);
  void read_format(YamlReader& in);
  void check(Draft& draft, YamlReader& in);

  bool read_flag(YamlReader& in);
  std::string_view keep(std::string_view text) { return contents_->text.keep(text); }
  std::string_view read_text(YamlReader& in) { return keep(in.scalar()); }
  std::string_view read_lower(YamlReader& in);
  std::string_view read_method(YamlReader& in);
  void read_texts(YamlReader& in, std::vector<std::string_view>& into);

  // Each gives the condition of that name, a new one when nobody asked for it before.
  ConditionId condition(std::string key);
  ConditionId path_condition(YamlReader& in);
  ConditionId key_condition(YamlReader& in, NodeId root);
  ConditionId header_condition(YamlReader& in, bool response);
  ConditionId query_condition(YamlReader& in);
  ConditionId text_condition(YamlReader& in, std::string_view kind, std::vector<TextTest>& tests);
  ConditionId stream_condition(YamlReader& in);
  NodeId node(NodeId root, std::string_view path);

  std::unique_ptr<ApiKnowledge::Contents> contents_;
  std::unordered_map<std::string, ConditionId> conditions_;
  std::unordered_map<std::string, CaptureId> captures_;
  std::vector<Draft> drafts_;
  std::vector<Problem> problems_;
  YamlCache* cache_;
  std::uint8_t rank_ = 0;
};

}  // namespace gnomon::identify
