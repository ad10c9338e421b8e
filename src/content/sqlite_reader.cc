#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "document_reader.h"
#include "gnomon/content/text_decoder.h"
#include "text_guess.h"
#include "text_writer.h"

// Databases of SQLite (sqlite.org/fileformat2.html): the rows of all tables, page by page as they
// lie in the file, a line each with tabs between the columns.
namespace gnomon::content {
namespace {

constexpr std::size_t kHeaderBytes = 100;  // of the file, before what is on its first page
constexpr std::size_t kRowBytesMax = std::size_t{8} << 20;
constexpr std::size_t kColumnsMax = 2000;  // as SQLite's own limit
constexpr std::size_t kBlobBytesMin = 64;  // of one that may be a file
constexpr std::uint8_t kTableLeaf = 13;

// Reads numbers of the file's kind; 0 where the bytes end before them.
std::uint32_t big_endian(Bytes bytes, std::size_t at, std::size_t width) {
  std::uint32_t value = 0;
  if (at > bytes.size() || width > bytes.size() - at) return 0;
  for (std::size_t index = 0; index < width; ++index) value = value << 8 | bytes[at + index];
  return value;
}
// Seven bits a byte, nine bytes at most, the last of which has eight.
std::uint64_t varint(Bytes bytes, std::size_t& at) {
  std::uint64_t value = 0;
  for (std::size_t count = 0; count < 9 && at < bytes.size(); ++count) {
    const std::uint8_t byte = bytes[at++];
    if (count == 8) return value << 8 | byte;
    value = value << 7 | (byte & 0x7f);
    if (byte < 0x80) break;
  }
  return value;
}
std::size_t width_of(std::uint64_t type) {
  constexpr std::size_t kWidths[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
  return type < 12 ? kWidths[type] : static_cast<std::size_t>((type - 12) / 2);
}

class SqliteReader {
 public:
  SqliteReader(BodyContext& context, Bytes bytes, const PartHints& hints, std::uint32_t depth,
               PartStatus& status)
      : context_(context),
        bytes_(bytes),
        hints_(hints),
        depth_(depth),
        status_(status),
        writer_(context, depth) {
    page_bytes_ = big_endian(bytes, 16, 2);
    if (page_bytes_ == 1) page_bytes_ = 65536;
    const std::uint32_t reserved = big_endian(bytes, 20, 1);
    usable_ = page_bytes_ > reserved ? page_bytes_ - reserved : 0;
    const std::uint32_t encoding = big_endian(bytes, 56, 4);
    if (encoding == 2) charset_ = Charset::kUtf16Le;
    if (encoding == 3) charset_ = Charset::kUtf16Be;
  }

  void read() {
    if (page_bytes_ < 512 || usable_ < 480) {
      status_.not_opened = "damaged";
      return;
    }
    for (std::uint64_t page = 0; page * page_bytes_ < bytes_.size() && !context_.stopped; ++page)
      read_page(page);
    writer_.finish();
    for (const Bytes blob : blobs_) {
      if (context_.stopped) return;
      tell_blob(blob);
    }
  }

 private:
  [[nodiscard]] Bytes page_at(std::uint64_t page) const {
    const std::uint64_t begin = page * page_bytes_;
    if (begin >= bytes_.size()) return {};
    const Bytes rest = bytes_.subspan(static_cast<std::size_t>(begin));
    return rest.first(std::min<std::size_t>(rest.size(), usable_));
  }

  void read_page(std::uint64_t number) {
    const Bytes page = page_at(number);
    const std::size_t header = number == 0 ? kHeaderBytes : 0;
    if (page.size() < header + 8 || page[header] != kTableLeaf) return;
    const std::size_t cells =
        std::min<std::size_t>(big_endian(page, header + 3, 2), page.size() / 4);
    for (std::size_t cell = 0; cell < cells && !context_.stopped; ++cell) {
      const std::size_t at = big_endian(page, header + 8 + 2 * cell, 2);
      if (at > 0 && at < page.size()) read_row(page, at);
    }
    if (cells > 0) writer_.brk();
  }

  // A row that does not fit goes on in a chain of pages.
  void read_row(Bytes page, std::size_t at) {
    const std::uint64_t size = varint(page, at);
    varint(page, at);  // its number
    if (size == 0 || size > kRowBytesMax || at >= page.size()) return;
    const std::uint64_t most = usable_ - 35;
    if (size <= most) {
      tell_row(page.subspan(at, std::min<std::size_t>(size, page.size() - at)), true);
      return;
    }
    const std::uint64_t least = (usable_ - 12) * 32 / 255 - 23;
    const std::uint64_t fits = least + (size - least) % (usable_ - 4);
    const std::size_t here = static_cast<std::size_t>(fits <= most ? fits : least);
    if (here + 4 > page.size() - at) return;
    std::vector<std::uint8_t> row(page.begin() + static_cast<std::ptrdiff_t>(at),
                                  page.begin() + static_cast<std::ptrdiff_t>(at + here));
    std::uint32_t next = big_endian(page, at + here, 4);
    while (row.size() < size && next > 0) {
      const Bytes more = page_at(next - 1);
      if (more.size() <= 4) break;
      const Bytes piece =
          more.subspan(4, std::min<std::size_t>(more.size() - 4, size - row.size()));
      row.insert(row.end(), piece.begin(), piece.end());
      next = big_endian(more, 0, 4);
    }
    tell_row(Bytes{row}, false);
  }

  void tell_row(Bytes row, bool in_file) {
    std::size_t at = 0;
    const std::uint64_t header = varint(row, at);
    if (header > row.size()) return;
    const Bytes types = row.first(static_cast<std::size_t>(header));
    std::size_t value = types.size();
    std::string line;
    for (std::size_t column = 0; at < types.size() && column < kColumnsMax; ++column) {
      const std::uint64_t type = varint(types, at);
      const std::size_t width = width_of(type);
      if (width > row.size() - value) break;
      const Bytes bytes = row.subspan(value, width);
      value += width;
      if (column > 0) line += '\t';
      tell_value(type, bytes, in_file, line);
    }
    line += '\n';
    if (!context_.admit(line.size())) return;
    writer_.write(line, hints_.role);
  }
  void tell_value(std::uint64_t type, Bytes bytes, bool in_file, std::string& line) {
    if (type >= 13 && type % 2 == 1) return append(bytes, charset_, line);
    if (type >= 12) {
      if (bytes.size() < kBlobBytesMin || looks_like_text(bytes)) {
        append(bytes, Charset::kUtf8, line);
      } else if (in_file) {
        if (blobs_.size() < context_.limits.parts_max / 2) blobs_.push_back(bytes);
      } else if (context_.parts < context_.limits.parts_max / 2) {
        tell_blob(bytes);
      }
    } else if (type == 8 || type == 9) {
      line += type == 8 ? '0' : '1';
    } else if (type >= 1 && type <= 6) {
      std::uint64_t number = (bytes[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
      for (const std::uint8_t byte : bytes) number = number << 8 | byte;
      line += std::to_string(static_cast<std::int64_t>(number));
    }
  }
  static void append(Bytes bytes, Charset charset, std::string& line) {
    TextDecoder decoder{charset};
    decoder.write(bytes, line);
    decoder.finish(line);
  }
  void tell_blob(Bytes blob) {
    if (!context_.admit(blob.size())) return;
    PartHints inner;
    inner.role = hints_.role;
    inner.file = true;
    const auto part = make_part_reader(context_, inner, depth_ + 1);
    part->write(blob);
    part->finish(true);
  }

  BodyContext& context_;
  Bytes bytes_;
  const PartHints& hints_;
  std::uint32_t depth_;
  PartStatus& status_;
  TextWriter writer_;
  std::vector<Bytes> blobs_;
  std::size_t page_bytes_ = 0;
  std::size_t usable_ = 0;
  Charset charset_ = Charset::kUtf8;
};

}  // namespace

void read_sqlite(BodyContext& context, Bytes bytes, const PartHints& hints, std::uint32_t depth,
                 PartStatus& status) {
  SqliteReader{context, bytes, hints, depth, status}.read();
}

}  // namespace gnomon::content
