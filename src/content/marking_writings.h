#pragma once

#include <string>
#include <vector>

#include "gnomon/bytes/result.h"

namespace gnomon::content {

// The ways in which a marking may be written: its blanks as one, as two, or as the no-break ones
// that with_plain_blanks() leaves.
std::vector<std::string> marking_writings(const std::vector<std::string>& markings);

// Those of the user's own markings, which may also go on over the end of a line and are in any case
// of letters. An error where one has no letter or digit: it would be everywhere, or nowhere.
Result<std::vector<std::string>> own_marking_writings(const std::vector<std::string>& markings);

}  // namespace gnomon::content
