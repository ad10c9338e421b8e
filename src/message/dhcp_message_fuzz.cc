#include "gnomon/message/dhcp_message.h"

using namespace gnomon::message;

// Names stay within their limit, for both versions.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const gnomon::Bytes bytes{data, size};
  DhcpMessage message;
  for (const bool read : {parse_dhcp(bytes, message), parse_dhcp6(bytes, message)}) {
    if (!read) continue;
    if (message.client_name().size() > kDhcpNameBytesMax) __builtin_trap();
    if (message.fqdn().size() > kDhcpNameBytesMax) __builtin_trap();
    if (message.vendor_class.size() > kDhcpNameBytesMax) __builtin_trap();
    (void)message.address_of_client();
  }
  return 0;
}
