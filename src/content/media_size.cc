#include <algorithm>

#include "gnomon/content/file_type.h"
#include "text_guess.h"

// The sizes of pictures and the length of sound, read from the first bytes alone.
namespace gnomon::content {
namespace {

std::uint32_t little(Bytes bytes, std::size_t at, std::size_t width) {
  if (at > bytes.size() || width > bytes.size() - at) return 0;
  std::uint32_t value = 0;
  for (std::size_t index = width; index-- > 0;) value = (value << 8) | bytes[at + index];
  return value;
}
std::uint32_t big(Bytes bytes, std::size_t at, std::size_t width) {
  if (at > bytes.size() || width > bytes.size() - at) return 0;
  std::uint32_t value = 0;
  for (std::size_t index = 0; index < width; ++index) value = (value << 8) | bytes[at + index];
  return value;
}

MediaSize jpeg(Bytes head) {
  ByteReader in{head};
  in.take(2);
  while (in.ok() && !in.at_end()) {
    if (in.u8() != 0xff) continue;
    std::uint8_t marker = in.u8();
    while (marker == 0xff && in.ok()) marker = in.u8();
    if (marker == 0 || marker == 1 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    const std::uint16_t size = in.u16();
    if (size < 2) return {};
    ByteReader segment = in.nested(size - 2);
    const bool frame =
        marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (!frame) continue;
    segment.u8();
    MediaSize found;
    found.height = segment.u16();
    found.width = segment.u16();
    return segment.ok() ? found : MediaSize{};
  }
  return {};
}

MediaSize webp(Bytes head) {
  const std::string_view kind = as_chars(head).substr(std::min<std::size_t>(12, head.size()), 4);
  MediaSize size;
  if (kind == "VP8X") {
    size.width = little(head, 24, 3) + 1;
    size.height = little(head, 27, 3) + 1;
  } else if (kind == "VP8 ") {
    size.width = little(head, 26, 2) & 0x3fff;
    size.height = little(head, 28, 2) & 0x3fff;
  } else if (kind == "VP8L") {
    const std::uint32_t bits = little(head, 21, 4);
    size.width = (bits & 0x3fff) + 1;
    size.height = ((bits >> 14) & 0x3fff) + 1;
  }
  return size;
}

MediaSize wav(Bytes head) {
  std::uint32_t rate = 0;
  std::size_t at = 12;
  while (at + 8 <= head.size()) {
    const std::string_view chunk = as_chars(head).substr(at, 4);
    const std::uint32_t size = little(head, at + 4, 4);
    if (chunk == "fmt ") rate = little(head, at + 16, 4);
    if (chunk == "data") {
      MediaSize found;
      // Streamed sound says 0xffffffff: not known.
      if (rate > 0 && size != 0xffffffff) {
        found.duration_ms = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(std::uint64_t{size} * 1000 / rate, 0xffffffff));
      }
      return found;
    }
    at += 8 + std::size_t{size} + (size & 1);
  }
  return {};
}

// Boxes of ISO media: mvhd tells the length, ispe a picture's size.
MediaSize boxes(Bytes head) {
  MediaSize found;
  const std::string_view text = as_chars(head);
  if (const std::size_t at = text.find("mvhd"); at != text.npos) {
    const bool wide = at + 4 < head.size() && head[at + 4] == 1;
    const std::size_t base = at + 4 + (wide ? 20 : 12);
    const std::uint32_t scale = big(head, base, 4);
    const std::uint32_t length = big(head, base + 4 + (wide ? 4 : 0), 4);
    if (scale > 0) {
      found.duration_ms = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(std::uint64_t{length} * 1000 / scale, 0xffffffff));
    }
  }
  // The largest: smaller ones are thumbnails and tiles.
  for (std::size_t at = text.find("ispe"); at != text.npos; at = text.find("ispe", at + 4)) {
    const std::uint32_t width = big(head, at + 8, 4);
    const std::uint32_t height = big(head, at + 12, 4);
    if (width > found.width && width < 1U << 20 && height < 1U << 20) {
      found.width = width;
      found.height = height;
    }
  }
  return found;
}

MediaSize tiff(Bytes head) {
  const bool le = head[0] == 'I';
  const auto read = [&](std::size_t at, std::size_t width) {
    return le ? little(head, at, width) : big(head, at, width);
  };
  MediaSize found;
  const std::size_t directory = read(4, 4);
  const std::uint32_t count = std::min<std::uint32_t>(read(directory, 2), 64);
  for (std::uint32_t entry = 0; entry < count; ++entry) {
    const std::size_t at = directory + 2 + std::size_t{entry} * 12;
    const std::uint32_t tag = read(at, 2);
    const std::uint32_t value = read(at + 2, 2) == 3 ? read(at + 8, 2) : read(at + 8, 4);
    if (tag == 256) found.width = value;
    if (tag == 257) found.height = value;
  }
  return found;
}

}  // namespace

MediaSize media_size_of(std::string_view type, Bytes head) {
  MediaSize size;
  if (type == "png") {
    size.width = big(head, 16, 4);
    size.height = big(head, 20, 4);
  } else if (type == "gif") {
    size.width = little(head, 6, 2);
    size.height = little(head, 8, 2);
  } else if (type == "bmp") {
    size.width = little(head, 18, 4);
    size.height = little(head, 22, 4);
    if (size.height >= 0x80000000U) size.height = 0U - size.height;  // stored from the top
  } else if (type == "psd") {
    size.height = big(head, 14, 4);
    size.width = big(head, 18, 4);
  } else if (type == "jpeg") {
    size = jpeg(head);
  } else if (type == "webp") {
    size = webp(head);
  } else if (type == "wav") {
    size = wav(head);
  } else if (type == "tiff") {
    size = tiff(head);
  } else if (type == "mp4" || type == "m4a" || type == "mov" || type == "heic" || type == "avif") {
    size = boxes(head);
  } else if (type == "flac" && head.size() >= 26) {
    // STREAMINFO: 20 bits of rate, 36 bits of samples.
    const std::uint64_t rate = big(head, 18, 3) >> 4;
    const std::uint64_t samples = (std::uint64_t{head[21] & 0x0fU} << 32) | big(head, 22, 4);
    if (rate > 0) {
      size.duration_ms =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(samples * 1000 / rate, 0xffffffff));
    }
  }
  return size;
}

}  // namespace gnomon::content
