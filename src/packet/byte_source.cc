#include "byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "gnomon/bytes/handle.h"

namespace gnomon::packet {
namespace {

constexpr std::size_t kCompressedChunkBytes = 256 * 1024;

class FileSource final : public ByteSource {
 public:
  FileSource(int descriptor, bool owned, std::atomic<std::uint64_t>& read_bytes)
      : descriptor_(descriptor), owned_(owned), read_bytes_(read_bytes) {}
  ~FileSource() override {
    if (owned_) ::close(descriptor_);
  }

  std::size_t read(std::uint8_t* to, std::size_t count) override {
    std::size_t done = 0;
    while (done < count && error_.empty()) {
      const ssize_t got = ::read(descriptor_, to + done, count - done);
      if (got == 0) break;
      if (got < 0) {
        if (errno != EINTR) error_ = std::strerror(errno);
        continue;
      }
      done += static_cast<std::size_t>(got);
      read_bytes_.fetch_add(static_cast<std::uint64_t>(got), std::memory_order_relaxed);
    }
    return done;
  }

 private:
  int descriptor_;
  bool owned_;
  std::atomic<std::uint64_t>& read_bytes_;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  std::size_t read(std::uint8_t* to, std::size_t count) override {
    const std::size_t taken = std::min(count, left_);
    if (taken != 0) std::memcpy(to, data_, taken);
    data_ += taken;
    left_ -= taken;
    return taken;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

// Gives back what was read to see what the bytes are, then the rest.
class PeekedSource final : public ByteSource {
 public:
  explicit PeekedSource(std::unique_ptr<ByteSource> inner) : inner_(std::move(inner)) {
    filled_ = inner_->read(head_.data(), head_.size());
    error_ = inner_->error();
  }
  [[nodiscard]] bool starts_with(std::initializer_list<std::uint8_t> magic) const {
    return filled_ >= magic.size() && std::equal(magic.begin(), magic.end(), head_.begin());
  }
  std::size_t read(std::uint8_t* to, std::size_t count) override {
    const std::size_t from_head = std::min(count, filled_ - given_);
    if (from_head != 0) std::memcpy(to, head_.data() + given_, from_head);
    given_ += from_head;
    if (from_head == count) return count;
    const std::size_t rest = inner_->read(to + from_head, count - from_head);
    error_ = inner_->error();
    return from_head + rest;
  }

 private:
  std::unique_ptr<ByteSource> inner_;
  std::array<std::uint8_t, 4> head_{};
  std::size_t filled_ = 0;
  std::size_t given_ = 0;
};

// RFC 1952: members one after the other; zeros after the last are padding.
class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(std::unique_ptr<ByteSource> inner)
      : inner_(std::move(inner)), chunk_(kCompressedChunkBytes) {
    // 15 bits of window, and 16 to ask for gzip's header.
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) error_ = "gzip: out of memory";
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  std::size_t read(std::uint8_t* to, std::size_t count) override {
    count = std::min<std::size_t>(count, std::numeric_limits<uInt>::max());
    stream_.next_out = to;
    stream_.avail_out = static_cast<uInt>(count);
    while (stream_.avail_out != 0 && error_.empty()) {
      if (stream_.avail_in == 0 && !refill()) break;
      if (between_members_ && !start_member()) break;
      const int state = inflate(&stream_, Z_NO_FLUSH);
      if (state == Z_STREAM_END)
        between_members_ = true;
      else if (state != Z_OK && state != Z_BUF_ERROR)
        error_ = std::string{"gzip: "} + (stream_.msg != nullptr ? stream_.msg : "damaged data");
    }
    return count - stream_.avail_out;
  }

 private:
  bool refill() {
    const std::size_t got = inner_->read(chunk_.data(), chunk_.size());
    stream_.next_in = chunk_.data();
    stream_.avail_in = static_cast<uInt>(got);
    if (got != 0) return true;
    error_ = inner_->error();
    if (error_.empty() && !between_members_) error_ = "gzip: the compressed data ends too soon";
    return false;
  }
  // Skips padding up to the next member; false when there is none.
  bool start_member() {
    while (*stream_.next_in == 0) {  // as tape and block devices leave it
      ++stream_.next_in;
      --stream_.avail_in;
      if (stream_.avail_in == 0 && !refill()) return false;
    }
    between_members_ = false;
    return inflateReset(&stream_) == Z_OK;
  }

  std::unique_ptr<ByteSource> inner_;
  std::vector<std::uint8_t> chunk_;
  z_stream stream_{};
  bool between_members_ = false;
};

// RFC 8878: frames one after the other.
class ZstdSource final : public ByteSource {
 public:
  explicit ZstdSource(std::unique_ptr<ByteSource> inner)
      : inner_(std::move(inner)), chunk_(kCompressedChunkBytes), stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) error_ = "zstd: out of memory";
  }

  std::size_t read(std::uint8_t* to, std::size_t count) override {
    ZSTD_outBuffer out{to, count, 0};
    while (out.pos != out.size && error_.empty()) {
      if (in_.pos == in_.size && !flushing_ && !refill()) break;
      const std::size_t state = ZSTD_decompressStream(stream_.get(), &out, &in_);
      if (ZSTD_isError(state) != 0) {
        error_ = std::string{"zstd: "} + ZSTD_getErrorName(state);
        break;
      }
      in_frame_ = state != 0;
      flushing_ = in_frame_ && out.pos == out.size;  // more may wait without further input
    }
    return out.pos;
  }

 private:
  bool refill() {
    in_ = {chunk_.data(), inner_->read(chunk_.data(), chunk_.size()), 0};
    if (in_.size != 0) return true;
    error_ = inner_->error();
    if (error_.empty() && in_frame_) error_ = "zstd: the compressed data ends too soon";
    return false;
  }

