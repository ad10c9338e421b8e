#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "document_reader.h"
#include "gnomon/content/text_decoder.h"
#include "text_formats.h"
#include "text_guess.h"
#include "text_writer.h"

// OLE compound files (MS-CFB) and the text of the Office 97 formats inside: DOC (MS-DOC), XLS
// (MS-XLS), PPT (MS-PPT), and MSG (MS-OXMSG). Everything is little-endian.
namespace gnomon::content {
namespace {

constexpr std::uint32_t kNoSector = 0xfffffff0;  // and above: end, free, allocation
constexpr std::size_t kEntriesMax = 4096;
constexpr std::size_t kTextBytesMax = std::size_t{64} << 20;

std::uint32_t le(Bytes bytes, std::uint64_t at, unsigned width) {
  if (at > bytes.size() || width > bytes.size() - at) return 0;
  std::uint32_t value = 0;
  for (unsigned index = width; index-- > 0;) {
    value = (value << 8) | bytes[static_cast<std::size_t>(at) + index];
  }
  return value;
}

Bytes part_of(Bytes bytes, std::uint64_t at, std::uint64_t size) {
  if (at > bytes.size()) return {};
  return bytes.subspan(static_cast<std::size_t>(at),
                       static_cast<std::size_t>(std::min<std::uint64_t>(size, bytes.size() - at)));
}

void append_utf16(Bytes bytes, std::string& out) {
  TextDecoder decoder{Charset::kUtf16Le};
  decoder.write(bytes.first(bytes.size() & ~std::size_t{1}), out);
  decoder.finish(out);
}
void append_latin(Bytes bytes, std::string& out) {
  TextDecoder decoder{Charset::kLatin1};
  decoder.write(bytes, out);
}

struct Stream {
  std::string name;
  std::uint32_t start = 0;
  std::uint64_t size = 0;
  std::uint32_t child = 0;
  std::uint8_t type = 0;
};

class CompoundFile {
 public:
  explicit CompoundFile(Bytes bytes) : bytes_(bytes) {
    if (bytes.size() < 512) return;
    const std::uint32_t shift = le(bytes, 30, 2);
    if (shift != 9 && shift != 12) return;
    sector_bytes_ = std::size_t{1} << shift;
    sectors_max_ = bytes.size() / sector_bytes_ + 1;
    read_fat();
    read_directory();
    mini_fat_ = chain(le(bytes, 60, 4), sectors_max_ * sector_bytes_);
    if (!entries_.empty()) mini_stream_ = chain(entries_[0].start, entries_[0].size);
  }

  [[nodiscard]] const std::vector<Stream>& entries() const { return entries_; }
  [[nodiscard]] const Stream* find(std::string_view name) const {
    for (const Stream& entry : entries_) {
      if (entry.type == 2 && entry.name == name) return &entry;
    }
    return nullptr;
  }
  [[nodiscard]] std::vector<std::uint8_t> read(const Stream& stream) const {
    if (stream.size >= le(bytes_, 56, 4)) return chain(stream.start, stream.size);
    std::vector<std::uint8_t> data;
    std::uint32_t sector = stream.start;
    std::size_t steps = mini_stream_.size() / 64 + 1;
    while (sector < kNoSector && data.size() < stream.size && steps-- > 0) {
      const Bytes some = part_of(Bytes{mini_stream_}, std::uint64_t{sector} * 64, 64);
      data.insert(data.end(), some.begin(), some.end());
      const std::uint64_t at = std::uint64_t{sector} * 4;
      if (at + 4 > mini_fat_.size()) break;
      sector = le(Bytes{mini_fat_}, at, 4);
    }
    if (data.size() > stream.size) data.resize(static_cast<std::size_t>(stream.size));
    return data;
  }

