#include "gnomon/message/http2_frame.h"

#include <algorithm>
#include <bitset>

namespace gnomon::message {
namespace {

// What a type demands: which flags it has, whether it belongs to a stream, and its length.
struct Rule {
  std::uint8_t flags;
  enum class Stream : std::uint8_t { kOne, kConnection, kEither } stream;
  std::uint32_t least;
  std::uint32_t most;  // 0: as large as frames may be
};

constexpr Rule kRules[] = {
    /* DATA          */ {kHttp2EndStream | kHttp2Padded, Rule::Stream::kOne, 0, 0},
    /* HEADERS       */
    {kHttp2EndStream | kHttp2EndHeaders | kHttp2Padded | kHttp2Priority, Rule::Stream::kOne, 1, 0},
    /* PRIORITY      */ {0, Rule::Stream::kOne, 5, 5},
    /* RST_STREAM    */ {0, Rule::Stream::kOne, 4, 4},
    /* SETTINGS      */ {kHttp2EndStream, Rule::Stream::kConnection, 0, 600},
    /* PUSH_PROMISE  */ {kHttp2EndHeaders | kHttp2Padded, Rule::Stream::kOne, 5, 0},
    /* PING          */ {kHttp2EndStream, Rule::Stream::kConnection, 8, 8},
    /* GOAWAY        */ {0, Rule::Stream::kConnection, 8, 4096},
    /* WINDOW_UPDATE */ {0, Rule::Stream::kEither, 4, 4},
    /* CONTINUATION  */ {kHttp2EndHeaders, Rule::Stream::kOne, 0, 0},
};

}  // namespace

Http2FrameHeader read_http2_frame_header(Bytes bytes) {
  ByteReader in{bytes};
  Http2FrameHeader header;
  header.length = in.u24();
  header.type = in.u8();
  header.flags = in.u8();
  header.stream = in.u32() & 0x7fffffffU;
  return header;
}

bool plausible_http2_frame(const Http2FrameHeader& header, std::uint32_t length_max) {
  if (header.type >= std::size(kRules) || header.length > length_max) return false;
  const Rule& rule = kRules[header.type];
  if ((header.flags & ~rule.flags) != 0) return false;
  if (rule.stream == Rule::Stream::kOne && header.stream == 0) return false;
  if (rule.stream == Rule::Stream::kConnection && header.stream != 0) return false;
  if (header.length < rule.least || (rule.most != 0 && header.length > rule.most)) return false;
  if (!header.is(Http2FrameType::kSettings)) return true;
  return header.length % 6 == 0 && (!header.has(kHttp2EndStream) || header.length == 0);
}

std::size_t find_http2_frames(Bytes bytes, std::uint32_t length_max) {
  const std::size_t before = bytes.size() - std::min(bytes.size(), kHttp2SoughtBytesMax);
  bytes = bytes.subspan(before);
  bool earlier = false;  // one that is cut off
  // Where some chain has come by already. All of those broke later on, or the search were over: a
  // chain that meets one breaks too, and is not followed again.
  std::bitset<kHttp2SoughtBytesMax> walked;
  for (std::size_t start = 0; start + kHttp2FrameHeaderBytes <= bytes.size(); ++start) {
    // Length's first byte and the reserved bit decide nearly all.
    if (bytes[start] > kHttp2FrameBytesDefault >> 16 || (bytes[start + 5] & 0x80) != 0) continue;
    std::size_t at = start;
    unsigned frames = 0;
    bool good = true;
    while (good && bytes.size() - at >= kHttp2FrameHeaderBytes) {
      const Http2FrameHeader header = read_http2_frame_header(bytes.subspan(at));
      const bool large = frames > 0 && header.is(Http2FrameType::kData);
      good = !walked[at] &&
             plausible_http2_frame(header, large ? length_max : kHttp2FrameBytesDefault);
      if (!good) break;
      walked[at] = true;
      ++frames;
      if (header.length + kHttp2FrameHeaderBytes > bytes.size() - at) {
        at = bytes.size() + 1;  // cut off
        break;
      }
      at += kHttp2FrameHeaderBytes + header.length;
    }
    if (!good) continue;
    if (frames >= 2 || (at == bytes.size() && !earlier)) return before + start;
    earlier = true;
  }
  return before + bytes.size();
}

Likeness http2_preface_likeness(Bytes start) {
  const std::size_t size = std::min(start.size(), kHttp2Preface.size());
  for (std::size_t i = 0; i < size; ++i)
    if (start[i] != static_cast<std::uint8_t>(kHttp2Preface[i])) return Likeness::kNo;
  return size == kHttp2Preface.size() ? Likeness::kYes : Likeness::kNotYet;
}

bool looks_like_http2_frames(Bytes start) {
  if (start.size() < kHttp2FrameHeaderBytes) return false;
  const Http2FrameHeader first = read_http2_frame_header(start);
  if ((start[5] & 0x80) != 0 || !plausible_http2_frame(first, kHttp2FrameBytesDefault))
    return false;
  std::size_t at = kHttp2FrameHeaderBytes + first.length;
  // Each setting has a number below 16: far from any other protocol's first bytes.
  if (first.is(Http2FrameType::kSettings) && at <= start.size() && first.length > 0) {
    for (std::size_t i = kHttp2FrameHeaderBytes; i < at; i += 6)
      if (start[i] != 0 || start[i + 1] > 16) return false;
    return true;
  }
  unsigned frames = 1;
  while (at < start.size()) {
    if (start.size() - at < kHttp2FrameHeaderBytes) return false;
    const Http2FrameHeader next = read_http2_frame_header(start.subspan(at));
    if (!plausible_http2_frame(next, kHttp2FrameBytesDefault)) return false;
    ++frames;
    at += kHttp2FrameHeaderBytes + next.length;
  }
  return frames >= 2 && at == start.size();
}

}  // namespace gnomon::message
