#pragma once

#include <memory>
#include <string_view>

#include "body_context.h"
#include "gnomon/content/file_type.h"

// Documents and archives: formats that are opened whole, in a process of their own.
namespace gnomon::content {

// Keeps the bytes up to limits.document_bytes_max and opens them at the end.
std::unique_ptr<ByteSink> make_document_spool(BodyContext& context, FileType type,
                                              const PartHints& hints, std::uint32_t depth,
                                              PartStatus& status);

// Opens a document in this process. Everything below is told through the context.
void read_document(BodyContext& context, Bytes bytes, FileType type, const PartHints& hints,
                   std::uint32_t depth, PartStatus& status);

// The kinds read_document() hands to these.
void read_archive(BodyContext& context, Bytes bytes, std::string_view type, const PartHints& hints,
                  std::uint32_t depth, PartStatus& status);
// What pdftotext does not tell: all but the pages.
void read_pdf_objects(BodyContext& context, Bytes bytes, const PartHints& hints,
                      std::uint32_t depth, PartStatus& status);
void read_sqlite(BodyContext& context, Bytes bytes, const PartHints& hints, std::uint32_t depth,
                 PartStatus& status);
void read_ole(BodyContext& context, Bytes bytes, const PartHints& hints, std::uint32_t depth,
              PartStatus& status);

}  // namespace gnomon::content
