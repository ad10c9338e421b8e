// Fragments of two datagrams in an order, with lengths, overlaps and times that the input decides.
// Each byte of a fragment's data is told by its place, so whatever is put together must be right
// when no fragment lies.
//
//   six (1 bit), lies (1 bit) ... then for each fragment: datagram and more, offset, length, time
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "gnomon/packet/ip_reassembly.h"

using namespace gnomon;
using namespace gnomon::packet;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::uint8_t byte_at(std::size_t place) { return static_cast<std::uint8_t>(place * 31 + 7); }

constexpr std::uint8_t kProtocol = 253;  // for experiments (RFC 3692): nothing to decode inside

std::vector<std::uint8_t> fragment(bool six, unsigned id, std::size_t offset, std::size_t length,
                                   bool more, std::uint8_t lie) {
  std::vector<std::uint8_t> packet(six ? 48 : 20);
  const std::size_t size = packet.size() + length;
  if (six) {
    packet[0] = 0x60;
    packet[4] = static_cast<std::uint8_t>((size - 40) >> 8);
    packet[5] = static_cast<std::uint8_t>(size - 40);
    packet[6] = 44;
    packet[40] = kProtocol;
    packet[42] = static_cast<std::uint8_t>(offset >> 8);
    packet[43] = static_cast<std::uint8_t>((offset & 0xf8) | (more ? 1 : 0));
    packet[47] = static_cast<std::uint8_t>(id);
  } else {
    packet[0] = 0x45;
    packet[2] = static_cast<std::uint8_t>(size >> 8);
    packet[3] = static_cast<std::uint8_t>(size);
    packet[5] = static_cast<std::uint8_t>(id);
    packet[6] = static_cast<std::uint8_t>((offset >> 11 & 0x1f) | (more ? 0x20 : 0));
    packet[7] = static_cast<std::uint8_t>(offset >> 3);
    packet[9] = kProtocol;
  }
  for (std::size_t i = 0; i < length; ++i)
    packet.push_back(static_cast<std::uint8_t>(byte_at(offset + i) ^ lie));
  return packet;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const bool six = (data[0] & 1) != 0;
  const bool lies = (data[0] & 2) != 0;
  ReassemblyLimits limits;
  limits.bytes_max = 4096;
  limits.datagrams_max = 2;
  limits.fragments_per_datagram_max = 64;
  IpReassembler reassembler{limits};
  const Decoder decoder;
  DecodedBlock decoded;
  std::int64_t second = 0;
  for (std::size_t at = 1; at + 4 <= size; at += 4) {
    const bool more = (data[at] & 1) != 0;
    const unsigned id = data[at] >> 1 & 3;
    const std::uint8_t lie = lies ? data[at] >> 3 : 0;
    second += static_cast<std::int8_t>(data[at + 3]);
    const std::vector<std::uint8_t> bytes =
        fragment(six, id, std::size_t{data[at + 1]} * 8, data[at + 2], more, lie);
    FrameBlock block;
    Frame frame;
    frame.data = bytes.data();
    frame.captured_bytes = frame.wire_bytes = static_cast<std::uint32_t>(bytes.size());
    frame.link_type = 101;
    frame.time = time_of(second, 0);
    block.frames.push_back(frame);
    block.first_number = 1;
    decoder.decode(block, decoded);
    reassembler.reassemble(decoder, decoded);
    require(reassembler.held_bytes() <= limits.bytes_max);
    require(reassembler.held_datagrams() <= limits.datagrams_max);
    for (const Packet& packet : decoded.packets()) {
      if (packet.fragment || !packet.reassembled) continue;
      require(packet.protocol == kProtocol);
      if (lies) continue;
      for (std::size_t i = 0; i < packet.payload_bytes; ++i)
        require(packet.payload[i] == byte_at(i));
    }
  }
  return 0;
}
