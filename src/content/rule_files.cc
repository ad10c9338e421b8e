#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "detector_rules.h"
#include "gnomon/yaml/yaml_tree.h"
#include "profile_reader.h"
#include "rule_words.h"

namespace gnomon::content {
namespace {

// Keeps the last of `all`, unless something else has its id. A local one takes the place of a
// shipped one.
template <class Entry>
bool settle(std::vector<Entry>& all, std::map<std::string, bool, std::less<>>& ids, bool local) {
  const std::string id = all.back().detector.id;
  const auto [known, is_new] = ids.try_emplace(id, local);
  if (is_new) return true;
  if (known->second || !local) return false;
  known->second = true;
  const auto shipped = std::find_if(all.begin(), all.end(),
                                    [&](const Entry& each) { return each.detector.id == id; });
  if (shipped == all.end() - 1)
    return false;  // a profile by the name of a detector, or the reverse
  *shipped = std::move(all.back());
  all.pop_back();
  return true;
}

template <class Entry>
void sort_by_id(std::vector<Entry>& all) {
  std::sort(all.begin(), all.end(),
            [](const Entry& a, const Entry& b) { return a.detector.id < b.detector.id; });
}

}  // namespace

Result<std::vector<RuleFile>> read_rule_files(const std::filesystem::path& folder,
                                              const std::filesystem::path& local_folder) {
  namespace fs = std::filesystem;
  std::vector<RuleFile> files;
  for (const bool local : {false, true}) {
    const fs::path& each = local ? local_folder : folder;
    std::error_code error;
    if (each.empty() || (local && !fs::exists(each, error))) continue;
    std::vector<fs::path> paths;
    for (fs::directory_iterator at{each, error}, end; !error && at != end; at.increment(error))
      if (at->path().extension() == ".yaml") paths.push_back(at->path());
    if (error) return Error{error.message()}.in(each.string());
    if (!local && paths.empty()) return Error{"holds no *.yaml"}.in(each.string());
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) {
      std::ifstream file{path, std::ios::binary};
      if (!file) return Error{std::strerror(errno)}.in(path.string());
      files.push_back(
          {path.string(), std::string{std::istreambuf_iterator<char>{file}, {}}, local});
    }
  }
  return files;
}

Result<RuleBook> read_rules(const std::vector<RuleFile>& files, YamlCache* cache) {
  RuleBook book;
  std::map<std::string, bool, std::less<>> ids;  // and whether it is local
  std::vector<std::pair<const RuleFile*, YamlNode>> with_profiles;
  for (const RuleFile& file : files) {
    auto tree = read_yaml(file.text, cache);
    if (!tree) return std::move(tree.error()).in(file.name);
    auto read = read_detectors(*tree);
    if (!read) return std::move(read.error()).in(file.name);
    for (Rule& rule : *read) {
      const std::string id = rule.detector.id;
      book.rules.push_back(std::move(rule));
      if (!settle(book.rules, ids, file.local))
        return Error{"'" + id + "' is there twice"}.in(file.name);
    }
    if (const YamlNode* countries = tree->find("countries"))
      if (auto added = book.countries.read(*countries); !added)
        return std::move(added.error()).in(file.name);
    if (const YamlNode* profiles = tree->find("profiles"))
      with_profiles.emplace_back(&file, YamlNode{*profiles});
  }
  std::set<std::string, std::less<>> known;
  for (const Rule& rule : book.rules) {
    known.insert(rule.detector.id);
    if (!rule.detector.family.empty()) known.insert(rule.detector.family);
  }
  for (const auto& [name, category] : kCategories) known.emplace(name);
  for (const auto& [file, list] : with_profiles)
    for (const YamlNode& entry : list.items) {
      auto profile = read_profile(entry, known);
      if (!profile) return std::move(profile.error()).in(file->name);
      const std::string id = profile->detector.id;
      book.profiles.push_back(std::move(*profile));
      if (!settle(book.profiles, ids, file->local))
        return Error{"line " + std::to_string(entry.line) + ": '" + id + "' is there twice"}.in(
            file->name);
    }
  sort_by_id(book.rules);
  sort_by_id(book.profiles);
  std::uint32_t index = 0;
  for (Rule& rule : book.rules) {
    rule.detector.index = index++;
    const std::string& id = rule.detector.id;
    if (id.size() > 2 && id[2] == '-') rule.country = book.countries.find(id.substr(0, 2));
  }
  for (Profile& profile : book.profiles) profile.detector.index = index++;
  return book;
}

}  // namespace gnomon::content
