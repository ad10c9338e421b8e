// Folder to knowledge of APIs, products and artifacts.
#include <string>

#include "api_builder.h"
#include "text_file.h"

namespace gnomon::identify {

ApiKnowledge::ApiKnowledge(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}
ApiKnowledge::ApiKnowledge(ApiKnowledge&&) noexcept = default;
ApiKnowledge& ApiKnowledge::operator=(ApiKnowledge&&) noexcept = default;
ApiKnowledge::~ApiKnowledge() = default;
std::size_t ApiKnowledge::family_count() const { return contents_->families; }
std::size_t ApiKnowledge::product_count() const {
  return contents_->subjects.size() - contents_->families;
}

Result<ApiKnowledge> ApiKnowledge::load(const std::filesystem::path& folder,
                                        std::vector<Problem>* problems) {
  namespace fs = std::filesystem;
  std::error_code failed;
  if (!fs::is_directory(folder, failed))
    return Error{"no such folder of signatures"}.in(folder.string());

  ApiBuilder builder;
  std::string text;
  const auto read = [&](std::string_view part, auto reader) {
    if (!fs::exists(folder / part, failed)) return;
    std::vector<fs::path> misnamed;
    const auto files = yaml_files_below(folder / part, &misnamed);
    if (!files) builder.add_problem({std::string{part}, 0, {}, files.error().message});
    for (const fs::path& path : misnamed)
      builder.add_problem(
          {path.lexically_relative(folder).string(), 0, {}, "must be named .yaml to be read"});
    if (!files) return;
    for (const fs::path& path : *files) {
      const std::string name = path.lexically_relative(folder).string();
      if (std::string why = read_text_file(path, kSignatureFileBytesMax, text); !why.empty()) {
        builder.add_problem({name, 0, {}, std::move(why)});
      } else {
        (builder.*reader)(text, name);
      }
    }
  };
  read("api", &ApiBuilder::read_api);
  read("self-hosted", &ApiBuilder::read_products);
  read("artifacts", &ApiBuilder::read_artifacts);
  auto contents = builder.finish();
  const std::vector<Problem>& all = builder.problems();
  if (all.empty()) return ApiKnowledge{std::move(contents)};

  Problem first = all.front();
  first.file = (folder / first.file).string();
  std::string message = first.to_string();
  if (all.size() > 1) message += " (and " + std::to_string(all.size() - 1) + " more)";
  if (problems != nullptr) *problems = all;
  return Error{std::move(message)};
}

}  // namespace gnomon::identify
