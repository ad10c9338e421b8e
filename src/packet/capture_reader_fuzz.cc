// A capture of any format, compressed or not: whatever it holds is read, decoded and reassembled.
// Each frame ends in exactly one counter, no packet leaves its frame, and the size of the blocks
// does not change what is read.
#include <cstdint>
#include <cstdlib>

#include "byte_source.h"
#include "capture_input.h"
#include "gnomon/packet/decoder.h"
#include "gnomon/packet/ip_reassembly.h"

using namespace gnomon;
using namespace gnomon::packet;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct Sum {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::size_t problems = 0;
  bool operator==(const Sum&) const = default;
};

Sum read(const std::uint8_t* data, std::size_t size, std::size_t block_bytes) {
  CaptureInput input{memory_source(data, size), block_bytes, InputNotes{}};
  FrameBlock block;
  DecodedBlock decoded;
  const Decoder decoder;
  IpReassembler reassembler;
  Sum sum;
  while (sum.frames < 100'000 && input.fill(block)) {
    require(!block.frames.empty());
    for (const Frame& frame : block.frames) {
      require(frame.captured_bytes <= frame.wire_bytes);
      require(frame.data >= block.bytes.get());
      require(frame.data + frame.captured_bytes <= block.bytes.get() + block.capacity);
      ++sum.frames;
      sum.bytes += frame.captured_bytes;
    }
    decoder.decode(block, decoded);
    reassembler.reassemble(decoder, decoded);
  }
  sum.problems = input.notes().problems.size();
  const DecodeCounters& c = decoded.counters;
  require(c.frames == sum.frames);
  require(c.packets + c.fragments + c.filtered + c.arp + c.non_ip + c.encrypted +
              c.unknown_link_type + c.unknown_ethertype + c.bad_header + c.cut_header ==
          c.frames);
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Sum large = read(data, size, CaptureReader::kBlockBytes);
  // The variants of pcap are told apart by the first block, which must not be tiny for that.
  if (size <= 2048) require(read(data, size, 2048) == large);
  return 0;
}
