#pragma once

#include <filesystem>

namespace gnomon {

// What root makes in somebody's folder is that somebody's, who has to go on with it: a service its
// inventory. Does nothing for anybody else, for root's folders, and for files that are not root's own,
// regular and of one name.
void give_to_folder_owner(int file, const std::filesystem::path& path);
// The same of a file that somebody else has opened.
void give_to_folder_owner(const std::filesystem::path& path);

}  // namespace gnomon
