#pragma once

#include <filesystem>
#include <string>

#include "gnomon/bytes/result.h"

namespace gnomon::inventory {

// Which sums clients and hours are told from, as a text that changes with them; empty when what was
// seen is added up. To be asked before they are read: they may be newer, then.
Result<std::string> kept_sums_stamp(const std::filesystem::path& path);

// Whether something could not be written because somebody else has been writing for long: the same
// may go well a moment later.
bool is_busy(const Error& error);

}  // namespace gnomon::inventory
