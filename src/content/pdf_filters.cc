#include "pdf_filters.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "gnomon/bytes/ascii.h"

namespace gnomon::content {
namespace {

// Appends as much of `more` as there is room for; false when that was not all.
bool append_bounded(std::string& out, std::string_view more) {
  const std::size_t room = kPdfStreamBytesMax - out.size();
  out.append(more.substr(0, room));
  return more.size() <= room;
}

std::string of_flate(std::string_view data, bool& whole) {
  std::string out;
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return out;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  std::array<char, 16384> room;
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    result = inflate(&stream, Z_NO_FLUSH);
    const std::size_t size = room.size() - stream.avail_out;
    const bool fits = append_bounded(out, {room.data(), size});
    whole = whole && fits;
    if (!fits || size == 0) break;
  }
  inflateEnd(&stream);
  return out;
}

// The table of LZW: each entry is an earlier one and a byte.
class LzwTable {
 public:
  static constexpr unsigned kClear = 256;
  static constexpr unsigned kEnd = 257;
  static constexpr unsigned kEntriesMax = 4096;

  void clear() { next_ = kEnd + 1; }
  [[nodiscard]] unsigned next() const { return next_; }
  [[nodiscard]] bool has(unsigned code) const {
    return code < kClear || (code > kEnd && code < next_);
  }
  [[nodiscard]] std::size_t length(unsigned code) const {
    return code < kClear ? 1 : lengths_[code];
  }
  void add(unsigned before, char last) {
    if (next_ == kEntriesMax) return;
    befores_[next_] = static_cast<std::uint16_t>(before);
    lasts_[next_] = last;
    lengths_[next_] = static_cast<std::uint16_t>(length(before) + 1);
    ++next_;
  }
  // Writes what `code` stands for, its last byte before `end`.
  void write(unsigned code, char* end) const {
    for (; code > kEnd; code = befores_[code]) *--end = lasts_[code];
    *--end = static_cast<char>(code);
  }

 private:
  std::array<std::uint16_t, kEntriesMax> befores_{};
  std::array<std::uint16_t, kEntriesMax> lengths_{};
  std::array<char, kEntriesMax> lasts_{};
  unsigned next_ = kEnd + 1;
};

// 7.4.4.2: codes of 9 to 12 bits, the first bit of each the highest.
std::string of_lzw(std::string_view data, bool early_change, bool& whole) {
  constexpr unsigned kNone = LzwTable::kEntriesMax;
  constexpr unsigned kWidthMin = 9;
  constexpr unsigned kWidthMax = 12;
  std::string out;
  LzwTable table;
  unsigned width = kWidthMin;
  unsigned previous = kNone;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : data) {
    bits = bits << 8 | static_cast<std::uint8_t>(c);
    held += 8;
    if (held < width) continue;
    held -= width;
    const unsigned code = bits >> held & ((1U << width) - 1);
    if (code == LzwTable::kEnd) break;
    if (code == LzwTable::kClear) {
      table.clear();
      width = kWidthMin;
      previous = kNone;
      continue;
    }
    // The entry that this code itself will make ends with its first byte.
    const bool makes_itself = code == table.next() && previous != kNone;
    if (!table.has(code) && !makes_itself) break;  // damaged
    const std::size_t from = out.size();
    const std::size_t length = makes_itself ? table.length(previous) + 1 : table.length(code);
    if (length > kPdfStreamBytesMax - from) {
      whole = false;
      break;
    }
    out.resize(from + length);
    if (makes_itself) {
      table.write(previous, out.data() + out.size() - 1);
      out.back() = out[from];
    } else {
      table.write(code, out.data() + out.size());
    }
    if (previous != kNone) table.add(previous, out[from]);
    previous = code;
    if (table.next() + (early_change ? 1U : 0U) >= 1U << width && width < kWidthMax) ++width;
  }
  return out;
}

