#include "gnomon/bytes/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gnomon/bytes/descriptor.h"

namespace gnomon {

namespace fs = std::filesystem;

std::optional<std::string> read_private_file(const fs::path& path, std::size_t bytes_max) {
  if (path.empty()) return std::nullopt;
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0) return std::nullopt;
  if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) return std::nullopt;
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (size > bytes_max) return std::nullopt;
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got = ::read(file.get(), bytes.data() + have, size - have);
    if (got <= 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

bool write_private_file(const fs::path& path, std::string_view bytes) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  // Several programs may write the same at once: each has a part of its own.
  const fs::path part = path.string() + "." + std::to_string(::getpid());
  bool good = false;
  {
    const Descriptor file{
        ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
    if (!file) return false;
    std::size_t written = 0;
    while (written < bytes.size()) {
      const ssize_t more = ::write(file.get(), bytes.data() + written, bytes.size() - written);
      if (more <= 0) break;
      written += static_cast<std::size_t>(more);
    }
    good = written == bytes.size();
  }
  if (good) fs::rename(part, path, error);
  good = good && !error;
  if (!good) fs::remove(part, error);
  return good;
}

}  // namespace gnomon
