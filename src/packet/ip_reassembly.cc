#include "gnomon/packet/ip_reassembly.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "gnomon/bytes/slot_hash.h"

namespace gnomon::packet {
namespace {

constexpr std::uint32_t kDatagramBytesMax = 65535;
constexpr std::size_t kIp6HeaderBytes = 40;
constexpr std::size_t kIp6FragmentHeaderBytes = 8;
constexpr int kNestedMax = 4;  // fragments of a datagram that is a fragment of a datagram ...

}  // namespace

// One fragment's own header, read. RFC 791, 3.1; RFC 8200, 4.5.
struct IpReassembler::Fragment {
  explicit Fragment(const Packet& packet);

  Key key;
  std::uint32_t offset = 0;
  bool more = false;
  bool cut = false;  // the IP header speaks of more bytes than there are
  Bytes data;
  std::array<std::uint8_t, 60> header{};  // as the whole datagram's, lengths not yet right
  std::size_t header_bytes = 0;
};

IpReassembler::Fragment::Fragment(const Packet& packet) : data(packet.payload_view()) {
  const std::uint8_t* ip = packet.network;
  key.source = packet.source();
  key.destination = packet.destination();
  key.ip_version = packet.ip_version;
  // decode() has seen the whole of these headers; packet.payload is what follows them.
  if (packet.ip_version == 4) {
    const auto length = static_cast<std::size_t>(packet.payload - ip);
    ByteReader in{{ip, length}};
    in.take(2);
    const std::size_t total_bytes = in.u16();
    cut = data.size() + length < total_bytes;
    key.identification = in.u16();
    const std::uint16_t flags = in.u16();
    key.protocol = packet.protocol;
    offset = (flags & 0x1fffU) * 8;
    more = (flags & 0x2000) != 0;
    header_bytes = std::min(length, header.size());
    std::memcpy(header.data(), ip, header_bytes);
    header[6] = header[7] = 0;
  } else {
    ByteReader in{{packet.payload - kIp6FragmentHeaderBytes, kIp6FragmentHeaderBytes}};
    const std::uint8_t next = in.u8();
    in.u8();
    const std::uint16_t flags = in.u16();
    key.identification = in.u32();
    offset = flags & 0xfff8U;
    more = (flags & 1) != 0;
    const std::size_t payload_bytes = std::size_t{ip[4]} << 8 | ip[5];
    const auto before_bytes = static_cast<std::size_t>(packet.payload - ip) - kIp6HeaderBytes;
    cut = data.size() + before_bytes < payload_bytes;
    // Other extension headers before the fragment header are left out: nobody asks for them again.
    header_bytes = kIp6HeaderBytes;
    std::memcpy(header.data(), ip, header_bytes);
    header[6] = next;
  }
}

std::size_t IpReassembler::KeyHash::operator()(const Key& key) const {
  std::uint64_t hash = slot_hash(key.source.bytes().data(), 16);
  hash = slot_hash(key.destination.bytes().data(), 16, hash);
  return mix(hash ^ key.identification,
             kSlotKeys.fourth ^ key.protocol ^ (std::uint64_t{key.ip_version} << 8));
}

void IpReassembler::drop(Datagrams::iterator datagram) {
  held_bytes_ -= datagram->bytes.size();
  by_key_.erase(datagram->key);
  datagrams_.erase(datagram);
}

void IpReassembler::expire_before(Time time) {
  while (!datagrams_.empty() && datagrams_.front().first < time) {
    ++counters_.timed_out;
    drop(datagrams_.begin());
  }
}

// Keeps what is new of the fragment; false when the datagram is to be refused.
bool IpReassembler::place(Datagram& datagram, const Fragment& fragment) {
  const std::uint32_t begin = fragment.offset;
  const auto end = static_cast<std::uint32_t>(begin + fragment.data.size());
  const bool strict = fragment.key.ip_version == 6;

  // Pieces are few: a datagram has 45 fragments at an MTU of 1500, at most.
  std::vector<Piece>& pieces = datagram.pieces;
  auto at = std::find_if(pieces.begin(), pieces.end(),
                         [&](const Piece& piece) { return piece.end > begin; });
  std::uint32_t from = begin;
  bool differs = false;
  bool overlaps = false;
  while (from < end) {
    const std::uint32_t gap_end = at == pieces.end() ? end : std::min(end, at->begin);
    if (from < gap_end) {
      at = pieces.insert(at, Piece{from, gap_end, datagram.bytes.size()}) + 1;
      const auto first = fragment.data.begin() + (from - begin);
      datagram.bytes.insert(datagram.bytes.end(), first, first + (gap_end - from));
      held_bytes_ += gap_end - from;
      datagram.held += gap_end - from;
      from = gap_end;
    }
    if (from == end || at == pieces.end()) continue;
    // What is held already stays.
    const std::uint32_t shared_end = std::min(end, at->end);
    overlaps = true;
    differs |= std::memcmp(datagram.bytes.data() + at->at + (from - at->begin),
                           fragment.data.data() + (from - begin), shared_end - from) != 0;
    from = shared_end;
    if (from == at->end) ++at;
  }
  if (!overlaps) return true;
  const bool copy = !differs && std::any_of(pieces.begin(), pieces.end(), [&](const Piece& piece) {
    return piece.begin == begin && piece.end == end;
  });
  if (copy) {
    ++counters_.duplicates;
    return true;
  }
  ++counters_.overlaps;
  return !strict;
}

Bytes IpReassembler::assemble(const Datagram& datagram, DecodedBlock& block) const {
  const std::size_t size = datagram.header.size() + datagram.end;
  auto whole = std::make_unique_for_overwrite<std::uint8_t[]>(size);
  std::memcpy(whole.get(), datagram.header.data(), datagram.header.size());
  for (const Piece& piece : datagram.pieces)
    std::memcpy(whole.get() + datagram.header.size() + piece.begin,
                datagram.bytes.data() + piece.at, piece.end - piece.begin);
  const std::size_t length = datagram.key.ip_version == 4 ? size : datagram.end;
  const std::size_t length_at = datagram.key.ip_version == 4 ? 2 : 4;
  whole[length_at] = static_cast<std::uint8_t>(length >> 8);
  whole[length_at + 1] = static_cast<std::uint8_t>(length);
  const Bytes bytes{whole.get(), size};
  block.datagrams_.push_back(std::move(whole));
  return bytes;
}

bool IpReassembler::add(const Fragment& fragment, Packet& packet, DecodedBlock& block,
                        Bytes& whole) {
  ++counters_.fragments;
  // The clock of a damaged capture may stand anywhere.
  if (packet.time > Time::min() + limits_.timeout) expire_before(packet.time - limits_.timeout);
  if (fragment.cut || packet.payload_bytes < packet.payload_wire_bytes) {
    ++counters_.cut;
    return false;
  }
  const std::size_t end = fragment.offset + fragment.data.size();
  const bool uneven = fragment.more && fragment.data.size() % 8 != 0;
  if (fragment.data.empty() || uneven || end + fragment.header_bytes > kDatagramBytesMax) {
    ++counters_.invalid;
    return false;
  }

  auto known = by_key_.find(fragment.key);
  if (known == by_key_.end()) {
    Datagram fresh;
    fresh.key = fragment.key;
    fresh.first = packet.time;
    datagrams_.push_back(std::move(fresh));
    known = by_key_.emplace(fragment.key, std::prev(datagrams_.end())).first;
  }
  const Datagrams::iterator at = known->second;
  Datagram& datagram = *at;
  if (datagram.refused) return false;

  bool good = ++datagram.fragments <= limits_.fragments_per_datagram_max;
  if (!good) ++counters_.invalid;
  const std::uint32_t last_end = fragment.more ? 0 : static_cast<std::uint32_t>(end);
  if (good &&
      ((datagram.end != 0 && (end > datagram.end || (last_end != 0 && last_end != datagram.end))) ||
       (last_end != 0 && !datagram.pieces.empty() && datagram.pieces.back().end > last_end))) {
    ++counters_.invalid;  // two ends, or data beyond the end: this fragment is left out
    return false;
  }
  const std::uint32_t held_before = datagram.held;
  good = good && place(datagram, fragment);
  if (!good) {
    // Remembered, so that the rest of it is dropped as well.
    held_bytes_ -= datagram.bytes.size();
    datagram.pieces = {};
    datagram.bytes = {};
    datagram.refused = true;
    return false;
  }
  // A copy brings nothing, and is no part of the flow's bytes.
  if (datagram.held != held_before) datagram.wire_bytes += packet.wire_bytes;
  if (last_end != 0) datagram.end = last_end;
  if (fragment.offset == 0 && datagram.header.empty())
    datagram.header.assign(
        fragment.header.begin(),
        fragment.header.begin() + static_cast<std::ptrdiff_t>(fragment.header_bytes));
  if (datagram.end != 0 && datagram.held == datagram.end) {
    ++counters_.datagrams;
    whole = assemble(datagram, block);
    // The length of a frame is what the capture says it was.
    packet.wire_bytes = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(datagram.wire_bytes, std::numeric_limits<std::uint32_t>::max()));
    drop(at);
    return true;
  }
  while (held_bytes_ > limits_.bytes_max || datagrams_.size() > limits_.datagrams_max) {
    ++counters_.evicted;
    drop(datagrams_.begin());
  }
  return false;
}

void IpReassembler::reassemble(const Decoder& decoder, DecodedBlock& block) {
  for (const std::uint32_t index : block.fragments_) {
    Packet& packet = block.packets_[index];
    for (int nested = 0; packet.fragment && nested < kNestedMax; ++nested) {
      Bytes whole;
      if (!add(Fragment{packet}, packet, block, whole)) break;
      if (!decoder.decode_datagram(whole, packet, block.counters)) break;
    }
  }
}

}  // namespace gnomon::packet