// 7.4.3: five digits of base 85 are four bytes, z is four zeros.
std::string of_ascii85(std::string_view data, bool& whole) {
  std::string out;
  std::uint32_t value = 0;
  std::size_t digits = 0;
  const auto give = [&](std::size_t bytes) {
    for (std::size_t at = 0; at < bytes; ++at)
      out += static_cast<char>(value >> (24 - 8 * at) & 0xff);
    value = 0;
    digits = 0;
  };
  for (const char c : data) {
    if (c == '~') break;
    if (out.size() + 4 > kPdfStreamBytesMax) {
      whole = false;
      break;
    }
    if (c == 'z' && digits == 0) {
      give(4);
    } else if (c >= '!' && c <= 'u') {
      value = value * 85 + static_cast<std::uint32_t>(c - '!');
      if (++digits == 5) give(4);
    }
  }
  if (digits > 1) {
    const std::size_t bytes = digits - 1;
    for (; digits < 5; ++digits) value = value * 85 + 84;
    give(bytes);
  }
  return out;
}

// 7.4.2. A digit that stands alone in the end is the higher one.
std::string of_hex(std::string_view data, bool& whole) {
  std::string out;
  int high = -1;
  for (const char c : data) {
    if (c == '>') break;
    if (out.size() >= kPdfStreamBytesMax) {
      whole = false;
      break;
    }
    const int digit = hex_value(c);
    if (digit < 0) continue;
    if (high >= 0) out += static_cast<char>(high * 16 + digit);
    high = high < 0 ? digit : -1;
  }
  if (high >= 0) out += static_cast<char>(high * 16);
  return out;
}

// 7.4.5: a length, then as many bytes, or one that is repeated.
std::string of_run_length(std::string_view data, bool& whole) {
  constexpr std::uint8_t kEnd = 128;
  std::string out;
  bool fits = true;
  while (!data.empty() && fits) {
    const auto length = static_cast<std::uint8_t>(data.front());
    data.remove_prefix(1);
    if (length == kEnd || data.empty()) break;
    if (length < kEnd) {
      const std::string_view bytes = data.substr(0, std::size_t{length} + 1);
      data.remove_prefix(bytes.size());
      fits = append_bounded(out, bytes);
    } else {
      fits = append_bounded(out, std::string(std::size_t{257} - length, data.front()));
      data.remove_prefix(1);
    }
  }
  whole = whole && fits;
  return out;
}

// What stands left of a byte, above it or both, whichever is nearest to their plane (PNG, 9.4).
std::uint8_t paeth(int left, int above, int corner) {
  const int plane = left + above - corner;
  const int to_left = std::abs(plane - left);
  const int to_above = std::abs(plane - above);
  const int to_corner = std::abs(plane - corner);
  if (to_left <= to_above && to_left <= to_corner) return static_cast<std::uint8_t>(left);
  return static_cast<std::uint8_t>(to_above <= to_corner ? above : corner);
}

// 7.4.4.4, table 10: each row of PNG has a byte before it that says how it was foretold.
void undo_png(std::string& data, std::size_t row_bytes, std::size_t pixel_bytes) {
  std::string row(row_bytes, '\0');
  std::string above(row_bytes, '\0');
  std::size_t out = 0;
  for (std::size_t at = 0; at < data.size();) {
    const char how = data[at++];
    const std::size_t size = std::min(row_bytes, data.size() - at);
    for (std::size_t byte = 0; byte < size; ++byte, ++at) {
      const bool first = byte < pixel_bytes;
      const auto left = static_cast<std::uint8_t>(first ? 0 : row[byte - pixel_bytes]);
      const auto up = static_cast<std::uint8_t>(above[byte]);
      const auto corner = static_cast<std::uint8_t>(first ? 0 : above[byte - pixel_bytes]);
      int foretold = 0;
      if (how == 1) foretold = left;
      if (how == 2) foretold = up;
      if (how == 3) foretold = (left + up) / 2;
      if (how == 4) foretold = paeth(left, up, corner);
      row[byte] = static_cast<char>(static_cast<std::uint8_t>(data[at]) + foretold);
    }
    std::copy_n(row.begin(), size, data.begin() + static_cast<std::ptrdiff_t>(out));
    out += size;
    row.swap(above);
  }
  data.resize(out);
}

