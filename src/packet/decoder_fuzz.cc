// Two bytes of link type, one that says how much of the frame was captured, then the frame. What
// is reported lies within the frame and is the same for the same bytes.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "gnomon/packet/decoder.h"

using namespace gnomon;
using namespace gnomon::packet;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  // A buffer of its own, so that the sanitizer sees every read beyond it.
  const std::vector<std::uint8_t> bytes(data + 3, data + size);
  (void)holds_ip_packet(bytes);
  Frame frame;
  frame.data = bytes.data();
  frame.link_type = static_cast<std::uint16_t>(data[0] << 8 | data[1]);
  frame.captured_bytes = static_cast<std::uint32_t>(bytes.size());
  frame.wire_bytes = frame.captured_bytes + data[2] * 16U;
  FrameBlock block;
  block.frames = {frame, frame};
  block.first_number = 1;
  DecodedBlock decoded;
  const Decoder decoder;
  decoder.decode(block, decoded);

  const auto packets = decoded.packets();
  require(packets.size() == 0 || packets.size() == 2);
  if (packets.empty()) return 0;
  const Packet& packet = packets[0];
  const std::uint8_t* end = bytes.data() + bytes.size();
  const std::ptrdiff_t header_bytes = packet.ip_version == 4 ? 20 : 40;
  require(packet.ip_version == 4 || packet.ip_version == 6);
  require(packet.network >= bytes.data() && end - packet.network >= header_bytes);
  require(packet.payload >= packet.network && packet.payload <= end);
  require(packet.payload_bytes <= end - packet.payload);
  require(packet.payload_bytes <= packet.payload_wire_bytes);
  require(packet.payload_wire_bytes <= frame.wire_bytes);
  require(packet.truncated == (packet.payload_bytes < packet.payload_wire_bytes));
  require(packet.outer == nullptr ||
          (packet.outer >= bytes.data() && packet.outer < packet.network));
  require(packet.tunnel_depth <= Decoder::kTunnelDepthMax);
  require((packet.tunnel == Tunnel::kNone) == (packet.tunnel_depth == 0));
  require(packet.hash == packets[1].hash && packet.fingerprint == packets[1].fingerprint);
  require(decoded.fragments().size() == (packet.fragment ? 2 : 0));
  return 0;
}
