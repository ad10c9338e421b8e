#include <algorithm>
#include <utility>
#include <vector>

#include "office_text.h"
#include "sheet_text.h"

namespace gnomon::content {
namespace {

// Kinds of records (MS-XLS, 2.3).
enum Record : std::uint32_t {
  kFormula = 0x0006,
  kBof2 = 0x0009,
  kHeader = 0x0014,
  kFooter = 0x0015,
  kNote = 0x001c,
  kFilePass = 0x002f,
  kContinue = 0x003c,
  kBoundSheet = 0x0085,
  kMulRk = 0x00bd,
  kRString = 0x00d6,
  kSst = 0x00fc,
  kLabelSst = 0x00fd,
  kTextObject = 0x01b6,
  kHyperlink = 0x01b8,
  kNumber = 0x0203,
  kLabel = 0x0204,
  kString = 0x0207,
  kBof3 = 0x0209,
  kRk = 0x027e,
  kBof4 = 0x0409,
  kBof = 0x0809,
};

// The records of a workbook. CONTINUE records go on where a string was cut.
class Workbook {
 public:
  explicit Workbook(Bytes bytes) : bytes_(bytes) {}

  std::string read(PartStatus& status) {
    std::uint64_t at = 0;
    while (at + 4 <= bytes_.size() && out_.size() < kOfficeTextMax) {
      const std::uint32_t type = little_endian(bytes_, at, 2);
      const std::uint32_t size = little_endian(bytes_, at + 2, 2);
      const Bytes data = part_of(bytes_, at + 4, size);
      at += 4 + size;
      switch (type) {
        case kBof:
        case kBof4:
        case kBof3:
        case kBof2:
          biff8_ = little_endian(data, 0, 2) >= 0x0600;
          break;
        case kFilePass:
          status.not_opened = "encrypted";
          return {};
        case kSst:
          read_strings(at - 4 - size);
          break;
        case kLabelSst:
          cell(data, strings_at(little_endian(data, 6, 4)));
          break;
        case kLabel:
        case kRString:
          cell(data, text_at(data, 6, 2));
          break;
        case kString:
          line(text_at(data, 0, 2));
          break;
        case kNumber:
          cell(data, number(part_of(data, 6, 8)));
          break;
        case kRk:
          cell(data, rk(little_endian(data, 6, 4)));
          break;
        case kMulRk:
          for (std::uint64_t each = 4; each + 8 <= data.size(); each += 6) {
            cell(data, rk(little_endian(data, each + 2, 4)));
          }
          break;
        case kFormula:
          cell(data, number(part_of(data, 6, 8)));
          break;
        case kBoundSheet:
          line(text_at(data, 6, 1));
          break;
        case kHeader:
        case kFooter:
          if (!data.empty()) line(margin_text(text_at(data, 0, biff8_ ? 2 : 1)));
          break;
        case kTextObject:
          text_object(at);
          break;
        case kNote:
          if (!biff8_) line(text_at(data, 6, 2));
          break;
        case kHyperlink: {  // a hyperlink: its strings are UTF-16
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
    const std::uint32_t characters = little_endian(data, at, width);
    at += width;
    if (!biff8_) {
      append_latin(part_of(data, at, characters), text);
      return text;
    }
    const bool wide = (little_endian(data, at, 1) & 1) != 0;
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
    const std::uint32_t row = little_endian(data, 0, 2);
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
    if (little_endian(bytes_, at, 2) != kContinue) return;
    const Bytes data = part_of(bytes_, at + 4, little_endian(bytes_, at + 2, 2));
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
      const std::uint32_t type = little_endian(bytes_, at, 2);
      if (blocks.empty() ? type != kSst : type != kContinue) break;
      const std::uint32_t size = little_endian(bytes_, at + 2, 2);
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
    const std::uint32_t count = little_endian(blocks[0], 4, 4);
    std::size_t total = 0;
    for (std::uint32_t index = 0; index < count && total < kOfficeTextMax; ++index) {
      if (!advance() || left() < 3) break;
      std::uint32_t characters = little_endian(blocks[block], in, 2);
      std::uint32_t flags = little_endian(blocks[block], in + 2, 1);
      in += 3;
      std::uint64_t behind = 0;
      if ((flags & 8) != 0) {
        behind += std::uint64_t{little_endian(blocks[block], in, 2)} * 4;
        in += 2;
      }
      if ((flags & 4) != 0) {
        behind += little_endian(blocks[block], in, 4);
        in += 4;
      }
      std::string text;
      while (characters > 0) {
        if (left() == 0) {
          if (!advance()) break;
          flags = little_endian(blocks[block], in, 1);
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

}  // namespace

std::string workbook_text(Bytes workbook, PartStatus& status) {
  return Workbook{workbook}.read(status);
}

}  // namespace gnomon::content
