#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "capture_format.h"

// Classic pcap: draft-ietf-opsawg-pcap, and its relatives that other programs have written.
namespace gnomon::packet {
namespace {

constexpr std::size_t kFileHeaderBytes = 24;
// What libpcap allows when the file's own snap length is smaller.
constexpr std::uint32_t kSnapLengthLikely = 262144;
constexpr std::uint32_t kNanosecondsPerSecond = 1'000'000'000;

// Where the two lengths of a record stand: before version 2.4 they were the other way round.
enum class LengthOrder : std::uint8_t { kCapturedFirst, kWireFirst, kSmallerIsCaptured };

struct PcapVariant {
  FileOrder order{false};
  bool nanoseconds = false;
  std::size_t file_header_bytes = kFileHeaderBytes;
  std::size_t record_header_bytes = 16;
  LengthOrder lengths = LengthOrder::kCapturedFirst;
  std::uint16_t link_type = 0;
  std::uint32_t record_bytes_likely = kSnapLengthLikely;
};

struct PcapRecord {
  std::uint32_t seconds = 0;
  std::uint32_t fraction = 0;
  std::uint32_t captured_bytes = 0;
  std::uint32_t wire_bytes = 0;
};

PcapRecord read_record(const PcapVariant& variant, const std::uint8_t* at) {
  PcapRecord record{variant.order.u32(at), variant.order.u32(at + 4), variant.order.u32(at + 8),
                    variant.order.u32(at + 12)};
  if (variant.lengths == LengthOrder::kWireFirst ||
      (variant.lengths == LengthOrder::kSmallerIsCaptured &&
       record.captured_bytes > record.wire_bytes))
    std::swap(record.captured_bytes, record.wire_bytes);
  return record;
}

bool is_plausible(const PcapVariant& variant, const PcapRecord& record) {
  return record.captured_bytes <= variant.record_bytes_likely &&
         record.captured_bytes <= record.wire_bytes && record.fraction < kNanosecondsPerSecond;
}

// How many records in a row make sense, of at most 4; a stretch that ends early proves nothing.
std::optional<int> plausible_records(const PcapVariant& variant, Bytes data) {
  int good = 0;
  std::size_t at = variant.file_header_bytes;
  while (good < 4 && at + variant.record_header_bytes <= data.size()) {
    const PcapRecord record = read_record(variant, data.data() + at);
    if (!is_plausible(variant, record) || record.wire_bytes > CaptureReader::kRecordBytesMax)
      return std::nullopt;
    at += variant.record_header_bytes + record.captured_bytes;
    ++good;
  }
  return good;
}

class PcapFormat final : public CaptureFormat {
 public:
  PcapFormat(const PcapVariant& variant) : variant_(variant) {}

  Split split(Bytes data, std::uint64_t offset, bool last, std::vector<Frame>& frames,
              InputNotes& notes) override {
    Split result;
    if (offset == 0) {
      std::memcpy(head_.data(), data.data(), std::min(head_.size(), data.size()));
      result.used_bytes = std::min(variant_.file_header_bytes, data.size());
    }
    const std::size_t header_bytes = variant_.record_header_bytes;
    while (data.size() - result.used_bytes >= header_bytes) {
      const std::uint8_t* at = data.data() + result.used_bytes;
      const PcapRecord record = read_record(variant_, at);
      // A record that holds nothing is rare enough to be looked at twice.
      if (record.captured_bytes == 0 && is_file_header(at)) [[unlikely]] {
        if (data.size() - result.used_bytes < variant_.file_header_bytes) {
          result.wanted_bytes = variant_.file_header_bytes;
          return result;
        }
        begin_file(at);
        result.used_bytes += variant_.file_header_bytes;
        continue;
      }
      if (record.captured_bytes > variant_.record_bytes_likely) [[unlikely]] {
        if (!is_long_frame(data.subspan(result.used_bytes), record, last, result)) {
          if (result.wanted_bytes != 0) return result;
          notes.problem(offset + result.used_bytes,
                        "a record says it is " + std::to_string(record.captured_bytes) +
                            " bytes long, which cannot be; the rest of the file is left out");
          result.over = true;
          return result;
        }
      }
      if (data.size() - result.used_bytes - header_bytes < record.captured_bytes) {
        result.wanted_bytes = header_bytes + record.captured_bytes;
        return result;
      }
      Frame frame;
      frame.data = at + header_bytes;
      frame.time =
          time_of(record.seconds, variant_.nanoseconds ? std::int64_t{record.fraction}
                                                       : std::int64_t{record.fraction} * 1000);
      // Some programs write 0 for it. What was captured was there.
      frame.wire_bytes = std::max(record.wire_bytes, record.captured_bytes);
      frame.captured_bytes = record.captured_bytes;
      frame.link_type = variant_.link_type;
      frames.push_back(frame);
      result.used_bytes += header_bytes + record.captured_bytes;
    }
    return result;
  }

