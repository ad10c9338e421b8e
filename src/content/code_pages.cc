#include "code_pages.h"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace gnomon::content {
namespace {

constexpr std::array<std::uint16_t, 128> kPages[] = {
#include "code_pages.inc"
};
static_assert(std::size(kPages) == static_cast<std::size_t>(Charset::kGbk) -
                                       static_cast<std::size_t>(Charset::kWindows1250));

constexpr std::pair<Charset, const char*> kMultibyte[] = {{Charset::kGbk, "GB18030"},
                                                          {Charset::kBig5, "BIG5-HKSCS"},
                                                          {Charset::kShiftJis, "CP932"},
                                                          {Charset::kEucJp, "EUC-JP"},
                                                          {Charset::kEucKr, "CP949"}};

const void* const kNoConverter = reinterpret_cast<void*>(-1);  // iconv_open(3)

}  // namespace

const std::array<std::uint16_t, 128>* code_page_of(Charset charset) {
  if (charset < Charset::kWindows1250 || charset >= Charset::kGbk) return nullptr;
  return &kPages[static_cast<std::size_t>(charset) -
                 static_cast<std::size_t>(Charset::kWindows1250)];
}

Charset charset_of_page(std::int64_t number) {
  constexpr std::pair<std::int64_t, Charset> kNumbers[] = {
      {874, Charset::kWindows874},   {932, Charset::kShiftJis},     {936, Charset::kGbk},
      {949, Charset::kEucKr},        {950, Charset::kBig5},         {1250, Charset::kWindows1250},
      {1251, Charset::kWindows1251}, {1253, Charset::kWindows1253}, {1254, Charset::kWindows1254},
      {1255, Charset::kWindows1255}, {1256, Charset::kWindows1256}, {1257, Charset::kWindows1257},
      {1258, Charset::kWindows1258}, {850, Charset::kIbm850},       {866, Charset::kIbm866},
      {10000, Charset::kMacintosh},  {20866, Charset::kKoi8R},      {21866, Charset::kKoi8U}};
  for (const auto& [page, charset] : kNumbers)
    if (page == number) return charset;
  return Charset::kLatin1;
}

Charset charset_of_font(std::int64_t number) {
  constexpr std::pair<std::int64_t, std::int64_t> kFonts[] = {
      {77, 10000}, {128, 932},  {129, 949},  {134, 936},  {136, 950},  {161, 1253}, {162, 1254},
      {163, 1258}, {177, 1255}, {178, 1256}, {186, 1257}, {204, 1251}, {222, 874},  {238, 1250}};
  for (const auto& [font, page] : kFonts)
    if (font == number) return charset_of_page(page);
  return Charset::kLatin1;
}

std::unique_ptr<MultibyteReader> MultibyteReader::open(Charset charset) {
  for (const auto& [known, name] : kMultibyte) {
    if (known != charset) continue;
    iconv_t const converter = iconv_open("UTF-8", name);
    if (converter == kNoConverter) return nullptr;
    return std::unique_ptr<MultibyteReader>{new MultibyteReader{converter}};
  }
  return nullptr;
}

MultibyteReader::~MultibyteReader() { iconv_close(converter_); }

// Gives back how many bytes were used: what is left is half a character.
std::size_t MultibyteReader::convert(Bytes bytes, std::string& out) {
  char* in =
      const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));  // iconv(3) writes none
  std::size_t left = bytes.size();
  while (left > 0) {
    std::array<char, 1024> room;
    char* to = room.data();
    std::size_t free = room.size();
    const std::size_t before = left;
    const bool failed = iconv(converter_, &in, &left, &to, &free) == static_cast<std::size_t>(-1);
    const int error = errno;  // what follows may change it
    std::replace(room.data(), to, '\0', ' ');
    out.append(room.data(), room.size() - free);
    if (!failed || free < 8) continue;       // all, or as much as there was room for
    if (error == EINVAL && left < 4) break;  // half a character
    if (error != E2BIG || left == before) {  // none
      ++in;
      --left;
    }
  }
  return bytes.size() - left;
}

void MultibyteReader::write(Bytes bytes, std::string& out) {
  while (held_size_ > 0 && !bytes.empty()) {
    held_[held_size_++] = bytes.front();
    bytes = bytes.subspan(1);
    const std::size_t used = convert(Bytes{held_}.first(held_size_), out);
    std::copy(held_.begin() + static_cast<std::ptrdiff_t>(used), held_.end(), held_.begin());
    held_size_ -= used;
  }
  const std::size_t used = convert(bytes, out);
  for (const std::uint8_t byte : bytes.subspan(used)) held_[held_size_++] = byte;
}

