#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/ip_address.h"

// How clients name themselves when they ask for an address: DHCP (RFC 2131, RFC 2132) and DHCPv6
// (RFC 8415).
namespace gnomon::message {

inline constexpr std::size_t kDhcpOptionsMax = 256;    // read of one message
inline constexpr std::size_t kDhcpNameBytesMax = 255;  // a longer name is not taken
inline constexpr std::size_t kDhcpRelayDepthMax = 4;   // DHCPv6 relays around a message

// Option 53 (RFC 2132 §9.6).
enum class DhcpType : std::uint8_t {
  kNone,  // BOOTP
  kDiscover,
  kOffer,
  kRequest,
  kDecline,
  kAck,
  kNak,
  kRelease,
  kInform,
};

// What a message says about who has an address.
enum class DhcpSays : std::uint8_t {
  kNothing,
  kWish,     // the client asks for one, and may be refused
  kHas,      // the client has it: it renews it, or asks for other things
  kGranted,  // the server says that the client has it
  kRefused,  // the server refuses
};

// The views point into the bytes that were parsed, and fqdn() into the message itself.
class DhcpMessage {
 public:
  bool from_client = false;  // op is BOOTREQUEST; DHCPv6: a type that clients send
  bool is_v6 = false;
  DhcpType type = DhcpType::kNone;  // DHCPv4
  std::uint8_t v6_type = 0;         // DHCPv6 msg-type, innermost
  std::uint32_t transaction = 0;    // xid; 24 bits in DHCPv6
  bool has_mac = false;             // Ethernet chaddr; DHCPv6: from a DUID-LLT or DUID-LL
  std::array<std::uint8_t, 6> mac{};
  // All zero (`IpAddress{}`) when absent or zero.
  IpAddress client_address;       // ciaddr
  IpAddress your_address;         // yiaddr; DHCPv6: the first address of an IA_NA
  IpAddress requested_address;    // option 50
  IpAddress server_address;       // option 54
  std::string_view host_name;     // option 12
  std::string_view vendor_class;  // option 60
  Bytes client_identifier;        // option 61; DHCPv6: the client's DUID
  Bytes parameter_list;           // option 55: what a client asks for tells its system
  bool whole = false;             // the options ended as they should; else those before damage

  [[nodiscard]] std::string_view fqdn() const { return {fqdn_.data(), fqdn_size_}; }

  // What to call the client: the host name, else the first label of the domain name.
  [[nodiscard]] std::string_view client_name() const;
  [[nodiscard]] DhcpSays says() const;
  // The address of kHas and kGranted. What is only wished for is nobody's: it may be another's.
  [[nodiscard]] std::optional<IpAddress> address_of_client() const;
  // The address of an offer that the client accepts: it names the server that made it (RFC 2131,
  // 4.3.2). Hardly ever refused, and most often the client's from then on.
  [[nodiscard]] std::optional<IpAddress> accepted_address() const;

 private:
  friend class DhcpParser;
  std::array<char, kDhcpNameBytesMax> fqdn_{};
  std::uint8_t fqdn_size_ = 0;
};

// Reads a DHCP or BOOTP message (UDP 67, 68). False when it is none: fixed part or magic missing.
bool parse_dhcp(Bytes bytes, DhcpMessage& out);

// Reads a DHCPv6 message (UDP 546, 547), within relay messages too.
bool parse_dhcp6(Bytes bytes, DhcpMessage& out);

}  // namespace gnomon::message
