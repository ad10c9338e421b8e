#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"

namespace gnomon::identify {

inline constexpr std::size_t kSignatureFileBytesMax = std::size_t{4} * 1024 * 1024;
inline constexpr std::size_t kSignatureFilesMax = 20'000;

// Folders of a local folder of signatures that are no packs: each holds what the shipped folder of
// that name holds.
inline constexpr std::string_view kFolderParts[] = {"api", "self-hosted", "artifacts"};

// The packs of a local folder of signatures, by name: its folders that are no such parts, no rules of
// policy and not hidden. None when it cannot be listed.
std::vector<std::filesystem::path> packs_below(const std::filesystem::path& folder);

// Replaces `text` by what the file holds; returns the reason when it cannot.
std::string read_text_file(const std::filesystem::path& path, std::size_t bytes_max,
                           std::string& text);

// The *.yaml below a folder, in the order of their paths. Hidden files and folders and other kinds
// are passed over. `misnamed`, when given, gets those that only look like YAML (*.yml), which
// somebody would miss.
Result<std::vector<std::filesystem::path>> yaml_files_below(
    const std::filesystem::path& folder, std::vector<std::filesystem::path>* misnamed = nullptr);

}  // namespace gnomon::identify