namespace {

constexpr bool in(std::uint8_t byte, unsigned from, unsigned to) {
  return byte >= from && byte <= to;
}

// How a charset of two bytes a character looks: which pairs it has, and which are frequent in
// texts.
struct PairShape {
  Charset charset;
  bool (*fits)(std::uint8_t lead, std::uint8_t trail);
  bool (*frequent)(std::uint8_t lead, std::uint8_t trail);
  std::size_t percent;  // of the pairs that are frequent, at least
};
constexpr PairShape kShapes[] = {
    // Kana; single bytes from 0xa1 to 0xdf are half-width.
    {Charset::kShiftJis,
     [](std::uint8_t, std::uint8_t trail) { return in(trail, 0x40, 0xfc) && trail != 0x7f; },
     [](std::uint8_t lead, std::uint8_t trail) {
       return (lead == 0x82 && in(trail, 0x9f, 0xf1)) || (lead == 0x83 && in(trail, 0x40, 0x96));
     },
     25},
    {Charset::kEucJp,
     [](std::uint8_t lead, std::uint8_t trail) { return in(lead, 0xa1, 0xf4) && trail >= 0xa1; },
     [](std::uint8_t lead, std::uint8_t) { return in(lead, 0xa4, 0xa5); }, 25},
    // Characters of everyday, half of them with a second byte of ASCII.
    {Charset::kBig5,
     [](std::uint8_t lead, std::uint8_t trail) {
       return in(lead, 0xa1, 0xf9) && (in(trail, 0x40, 0x7e) || trail >= 0xa1);
     },
     [](std::uint8_t lead, std::uint8_t) { return in(lead, 0xa4, 0xc6); }, 80},
    // Hangul.
    {Charset::kEucKr,
     [](std::uint8_t lead, std::uint8_t trail) { return in(lead, 0xa1, 0xfd) && trail >= 0xa1; },
     [](std::uint8_t lead, std::uint8_t) { return in(lead, 0xb0, 0xc8); }, 90},
    // Characters of the first level.
    {Charset::kGbk,
     [](std::uint8_t lead, std::uint8_t trail) {
       return in(lead, 0x81, 0xfe) && trail >= 0x40 && trail != 0x7f;
     },
     [](std::uint8_t lead, std::uint8_t trail) { return in(lead, 0xb0, 0xd7) && trail >= 0xa1; },
     60}};

bool looks_like(Bytes head, const PairShape& shape) {
  std::size_t all = 0;
  std::size_t wrong = 0;
  std::size_t frequent = 0;
  std::size_t low_trails = 0;
  for (std::size_t at = 0; at + 1 < head.size();) {
    const std::uint8_t lead = head[at];
    if (lead < 0x80 || (shape.charset == Charset::kShiftJis && in(lead, 0xa1, 0xdf))) {
      ++at;
      continue;
    }
    const std::uint8_t trail = head[at + 1];
    ++all;
    const bool fits = shape.fits(lead, trail);
    wrong += fits ? 0 : 1;
    frequent += fits && shape.frequent(lead, trail) ? 1 : 0;
    low_trails += in(trail, 0x40, 0x7e) ? 1 : 0;
    at += 2;
  }
  return all >= 4 && wrong * 50 <= all && frequent * 100 >= all * shape.percent &&
         (shape.charset != Charset::kBig5 || low_trails * 5 >= all);
}

// Letters of Latin texts stand alone; those of Cyrillic ones together, and most are small.
bool looks_like_1251(Bytes head) {
  std::size_t high = 0;
  std::size_t letters = 0;
  std::size_t small = 0;
  std::size_t runs = 0;
  std::size_t even_runs = 0;
  for (std::size_t at = 0; at < head.size();) {
    std::size_t end = at;
    for (; end < head.size() && head[end] >= 0x80; ++end) {
      letters += head[end] >= 0xc0 || head[end] == 0xa8 || head[end] == 0xb8 ? 1 : 0;
      small += head[end] >= 0xe0 ? 1 : 0;
    }
    if (end > at) {
      high += end - at;
      ++runs;
      even_runs += (end - at) % 2 == 0 ? 1 : 0;
    }
    at = end + 1;
  }
  return high >= runs * 3 && letters * 10 >= high * 9 && small * 2 > high &&
         even_runs * 5 < runs * 4 + 5;
}

}  // namespace

Charset guess_code_page(Bytes head) {
  if (std::count_if(head.begin(), head.end(), [](std::uint8_t byte) { return byte >= 0x80; }) < 8)
    return Charset::kUtf8;
  for (const PairShape& shape : kShapes) {
    if (shape.charset == Charset::kBig5 && looks_like_1251(head)) return Charset::kWindows1251;
    if (looks_like(head, shape)) return shape.charset;
  }
  return Charset::kUtf8;
}

}  // namespace gnomon::content
