#include "pdf_filters.h"

#include <zlib.h>

#include <algorithm>
#include <array>
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

std::string of_flate(std::string_view data) {
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
    if (!append_bounded(out, {room.data(), size}) || size == 0) break;
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
std::string of_lzw(std::string_view data, bool early_change) {
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
    if (length > kPdfStreamBytesMax - from) break;
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
std::string of_ascii85(std::string_view data) {
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
    if (c == '~' || out.size() + 4 > kPdfStreamBytesMax) break;
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
std::string of_hex(std::string_view data) {
  std::string out;
  int high = -1;
  for (const char c : data) {
    if (c == '>' || out.size() >= kPdfStreamBytesMax) break;
    const int digit = hex_value(c);
    if (digit < 0) continue;
    if (high >= 0) out += static_cast<char>(high * 16 + digit);
    high = high < 0 ? digit : -1;
  }
  if (high >= 0) out += static_cast<char>(high * 16);
  return out;
}

// 7.4.5: a length, then as many bytes, or one that is repeated.
std::string of_run_length(std::string_view data) {
  constexpr std::uint8_t kEnd = 128;
  std::string out;
  while (!data.empty()) {
    const auto length = static_cast<std::uint8_t>(data.front());
    data.remove_prefix(1);
    if (length == kEnd || data.empty()) break;
    if (length < kEnd) {
      const std::string_view bytes = data.substr(0, std::size_t{length} + 1);
      data.remove_prefix(bytes.size());
      if (!append_bounded(out, bytes)) break;
    } else {
      if (!append_bounded(out, std::string(std::size_t{257} - length, data.front()))) break;
      data.remove_prefix(1);
    }
  }
  return out;
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

std::string pdf_unpacked(std::string_view data, const PdfPacking& packing) {
  std::string unpacked{data.substr(0, kPdfStreamBytesMax)};
  for (const PdfFilter filter : packing.filters) {
    switch (filter) {
      case PdfFilter::kFlate:
        unpacked = of_flate(unpacked);
        break;
      case PdfFilter::kLzw:
        unpacked = of_lzw(unpacked, packing.early_change);
        break;
      case PdfFilter::kAscii85:
        unpacked = of_ascii85(unpacked);
        break;
      case PdfFilter::kAsciiHex:
        unpacked = of_hex(unpacked);
        break;
      case PdfFilter::kRunLength:
        unpacked = of_run_length(unpacked);
        break;
      case PdfFilter::kOther:
        return {};
    }
  }
  return unpacked;
}

}  // namespace gnomon::content
