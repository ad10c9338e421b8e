#include <algorithm>
#include <array>
#include <limits>

#include "capture_format.h"

// draft-ietf-opsawg-pcapng. A block:
//
//    Type (4)  Total Length (4)  Body, padded to 4  Total Length (4)
namespace gnomon::packet {
namespace {

enum BlockType : std::uint32_t {
  kInterfaceDescription = 1,
  kObsoletePacket = 2,
  kSimplePacket = 3,
  kInterfaceStatistics = 5,
  kEnhancedPacket = 6,
  kDecryptionSecrets = 10,
  kSectionHeader = 0x0a0d0d0a,
};

enum Option : std::uint16_t { kEndOfOptions = 0, kTimeResolution = 9, kTimeOffset = 14 };
// Of interface statistics.
enum Statistic : std::uint16_t {
  kReceived = 4,
  kInterfaceDropped = 5,
  kAccepted = 6,
  kSystemDropped = 7,
  kDelivered = 8,
};

constexpr std::size_t kBlockHeaderBytes = 8;
constexpr std::size_t kBlockFrameBytes = 12;  // with the length that ends it
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
__extension__ using Wide = __int128;

struct Interface {
  std::uint16_t link_type = 0;
  std::uint32_t snap_length = 0;
  std::uint8_t resolution = 6;  // if_tsresol: a power of ten, or of two with the top bit
  std::int64_t offset_seconds = 0;
  CaptureLosses losses;  // as last told
};

Wide power_of_ten(int exponent) {
  Wide power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// Saturates: a timestamp is a number that anybody may have written.
Time time_at(std::uint64_t units, const Interface& interface) {
  Wide nanoseconds = 0;
  const int exponent = interface.resolution & 0x7f;
  if ((interface.resolution & 0x80) != 0) {
    // units / 2^exponent, in two steps so that nothing overflows.
    if (exponent < 64) {
      const std::uint64_t fraction_mask = (std::uint64_t{1} << exponent) - 1;
      nanoseconds = Wide{units >> exponent} * 1'000'000'000 +
                    ((Wide{units & fraction_mask} * 1'000'000'000) >> exponent);
    }
  } else if (exponent <= 9) {
    nanoseconds = Wide{units} * power_of_ten(9 - exponent);
  } else if (exponent <= 28) {
    nanoseconds = Wide{units} / power_of_ten(exponent - 9);
  }
  nanoseconds += Wide{interface.offset_seconds} * 1'000'000'000;
  constexpr Wide kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr Wide kMost = std::numeric_limits<std::int64_t>::max();
  return Time{
      std::chrono::nanoseconds{static_cast<std::int64_t>(std::clamp(nanoseconds, kLeast, kMost))}};
}

class PcapngFormat final : public CaptureFormat {
 public:
  Split split(Bytes data, std::uint64_t offset, bool /*last*/, std::vector<Frame>& frames,
              InputNotes& notes) override {
    Split result;
    while (data.size() - result.used_bytes >= kBlockFrameBytes) {
      const Bytes rest = data.subspan(result.used_bytes);
      const std::uint64_t here = offset + result.used_bytes;
      const std::uint32_t type = order_.u32(rest.data());
      if (type == kSectionHeader && !take_byte_order(rest, here, notes)) {
        result.over = true;
        return result;
      }
      const std::size_t length = order_.u32(rest.data() + 4);
      if (length < kBlockFrameBytes || length > CaptureReader::kRecordBytesMax) {
        notes.problem(here, "a block says it is " + std::to_string(length) +
                                " bytes long, which cannot be; the rest of the file is left out");
        result.over = true;
        return result;
      }
      // Some programs leave the padding out of the length, and write it all the same.
      const std::size_t padded = (length + 3) & ~std::size_t{3};
      if (rest.size() < padded) {
        result.wanted_bytes = padded;
        return result;
      }
      if (order_.u32(rest.data() + padded - 4) != length) {
        notes.problem(here, "the two lengths of a block differ; the rest of the file is left out");
        result.over = true;
        return result;
      }
      const Bytes body = rest.subspan(kBlockHeaderBytes, padded - kBlockFrameBytes);
      if (const char* wrong = take_block(type, body, frames, notes))
        notes.problem(here, std::string{wrong} + "; the block is left out");
      result.used_bytes += padded;
    }
    return result;
  }

 private:
  bool take_byte_order(Bytes block, std::uint64_t here, InputNotes& notes) {
    for (const bool big_endian : {false, true}) {
      const FileOrder order{big_endian};
      if (order.u32(block.data() + 8) == kByteOrderMagic) {
        order_ = order;
        return true;
      }
    }
    notes.problem(here,
                  "a section header of no known byte order; the rest of the file is left out");
    return false;
  }

  // Null, or what is wrong with the block.
  const char* take_block(std::uint32_t type, Bytes body, std::vector<Frame>& frames,
                         InputNotes& notes) {
    switch (type) {
      case kSectionHeader:
        return take_section(body);
      case kInterfaceDescription:
        return take_interface(body);
      case kEnhancedPacket:
      case kObsoletePacket:
        return take_packet(type, body, frames);
      case kSimplePacket:
        return take_simple_packet(body, frames);
      case kDecryptionSecrets:
        return take_secrets(body, notes);
      case kInterfaceStatistics:
        take_statistics(body, notes);
        return nullptr;
      default:
        return nullptr;  // names, custom blocks
    }
  }

  const char* take_section(Bytes body) {
    interfaces_.clear();
    if (body.size() < 16) return "a section header that is cut";
    if (order_.u16(body.data() + 4) != 1) return "a section of an unknown major version";
    return nullptr;
  }

  const char* take_interface(Bytes body) {
    Interface interface;
    if (body.size() >= 8) {
      interface.link_type = order_.u16(body.data());
      interface.snap_length = order_.u32(body.data() + 4);
      take_interface_options(body.subspan(8), interface);
    }
    // Kept even when it is cut, as later blocks count interfaces.
    if (interfaces_.size() == CaptureReader::kInterfacesMax) return "too many interfaces";
    interfaces_.push_back(interface);
    return body.size() < 8 ? "an interface description that is cut" : nullptr;
  }

  void take_interface_options(Bytes options, Interface& interface) const {
    while (options.size() >= 4) {
      const std::uint16_t code = order_.u16(options.data());
      const std::size_t length = order_.u16(options.data() + 2);
      options = options.subspan(4);
      if (code == kEndOfOptions || length > options.size()) return;
      if (code == kTimeResolution && length >= 1) interface.resolution = options[0];
      if (code == kTimeOffset && length >= 8) interface.offset_seconds = s64(options.data());
      options = options.subspan(std::min((length + 3) & ~std::size_t{3}, options.size()));
    }
  }

  // Numbers since the capture began: what is new of them is noted. No packet hangs on them, so what
  // is wrong with them is no damage.
  void take_statistics(Bytes body, InputNotes& notes) {
    if (body.size() < 12) return;
    const std::uint32_t number = order_.u32(body.data());
    if (number >= interfaces_.size()) return;
    std::uint64_t accepted = 0;
    std::uint64_t delivered = 0;
    bool delivery_known = false;
    CaptureLosses now;
    for (Bytes options = body.subspan(12); options.size() >= 4;) {
      const std::uint16_t code = order_.u16(options.data());
      const std::size_t length = order_.u16(options.data() + 2);
      options = options.subspan(4);
      if (code == kEndOfOptions || length > options.size()) break;
      if (length == 8) {
        const auto value = static_cast<std::uint64_t>(s64(options.data()));
        switch (code) {
          case kReceived: now.received = value; break;
          case kInterfaceDropped: now.card_drops = value; break;
          case kAccepted: accepted = value; break;
          case kSystemDropped: now.kernel_drops = value; break;
          case kDelivered:
            delivered = value;
            delivery_known = true;
            break;
          default: break;
        }
      }
      options = options.subspan(std::min((length + 3) & ~std::size_t{3}, options.size()));
    }
    // Accepted includes what the system dropped later.
    if (delivery_known && accepted > delivered + now.kernel_drops)
      now.program_drops = accepted - delivered - now.kernel_drops;
    CaptureLosses& before = interfaces_[number].losses;
    const auto grown = [](std::uint64_t to, std::uint64_t from) { return to > from ? to - from : 0; };
    notes.losses += {grown(now.received, before.received), grown(now.card_drops, before.card_drops),
                     grown(now.kernel_drops, before.kernel_drops),
                     grown(now.program_drops, before.program_drops)};
    before = now;
  }

  // The same 64 bits in either order: the halves of a number are in file order too.
  [[nodiscard]] std::int64_t s64(const std::uint8_t* at) const {
    const bool big_endian = order_.u16(std::array<std::uint8_t, 2>{0, 1}.data()) == 1;
    const std::uint64_t high = order_.u32(big_endian ? at : at + 4);
    const std::uint64_t low = order_.u32(big_endian ? at + 4 : at);
    return static_cast<std::int64_t>(high << 32 | low);
  }

  const char* take_packet(std::uint32_t type, Bytes body, std::vector<Frame>& frames) {
    if (body.size() < 20) return "a packet block that is cut";
    const std::uint32_t number =
        type == kEnhancedPacket ? order_.u32(body.data()) : order_.u16(body.data());
    const std::uint64_t units =
        std::uint64_t{order_.u32(body.data() + 4)} << 32 | order_.u32(body.data() + 8);
    const std::uint32_t captured_bytes = order_.u32(body.data() + 12);
    if (number >= interfaces_.size()) return "a packet of an interface that was not described";
    if (captured_bytes > body.size() - 20) return "a packet longer than its block";
    time_ = time_at(units, interfaces_[number]);
    add_frame(number, body.subspan(20, captured_bytes), order_.u32(body.data() + 16), frames);
    return nullptr;
  }

  // Has no time of its own: it is given that of the packet before it.
  const char* take_simple_packet(Bytes body, std::vector<Frame>& frames) {
    if (body.size() < 4) return "a packet block that is cut";
    if (interfaces_.empty()) return "a packet of an interface that was not described";
    const std::uint32_t wire_bytes = order_.u32(body.data());
    std::size_t captured_bytes = std::min<std::size_t>(wire_bytes, body.size() - 4);
    const std::uint32_t snap_length = interfaces_[0].snap_length;
    if (snap_length != 0) captured_bytes = std::min<std::size_t>(captured_bytes, snap_length);
    add_frame(0, body.subspan(4, captured_bytes), wire_bytes, frames);
    return nullptr;
  }

  void add_frame(std::uint32_t interface, Bytes data, std::uint32_t wire_bytes,
                 std::vector<Frame>& frames) {
    Frame frame;
    frame.data = data.data();
    frame.time = time_;
    frame.captured_bytes = static_cast<std::uint32_t>(data.size());
    // Some programs write 0 for it. What was captured was there.
    frame.wire_bytes = std::max(wire_bytes, frame.captured_bytes);
    frame.link_type = interfaces_[interface].link_type;
    frame.interface = static_cast<std::uint16_t>(interface);
    frames.push_back(frame);
  }

  const char* take_secrets(Bytes body, InputNotes& notes) const {
    if (body.size() < 8) return "a decryption secrets block that is cut";
    const std::size_t length = order_.u32(body.data() + 4);
    if (length > body.size() - 8) return "decryption secrets longer than their block";
    if (length > CaptureReader::kSecretsBytesMax - notes.secrets_bytes)
      return "too many decryption secrets";
    notes.secrets_bytes += length;
    DecryptionSecrets secrets;
    secrets.input = notes.input;
    secrets.type = order_.u32(body.data());
    secrets.bytes.assign(body.begin() + 8, body.begin() + 8 + static_cast<std::ptrdiff_t>(length));
    notes.secrets.push_back(std::move(secrets));
    return nullptr;
  }

  FileOrder order_{false};
  std::vector<Interface> interfaces_;  // of the section
  Time time_;                          // of the last packet
};

}  // namespace

std::unique_ptr<CaptureFormat> recognise_pcapng(Bytes start) {
  if (start.size() < kBlockFrameBytes) return nullptr;
  if (FileOrder{true}.u32(start.data()) != kSectionHeader) return nullptr;  // reads alike both ways
  for (const bool big_endian : {false, true})
    if (FileOrder{big_endian}.u32(start.data() + 8) == kByteOrderMagic)
      return std::make_unique<PcapngFormat>();
  return nullptr;
}

}  // namespace gnomon::packet
