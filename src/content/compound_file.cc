#include "compound_file.h"

#include <algorithm>
#include <utility>

#include "gnomon/content/text_decoder.h"
#include "text_guess.h"

namespace gnomon::content {
namespace {

constexpr std::uint32_t kNoSector = 0xfffffff0;  // and above: end, free, allocation
constexpr std::size_t kEntriesMax = 4096;
constexpr std::size_t kHeaderBytes = 512;
constexpr std::size_t kEntryBytes = 128;
constexpr std::size_t kMiniSectorBytes = 64;
constexpr std::size_t kFatSectorsInHeader = 109;

// Where the header says what (MS-CFB, 2.2).
constexpr std::size_t kSectorShiftAt = 30;
constexpr std::size_t kDirectoryAt = 48;
constexpr std::size_t kMiniCutoffAt = 56;  // streams below this size lie in the mini stream
constexpr std::size_t kMiniFatAt = 60;
constexpr std::size_t kMoreFatAt = 68;
constexpr std::size_t kFatAt = 76;

}  // namespace

std::uint32_t little_endian(Bytes bytes, std::uint64_t at, unsigned width) {
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

CompoundFile::CompoundFile(Bytes bytes) : bytes_(bytes) {
  if (bytes.size() < kHeaderBytes) return;
  const std::uint32_t shift = little_endian(bytes, kSectorShiftAt, 2);
  if (shift != 9 && shift != 12) return;
  sector_bytes_ = std::size_t{1} << shift;
  sectors_max_ = bytes.size() / sector_bytes_ + 1;
  read_fat();
  read_directory();
  mini_fat_ = chain(little_endian(bytes, kMiniFatAt, 4), sectors_max_ * sector_bytes_);
  if (!entries_.empty()) mini_stream_ = chain(entries_[0].start, entries_[0].size);
}

const CompoundFile::Entry* CompoundFile::find_stream(std::string_view name) const {
  for (const Entry& entry : entries_)
    if (entry.is_stream() && entry.name == name) return &entry;
  return nullptr;
}

std::vector<std::uint8_t> CompoundFile::read(const Entry& stream) const {
  if (stream.size >= little_endian(bytes_, kMiniCutoffAt, 4))
    return chain(stream.start, stream.size);
  std::vector<std::uint8_t> data;
  std::uint32_t sector = stream.start;
  std::size_t steps = mini_stream_.size() / kMiniSectorBytes + 1;
  while (sector < kNoSector && data.size() < stream.size && steps-- > 0) {
    const Bytes some =
        part_of(Bytes{mini_stream_}, std::uint64_t{sector} * kMiniSectorBytes, kMiniSectorBytes);
    data.insert(data.end(), some.begin(), some.end());
    const std::uint64_t at = std::uint64_t{sector} * 4;
    if (at + 4 > mini_fat_.size()) break;
    sector = little_endian(Bytes{mini_fat_}, at, 4);
  }
  if (data.size() > stream.size) data.resize(static_cast<std::size_t>(stream.size));
  return data;
}

Bytes CompoundFile::sector(std::uint32_t number) const {
  return part_of(bytes_, (std::uint64_t{number} + 1) * sector_bytes_, sector_bytes_);
}

std::vector<std::uint8_t> CompoundFile::chain(std::uint32_t first, std::uint64_t size) const {
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

void CompoundFile::add_fat_sector(std::uint32_t number) {
  if (number >= kNoSector || fat_.size() > sectors_max_ + sector_bytes_) return;
  const Bytes data = sector(number);
  for (std::size_t at = 0; at + 4 <= data.size(); at += 4)
    fat_.push_back(little_endian(data, at, 4));
}

void CompoundFile::read_fat() {
  for (std::size_t index = 0; index < kFatSectorsInHeader; ++index)
    add_fat_sector(little_endian(bytes_, kFatAt + index * 4, 4));
  std::uint32_t next = little_endian(bytes_, kMoreFatAt, 4);
  std::size_t steps = sectors_max_;
  while (next < kNoSector && steps-- > 0) {
    const Bytes data = sector(next);
    if (data.size() < sector_bytes_) return;
    for (std::size_t at = 0; at + 8 <= data.size(); at += 4)
      add_fat_sector(little_endian(data, at, 4));
    next = little_endian(data, data.size() - 4, 4);
  }
}

void CompoundFile::read_directory() {
  const std::vector<std::uint8_t> data =
      chain(little_endian(bytes_, kDirectoryAt, 4), kEntriesMax * kEntryBytes);
  for (std::size_t at = 0; at + kEntryBytes <= data.size(); at += kEntryBytes) {
    const Bytes bytes = Bytes{data}.subspan(at, kEntryBytes);
    Entry entry;
    const std::uint32_t name_bytes = std::min<std::uint32_t>(little_endian(bytes, 64, 2), 64);
    if (name_bytes >= 2) append_utf16(bytes.first(name_bytes - 2), entry.name);
    entry.type = static_cast<Type>(bytes[66]);
    entry.start = little_endian(bytes, 116, 4);
    entry.size = little_endian(bytes, 120, 4);
    entries_.push_back(std::move(entry));
  }
}

}  // namespace gnomon::content
