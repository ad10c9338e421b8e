#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "gnomon/bytes/result.h"

namespace gnomon::packet {

// The bytes of a file, a pipe or a piece of memory, decompressed where they are compressed.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  // Fills `to` as far as there is anything: less than `count` means the end, or an error, unless
  // goes_on() says otherwise.
  virtual std::size_t read(std::uint8_t* to, std::size_t count) = 0;
  // Whether read() gives what has come, at least a byte, rather than wait for all; more may follow.
  [[nodiscard]] virtual bool goes_on() const { return false; }

  // Why the source ended before its end; empty when it did not. What was read before is good.
  [[nodiscard]] const std::string& error() const { return error_; }

 protected:
  std::string error_;
};

// "-" is standard input. Bytes read off the disk are added to `read_bytes`.
Result<std::unique_ptr<ByteSource>> open_source(const std::string& path,
                                                std::atomic<std::uint64_t>& read_bytes);

// How many bytes a compressed file says that it holds; nothing when it does not say, or is none. Of
// gzip's last member alone, and modulo 2^32; of zstd's frames all together, and nothing as soon as
// one does not say.
std::optional<std::uint64_t> size_within(const std::string& path);

// Borrows the bytes, which may be compressed too.
std::unique_ptr<ByteSource> memory_source(const std::uint8_t* data, std::size_t size);

}  // namespace gnomon::packet
