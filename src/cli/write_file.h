#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "gnomon/bytes/result.h"

namespace gnomon::cli {

// Writes beside the file and moves into its place, so that there is never half a file. What is no
// file (a pipe, /dev/stdout) is written to as it is; "-" is standard output. Nothing when it went
// well.
std::optional<Error> write_whole(const std::filesystem::path& path, std::string_view text);

}  // namespace gnomon::cli
