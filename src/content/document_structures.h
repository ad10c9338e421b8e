#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gnomon/content/detector.h"

namespace gnomon::content {

// A kind of document that its structure tells, by the built-in reader that detectors name.
struct DocumentStructure {
  const char* reader;
  char needs;  // it is in every such document, and in few others; 0: nothing is
  // Nothing, low or high; of the document's beginning.
  std::optional<Confidence> (*look)(std::string_view head);
};
std::span<const DocumentStructure> document_structures();

// The reader of an X12 message about health, "x12-837"; nothing for other texts.
std::optional<std::string> x12_reader(std::string_view head);

}  // namespace gnomon::content
