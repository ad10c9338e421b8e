#pragma once

#include <optional>
#include <string_view>

#include "gnomon/content/detector.h"

namespace gnomon::content {

// Drawings, circuit boards and programs of machine tools, of the file's beginning: high where a
// header names the format, low where the lines alone look like it. By the formats as published:
// STEP (ISO 10303-21), IGES 5.3, DXF, STL, Wavefront OBJ, Gerber (Ucamco), Excellon, G-code
// (ISO 6983), EDIF, LEF and DEF, KiCad, Eagle, Altium's ASCII, LTspice.
std::optional<Confidence> design_file(std::string_view head);

}  // namespace gnomon::content
