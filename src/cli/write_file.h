#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "gnomon/bytes/result.h"

namespace gnomon::cli {

// Says so where the file is there and holds what no output may take the place of: an inventory (SQLite) or a
// capture, told by its first bytes. Whoever mixes up two options keeps both.
std::optional<Error> refuse_to_replace(const std::filesystem::path& path);

// Writes beside the file and moves into its place, so that there is never half a file. What is no
// file (a pipe, /dev/stdout) is written to as it is; "-" is standard output. Nothing when it went
// well. Refuses as refuse_to_replace() does.
std::optional<Error> write_whole(const std::filesystem::path& path, std::string_view text);

}  // namespace gnomon::cli
