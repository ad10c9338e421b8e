#include "capture_identity.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "gnomon/bytes/descriptor.h"
#include "gnomon/bytes/sha256.h"

namespace gnomon::cli {
namespace {

class File {
 public:
  explicit File(const std::string& path)
      : descriptor_(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}

  // Size of a regular file that is yet to be read; nothing of anything else, which cannot be read
  // twice.
  [[nodiscard]] bool regular(std::uint64_t& size) const {
    struct stat facts {};
    if (!descriptor_ || ::fstat(descriptor_.get(), &facts) != 0 || !S_ISREG(facts.st_mode) ||
        ::lseek(descriptor_.get(), 0, SEEK_CUR) != 0)
      return false;
    size = static_cast<std::uint64_t>(facts.st_size);
    return true;
  }
  // Adds [from, from + count) as far as the file goes.
  bool add_to(Sha256& sha, std::uint64_t from, std::uint64_t count) {
    while (count > 0) {
      const std::size_t wanted = std::min<std::uint64_t>(count, buffer_.size());
      const ssize_t got =
          ::pread(descriptor_.get(), buffer_.data(), wanted, static_cast<off_t>(from));
      if (got <= 0) return got == 0;
      sha.add(Bytes{buffer_.data(), static_cast<std::size_t>(got)});
      from += static_cast<std::uint64_t>(got);
      count -= static_cast<std::uint64_t>(got);
    }
    return true;
  }

 private:
  Descriptor descriptor_;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(256 * 1024);
};

}  // namespace

inventory::RunInput identify_capture(const std::string& path) {
  inventory::RunInput input;
  input.path = path;
  File file{path};
  std::uint64_t size = 0;
  if (!file.regular(size)) return input;

  Sha256 sha;
  sha.start();
  bool whole = size <= kWholeBytesMax;
  bool read = true;
  if (whole) {
    read = file.add_to(sha, 0, size);
  } else {
    const std::string text = std::to_string(size);
    sha.add(Bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    read = file.add_to(sha, 0, kSampleEvery);
    for (std::uint64_t at = kSampleEvery; read && at + kSampleEvery < size; at += kSampleEvery)
      read = file.add_to(sha, at, kSampleBytes);
    read = read && file.add_to(sha, size - kSampleEvery, kSampleEvery);
  }
  if (!read) return input;
  const auto digest = to_hex(sha.finish());
  input.bytes = size;
  input.sha256 =
      (whole ? "sha256:" : "sha256-sampled:") + std::string{digest.begin(), digest.end()};
  return input;
}

}  // namespace gnomon::cli
