#include "policy_files.h"

#include <algorithm>

#include "signature_folder.h"

namespace gnomon::cli {
namespace fs = std::filesystem;
namespace {

std::optional<Error> read_folder(const fs::path& folder, bool local,
                                 std::vector<inventory::PolicyFile>& files) {
  std::error_code failed;
  if (!fs::exists(folder, failed)) return std::nullopt;
  std::vector<fs::path> paths;
  for (const fs::directory_entry& each : fs::directory_iterator{folder, failed}) {
    const std::string name = each.path().filename().string();
    if (!name.starts_with('.') && name.ends_with(".yaml")) paths.push_back(each.path());
    if (name.ends_with(".yml"))
      return Error{"must be named .yaml to be read"}.in(each.path().string());
  }
  if (failed) return Error{failed.message()}.in(folder.string());
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    auto text = read_text_file(path);
    if (!text) return text.error();
    // Named the same wherever the shipped ones lie, as the inventory keeps them.
    files.push_back(
        {local ? path.string() : "policies/" + path.filename().string(), std::move(*text), local});
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<inventory::PolicyFile>> read_policies(
    const identify::SignatureFolders& folders) {
  std::vector<inventory::PolicyFile> files;
  if (auto failed = read_folder(folders.shipped / "policies", false, files)) return *failed;
  if (!folders.local.empty())
    if (auto failed = read_folder(folders.local / "policies", true, files)) return *failed;
  return files;
}

Result<std::vector<inventory::PolicyFile>> read_policies(const std::vector<std::string>& paths) {
  std::vector<inventory::PolicyFile> files;
  for (const std::string& path : paths) {
    auto text = read_text_file(path);
    if (!text) return text.error();
    files.push_back({path, std::move(*text)});
  }
  return files;
}

fs::path own_or_shipped(const identify::SignatureFolders& folders, const char* name) {
  std::error_code ignored;
  for (const fs::path& folder : {folders.local, folders.shipped})
    if (!folder.empty() && fs::exists(folder / name, ignored)) return folder / name;
  return {};
}

}  // namespace gnomon::cli
