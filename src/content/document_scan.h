#pragma once

#include <cstddef>
#include <vector>

#include "gnomon/content/scanner.h"
#include "window_scan.h"

namespace gnomon::content {

inline constexpr std::size_t kDocumentHeadMax = std::size_t{48} << 10U;

// What the text as a whole is, once all of it was seen: source code, a message of a health or
// payment standard, forms told by their captions, lists of customers.
void scan_document(const DetectorSet::Compiled& set, const DocumentState& document,
                   const TextContext& context, hs_scratch* scratch, std::vector<RawMatch>& found);

}  // namespace gnomon::content
