#pragma once

#include <cstddef>
#include <string>

#include "body_context.h"
#include "compound_file.h"

namespace gnomon::content {

// The texts of the Office 97 formats, by the streams of their compound files; of damaged ones as
// far as they can be read, and of each little more than kOfficeTextMax bytes. Encrypted ones have
// none, which the status says.
inline constexpr std::size_t kOfficeTextMax = std::size_t{64} << 20;

// MS-DOC 2.4.1, and the one piece of Word 6 and 95. `main` is the stream WordDocument.
std::string word_text(Bytes main, const CompoundFile& file, PartStatus& status);
// MS-XLS, BIFF 2 to 8: names of sheets, rows of cells with tabs between them, strings no cell
// shows.
std::string workbook_text(Bytes workbook, PartStatus& status);
// MS-PPT 2.9.
std::string slides_text(Bytes document);

}  // namespace gnomon::content
