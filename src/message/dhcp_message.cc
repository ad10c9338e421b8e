#include "gnomon/message/dhcp_message.h"

#include <algorithm>
#include <cstring>

namespace gnomon::message {
namespace {

constexpr std::uint32_t kMagic = 0x63825363;
constexpr std::uint8_t kEthernet = 1;

enum Option : std::uint8_t {
  kPad = 0,
  kHostName = 12,
  kRequestedAddress = 50,
  kOverload = 52,
  kMessageType = 53,
  kServerIdentifier = 54,
  kParameterList = 55,
  kVendorClass = 60,
  kClientIdentifier = 61,
  kClientFqdn = 81,
  kEnd = 255,
};

enum Option6 : std::uint16_t {
  kClientId = 1,
  kIaNa = 3,
  kIaAddress = 5,
  kRelayMessage = 9,
  kClientFqdn6 = 39,
};

enum Type6 : std::uint8_t {
  kSolicit6 = 1,
  kAdvertise6 = 2,
  kRequest6 = 3,
  kRenew6 = 5,
  kRebind6 = 6,
  kReply6 = 7,
  kReconfigure6 = 10,
  kRelayForward = 12,
  kRelayReply = 13
};

// Text as some clients send it: with a NUL at its end.
std::string_view as_text(Bytes bytes) {
  std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  while (text.ends_with('\0')) text.remove_suffix(1);
  return text.size() <= kDhcpNameBytesMax ? text : std::string_view{};
}

IpAddress read_v4(ByteReader& in) {
  constexpr std::array<std::uint8_t, 4> kZero{};
  const Bytes bytes = in.take(4);
  if (bytes.empty() || std::equal(bytes.begin(), bytes.end(), kZero.begin())) return {};
  return IpAddress::v4(bytes.data());
}

}  // namespace

class DhcpParser {
 public:
  explicit DhcpParser(DhcpMessage& out) : out_(out) { out_ = DhcpMessage{}; }

  bool parse4(Bytes bytes) {
    ByteReader in{bytes};
    const std::uint8_t op = in.u8();
    const std::uint8_t hardware = in.u8();
    const std::uint8_t hardware_bytes = in.u8();
    in.u8();  // hops
    out_.transaction = in.u32();
    in.u16();  // secs
    in.u16();  // flags
    out_.client_address = read_v4(in);
    out_.your_address = read_v4(in);
    in.take(4);  // siaddr
    in.take(4);  // giaddr
    const Bytes mac = in.take(16);
    const Bytes sname = in.take(64);
    const Bytes file = in.take(128);
    if (!in.ok() || (op != 1 && op != 2) || in.u32() != kMagic) return false;
    out_.from_client = op == 1;
    if (hardware == kEthernet && hardware_bytes == 6) take_mac(mac.first(6));

    out_.whole = read_options(in);
    if ((overload_ & 1) != 0) read_options(ByteReader{file});
    if ((overload_ & 2) != 0) read_options(ByteReader{sname});
    return true;
  }

  // Relay-forward: msg-type, hop-count, link-address, peer-address, options (RFC 8415 §9).
  bool parse6(Bytes bytes, std::size_t depth) {
    out_.is_v6 = true;
    ByteReader in{bytes};
    const std::uint8_t type = in.u8();
    if (!in.ok() || type == 0 || type > 36 || depth > kDhcpRelayDepthMax) return false;
    if (type == kRelayForward || type == kRelayReply) {
      in.u8();
      in.take(32);
      while (!in.at_end()) {
        const std::uint16_t code = in.u16();
        const Bytes data = in.take(in.u16());
        if (in.ok() && code == kRelayMessage) return parse6(data, depth + 1);
      }
      return false;
    }
    out_.v6_type = type;
    out_.from_client = type != kAdvertise6 && type != kReply6 && type != kReconfigure6;
    out_.transaction = in.u24();
    if (!in.ok()) return false;
    for (std::size_t count = 0; !in.at_end() && count < kDhcpOptionsMax; ++count) {
      const std::uint16_t code = in.u16();
      const Bytes data = in.take(in.u16());
      if (in.ok()) read_option6(code, data);
    }
    out_.whole = in.ok() && in.at_end();
    return true;
  }

 private:
  void take_mac(Bytes mac) {
    if (mac.size() != out_.mac.size()) return;
    out_.has_mac = true;
    std::copy(mac.begin(), mac.end(), out_.mac.begin());
  }

  // True when they ended with End or with the message, and nothing was damaged.
  bool read_options(ByteReader in) {
    for (; !in.at_end() && options_ < kDhcpOptionsMax; ++options_) {
      const std::uint8_t code = in.u8();
      if (code == kEnd) return true;
      if (code == kPad) continue;
      const Bytes data = in.take(in.u8());
      if (in.ok()) read_option(code, data);
    }
    return in.ok() && in.at_end();
  }

  void read_option(std::uint8_t code, Bytes data) {
    ByteReader in{data};
    switch (code) {
      case kHostName:
        if (out_.host_name.empty()) out_.host_name = as_text(data);
        break;
      case kRequestedAddress:
        out_.requested_address = read_v4(in);
        break;
      case kOverload:
        overload_ = in.u8();
        break;
      case kMessageType:
        if (const std::uint8_t type = in.u8(); type <= 8) out_.type = static_cast<DhcpType>(type);
        break;
      case kServerIdentifier:
        out_.server_address = read_v4(in);
        break;
      case kParameterList:
        out_.parameter_list = data;
        break;
      case kVendorClass:
        out_.vendor_class = as_text(data);
        break;
      case kClientIdentifier:
        out_.client_identifier = data;
        break;
      case kClientFqdn: {
        const std::uint8_t flags = in.u8();
        in.take(2);  // two result codes, not used any more
        const Bytes name = in.take(in.remaining());
        if (in.ok()) take_fqdn(name, (flags & 0x04) != 0);
        break;
      }
      default:
        break;
    }
  }

