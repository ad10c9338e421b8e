#include "writer_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "gnomon/bytes/folder_owner.h"

namespace gnomon::inventory {

Result<WriterLock> WriterLock::take(const std::filesystem::path& database) {
  const std::filesystem::path path = database.string() + "-lock";
  for (;;) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file < 0)
      return Error{std::string{"the inventory's folder cannot be written: "} + std::strerror(errno)}
          .in(database.string());
    WriterLock lock{path, file};
    // Of root, killed and left behind, it would keep out the service that owns the folder.
    give_to_folder_owner(file, path);
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
      lock.path_.clear();  // it is not ours to remove
      return Error{
          "another gnomon is recording into this inventory; wait for it, or give another "
          "file"}
          .in(database.string());
    }
    // Whoever held it may have removed the file between our two calls: then the lock is on nothing.
    struct stat ours {};
    struct stat there {};
    if (fstat(file, &ours) == 0 && stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
        ours.st_dev == there.st_dev)
      return lock;
    lock.path_.clear();
  }
}

WriterLock::WriterLock(WriterLock&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)) {
  other.path_.clear();
}

WriterLock::~WriterLock() {
  if (file_ < 0) return;
  if (!path_.empty()) ::unlink(path_.c_str());  // while it is still held
  ::close(file_);
}

}  // namespace gnomon::inventory