// Rows of TIFF, whose bytes differ from the pixel before them. Of other sizes only pictures are.
void undo_tiff(std::string& data, std::size_t row_bytes, std::size_t pixel_bytes) {
  for (std::size_t row = 0; row < data.size(); row += row_bytes) {
    const std::size_t end = std::min(data.size(), row + row_bytes);
    for (std::size_t at = row + pixel_bytes; at < end; ++at)
      data[at] = static_cast<char>(static_cast<std::uint8_t>(data[at]) +
                                   static_cast<std::uint8_t>(data[at - pixel_bytes]));
  }
}

void undo_predictor(std::string& data, const PdfParameters& parameters) {
  constexpr std::uint32_t kTiff = 2;
  constexpr std::uint32_t kPngFirst = 10;
  constexpr std::uint32_t kColorsMax = 32;
  constexpr std::uint32_t kBitsMax = 16;
  if (parameters.predictor != kTiff && parameters.predictor < kPngFirst) return;
  if (parameters.colors == 0 || parameters.colors > kColorsMax || parameters.bits == 0 ||
      parameters.bits > kBitsMax || parameters.columns == 0) {
    return;
  }
  const std::uint64_t pixel_bits = std::uint64_t{parameters.colors} * parameters.bits;
  const std::uint64_t row_bytes = (pixel_bits * parameters.columns + 7) / 8;
  // One row and no more of it is a row of what there is.
  const auto bounded = static_cast<std::size_t>(std::min<std::uint64_t>(row_bytes, data.size()));
  const auto pixel_bytes = static_cast<std::size_t>(std::max<std::uint64_t>(1, pixel_bits / 8));
  if (bounded == 0) return;
  if (parameters.predictor == kTiff) {
    if (parameters.bits == 8) undo_tiff(data, bounded, pixel_bytes);
  } else {
    undo_png(data, bounded, pixel_bytes);
  }
}

}  // namespace

PdfFilter pdf_filter_named(std::string_view name) {
  constexpr std::pair<std::string_view, PdfFilter> kNames[] = {
      {"FlateDecode", PdfFilter::kFlate},
      {"Fl", PdfFilter::kFlate},
      {"LZWDecode", PdfFilter::kLzw},
      {"LZW", PdfFilter::kLzw},
      {"ASCII85Decode", PdfFilter::kAscii85},
      {"A85", PdfFilter::kAscii85},
      {"ASCIIHexDecode", PdfFilter::kAsciiHex},
      {"AHx", PdfFilter::kAsciiHex},
      {"RunLengthDecode", PdfFilter::kRunLength},
      {"RL", PdfFilter::kRunLength},
  };
  for (const auto& [known, filter] : kNames)
    if (name == known) return filter;
  return PdfFilter::kOther;
}

PdfUnpacked pdf_unpacked(std::string_view data, const PdfPacking& packing) {
  PdfUnpacked out{std::string{data.substr(0, kPdfStreamBytesMax)},
                  data.size() <= kPdfStreamBytesMax};
  std::string& unpacked = out.data;
  for (std::size_t at = 0; at < packing.filters.size(); ++at) {
    const PdfParameters parameters =
        at < packing.parameters.size() ? packing.parameters[at] : PdfParameters{};
    switch (packing.filters[at]) {
      case PdfFilter::kFlate:
        unpacked = of_flate(unpacked, out.whole);
        undo_predictor(unpacked, parameters);
        break;
      case PdfFilter::kLzw:
        unpacked = of_lzw(unpacked, parameters.early_change, out.whole);
        undo_predictor(unpacked, parameters);
        break;
      case PdfFilter::kAscii85:
        unpacked = of_ascii85(unpacked, out.whole);
        break;
      case PdfFilter::kAsciiHex:
        unpacked = of_hex(unpacked, out.whole);
        break;
      case PdfFilter::kRunLength:
        unpacked = of_run_length(unpacked, out.whole);
        break;
      case PdfFilter::kOther:
        return {{}, out.whole};
    }
  }
  return out;
}

}  // namespace gnomon::content
