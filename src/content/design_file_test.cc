#include "design_file.h"

#include <catch2/catch.hpp>
#include <string>

namespace gnomon::content {
namespace {

std::string verdict(std::string_view text) {
  const auto confidence = design_file(text);
  if (!confidence) return "none";
  return *confidence == Confidence::kHigh ? "high" : "low";
}

// IGES: 72 columns, the section's letter, the line's number.
std::string iges_line(char section, std::string_view number) {
  return std::string(72, ' ') + section + std::string(number) + "\n";
}

TEST_CASE("design data is told by its header or its lines", "[content][documents]") {
  struct Case {
    std::string text;
    std::string_view verdict;
  };
  const std::string move = "G01 X10.5 Y-3 F200\n";
  const std::string vertex = "v 1.0 -2.5e-3 0.25\n";
  const std::string dot = "X1000Y2000D03*\n";
  const auto repeat = [](const std::string& text, int times) {
    std::string out;
    for (int at = 0; at < times; ++at) out += text;
    return out;
  };
  const auto& row = GENERATE_COPY(values<Case>({
      {"ISO-10303-21;\nHEADER;\nFILE_NAME('arm');\n", "high"},
      {"ISO-10303-21; is the first word of the file\n", "none"},
      {"(kicad_pcb (version 20221018) (generator pcbnew)\n", "high"},
      {"(kicad_pcb is what such files begin with)\n", "none"},
      {"(module R_0603 (layer F.Cu) (tedit 5A)\n", "high"},
      {"EESchema Schematic File Version 4\nLIBS:arm\n", "high"},
      {"Version 4\r\nSHEET 1 880 680\r\nWIRE 1 2 3 4\r\n", "high"},
      {"Version 4 of the plan\nis the last one\n", "none"},
      {"|HEADER=Protel for Windows - Schematic Capture Ascii File Version 5.0\n", "high"},
      {"<?xml version=\"1.0\"?>\n<!DOCTYPE eagle SYSTEM \"eagle.dtd\">\n<eagle>", "high"},
      {"solid arm\nfacet normal 0 0 1\nouter loop\n", "high"},
      {"solid facts about arms and legs\n", "none"},
      {"  0\nSECTION\n  2\nHEADER\n", "high"},
      {"999\nmade by hand\n0\nSECTION\n2\nENTITIES\n", "high"},
      {"0\nSELECTION\n2\nHEADER\n", "none"},
      {"1\nSECTION\n2\nHEADER\n", "none"},
      {"12\nbottles\n0\nSECTION\n", "none"},
      {iges_line('S', "      1") + iges_line('G', "      1"), "high"},
      {iges_line('S', "      7"), "none"},
      {iges_line('T', "      1"), "none"},
      {"M48\nMETRIC,TZ\nT1C0.800\n%\n", "high"},
      {"M48\nis a tram to the station\n", "none"},
      {"VERSION 5.8 ;\nBUSBITCHARS \"[]\" ;\nDIVIDERCHAR \"/\" ;\nMACRO AND2\n", "high"},
      {"G04 a board*\n%FSLAX46Y46*%\n%MOMM*%\n", "high"},
      {"G04 a board*\n%FSLAX46Y46*%\nand no more\n", "none"},
      {repeat(move, 5) + "(in the middle)\nM30\n", "low"},
      {repeat(move, 4), "none"},  // fewer lines than tell
      {repeat(move, 6) + repeat("a line that is none\n", 3), "none"},
      {repeat("F200 S1000\n", 8), "none"},  // nothing moves
      {repeat("X1,Y2\n", 8), "none"},
      {repeat(vertex, 5) + "# and a face\nf 1/1/1 2/2/2 3/3/3\n", "low"},
      {repeat(vertex, 8), "none"},  // no face
      {repeat(vertex, 300), "low"},
      {repeat("v one two three\n", 5) + "f one two three\n", "none"},
      {repeat(dot, 6), "low"},
      {repeat("D10 is a fine road*\n", 6), "none"},
      {"", "none"},
      {"\n\n  ", "none"},
  }));
  INFO(row.text);
  CHECK(verdict(row.text) == row.verdict);
}

}  // namespace
}  // namespace gnomon::content
