#include "gnomon/report/private_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "gnomon/bytes/folder_owner.h"

namespace gnomon::report::console {
namespace {

constexpr std::size_t kFileBytesMax = 4 * 1024 * 1024;

}  // namespace

Result<std::string> PrivateFile::read() const {
  const Descriptor file{::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (file.get() < 0) {
    if (errno == ENOENT) return std::string{};
    return system_error(path_.string());
  }
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return system_error(path_.string());
  if ((about.st_mode & 077) != 0)
    return Error{"others may read this file, which " + std::string{holds_} + "; chmod 600 it"}.in(
        path_.string());
  std::string text;
  char block[4096];
  for (;;) {
    const ssize_t got = ::read(file.get(), block, sizeof block);
    if (got < 0) return system_error(path_.string());
    if (got == 0) return text;
    text.append(block, static_cast<std::size_t>(got));
    if (text.size() > kFileBytesMax) return Error{"is too large"}.in(path_.string());
  }
}

Result<Descriptor> PrivateFile::lock() const {
  // The lock is on a file that is never replaced.
  const std::string lock_path = path_.string() + ".lock";
  Descriptor lock{::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (lock.get() < 0) return system_error(lock_path);
  give_to_folder_owner(lock.get(), lock_path);
  if (::flock(lock.get(), LOCK_EX) != 0) return system_error(lock_path);
  return lock;
}

Result<std::monostate> PrivateFile::replace(std::string_view text) const {
  const std::string part = path_.string() + ".part";
  {
    const Descriptor file{
        ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (file.get() < 0) return system_error(part);
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t put = ::write(file.get(), text.data() + at, text.size() - at);
      if (put < 0) return system_error(part);
      at += static_cast<std::size_t>(put);
    }
    if (::fsync(file.get()) != 0) return system_error(part);
    give_to_folder_owner(file.get(), path_);
  }
  if (::rename(part.c_str(), path_.c_str()) != 0) return system_error(path_.string());
  return std::monostate{};
}

}  // namespace gnomon::report::console
