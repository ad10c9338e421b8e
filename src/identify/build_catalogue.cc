// Folder to catalogue: reads the files, puts what they say together, and checks that they agree.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <numeric>

#include "catalogue_builder.h"

namespace gnomon::identify {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileBytesMax = 4 * 1024 * 1024;
constexpr std::size_t kFilesMax = 20'000;
constexpr std::size_t kProblemsMax = 1000;  // reported; more help nobody

// Replaces `text` by what the file holds; a reason when it cannot.
std::string read_file(const fs::path& path, std::string& text) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::strerror(errno);
  std::string why;
  text.clear();
  std::array<char, 16 * 1024> piece;
  for (;;) {
    const ssize_t got = ::read(file, piece.data(), piece.size());
    if (got < 0) why = std::strerror(errno);
    if (got <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > kFileBytesMax) {
      why = "larger than 4 MiB: that is no file of signatures";
      break;
    }
    if (static_cast<std::size_t>(got) < piece.size()) break;
  }
  ::close(file);
  return why;
}

// The *.yaml below a folder, in the order of their paths. Hidden ones and other kinds are passed
// over, but not one that only looks like YAML, which somebody would miss.
std::vector<fs::path> yaml_files(const fs::path& folder, CatalogueBuilder& builder,
                                 const fs::path& root) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::recursive_directory_iterator at{folder, failed}, end; !failed && at != end;
       at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with('.')) {
      if (at->is_directory(failed)) at.disable_recursion_pending();
      continue;
    }
    if (name.ends_with(".yml"))
      builder.add_problem(
          {at->path().lexically_relative(root).string(), 0, {}, "must be named .yaml to be read"});
    if (name.ends_with(".yaml")) files.push_back(at->path());
    if (files.size() > kFilesMax) {
      builder.add_problem({folder.string(), 0, {}, "holds more than 20,000 files"});
      break;
    }
  }
  if (failed)
    builder.add_problem({folder.string(), 0, {}, "cannot be listed: " + failed.message()});
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Result<Catalogue> Catalogue::load(const fs::path& folder, std::vector<Problem>* problems) {
  std::error_code failed;
  if (!fs::is_directory(folder, failed))
    return Error{"no such folder of signatures"}.in(folder.string());

  CatalogueBuilder builder;
  std::string text;
  const auto read = [&](const fs::path& path, auto reader) {
    const std::string name = path.lexically_relative(folder).string();
    if (const std::string why = read_file(path, text); !why.empty()) {
      builder.add_problem({name, 0, {}, why});
      return;
    }
    (builder.*reader)(text, name);
  };
  read(folder / "vocabulary.yaml", &CatalogueBuilder::read_vocabulary);
  read(folder / "sources.yaml", &CatalogueBuilder::read_sources);
  read(folder / "shared-hosts.yaml", &CatalogueBuilder::read_shared_hosts);
  read(folder / "clients.yaml", &CatalogueBuilder::read_clients);
  for (const char* part : {"apps", "unreviewed"}) {
    if (!fs::exists(folder / part, failed)) continue;
    for (const fs::path& path : yaml_files(folder / part, builder, folder))
      read(path, &CatalogueBuilder::read_apps);
  }
  Catalogue catalogue = builder.finish();
  if (builder.problems().empty()) return catalogue;

  const std::vector<Problem>& all = builder.problems();
  Problem first = all.front();
  first.file = (folder / first.file).string();
  std::string message = first.to_string();
  if (all.size() > 1) message += " (and " + std::to_string(all.size() - 1) + " more)";
  if (problems != nullptr) {
    const std::size_t shown = std::min(all.size(), kProblemsMax);
    problems->assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown));
  }
  return Error{std::move(message)};
}

void CatalogueBuilder::sort_apps() {
  std::vector<App>& apps = contents_->apps;
  std::vector<std::size_t> by_id(apps.size());
  std::iota(by_id.begin(), by_id.end(), std::size_t{0});
  std::stable_sort(by_id.begin(), by_id.end(),
                   [&](std::size_t a, std::size_t b) { return apps[a].id < apps[b].id; });
  order_.resize(apps.size());
  std::vector<App> sorted;
  sorted.reserve(apps.size());
  for (const std::size_t from : by_id) {
    order_[from] = sorted.size();
    if (!sorted.empty() && !apps[from].id.empty() && sorted.back().id == apps[from].id) {
      const App& other = sorted.back();
      problems_.push_back({std::string{apps[from].file}, apps[from].line, "id",
                           "'" + std::string{apps[from].id} + "' is the id of another app, in " +
                               std::string{other.file} + ":" + std::to_string(other.line)});
    }
    sorted.push_back(std::move(apps[from]));
  }
  apps = std::move(sorted);
  for (App& app : apps)
    for (Endpoint& endpoint : app.endpoints) endpoint.app = &app;
}

void CatalogueBuilder::check_overlap(const Claim& claim, const Claim& other,
                                     std::string_view what) {
  const std::string place = std::string{other.file} + ":" + std::to_string(other.line);
  problems_.push_back({std::string{claim.file}, claim.line, std::string{what},
                       "'" + std::string{claim.pattern} + "' is claimed already, in " + place});
}

void CatalogueBuilder::match_claims() {
  std::vector<Match>& matches = contents_->matches;
  matches.reserve(claims_.size());
  for (std::size_t number = 0; number < claims_.size(); ++number) {
    const Claim& claim = claims_[number];
    const bool tree = claim.endpoint == kNoEndpoint;
    Match match;
    match.pattern = claim.pattern;
    if (claim.app == kNobody) {
      match.endpoint = &contents_->shared_hosts[claim.endpoint];
      match.role = match.endpoint->role;
      match.shared = true;
    } else {
      const App& app = contents_->apps[order_[claim.app]];
      match.app = &app;
      match.role = app.default_role;
      match.usage = app.usage;
      match.proof = app.proof;
      if (!tree) {
        const Endpoint& endpoint = app.endpoints[claim.endpoint];
        match.endpoint = &endpoint;
        match.role = endpoint.role;
        match.usage = endpoint.usage;
        match.proof = endpoint.proof;
        match.shared = endpoint.shared;
        if (endpoint.shared) match.app = nullptr;
      }
    }
    matches.push_back(match);
    const std::uint32_t taken =
        contents_->hosts.add(claim.pattern, tree, static_cast<std::uint32_t>(number));
    if (taken != HostTable::kNone) check_overlap(claim, claims_[taken], tree ? "domains" : "host");
  }
  contents_->hosts.finish();
}

Catalogue CatalogueBuilder::finish() {
  sort_apps();
  match_claims();
  std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
    return a.file != b.file ? a.file < b.file : a.line < b.line;
  });
  return Catalogue{std::move(contents_)};
}

}  // namespace gnomon::identify
