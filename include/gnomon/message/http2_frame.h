#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/direction.h"
#include "gnomon/message/http1_head.h"

// Frames of HTTP/2 (RFC 9113 §4).
namespace gnomon::message {

inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
inline constexpr std::size_t kHttp2FrameHeaderBytes = 9;
inline constexpr std::uint32_t kHttp2FrameBytesDefault = 16384;
inline constexpr std::size_t kHttp2SoughtBytesMax = 2 * kHttp2FrameBytesDefault;

enum class Http2FrameType : std::uint8_t {
  kData,
  kHeaders,
  kPriority,
  kRstStream,
  kSettings,
  kPushPromise,
  kPing,
  kGoaway,
  kWindowUpdate,
  kContinuation,
};

inline constexpr std::uint8_t kHttp2EndStream = 0x01;  // also SETTINGS' and PING's ACK
inline constexpr std::uint8_t kHttp2EndHeaders = 0x04;
inline constexpr std::uint8_t kHttp2Padded = 0x08;
inline constexpr std::uint8_t kHttp2Priority = 0x20;

// Length(24) Type(8) Flags(8) R(1) Stream Identifier(31).
struct Http2FrameHeader {
  std::uint32_t length = 0;
  std::uint32_t stream = 0;
  std::uint8_t type = 0;  // may be none of Http2FrameType
  std::uint8_t flags = 0;

  [[nodiscard]] bool is(Http2FrameType which) const {
    return type == static_cast<std::uint8_t>(which);
  }
  [[nodiscard]] bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

// `bytes` holds kHttp2FrameHeaderBytes at least.
Http2FrameHeader read_http2_frame_header(Bytes bytes);

// Might these be the first bytes of a frame? Judged by what RFC 9113 §6 demands of each type:
// lengths, streams, flags. Types that it does not define are taken for none.
bool plausible_http2_frame(const Http2FrameHeader& header, std::uint32_t length_max);

// Where frames begin that follow each other to the end of `bytes`, the last of them cut off or
// not; bytes.size() when nowhere. One frame alone is no proof, unless it ends where the bytes do
// and no earlier one may still prove right. Sought in the last kHttp2SoughtBytesMax, in one pass.
// Of frames beyond the default size only DATA behind another frame is believed.
std::size_t find_http2_frames(Bytes bytes, std::uint32_t length_max);

// Is this the start of a connection with prior knowledge, in the client's direction?
Likeness http2_preface_likeness(Bytes start);

// Does a server's first frame, SETTINGS (RFC 9113 §3.4), or a chain of frames that ends where the
// bytes do, stand here? For connections of which the client's preface was not seen.
bool looks_like_http2_frames(Bytes start);

}  // namespace gnomon::message