 private:
  [[nodiscard]] Bytes sector(std::uint32_t number) const {
    return part_of(bytes_, (std::uint64_t{number} + 1) * sector_bytes_, sector_bytes_);
  }
  [[nodiscard]] std::vector<std::uint8_t> chain(std::uint32_t first, std::uint64_t size) const {
    std::vector<std::uint8_t> data;
    std::size_t steps = sectors_max_;  // a chain that bites its tail ends here
    while (first < kNoSector && data.size() < size && steps-- > 0) {
      const Bytes some = sector(first);
      data.insert(data.end(), some.begin(), some.end());
      if (first >= fat_.size()) break;
      first = fat_[first];
    }
    if (data.size() > size) data.resize(static_cast<std::size_t>(size));
    return data;
  }
  void add_fat_sector(std::uint32_t number) {
    if (number >= kNoSector || fat_.size() > sectors_max_ + sector_bytes_) return;
    const Bytes data = sector(number);
    for (std::size_t at = 0; at + 4 <= data.size(); at += 4) fat_.push_back(le(data, at, 4));
  }
  void read_fat() {
    for (std::size_t index = 0; index < 109; ++index) add_fat_sector(le(bytes_, 76 + index * 4, 4));
    std::uint32_t next = le(bytes_, 68, 4);
    std::size_t steps = sectors_max_;
    while (next < kNoSector && steps-- > 0) {
      const Bytes data = sector(next);
      if (data.size() < sector_bytes_) return;
      for (std::size_t at = 0; at + 8 <= data.size(); at += 4) add_fat_sector(le(data, at, 4));
      next = le(data, data.size() - 4, 4);
    }
  }
  void read_directory() {
    const std::vector<std::uint8_t> data = chain(le(bytes_, 48, 4), kEntriesMax * 128);
    for (std::size_t at = 0; at + 128 <= data.size(); at += 128) {
      const Bytes entry = Bytes{data}.subspan(at, 128);
      Stream stream;
      const std::uint32_t name_bytes = std::min<std::uint32_t>(le(entry, 64, 2), 64);
      if (name_bytes >= 2) append_utf16(entry.first(name_bytes - 2), stream.name);
      stream.type = entry[66];
      stream.child = le(entry, 76, 4);
      stream.start = le(entry, 116, 4);
      stream.size = le(entry, 120, 4);
      entries_.push_back(std::move(stream));
    }
  }

