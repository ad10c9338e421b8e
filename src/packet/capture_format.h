#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/packet/capture_reader.h"

namespace gnomon::packet {

// Where the readers of an input put what is not a frame.
struct InputNotes {
  std::string file;
  std::uint16_t input = 0;
  std::vector<InputProblem> problems;
  std::vector<DecryptionSecrets> secrets;
  CaptureLosses losses;             // found since they were last taken away
  std::size_t problems_count = 0;  // found so far, also those already taken away
  std::size_t secrets_bytes = 0;   // likewise

  void problem(std::uint64_t offset, std::string what);
};

// What a format made of a stretch of the file.
struct Split {
  std::size_t used_bytes = 0;    // whole records, done with
  std::size_t wanted_bytes = 0;  // length of the record after them when it is known, else 0
  bool over = false;             // the rest cannot be read; notes say why
};

// Splits the bytes of one capture into frames, a stretch at a time.
class CaptureFormat {
 public:
  CaptureFormat() = default;
  CaptureFormat(const CaptureFormat&) = delete;
  CaptureFormat& operator=(const CaptureFormat&) = delete;
  virtual ~CaptureFormat() = default;

  // Appends the frames of all whole records at the front of `data`, which stands at `offset` of
  // the capture. `last` says that nothing comes after `data`.
  virtual Split split(Bytes data, std::uint64_t offset, bool last, std::vector<Frame>& frames,
                      InputNotes& notes) = 0;
};

// Each looks at the first bytes of a file, whole or kBlockBytes of them, and answers null when they
// are not its own.
std::unique_ptr<CaptureFormat> recognise_pcap(Bytes start);
std::unique_ptr<CaptureFormat> recognise_pcapng(Bytes start);
std::unique_ptr<CaptureFormat> recognise_snoop(Bytes start);

// Numbers in the byte order of the machine that wrote the capture.
class FileOrder {
 public:
  constexpr explicit FileOrder(bool big_endian)
      : swapped_(big_endian != (std::endian::native == std::endian::big)) {}
  // `at` must have the 2, respectively 4, bytes.
  [[nodiscard]] std::uint16_t u16(const std::uint8_t* at) const {
    std::uint16_t value;
    std::memcpy(&value, at, sizeof value);
    return swapped_ ? __builtin_bswap16(value) : value;
  }
  [[nodiscard]] std::uint32_t u32(const std::uint8_t* at) const {
    std::uint32_t value;
    std::memcpy(&value, at, sizeof value);
    return swapped_ ? __builtin_bswap32(value) : value;
  }

 private:
  bool swapped_;
};

}  // namespace gnomon::packet
