#include "text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace gnomon::identify {

namespace fs = std::filesystem;

std::string read_text_file(const fs::path& path, std::size_t bytes_max, std::string& text) {
  text.clear();
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::strerror(errno);
  std::string why;
  std::array<char, 16 * 1024> piece;
  for (;;) {
    const ssize_t got = ::read(file, piece.data(), piece.size());
    if (got < 0) why = std::strerror(errno);
    if (got <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > bytes_max) {
      why = "larger than " + std::to_string(bytes_max) + " bytes: that is no file of signatures";
      break;
    }
    if (static_cast<std::size_t>(got) < piece.size()) break;
  }
  ::close(file);
  return why;
}

std::vector<fs::path> packs_below(const fs::path& folder) {
  std::vector<fs::path> packs;
  std::error_code failed;
  for (fs::directory_iterator at{folder, failed}, end; !failed && at != end; at.increment(failed)) {
    const std::string name = at->path().filename().string();
    const bool other =
        name.starts_with('.') || name == "policies" ||
        std::find(std::begin(kFolderParts), std::end(kFolderParts), name) != std::end(kFolderParts);
    if (std::error_code ignored; !other && at->is_directory(ignored)) packs.push_back(at->path());
  }
  std::sort(packs.begin(), packs.end());
  return packs;
}

namespace {

// As paths compare, folder by folder: a/x comes before a-b/x. What paths themselves take to compare
// a thousand files is a twentieth of a start.
bool comes_before(const fs::path& a, const fs::path& b) {
  const std::string_view one = a.native();
  const std::string_view other = b.native();
  const auto [at, beside] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  if (at == one.end() || beside == other.end()) return one.size() < other.size();
  const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c); };
  return rank(*at) < rank(*beside);
}

}  // namespace

Result<std::vector<fs::path>> yaml_files_below(const fs::path& folder,
                                               std::vector<fs::path>* misnamed) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::recursive_directory_iterator at{folder, failed}, end; !failed && at != end;
       at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with('.')) {
      if (at->is_directory(failed)) at.disable_recursion_pending();
      continue;
    }
    if (name.ends_with(".yml") && misnamed != nullptr) misnamed->push_back(at->path());
    if (name.ends_with(".yaml")) files.push_back(at->path());
    if (files.size() > kSignatureFilesMax)
      return Error{"holds more than 20,000 files"}.in(folder.string());
  }
  if (failed) return Error{"cannot be listed: " + failed.message()}.in(folder.string());
  std::sort(files.begin(), files.end(), comes_before);
  return files;
}

}  // namespace gnomon::identify
