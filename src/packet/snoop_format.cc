#include <algorithm>
#include <array>
#include <optional>

#include "capture_format.h"

// Sun's snoop, version 2: RFC 1761.
namespace gnomon::packet {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic{'s', 'n', 'o', 'o', 'p', 0, 0, 0};
constexpr std::size_t kFileHeaderBytes = 16;
constexpr std::size_t kRecordHeaderBytes = 24;
constexpr FileOrder kOrder{true};

std::optional<std::uint16_t> link_type_of(std::uint32_t datalink) {
  switch (datalink) {
    case 0:  // IEEE 802.3
    case 4:  // Ethernet
      return 1;
    case 2:
      return 6;  // token ring
    case 5:
      return 104;  // HDLC, Cisco's framing
    case 8:
      return 10;  // FDDI
    default:
      return std::nullopt;
  }
}

class SnoopFormat final : public CaptureFormat {
 public:
  explicit SnoopFormat(std::uint16_t link_type) : link_type_(link_type) {}

  Split split(Bytes data, std::uint64_t offset, bool /*last*/, std::vector<Frame>& frames,
              InputNotes& notes) override {
    Split result;
    if (offset == 0) result.used_bytes = kFileHeaderBytes;
    while (data.size() - result.used_bytes >= kRecordHeaderBytes) {
      const std::uint8_t* at = data.data() + result.used_bytes;
      const std::uint32_t wire_bytes = kOrder.u32(at);
      const std::uint32_t captured_bytes = kOrder.u32(at + 4);
      const std::uint32_t record_bytes = kOrder.u32(at + 8);
      if (record_bytes > CaptureReader::kRecordBytesMax || record_bytes < kRecordHeaderBytes ||
          captured_bytes > record_bytes - kRecordHeaderBytes) {
        notes.problem(
            offset + result.used_bytes,
            "the lengths of a record contradict each other; the rest of the file is left out");
        result.over = true;
        return result;
      }
      if (data.size() - result.used_bytes < record_bytes) {
        result.wanted_bytes = record_bytes;
        return result;
      }
      Frame frame;
      frame.data = at + kRecordHeaderBytes;
      frame.time = time_of(kOrder.u32(at + 16), std::int64_t{kOrder.u32(at + 20)} * 1000);
      // What was captured was there, whatever the other length says.
      frame.wire_bytes = std::max(wire_bytes, captured_bytes);
      frame.captured_bytes = captured_bytes;
      frame.link_type = link_type_;
      frames.push_back(frame);
      result.used_bytes += record_bytes;
    }
    return result;
  }

 private:
  std::uint16_t link_type_;
};

}  // namespace

std::unique_ptr<CaptureFormat> recognise_snoop(Bytes start) {
  if (start.size() < kFileHeaderBytes || !std::equal(kMagic.begin(), kMagic.end(), start.begin()))
    return nullptr;
  if (kOrder.u32(start.data() + 8) != 2) return nullptr;
  const auto link_type = link_type_of(kOrder.u32(start.data() + 12));
  if (!link_type) return nullptr;
  return std::make_unique<SnoopFormat>(*link_type);
}

}  // namespace gnomon::packet
