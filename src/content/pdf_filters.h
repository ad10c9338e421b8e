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

struct PdfPacking {
  std::vector<PdfFilter> filters;  // in the order in which they are undone
  bool early_change = true;        // of LZW: codes grow one entry before they must
};

// What was packed, as far as it can be unpacked, kPdfStreamBytesMax at most; nothing where a filter
// is kOther.
std::string pdf_unpacked(std::string_view data, const PdfPacking& packing);

}  // namespace gnomon::content
