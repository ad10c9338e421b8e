// Folder to knowledge of APIs, products and artifacts.
#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include "api_builder.h"
#include "gnomon/identify/pack.h"
#include "gnomon/yaml/yaml_cache.h"
#include "text_file.h"

namespace gnomon::identify {

ApiKnowledge::ApiKnowledge(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}
ApiKnowledge::ApiKnowledge(ApiKnowledge&&) noexcept = default;
ApiKnowledge& ApiKnowledge::operator=(ApiKnowledge&&) noexcept = default;
ApiKnowledge::~ApiKnowledge() = default;
std::optional<std::string> ApiKnowledge::without_credentials(std::string_view url) const {
  constexpr std::size_t kCredentialBytesMin = 16;  // "?key=name" is asked for everywhere
  const std::size_t query = url.find('?');
  if (query == std::string_view::npos) return std::nullopt;
  std::optional<std::string> hidden;
  std::size_t told = 0;  // of the URL
  for (std::size_t at = query + 1; at < url.size();) {
    const std::size_t end = std::min(url.find_first_of("&#", at), url.size());
    const std::string_view pair = url.substr(at, end - at);
    const std::size_t equals = pair.find('=');
    at = end + 1;
    if (equals == std::string_view::npos || pair.size() - equals - 1 < kCredentialBytesMin)
      continue;
    const std::string_view key = pair.substr(0, equals);
    const auto& all = contents_->credential_queries;
    if (std::find(all.begin(), all.end(), key) == all.end()) continue;
    const std::size_t value = end - pair.size() + equals + 1;
    if (!hidden) hidden.emplace();
    hidden->append(url.substr(told, value - told)).append("***");
    told = end;
  }
  if (hidden) hidden->append(url.substr(told));
  return hidden;
}

std::size_t ApiKnowledge::family_count() const { return contents_->families; }
std::size_t ApiKnowledge::product_count() const {
  return contents_->subjects.size() - contents_->families;
}

namespace {

namespace fs = std::filesystem;

// What the parts of one folder of signatures say. `shown`: what stands before a file's name in
// problems.
void read_parts(const fs::path& folder, const std::string& shown, const std::optional<Pack>& pack,
                ApiBuilder& builder) {
  std::string text;
  const auto read = [&](std::string_view part, auto reader) {
    std::error_code failed;
    if (!fs::exists(folder / part, failed)) return;
    std::vector<fs::path> misnamed;
    const auto files = yaml_files_below(folder / part, &misnamed);
    if (!files) builder.add_problem({shown + std::string{part}, 0, {}, files.error().message});
    for (const fs::path& path : misnamed)
      builder.add_problem({shown + path.lexically_relative(folder).generic_string(),
                           0,
                           {},
                           "must be named .yaml to be read"});
    if (!files) return;
    for (const fs::path& path : *files) {
      const std::string name = path.lexically_relative(folder).generic_string();
      std::string why = read_text_file(path, kSignatureFileBytesMax, text);
      if (why.empty() && pack) why = pack->complaint(name, text);
      if (why.empty())
        (builder.*reader)(text, shown + name);
      else
        builder.add_problem({shown + name, 0, {}, std::move(why)});
    }
  };
  read("api", &ApiBuilder::read_api);
  read("self-hosted", &ApiBuilder::read_products);
  read("artifacts", &ApiBuilder::read_artifacts);
}

bool has_parts(const fs::path& folder) {
  std::error_code failed;
  return std::any_of(std::begin(kFolderParts), std::end(kFolderParts),
                     [&](std::string_view part) { return fs::exists(folder / part, failed); });
}

}  // namespace

Result<ApiKnowledge> ApiKnowledge::load(const fs::path& folder, std::vector<Problem>* problems) {
  SignatureFolders folders;
  folders.shipped = folder;
  return load(folders, problems);
}

Result<ApiKnowledge> ApiKnowledge::load(const SignatureFolders& folders,
                                        std::vector<Problem>* problems) {
  std::error_code failed;
  if (!fs::is_directory(folders.shipped, failed))
    return Error{"no such folder of signatures"}.in(folders.shipped.string());

  // Whether the shipped folder's pack is good is the catalogue's to say, which is read first.
  YamlCache cache{folders.cache, "api"};
  ApiBuilder builder{&cache};
  read_parts(folders.shipped, {}, {}, builder);
  const auto read_more = [&](const fs::path& more) {
    if (!has_parts(more)) return;
    auto pack = Pack::open(more, folders.trust);
    if (!pack) {
      builder.add_problem({pack.error().message, 0, {}, "the pack is refused"});
    } else if (!*pack && folders.trust.required) {
      builder.add_problem(
          {more.string(), 0, {}, "is not signed, and only signed packs are wanted"});
    } else {
      read_parts(more, more.string() + "/", *pack, builder);
    }
  };
  if (!folders.local.empty()) {
    builder.begin_rank(1);
    for (const fs::path& pack : packs_below(folders.local)) read_more(pack);
    builder.begin_rank(2);
    read_more(folders.local);
  }
  cache.save();
  auto contents = builder.finish();
  const std::vector<Problem>& all = builder.problems();
  if (all.empty()) return ApiKnowledge{std::move(contents)};

  Problem first = all.front();
  if (fs::path{first.file}.is_relative()) first.file = (folders.shipped / first.file).string();
  std::string message = first.to_string();
  if (all.size() > 1) message += " (and " + std::to_string(all.size() - 1) + " more)";
  if (problems != nullptr) *problems = all;
  return Error{std::move(message)};
}

}  // namespace gnomon::identify