  void read_option6(std::uint16_t code, Bytes data) {
    ByteReader in{data};
    switch (code) {
      case kClientId:
        out_.client_identifier = data;
        read_duid(in);
        break;
      case kIaNa:
        in.take(12);  // IAID, T1, T2
        read_addresses(in);
        break;
      case kClientFqdn6:
        in.u8();  // flags
        if (in.ok()) take_fqdn(in.take(in.remaining()), true);
        break;
      default:
        break;
    }
  }

  // DUID-LLT: 1, hardware type, time, address; DUID-LL: 3, hardware type, address (§11).
  void read_duid(ByteReader in) {
    const std::uint16_t kind = in.u16();
    if ((kind != 1 && kind != 3) || in.u16() != kEthernet) return;
    if (kind == 1) in.u32();
    take_mac(in.take(in.remaining()));
  }

  void read_addresses(ByteReader in) {
    while (!in.at_end()) {
      const std::uint16_t code = in.u16();
      ByteReader data = in.nested(in.u16());
      const Bytes address = data.take(16);
      if (code != kIaAddress || !data.ok()) continue;
      if (out_.your_address == IpAddress{}) out_.your_address = IpAddress::v6(address.data());
    }
  }

  // Domain names as labels (RFC 1035 §3.1, without pointers), perhaps without the root's (RFC 4702
  // §2.3.1), or as text.
  void take_fqdn(Bytes name, bool as_labels) {
    std::size_t size = 0;
    if (!as_labels) {
      const std::string_view text = as_text(name);
      size = text.size();
      std::copy(text.begin(), text.end(), out_.fqdn_.begin());
    } else {
      ByteReader in{name};
      while (!in.at_end()) {
        const std::uint8_t length = in.u8();
        if (length == 0) break;
        const Bytes label = in.take(length);
        if (!in.ok() || length > 63 || size + label.size() + 1 > out_.fqdn_.size()) return;
        if (size != 0) out_.fqdn_[size++] = '.';
        std::copy(label.begin(), label.end(),
                  out_.fqdn_.begin() + static_cast<std::ptrdiff_t>(size));
        size += label.size();
      }
    }
    while (size != 0 && out_.fqdn_[size - 1] == '.') --size;
    out_.fqdn_size_ = static_cast<std::uint8_t>(size);
  }

  DhcpMessage& out_;
  std::size_t options_ = 0;
  std::uint8_t overload_ = 0;
};

std::string_view DhcpMessage::client_name() const {
  if (!host_name.empty()) return host_name;
  return fqdn().substr(0, fqdn().find('.'));
}

// In v4 only a client that has the address puts it into ciaddr (RFC 2131, 4.3.2): one that starts
// again, or takes an offer, asks by option 50 and is refused by NAK. In v6 Confirm, Release and
// Decline hold the addresses that are doubted or given up (RFC 8415, 18.2).
DhcpSays DhcpMessage::says() const {
  const auto known = [](const IpAddress& address) { return !(address == IpAddress{}); };
  if (is_v6) {
    switch (v6_type) {
      case kSolicit6:  // a server may answer it with Reply at once
      case kRequest6:
        return DhcpSays::kWish;
      case kRenew6:
      case kRebind6:
        return known(your_address) ? DhcpSays::kHas : DhcpSays::kNothing;
      case kReply6:
        return known(your_address) ? DhcpSays::kGranted : DhcpSays::kNothing;
      default:
        return DhcpSays::kNothing;
    }
  }
  switch (type) {
    case DhcpType::kDiscover:  // may be answered with ACK at once (RFC 4039)
      return DhcpSays::kWish;
    case DhcpType::kRequest:
      return known(client_address) ? DhcpSays::kHas : DhcpSays::kWish;
    case DhcpType::kInform:
      return known(client_address) ? DhcpSays::kHas : DhcpSays::kNothing;
    case DhcpType::kAck:
      return known(your_address) || known(client_address) ? DhcpSays::kGranted : DhcpSays::kNothing;
    case DhcpType::kNak:
      return DhcpSays::kRefused;
    case DhcpType::kNone:
    case DhcpType::kOffer:
    case DhcpType::kDecline:
    case DhcpType::kRelease:
      break;
  }
  return DhcpSays::kNothing;
}

std::optional<IpAddress> DhcpMessage::address_of_client() const {
  const DhcpSays said = says();
  if (said == DhcpSays::kHas) return is_v6 ? your_address : client_address;
  if (said == DhcpSays::kGranted)
    return your_address == IpAddress{} ? client_address : your_address;
  return std::nullopt;
}

std::optional<IpAddress> DhcpMessage::accepted_address() const {
  const bool accepts = !is_v6 && type == DhcpType::kRequest && says() == DhcpSays::kWish &&
                       !(server_address == IpAddress{}) && !(requested_address == IpAddress{});
  if (!accepts) return std::nullopt;
  return requested_address;
}

bool parse_dhcp(Bytes bytes, DhcpMessage& out) { return DhcpParser{out}.parse4(bytes); }

bool parse_dhcp6(Bytes bytes, DhcpMessage& out) { return DhcpParser{out}.parse6(bytes, 0); }

}  // namespace gnomon::message
