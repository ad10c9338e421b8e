#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>

namespace gnomon::inventory {

// Which file a path means. A connection goes on with the file that it opened, whatever has its name
// now.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;  // 0: there is no file

  static FileIdentity at(const std::filesystem::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return {};
    return {info.st_dev, info.st_ino};
  }
  [[nodiscard]] bool is_there() const { return inode != 0; }
  bool operator==(const FileIdentity&) const = default;
};

}  // namespace gnomon::inventory
