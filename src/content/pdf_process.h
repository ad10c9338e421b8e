#pragma once

#include <cstdint>

#include "body_context.h"
#include "gnomon/content/document_process.h"

namespace gnomon::content {

// Reads the PDF in `file`, a memory file, with a pdftotext of its own: that serves no second. Its
// text is told to the context.
void read_pdf(const DocumentProcessOptions& options, BodyContext& context, int file, Role role,
              std::uint32_t depth, PartStatus& status);

}  // namespace gnomon::content
