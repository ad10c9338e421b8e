#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/inventory/attributes.h"

namespace gnomon::cli {

// Where signatures are read from: `asked` when given, else the first that exists of
// share/gnomon/signatures beside the program's folder, and the source tree the program was built
// in.
Result<std::filesystem::path> find_signature_folder(const std::string& asked);

// The catalogue's knowledge of its apps as the inventory keeps it.
std::vector<inventory::AppFacts> facts_of(const identify::Catalogue& catalogue);

// A whole text file.
Result<std::string> read_text_file(const std::filesystem::path& path);

}  // namespace gnomon::cli
