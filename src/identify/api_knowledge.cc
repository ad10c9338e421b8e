// Folder to knowledge of APIs, products and artifacts.
#include <algorithm>
#include <fstream>
#include <string>

#include "api_builder.h"

namespace gnomon::identify {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileBytesMax = 4 * 1024 * 1024;
constexpr std::size_t kFilesMax = 5000;

std::vector<fs::path> yaml_files(const fs::path& folder, const fs::path& root,
                                 ApiBuilder& builder) {
  std::vector<fs::path> files;
  std::error_code failed;
  if (!fs::exists(folder, failed)) return files;
  for (fs::recursive_directory_iterator at{folder, failed}, end; !failed && at != end;
       at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with('.')) {
      if (at->is_directory(failed)) at.disable_recursion_pending();
    } else if (name.ends_with(".yml")) {
      builder.add_problem(
          {at->path().lexically_relative(root).string(), 0, {}, "must be named .yaml to be read"});
    } else if (name.ends_with(".yaml") && files.size() < kFilesMax) {
      files.push_back(at->path());
    }
  }
  if (failed)
    builder.add_problem({folder.string(), 0, {}, "cannot be listed: " + failed.message()});
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

ApiKnowledge::ApiKnowledge(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}
ApiKnowledge::ApiKnowledge(ApiKnowledge&&) noexcept = default;
ApiKnowledge& ApiKnowledge::operator=(ApiKnowledge&&) noexcept = default;
ApiKnowledge::~ApiKnowledge() = default;
std::size_t ApiKnowledge::family_count() const { return contents_->families; }
std::size_t ApiKnowledge::product_count() const {
  return contents_->subjects.size() - contents_->families;
}

Result<ApiKnowledge> ApiKnowledge::load(const fs::path& folder, std::vector<Problem>* problems) {
  std::error_code failed;
  if (!fs::is_directory(folder, failed))
    return Error{"no such folder of signatures"}.in(folder.string());

  ApiBuilder builder;
  const auto read = [&](std::string_view part, auto reader) {
    for (const fs::path& path : yaml_files(folder / part, folder, builder)) {
      const std::string name = path.lexically_relative(folder).string();
      std::ifstream file{path, std::ios::binary};
      std::string text;
      if (file && fs::file_size(path, failed) <= kFileBytesMax)
        text.assign(std::istreambuf_iterator<char>{file}, {});
      if (!file || failed || text.empty()) {
        builder.add_problem({name, 0, {}, "cannot be read, is empty or larger than 4 MiB"});
        continue;
      }
      (builder.*reader)(text, name);
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
