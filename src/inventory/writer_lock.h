#pragma once

#include <filesystem>

#include "gnomon/bytes/result.h"

namespace gnomon::inventory {

// Says that this process records into an inventory: a lock on a file beside it, which goes with the
// process, however it ends. SQLite's own locks last only as long as a transaction.
class WriterLock {
 public:
  static Result<WriterLock> take(const std::filesystem::path& database);

  WriterLock(WriterLock&& other) noexcept;
  WriterLock& operator=(WriterLock&&) = delete;
  ~WriterLock();

 private:
  WriterLock(std::filesystem::path path, int file) : path_(std::move(path)), file_(file) {}

  std::filesystem::path path_;
  int file_;
};

}  // namespace gnomon::inventory
