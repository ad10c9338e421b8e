#include "gnomon/bytes/folder_owner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gnomon/bytes/descriptor.h"

namespace gnomon {

void give_to_folder_owner(int file, const std::filesystem::path& path) {
  if (::geteuid() != 0) return;
  struct stat facts {};
  if (::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) return;
  if (facts.st_uid != 0 || facts.st_nlink != 1) return;
  struct stat folder {};
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
  if (::stat(parent.c_str(), &folder) != 0 || folder.st_uid == 0) return;
  (void)!::fchown(file, folder.st_uid, folder.st_gid);
}

void give_to_folder_owner(const std::filesystem::path& path) {
  if (::geteuid() != 0) return;
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (file) give_to_folder_owner(file.get(), path);
}

}  // namespace gnomon
