// Folder to catalogue: reads the files, puts what they say together, and checks that they agree.
#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>
#include <span>
#include <unordered_map>

#include "catalogue_builder.h"
#include "gnomon/yaml/yaml_cache.h"
#include "text_file.h"

namespace gnomon::identify {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kProblemsMax = 1000;  // reported; more help nobody

// The files of one folder, each shown to one of the builder's readers.
class FolderReader {
 public:
  // `shown`: what stands before a file's name in problems.
  FolderReader(CatalogueBuilder& builder, fs::path folder, std::string shown,
               std::optional<Pack> pack = {})
      : builder_(builder),
        folder_(std::move(folder)),
        shown_(std::move(shown)),
        pack_(std::move(pack)) {}

  using Reader = void (CatalogueBuilder::*)(std::string_view text, std::string_view file);

  void read(const fs::path& path, Reader reader) {
    const std::string name = path.lexically_relative(folder_).generic_string();
    std::string why = read_text_file(path, kSignatureFileBytesMax, text_);
    if (why.empty() && pack_) why = pack_->complaint(name, text_);
    if (why.empty())
      (builder_.*reader)(text_, shown_ + name);
    else
      builder_.add_problem({shown_ + name, 0, {}, std::move(why)});
  }

  // Without the folders of these names, which are for others to read.
  void read_all(const fs::path& below, Reader reader,
                std::span<const std::string_view> without = {}) {
    std::vector<fs::path> misnamed;
    auto files = yaml_files_below(below, &misnamed);
    const auto passed_over = [&](const fs::path& path) {
      const std::string first = path.lexically_relative(below).begin()->string();
      return std::find(without.begin(), without.end(), first) != without.end();
    };
    std::erase_if(misnamed, passed_over);
    if (!files) builder_.add_problem({below.string(), 0, {}, files.error().message});
    for (const fs::path& path : misnamed)
      builder_.add_problem({shown_ + path.lexically_relative(folder_).generic_string(),
                            0,
                            {},
                            "must be named .yaml to be read"});
    if (!files) return;
    for (const fs::path& path : *files)
      if (!passed_over(path)) read(path, reader);
  }

 private:
  CatalogueBuilder& builder_;
  fs::path folder_;
  std::string shown_;
  std::optional<Pack> pack_;
  std::string text_;
};

// The folder's pack, where it is one; a problem when its signature is not good, or missing and
// required. False: not to be read.
bool open_pack(const fs::path& folder, const PackTrust& trust, CatalogueBuilder& builder,
               std::optional<Pack>& pack) {
  auto opened = Pack::open(folder, trust);
  if (!opened) {
    builder.add_problem({opened.error().message, 0, {}, "the pack is refused"});
    return false;
  }
  pack = std::move(*opened);
  if (pack || !trust.required) return true;
  builder.add_problem({folder.string(), 0, {}, "is not signed, and only signed packs are wanted"});
  return false;
}

void read_shipped(const SignatureFolders& folders, CatalogueBuilder& builder) {
  std::optional<Pack> pack;
  PackTrust trust = folders.trust;
  trust.required = trust.required && !folders.shipped_is_installed;
  if (!open_pack(folders.shipped, trust, builder, pack)) return;
  FolderReader reader{builder, folders.shipped, {}, std::move(pack)};
  reader.read(folders.shipped / "vocabulary.yaml", &CatalogueBuilder::read_vocabulary);
  reader.read(folders.shipped / "sources.yaml", &CatalogueBuilder::read_sources);
  reader.read(folders.shipped / "shared-hosts.yaml", &CatalogueBuilder::read_shared_hosts);
  reader.read(folders.shipped / "clients.yaml", &CatalogueBuilder::read_clients);
  std::error_code ignored;
  for (const char* part : {"apps", "unreviewed"}) {
    if (fs::exists(folders.shipped / part, ignored))
      reader.read_all(folders.shipped / part, &CatalogueBuilder::read_apps);
  }
}

// A local folder holds files of its own and, in folders below, packs.
void read_local(const fs::path& folder, const PackTrust& trust, CatalogueBuilder& builder) {
  std::error_code failed;
  if (!fs::exists(folder, failed)) return;
  const std::vector<fs::path> packs = packs_below(folder);
  std::vector<fs::path> files;
  for (const fs::directory_entry& each : fs::directory_iterator{folder, failed}) {
    const std::string name = each.path().filename().string();
    // Weights and thresholds are for others to read.
    if (name.starts_with('.') || name == "risk.yaml" || name == "anomalies.yaml") continue;
    if (name.ends_with(".yml"))
      builder.add_problem({each.path().string(), 0, {}, "must be named .yaml to be read"});
    if (name.ends_with(".yaml") && !each.is_directory(failed)) files.push_back(each.path());
  }
  if (failed) builder.add_problem({folder.string(), 0, {}, failed.message()});
  std::sort(files.begin(), files.end());

  builder.begin_rank(Rank::kPack);
  for (const fs::path& path : packs) {
    std::optional<Pack> pack;
    if (!open_pack(path, trust, builder, pack)) continue;
    FolderReader{builder, path, path.string() + "/", std::move(pack)}.read_all(
        path, &CatalogueBuilder::read_apps, kFolderParts);
  }
  builder.begin_rank(Rank::kLocal);
  std::optional<Pack> own;
  if (files.empty() || !open_pack(folder, trust, builder, own)) return;
  FolderReader reader{builder, folder, folder.string() + "/", std::move(own)};
  for (const fs::path& path : files) reader.read(path, &CatalogueBuilder::read_apps);
}

}  // namespace

