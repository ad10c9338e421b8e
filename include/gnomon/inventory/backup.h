#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "gnomon/bytes/result.h"

namespace gnomon::inventory {

struct BackupOptions {
  bool force = false;  // takes the place of a file that is there
  // Called now and then, with pages copied and pages in all.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress;
};

// Copies an inventory as it is at this moment into one file, while somebody may be recording into
// it: neither waits for the other. The copy is of one state, readable by its owner alone, checked
// and on the disk before it gets its name; when anything fails there is no file. An inventory of an
// older schema is copied as it is. Returns the copy's size.
Result<std::uint64_t> back_up(const std::filesystem::path& database,
                              const std::filesystem::path& copy, const BackupOptions& options = {});

}  // namespace gnomon::inventory