  std::unique_ptr<ByteSource> inner_;
  std::vector<std::uint8_t> chunk_;
  Handle<ZSTD_DStream, ZSTD_freeDStream> stream_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool in_frame_ = false;
  bool flushing_ = false;
};

std::unique_ptr<ByteSource> decompressing(std::unique_ptr<ByteSource> raw) {
  auto peeked = std::make_unique<PeekedSource>(std::move(raw));
  if (peeked->starts_with({0x1f, 0x8b})) return std::make_unique<GzipSource>(std::move(peeked));
  if (peeked->starts_with({0x28, 0xb5, 0x2f, 0xfd}))
    return std::make_unique<ZstdSource>(std::move(peeked));
  // Skippable frames (RFC 8878, 3.1.2): what compresses in parallel begins with one.
  for (std::uint8_t first = 0x50; first <= 0x5f; ++first)
    if (peeked->starts_with({first, 0x2a, 0x4d, 0x18}))
      return std::make_unique<ZstdSource>(std::move(peeked));
  return peeked;
}

std::size_t read_at(int file, std::uint64_t at, std::span<std::uint8_t> to) {
  const ssize_t got = ::pread(file, to.data(), to.size(), static_cast<off_t>(at));
  return got < 0 ? 0 : static_cast<std::size_t>(got);
}

std::uint32_t little32(std::span<const std::uint8_t, 4> bytes) {
  return std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 |
         std::uint32_t{bytes[3]} << 24;
}

// RFC 1952: CRC32 and ISIZE end a member.
std::optional<std::uint64_t> size_within_gzip(int file, std::uint64_t bytes) {
  constexpr std::uint64_t kMemberBytesMin = 18;
  std::array<std::uint8_t, 4> tail{};
  if (bytes < kMemberBytesMin || read_at(file, bytes - tail.size(), tail) != tail.size())
    return std::nullopt;
  return little32(tail);
}

// RFC 8878, 3.1.1: Magic_Number(4) Frame_Header_Descriptor(1) [Window_Descriptor(1)]
// [Dictionary_ID(1, 2, 4)] [Frame_Content_Size(1, 2, 4, 8)], blocks, [Content_Checksum(4)]. Each
// block says its length before it. 3.1.2: Magic_Number(4) Frame_Size(4) User_Data.
std::optional<std::uint64_t> size_within_zstd(int file, std::uint64_t bytes) {
  constexpr std::size_t kHeaderBytesMax = 18;
  constexpr std::size_t kBlockHeaderBytes = 3;
  constexpr std::array<std::uint64_t, 4> kDictionaryIdBytes{0, 1, 2, 4};
  std::uint64_t sum = 0;
  std::uint64_t at = 0;
  while (at < bytes) {
    std::array<std::uint8_t, kHeaderBytesMax> head{};
    const std::size_t got = read_at(file, at, head);
    if (got < 8) return std::nullopt;
    if (const std::uint32_t magic = little32(std::span{head}.first<4>()); magic >> 4 == 0x184d2a5) {
      at += 8 + std::uint64_t{little32(std::span{head}.subspan<4, 4>())};
      continue;
    }
    const unsigned long long size = ZSTD_getFrameContentSize(head.data(), got);
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR) return std::nullopt;
    sum += size;
    const unsigned descriptor = head[4];
    const bool single_segment = (descriptor & 0x20) != 0;
    const bool checksum = (descriptor & 0x04) != 0;
    const unsigned size_code = descriptor >> 6;
    const std::uint64_t size_bytes =
        size_code == 0 ? (single_segment ? 1 : 0) : std::uint64_t{1} << size_code;
    at += 5 + (single_segment ? 0 : 1) + kDictionaryIdBytes[descriptor & 3] + size_bytes;
    for (bool last = false; !last;) {
      std::array<std::uint8_t, kBlockHeaderBytes> block{};
      if (read_at(file, at, block) != block.size()) return std::nullopt;
      const std::uint32_t header =
          std::uint32_t{block[0]} | std::uint32_t{block[1]} << 8 | std::uint32_t{block[2]} << 16;
      last = (header & 1) != 0;
      const bool one_byte_repeated = (header >> 1 & 3) == 1;
      at += block.size() + (one_byte_repeated ? 1 : header >> 3);
    }
    at += checksum ? 4 : 0;
  }
  if (at != bytes) return std::nullopt;  // cut
  return sum;
}

}  // namespace

Result<std::unique_ptr<ByteSource>> open_source(const std::string& path,
                                                std::atomic<std::uint64_t>& read_bytes) {
  if (path == "-")
    return decompressing(std::make_unique<FileSource>(STDIN_FILENO, false, read_bytes));
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return Error{std::strerror(errno)};
  auto file = std::make_unique<FileSource>(descriptor, true, read_bytes);
  struct stat about {};
  if (::fstat(descriptor, &about) == 0 && S_ISDIR(about.st_mode)) return Error{"is a folder"};
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return decompressing(std::move(file));
}

std::optional<std::uint64_t> size_within(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return std::nullopt;
  struct stat about {};
  std::optional<std::uint64_t> size;
  if (::fstat(file, &about) == 0 && S_ISREG(about.st_mode)) {
    const auto bytes = static_cast<std::uint64_t>(about.st_size);
    std::array<std::uint8_t, 2> magic{};
    if (read_at(file, 0, magic) == magic.size())
      size = magic[0] == 0x1f && magic[1] == 0x8b ? size_within_gzip(file, bytes)
                                                  : size_within_zstd(file, bytes);
  }
  ::close(file);
  return size;
}

std::unique_ptr<ByteSource> memory_source(const std::uint8_t* data, std::size_t size) {
  return decompressing(std::make_unique<MemorySource>(data, size));
}

}  // namespace gnomon::packet
