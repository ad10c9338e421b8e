#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gnomon::content {

// How a stream of a PDF is packed (ISO 32000-1, 7.4).
enum class PdfFilter : std::uint8_t {
  kFlate,
  kLzw,
  kAscii85,
  kAsciiHex,
  kRunLength,
  kOther,  // a picture's, or none that is known
};

inline constexpr std::size_t kPdfFiltersMax = 4;                          // of one stream
inline constexpr std::size_t kPdfStreamBytesMax = std::size_t{32} << 20;  // unpacked

// By its name or its short one (7.4.2, table 94).
PdfFilter pdf_filter_named(std::string_view name);

// What a filter was told beside its name (tables 8 and 9).
struct PdfParameters {
  bool early_change = true;  // of LZW: codes grow one entry before they must
  // Rows whose bytes tell how they differ from what is beside and above them.
  std::uint32_t predictor = 1;
  std::uint32_t colors = 1;
  std::uint32_t bits = 8;  // of a color
  std::uint32_t columns = 1;
};

struct PdfPacking {
  std::vector<PdfFilter> filters;  // in the order in which they are undone
  std::vector<PdfParameters> parameters;  // of each, those that are told
};

struct PdfUnpacked {
  std::string data;
  bool whole = true;  // no limit was met
};

// What was packed, as far as it can be unpacked, kPdfStreamBytesMax at most; nothing where a filter
// is kOther.
PdfUnpacked pdf_unpacked(std::string_view data, const PdfPacking& packing);

}  // namespace gnomon::content
