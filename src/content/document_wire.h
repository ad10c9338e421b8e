#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "body_context.h"
#include "gnomon/content/file_type.h"

// What the two processes say to each other. Every frame is a kind and a length of what follows it;
// numbers are big-endian, texts carry their length. The reader believes nothing.
namespace gnomon::content {

enum class FrameKind : std::uint8_t {
  kRequest = 1,  // to the process, with the document's descriptor
  kPart,
  kText,
  kBreak,
  kPartEnd,
  kPdf,  // a PDF inside a document: bytes, in pieces
  kPdfEnd,
  kDone,  // the document's status
};

inline constexpr std::size_t kFrameHeaderBytes = 5;
inline constexpr std::size_t kFrameBytesMax = std::size_t{64} * 1024;

class FrameWriter {
 public:
  explicit FrameWriter(FrameKind kind) {
    bytes_.resize(kFrameHeaderBytes);
    bytes_[0] = static_cast<std::uint8_t>(kind);
  }
  FrameWriter& u8(std::uint8_t value) {
    bytes_.push_back(value);
    return *this;
  }
  FrameWriter& u32(std::uint32_t value) { return big(value, 4); }
  FrameWriter& u64(std::uint64_t value) { return big(value, 8); }
  FrameWriter& text(std::string_view value) {
    value = value.substr(0, kFrameBytesMax / 8);
    u32(static_cast<std::uint32_t>(value.size()));
    return bytes(as_bytes(value));
  }
  FrameWriter& bytes(Bytes value) {
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
  }
  Bytes done() {
    const auto size = static_cast<std::uint32_t>(bytes_.size() - kFrameHeaderBytes);
    for (std::size_t at = 0; at < 4; ++at) {
      bytes_[1 + at] = static_cast<std::uint8_t>(size >> (8 * (3 - at)));
    }
    return Bytes{bytes_};
  }

 private:
  FrameWriter& big(std::uint64_t value, unsigned width) {
    for (unsigned at = width; at-- > 0;) {
      bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * at)));
    }
    return *this;
  }
  std::vector<std::uint8_t> bytes_;
};

inline std::string_view take_text(ByteReader& in) {
  const std::uint32_t size = in.u32();
  return as_text(in.take(size));
}

// Sends a request with the document's descriptor beside it, through a socket of the local machine
// that waits for nothing else.
bool send_beside(int channel, Bytes request, int document);

// The strings that the process tells are mapped to these, so that views of them stay valid.
std::string_view known_word(std::string_view word);

}  // namespace gnomon::content