  Bytes bytes_;
  std::vector<std::uint32_t> fat_;
  std::vector<Stream> entries_;
  std::vector<std::uint8_t> mini_fat_;
  std::vector<std::uint8_t> mini_stream_;
  std::size_t sector_bytes_ = 512;
  std::size_t sectors_max_ = 0;
};

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

std::string word_text(Bytes main, const CompoundFile& file, PartStatus& status) {
  std::string text;
  const std::uint32_t flags = le(main, 10, 2);
  if ((flags & 0x0100) != 0) {
    status.not_opened = "encrypted";
    return text;
  }
  if (le(main, 0, 2) != 0xa5ec) {
    // Word 6 and 95: the text lies in one piece.
    const std::uint32_t begin = le(main, 0x18, 4);
    const std::uint32_t end = le(main, 0x1c, 4);
    if (end > begin) append_latin(part_of(main, begin, end - begin), text);
    tidy_word(text);
    return text;
  }
  const Stream* table_stream = file.find((flags & 0x0200) != 0 ? "1Table" : "0Table");
  if (table_stream == nullptr) return text;
  const std::vector<std::uint8_t> table = file.read(*table_stream);
  Bytes clx = part_of(Bytes{table}, le(main, 0x1a2, 4), le(main, 0x1a6, 4));
  while (clx.size() >= 5 && clx[0] == 1)
    clx = part_of(clx, 3 + std::uint64_t{le(clx, 1, 2)}, ~0ULL);
  if (clx.size() < 5 || clx[0] != 2) {
    const std::uint32_t begin = le(main, 0x18, 4);
    const std::uint32_t end = le(main, 0x1c, 4);
    if (end > begin) append_latin(part_of(main, begin, end - begin), text);
    tidy_word(text);
    return text;
  }
  const Bytes pieces = part_of(clx, 5, le(clx, 1, 4));
  if (pieces.size() < 4) return text;
  const std::size_t count = (pieces.size() - 4) / 12;
  for (std::size_t index = 0; index < count && text.size() < kTextBytesMax; ++index) {
    const std::uint32_t begin = le(pieces, index * 4, 4);
    const std::uint32_t end = le(pieces, (index + 1) * 4, 4);
    if (end <= begin) continue;
    const std::uint32_t where = le(pieces, (count + 1) * 4 + index * 8 + 2, 4);
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

// The records of a workbook. CONTINUE records go on where a string was cut.
class Workbook {
 public:
  explicit Workbook(Bytes bytes) : bytes_(bytes) {}

  std::string read(PartStatus& status) {
    std::uint64_t at = 0;
    while (at + 4 <= bytes_.size() && out_.size() < kTextBytesMax) {
      const std::uint32_t type = le(bytes_, at, 2);
      const std::uint32_t size = le(bytes_, at + 2, 2);
      const Bytes data = part_of(bytes_, at + 4, size);
      at += 4 + size;
      switch (type) {
        case 0x0809:
        case 0x0409:
        case 0x0209:
        case 0x0009:
          biff8_ = le(data, 0, 2) >= 0x0600;
          break;
        case 0x002f:
          status.not_opened = "encrypted";
          return {};
        case 0x00fc:
          read_strings(at - 4 - size);
          break;
        case 0x00fd:
          cell(data, strings_at(le(data, 6, 4)));
          break;
        case 0x0204:
        case 0x00d6:
          cell(data, text_at(data, 6, 2));
          break;
        case 0x0207:
          line(text_at(data, 0, 2));
          break;
        case 0x0203:
          cell(data, number(part_of(data, 6, 8)));
          break;
        case 0x027e:
          cell(data, rk(le(data, 6, 4)));
          break;
        case 0x00bd:
          for (std::uint64_t each = 4; each + 8 <= data.size(); each += 6) {
            cell(data, rk(le(data, each + 2, 4)));
          }
          break;
        case 0x0006:
          cell(data, number(part_of(data, 6, 8)));
          break;
        case 0x0085:
          line(text_at(data, 6, 1));
          break;
        case 0x0014:
        case 0x0015:
          if (!data.empty()) line(text_at(data, 0, biff8_ ? 2 : 1));
          break;
        case 0x01b6:
          text_object(at);
          break;
        case 0x001c:
          if (!biff8_) line(text_at(data, 6, 2));
          break;
        case 0x01b8: {  // a hyperlink: its strings are UTF-16
          std::string link;
          append_utf16(part_of(data, 32, ~0ULL), link);
          line(readable(link));
          break;
        }
        default:
          break;
      }
    }
    // Strings that no cell shows.
    for (std::size_t index = 0; index < strings_.size(); ++index) {
      if (!shown_[index]) line(strings_[index]);
    }
    return std::move(out_);
  }

 private:
  static std::string readable(const std::string& text) {
    std::string out;
    for (const char c : text) {
      if (static_cast<unsigned char>(c) >= 32) out += c;
    }
    return out;
  }
  static std::string number(Bytes eight) {
    if (eight.size() < 8) return {};
    std::uint64_t bits = 0;
    for (std::size_t index = 8; index-- > 0;) bits = (bits << 8) | eight[index];
    if ((bits >> 48) == 0xffff) return {};  // a formula's string, which follows
    double value = 0;
    static_assert(sizeof value == sizeof bits);
    std::copy_n(reinterpret_cast<const char*>(&bits), sizeof bits, reinterpret_cast<char*>(&value));
    return shown(value);
  }
  static std::string shown(double value) {
    if (!(value > -1e18 && value < 1e18)) return {};
    const auto whole = static_cast<long long>(value);
    if (static_cast<double>(whole) == value) return std::to_string(whole);
    std::string text = std::to_string(value);
    while (text.size() > 1 && text.back() == '0') text.pop_back();
    return text;
  }
  static std::string rk(std::uint32_t bits) {
    double value = 0;
    if ((bits & 2) != 0) {
      value = static_cast<double>(static_cast<std::int32_t>(bits) >> 2);
    } else {
      const std::uint64_t wide = std::uint64_t{bits & 0xfffffffc} << 32;
      std::copy_n(reinterpret_cast<const char*>(&wide), sizeof wide,
                  reinterpret_cast<char*>(&value));
    }
    return shown((bits & 1) != 0 ? value / 100 : value);
  }
  std::string text_at(Bytes data, std::uint64_t at, unsigned width) const {
    std::string text;
    const std::uint32_t characters = le(data, at, width);
    at += width;
    if (!biff8_) {
      append_latin(part_of(data, at, characters), text);
      return text;
    }
    const bool wide = (le(data, at, 1) & 1) != 0;
    ++at;
    if (wide) {
      append_utf16(part_of(data, at, std::uint64_t{characters} * 2), text);
    } else {
      append_latin(part_of(data, at, characters), text);
    }
    return text;
  }
  std::string strings_at(std::uint32_t index) {
    if (index >= strings_.size()) return {};
    shown_[index] = true;
    return strings_[index];
  }
  void cell(Bytes data, const std::string& text) {
    const std::uint32_t row = le(data, 0, 2);
    if (row != row_) out_ += '\n';
    row_ = row;
    out_ += text;
    out_ += '\t';
  }
  void line(const std::string& text) {
    if (text.empty()) return;
    if (!out_.empty() && out_.back() != '\n') out_ += '\n';
    out_ += text;
    out_ += '\n';
  }
  // TXO: two CONTINUE records follow, of which the first holds the text.
  void text_object(std::uint64_t at) {
    if (le(bytes_, at, 2) != 0x003c) return;
    const Bytes data = part_of(bytes_, at + 4, le(bytes_, at + 2, 2));
    if (data.empty()) return;
    std::string text;
    if ((data[0] & 1) != 0)
      append_utf16(data.subspan(1), text);
    else
      append_latin(data.subspan(1), text);
    line(text);
  }
  // The shared string table, over its CONTINUE records: in each a cut string begins with new flags.
  void read_strings(std::uint64_t at) {
    std::vector<Bytes> blocks;
    while (at + 4 <= bytes_.size()) {
      const std::uint32_t type = le(bytes_, at, 2);
      if (blocks.empty() ? type != 0x00fc : type != 0x003c) break;
      const std::uint32_t size = le(bytes_, at + 2, 2);
      blocks.push_back(part_of(bytes_, at + 4, size));
      at += 4 + size;
    }
    if (blocks.empty()) return;
    std::size_t block = 0;
    std::uint64_t in = 8;
    const auto left = [&] { return blocks[block].size() > in ? blocks[block].size() - in : 0; };
    const auto advance = [&] {
      while (block < blocks.size() && left() == 0) {
        ++block;
        in = 0;
      }
      return block < blocks.size();
    };
    const auto skip = [&](std::uint64_t bytes) {
      while (bytes > 0 && block < blocks.size()) {
        const std::uint64_t some = std::min<std::uint64_t>(bytes, left());
        in += some;
        bytes -= some;
        if (bytes > 0 && !advance()) return;
      }
    };
    const std::uint32_t count = le(blocks[0], 4, 4);
    std::size_t total = 0;
    for (std::uint32_t index = 0; index < count && total < kTextBytesMax; ++index) {
      if (!advance() || left() < 3) break;
      std::uint32_t characters = le(blocks[block], in, 2);
      std::uint32_t flags = le(blocks[block], in + 2, 1);
      in += 3;
      std::uint64_t behind = 0;
      if ((flags & 8) != 0) {
        behind += std::uint64_t{le(blocks[block], in, 2)} * 4;
        in += 2;
      }
      if ((flags & 4) != 0) {
        behind += le(blocks[block], in, 4);
        in += 4;
      }
      std::string text;
      while (characters > 0) {
        if (left() == 0) {
          if (!advance()) break;
          flags = le(blocks[block], in, 1);
          ++in;
        }
        const std::uint64_t width = (flags & 1) != 0 ? 2 : 1;
        const std::uint64_t some = std::min<std::uint64_t>(characters, left() / width);
        if (some == 0) {
          in = blocks[block].size();
          continue;
        }
        const Bytes data = part_of(blocks[block], in, some * width);
        if (width == 2)
          append_utf16(data, text);
        else
          append_latin(data, text);
        in += some * width;
        characters -= static_cast<std::uint32_t>(some);
      }
      total += text.size() + sizeof(std::string);
      strings_.push_back(std::move(text));
      skip(behind);
      if (block >= blocks.size()) break;
    }
    shown_.assign(strings_.size(), false);
  }

  Bytes bytes_;
  std::vector<std::string> strings_;
  std::vector<bool> shown_;
  std::string out_;
  std::uint32_t row_ = 0xffffffff;
  bool biff8_ = true;
};

std::string slides_text(Bytes bytes) {
  std::string out;
  // Containers are stepped into, so the walk is flat.
  std::uint64_t at = 0;
  while (at + 8 <= bytes.size() && out.size() < kTextBytesMax) {
    const bool container = (le(bytes, at, 2) & 0x0f) == 0x0f;
    const std::uint32_t type = le(bytes, at + 2, 2);
    const std::uint32_t size = le(bytes, at + 4, 4);
    at += 8;
    if (container) continue;
    const Bytes data = part_of(bytes, at, size);
    std::string text;
    if (type == 0x0fa0 || type == 0x0fba) append_utf16(data, text);
    if (type == 0x0fa8) append_latin(data, text);
    if (!text.empty()) {
      std::replace(text.begin(), text.end(), '\r', '\n');
      std::replace(text.begin(), text.end(), '\x0b', '\n');
      out += text;
      out += '\n';
    }
    at += size;
  }
  return out;
}

}  // namespace

void read_ole(BodyContext& context, Bytes bytes, const PartHints& hints, std::uint32_t depth,
              PartStatus& status) {
  const CompoundFile file{bytes};
  if (file.entries().empty()) {
    status.not_opened = "damaged";
    ++context.counters.malformed;
    return;
  }
  const auto tell = [&](const std::string& text) {
    if (text.empty() || !context.admit(text.size())) return;
    context.brk();
    TextWriter writer{context, depth};
    writer.write(text, hints.role);
    writer.finish();
    context.brk();
  };
  if (file.find("EncryptedPackage") != nullptr) {
    status.not_opened = "encrypted";
    return;
  }
  for (const Stream& entry : file.entries()) {
    if (entry.type != 2 || context.stopped || !status.not_opened.empty()) continue;
    if (entry.name == "WordDocument") {
      tell(word_text(Bytes{file.read(entry)}, file, status));
    } else if (entry.name == "Workbook" || entry.name == "Book") {
      const std::vector<std::uint8_t> data = file.read(entry);
      tell(Workbook{Bytes{data}}.read(status));
    } else if (entry.name == "PowerPoint Document") {
      tell(slides_text(Bytes{file.read(entry)}));
    } else if (entry.name.size() == 20 && entry.name.compare(0, 12, "__substg1.0_") == 0) {
      // MSG: the last four digits are the type: 001F is UTF-16, 001E eight bits, 0102 bytes.
      const std::string_view type = std::string_view{entry.name}.substr(16);
      const std::string_view property = std::string_view{entry.name}.substr(12, 4);
      if (type == "001F") {
        std::string text;
        append_utf16(Bytes{file.read(entry)}, text);
        tell(text + "\n");
      } else if (type == "001E") {
        std::string text;
        append_latin(Bytes{file.read(entry)}, text);
        tell(text + "\n");
      } else if (property == "3701" || property == "1013") {
        // An attachment's bytes; the HTML body.
        PartHints inner;
        inner.role = hints.role;
        inner.file = property == "3701";
        inner.attachment = true;
        const std::vector<std::uint8_t> data = file.read(entry);
        if (!context.admit(data.size())) return;
        const auto part = make_part_reader(context, inner, depth + 1);
        part->write(Bytes{data});
        part->finish(true);
      }
    } else if (entry.name == "\x05SummaryInformation" ||
               entry.name ==
                   "\x05"
                   "DocumentSummaryInformation" ||
               entry.name.find("VBA") != std::string::npos || entry.name == "\x01Ole10Native") {
      const std::vector<std::uint8_t> data = file.read(entry);
      if (!context.admit(data.size())) return;
      const auto runs = make_runs_reader(context, depth, hints.role);
      context.brk();
      runs->write(Bytes{data});
      runs->finish(true);
      context.brk();
    } else if (entry.name == "Package" || entry.name == "CONTENTS") {
      PartHints inner;
      inner.role = hints.role;
      inner.file = true;
      const std::vector<std::uint8_t> data = file.read(entry);
      if (!context.admit(data.size())) return;
      const auto part = make_part_reader(context, inner, depth + 1);
      part->write(Bytes{data});
      part->finish(true);
    }
  }
}

}  // namespace gnomon::content
