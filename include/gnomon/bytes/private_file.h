#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace gnomon {

// A file that the program keeps for itself, such as a cache: nothing when it is not there, larger
// than `bytes_max`, somebody else's (root's apart), or writable by others.
std::optional<std::string> read_private_file(const std::filesystem::path& path,
                                             std::size_t bytes_max);

// Replaces it in one step, with the folders above it. False when that failed; then nothing changed.
bool write_private_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace gnomon