Result<Catalogue> Catalogue::load(const fs::path& folder, std::vector<Problem>* problems) {
  SignatureFolders folders;
  folders.shipped = folder;
  return load(folders, problems);
}

Catalogue Catalogue::nothing() {
  CatalogueBuilder builder;
  return builder.finish();
}

Result<Catalogue> Catalogue::load(const SignatureFolders& folders, std::vector<Problem>* problems) {
  std::error_code failed;
  if (!fs::is_directory(folders.shipped, failed))
    return Error{"no such folder of signatures"}.in(folders.shipped.string());

  YamlCache cache{folders.cache, "apps"};
  CatalogueBuilder builder{&cache};
  read_shipped(folders, builder);
  if (!folders.local.empty()) read_local(folders.local, folders.trust, builder);
  Catalogue catalogue = builder.finish();
  if (builder.problems().empty()) {
    cache.save();  // a file that is kept was good
    return catalogue;
  }

  const std::vector<Problem>& all = builder.problems();
  Problem first = all.front();
  if (!fs::path{first.file}.is_absolute()) first.file = (folders.shipped / first.file).string();
  std::string message = first.to_string();
  if (all.size() > 1) message += " (and " + std::to_string(all.size() - 1) + " more)";
  if (problems != nullptr) {
    const std::size_t shown = std::min(all.size(), kProblemsMax);
    problems->assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown));
  }
  return Error{std::move(message)};
}

// A name that is misspelt leaves the app as it is, which somebody is to know. One that was right
// may be of an app that is shipped no more: a sensor is not to stop for that.
void CatalogueBuilder::check_disabled() {
  const std::vector<App>& apps = contents_->apps;
  for (const Disabled& each : disabled_) {
    bool shipped = false;
    for (std::size_t i = 0; i < apps.size() && !shipped; ++i)
      shipped = ranks_[i] == Rank::kShipped && apps[i].id == each.id;
    if (!shipped)
      contents_->doubts.push_back(
          {std::string{each.file}, each.line, "disabled_apps",
           "no app that was shipped has the id '" + std::string{each.id} + "'"});
  }
}

void CatalogueBuilder::sort_apps() {
  std::vector<App>& apps = contents_->apps;
  std::vector<std::size_t> by_id(apps.size());
  std::iota(by_id.begin(), by_id.end(), std::size_t{0});
  // Of one id, what counts most comes first.
  std::stable_sort(by_id.begin(), by_id.end(), [&](std::size_t a, std::size_t b) {
    return apps[a].id != apps[b].id ? apps[a].id < apps[b].id : ranks_[a] > ranks_[b];
  });
  order_.assign(apps.size(), kNobody);
  std::vector<App> sorted;
  sorted.reserve(apps.size());
  Rank rank_of_last = Rank::kShipped;
  for (const std::size_t from : by_id) {
    const bool again =
        !sorted.empty() && !apps[from].id.empty() && sorted.back().id == apps[from].id;
    if (again && ranks_[from] < rank_of_last) continue;  // overridden as a whole
    if (ranks_[from] == Rank::kShipped &&
        std::any_of(disabled_.begin(), disabled_.end(),
                    [&](const Disabled& each) { return each.id == apps[from].id; }))
      continue;
    order_[from] = sorted.size();
    rank_of_last = ranks_[from];
    if (again) {
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
  // What counts most claims first; a lesser claim on the same pattern is overridden.
  std::stable_sort(claims_.begin(), claims_.end(),
                   [](const Claim& a, const Claim& b) { return a.rank > b.rank; });
  std::unordered_map<std::string_view, Rank> domains;  // that were not shipped
  for (std::size_t number = 0; number < claims_.size(); ++number) {
    const Claim& claim = claims_[number];
    const bool gone = claim.app != kNobody && order_[claim.app] == kNobody;
    if (gone) {
      matches.emplace_back();
      continue;
    }
    const bool tree = claim.endpoint == kNoEndpoint;
    if (tree && claim.rank != Rank::kShipped) domains.emplace(claim.pattern, claim.rank);
    // A domain takes its own name, and all below it, from what counts less: on the same end an
    // endpoint would come first otherwise.
    if (!tree) {
      const std::string_view bare =
          claim.pattern.starts_with("*.") ? claim.pattern.substr(2) : claim.pattern;
      const auto taken = domains.find(bare);
      if (taken != domains.end() && taken->second > claim.rank) {
        matches.emplace_back();
        continue;
      }
    }
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
    if (taken != HostTable::kNone && claims_[taken].rank == claim.rank)
      check_overlap(claim, claims_[taken], tree ? "domains" : "host");
  }
  contents_->hosts.finish();
}

Catalogue CatalogueBuilder::finish() {
  check_disabled();
  sort_apps();
  match_claims();
  std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
    return a.file != b.file ? a.file < b.file : a.line < b.line;
  });
  return Catalogue{std::move(contents_)};
}

}  // namespace gnomon::identify
