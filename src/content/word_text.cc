#include <vector>

#include "office_text.h"

namespace gnomon::content {
namespace {

// What Word keeps between characters: marks of paragraphs, cells, fields.
void tidy_word(std::string& text) {
  for (char& c : text) {
    switch (static_cast<unsigned char>(c)) {
      case 0x0d:
      case 0x0b:
      case 0x0c:
        c = '\n';
        break;
      case 0x07:
        c = '\t';
        break;
      case 0x13:
      case 0x14:
      case 0x15:
      case 0x01:
      case 0x02:
      case 0x05:
      case 0x08:
        c = ' ';
        break;
      case 0x1e:
        c = '-';
        break;
      default:
        break;
    }
  }
}

}  // namespace

std::string word_text(Bytes main, const CompoundFile& file, PartStatus& status) {
  std::string text;
  const std::uint32_t flags = little_endian(main, 10, 2);
  if ((flags & 0x0100) != 0) {
    status.not_opened = "encrypted";
    return text;
  }
  if (little_endian(main, 0, 2) != 0xa5ec) {
    // Word 6 and 95: the text lies in one piece.
    const std::uint32_t begin = little_endian(main, 0x18, 4);
    const std::uint32_t end = little_endian(main, 0x1c, 4);
    if (end > begin) append_latin(part_of(main, begin, end - begin), text);
    tidy_word(text);
    return text;
  }
  const CompoundFile::Entry* table_stream =
      file.find_stream((flags & 0x0200) != 0 ? "1Table" : "0Table");
  if (table_stream == nullptr) return text;
  const std::vector<std::uint8_t> table = file.read(*table_stream);
  Bytes clx = part_of(Bytes{table}, little_endian(main, 0x1a2, 4), little_endian(main, 0x1a6, 4));
  while (clx.size() >= 5 && clx[0] == 1)
    clx = part_of(clx, 3 + std::uint64_t{little_endian(clx, 1, 2)}, ~0ULL);
  if (clx.size() < 5 || clx[0] != 2) {
    const std::uint32_t begin = little_endian(main, 0x18, 4);
    const std::uint32_t end = little_endian(main, 0x1c, 4);
    if (end > begin) append_latin(part_of(main, begin, end - begin), text);
    tidy_word(text);
    return text;
  }
  const Bytes pieces = part_of(clx, 5, little_endian(clx, 1, 4));
  if (pieces.size() < 4) return text;
  const std::size_t count = (pieces.size() - 4) / 12;
  for (std::size_t index = 0; index < count && text.size() < kOfficeTextMax; ++index) {
    const std::uint32_t begin = little_endian(pieces, index * 4, 4);
    const std::uint32_t end = little_endian(pieces, (index + 1) * 4, 4);
    if (end <= begin) continue;
    const std::uint32_t where = little_endian(pieces, (count + 1) * 4 + index * 8 + 2, 4);
    const std::uint64_t characters = end - begin;
    if ((where & 0x40000000) != 0) {
      append_latin(part_of(main, (where & 0x3fffffff) / 2, characters), text);
    } else {
      append_utf16(part_of(main, where, characters * 2), text);
    }
  }
  tidy_word(text);
  return text;
}

}  // namespace gnomon::content