 private:
  // Captures that were put one behind the other (tcpdump -w - >> FILE, cat): where a record would
  // begin there is the next one's header, which as a record has a time of 2055 and no bytes.
  [[nodiscard]] bool is_file_header(const std::uint8_t* at) const {
    return std::memcmp(at, head_.data(), 16) == 0;
  }
  void begin_file(const std::uint8_t* at) {
    const std::uint32_t network = variant_.order.u32(at + 20);
    if (network == variant_.order.u32(head_.data() + 20)) return;
    variant_.link_type = static_cast<std::uint16_t>(network);
    std::memcpy(head_.data(), at, head_.size());
  }

  // A frame longer than the snap length allows is believed when a record follows it, or nothing.
  bool is_long_frame(Bytes rest, const PcapRecord& record, bool last, Split& result) const {
    const std::size_t header_bytes = variant_.record_header_bytes;
    if (record.captured_bytes > CaptureReader::kRecordBytesMax) return false;
    if (record.captured_bytes > record.wire_bytes) return false;
    const std::size_t whole = header_bytes + record.captured_bytes;
    if (rest.size() == whole && last) return true;
    if (rest.size() < whole + header_bytes) {
      if (!last) result.wanted_bytes = whole + header_bytes;
      return false;
    }
    return is_plausible(variant_, read_record(variant_, rest.data() + whole));
  }

  PcapVariant variant_;
  std::array<std::uint8_t, kFileHeaderBytes> head_{};  // of the file
};

struct Magic {
  std::uint32_t number;
  bool nanoseconds;
  std::size_t file_header_bytes;
  std::size_t record_header_bytes;
};

constexpr Magic kMagics[] = {
    {0xa1b2c3d4, false, 24, 16}, {0xa1b23c4d, true, 24, 16},
    {0xa1b2cd34, false, 24, 24},  // Kuznetzov's patched libpcap: interface, protocol, type follow
    {0x1c0001ac, true, 28, 16},   // IXIA, hardware and software: the file's length follows
    {0x1c0001ab, false, 28, 16},
};

// AIX writes version 2.2 with interface types (RFC 1573) and nanoseconds.
bool take_aix(PcapVariant& variant, std::uint32_t network) {
  switch (network) {
    case 6:
      variant.link_type = 1;
      break;  // Ethernet
    case 9:
      variant.link_type = 6;
      break;  // token ring
    case 15:
      variant.link_type = 10;
      break;  // FDDI
    case 24:
      variant.link_type = 0;
      break;  // loopback
    default:
      return false;
  }
  variant.nanoseconds = true;
  return true;
}

}  // namespace

std::unique_ptr<CaptureFormat> recognise_pcap(Bytes start) {
  if (start.size() < kFileHeaderBytes) return nullptr;
  const Magic* found = nullptr;
  PcapVariant variant;
  for (const Magic& magic : kMagics) {
    for (const bool big_endian : {false, true}) {
      const FileOrder order{big_endian};
      if (order.u32(start.data()) != magic.number) continue;
      found = &magic;
      variant.order = order;
    }
  }
  if (found == nullptr) return nullptr;
  const std::uint16_t major = variant.order.u16(start.data() + 4);
  const std::uint16_t minor = variant.order.u16(start.data() + 6);
  if (major != 2) return nullptr;
  const std::uint32_t snap_length = variant.order.u32(start.data() + 16);
  const std::uint32_t network = variant.order.u32(start.data() + 20);
  variant.nanoseconds = found->nanoseconds;
  variant.file_header_bytes = found->file_header_bytes;
  variant.record_header_bytes = found->record_header_bytes;
  variant.link_type = static_cast<std::uint16_t>(network);  // above: length of the FCS
  if (snap_length <= CaptureReader::kRecordBytesMax)
    variant.record_bytes_likely = std::max(kSnapLengthLikely, snap_length);

  const bool aix = minor == 2 && take_aix(variant, network);
  if (!aix && minor < 3) variant.lengths = LengthOrder::kWireFirst;
  if (minor == 3) variant.lengths = LengthOrder::kSmallerIsCaptured;

  // Two programs used the ordinary magic number with longer record headers: Red Hat's old libpcap
  // (24) and Nokia's firewalls (20). Believed only where the ordinary size fails.
  if (found->number == 0xa1b2c3d4 && !plausible_records(variant, start)) {
    for (const std::size_t size : {std::size_t{24}, std::size_t{20}}) {
      PcapVariant other = variant;
      other.record_header_bytes = size;
      if (plausible_records(other, start).value_or(0) >= 2)
        return std::make_unique<PcapFormat>(other);
    }
  }
  return std::make_unique<PcapFormat>(variant);
}

}  // namespace gnomon::packet
