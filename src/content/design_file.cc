#include "design_file.h"

#include <algorithm>
#include <cstddef>

#include "document_lines.h"
#include "window_scan.h"

namespace gnomon::content {
namespace {

using View = std::string_view;

constexpr std::size_t kHeaderBytes = 1024;
constexpr std::size_t kLinesMax = 200;
constexpr std::size_t kLinesMin = 6;
constexpr std::size_t kIgesColumns = 72;  // behind them the section's letter and the line's number

// What stands at the very beginning, and something else that must follow within the header; nothing
// must where it is empty.
struct Header {
  View begins;
  View follows;
};
constexpr Header kHeaders[] = {
    {"ISO-10303-21;", "HEADER;"},
    {"EESchema Schematic File Version ", {}},
    {"EESchema-LIBRARY Version ", {}},
    {"PCBNEW-BOARD Version ", {}},
    {"PCBNEW-LibModule-V", {}},
    {"(kicad_", "(version "},
    {"(module ", "(layer "},
    {"(footprint ", "(layer "},
    {"(edif ", "(edifVersion "},
    {"(EDIF ", "(EDIFVERSION "},
    {"Version ", "\nSymbolType "},
    {"Version ", "\nSHEET 1 "},
    {"|HEADER=Protel for Windows ", {}},
    {"|RECORD=Board|", {}},
    {"solid ", "facet normal "},
    {"AutoCAD Binary DXF", {}},
};

bool is_iges(View head) {
  const std::size_t end = head.find('\n');
  return end != View::npos && end > kIgesColumns && head[kIgesColumns] == 'S' &&
         trimmed(head.substr(kIgesColumns + 1, end - kIgesColumns - 1)).find_first_not_of("01\r") ==
             View::npos;
}

// Group codes and values by turns; the first that is no comment opens a section.
bool is_dxf(View head) {
  bool is_code = true;
  View code;
  bool found = false;
  each_line(head, [&](View line) {
    const View word = trimmed(line);
    if (is_code) {
      code = word;
      if (code != "0" && code != "999") return false;
    } else if (code == "0") {
      found = word == "SECTION";
      return false;
    }
    is_code = !is_code;
    return true;
  });
  return found;
}

// Reads a number such as -12.5 and moves behind it.
bool take_number(View& text) {
  const std::size_t at = text.find_first_not_of("+-");
  if (at == View::npos || at > 1) return false;
  const std::size_t end = std::min(text.find_first_not_of("0123456789.", at), text.size());
  if (end == at || text.substr(at, end - at) == ".") return false;
  text.remove_prefix(end);
  return true;
}

// A block of G-code: letters with their numbers, at least one of movement or mode among them.
bool is_gcode_block(View line) {
  bool has_command = false;
  while (!line.empty() && line.front() != ';' && line.front() != '(') {
    const char letter = line.front();
    if (letter == ' ' || letter == '\t') {
      line.remove_prefix(1);
      continue;
    }
    if (View{"FGIJKMNPRSTXYZ"}.find(letter) == View::npos) return false;
    has_command = has_command || View{"GMXYZ"}.find(letter) != View::npos;
    line.remove_prefix(1);
    if (!take_number(line)) return false;
  }
  return has_command;
}

// A vertex, face or the like of Wavefront OBJ: a keyword and numbers, of faces also 1/2/3.
bool is_wavefront_line(View line, bool& has_face) {
  const std::size_t end = line.find(' ');
  if (end == View::npos) return false;
  const View word = line.substr(0, end);
  has_face = has_face || word == "f" || word == "l" || word == "curv" || word == "surf";
  if (word != "v" && word != "vt" && word != "vn" && word != "vp" && word != "f" && word != "l" &&
      word != "curv" && word != "surf" && word != "parm")
    return false;
  const View rest = line.substr(end);
  return std::any_of(rest.begin(), rest.end(), is_digit) &&
         rest.find_first_not_of("0123456789.+-eE/ \t\\uv") == View::npos;
}

// Commands of Gerber end in '*'; extended ones stand between '%'.
bool is_gerber_command(View line) {
  if (line.front() == '%') return line.size() > 4 && is_upper(line[1]) && is_upper(line[2]);
  return line.size() > 2 && line.back() == '*' && View{"DGMXY"}.find(line.front()) != View::npos &&
         is_digit(line[line.size() - 2]);
}

bool is_gerber(View head) {
  // The format of coordinates, which every such file states: %FSLAX26Y26*%.
  const std::size_t at = head.find("%FS");
  return at != View::npos && head.substr(at, 32).find("X") != View::npos &&
         (has(head, "%MO") || has(head, "%AD") || has(head, "%LP"));
}

// What most lines look like, comments apart.
bool is_by_lines(View head) {
  std::size_t lines = 0;
  std::size_t gcode = 0;
  std::size_t wavefront = 0;
  std::size_t gerber = 0;
  bool has_face = false;
  each_line(head, [&](View raw) {
    const View line = trimmed(raw);
    if (line.empty() || View{"#;("}.find(line.front()) != View::npos) return true;
    ++lines;
    gcode += is_gcode_block(line) ? 1 : 0;
    wavefront += is_wavefront_line(line, has_face) ? 1 : 0;
    gerber += is_gerber_command(line) ? 1 : 0;
    return lines < kLinesMax;
  });
  if (lines < kLinesMin) return false;
  const auto most = [&](std::size_t count) { return count * 10 >= lines * 8; };
  return most(gcode) || most(gerber) || (most(wavefront) && (has_face || lines == kLinesMax));
}

}  // namespace

std::optional<Confidence> design_file(View head) {
  const std::size_t begin = head.find_first_not_of(" \t\r\n");
  if (begin == View::npos) return {};
  const View text = head.substr(begin);
  const View header = text.substr(0, kHeaderBytes);
  const bool is_named = std::any_of(std::begin(kHeaders), std::end(kHeaders), [&](Header each) {
    return header.starts_with(each.begins) && has(header, each.follows);
  });
  const bool is_eagle = has(header, "<!DOCTYPE eagle ") || has(header, "<eagle version=");
  const bool is_excellon =
      header.starts_with("M48") && (has(header, "METRIC") || has(header, "INCH"));
  const bool is_lef = has(header, "DIVIDERCHAR \"") && has(header, "BUSBITCHARS \"");
  if (is_named || is_eagle || is_excellon || is_lef || is_iges(head) || is_dxf(text) ||
      is_gerber(header))
    return Confidence::kHigh;
  if (is_by_lines(text)) return Confidence::kLow;
  return {};
}

}  // namespace gnomon::content
