#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/byte_reader.h"

namespace gnomon::content {

// The little-endian number of `width` bytes (4 at most) at `at`; 0 where the bytes end before it.
std::uint32_t little_endian(Bytes bytes, std::uint64_t at, unsigned width);
// `size` bytes from `at` on, or as many as there are.
Bytes part_of(Bytes bytes, std::uint64_t at, std::uint64_t size);
// Append what the bytes say as UTF-8; of UTF-16 an odd byte at the end is left out.
void append_utf16(Bytes bytes, std::string& out);
void append_latin(Bytes bytes, std::string& out);

// The streams of an OLE compound file (MS-CFB 3.0). What is damaged is read as far as it goes: a
// chain of sectors that leads nowhere ends there, one that bites its tail after as many steps as
// the file has sectors. The bytes outlive it.
class CompoundFile {
 public:
  enum class Type : std::uint8_t { kStorage = 1, kStream = 2, kRoot = 5 };
  struct Entry {
    std::string name;
    std::uint32_t start = 0;  // its first sector
    std::uint64_t size = 0;
    Type type{};

    [[nodiscard]] bool is_stream() const { return type == Type::kStream; }
  };

  explicit CompoundFile(Bytes bytes);

  // Of the directory, 4,096 at most; none of what is no compound file.
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] const Entry* find_stream(std::string_view name) const;
  [[nodiscard]] std::vector<std::uint8_t> read(const Entry& stream) const;

 private:
  [[nodiscard]] Bytes sector(std::uint32_t number) const;
  [[nodiscard]] std::vector<std::uint8_t> chain(std::uint32_t first, std::uint64_t size) const;
  void add_fat_sector(std::uint32_t number);
  void read_fat();
  void read_directory();

  Bytes bytes_;
  std::vector<std::uint32_t> fat_;
  std::vector<Entry> entries_;
  std::vector<std::uint8_t> mini_fat_;
  std::vector<std::uint8_t> mini_stream_;
  std::size_t sector_bytes_ = 512;
  std::size_t sectors_max_ = 0;
};

}  // namespace gnomon::content
