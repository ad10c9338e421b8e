#pragma once

// Which of nDPI 4.2's dissectors for UDP can make anything of a datagram, told from its first
// bytes, length and ports. Included by ndpi_loop.cc alone, after nDPI's own headers.
//
// Most flows that reach nDPI are of no protocol that it knows: all of its some 85 dissectors are
// called, look at two bytes and exclude themselves. That was two thirds of nDPI's cost, nearly all
// of it waiting for code that is far apart. What stands here is what each of them asks first (read
// from nDPI 4.2's sources, src/lib/protocols): where the answer is no, the outcome is known without
// a call. A dissector that is not listed is called as ever.

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <utility>

namespace gnomon::flow {

// A datagram as the questions need it.
struct Datagram {
  explicit Datagram(const ndpi_packet_struct& packet)
      : bytes(packet.payload),
        size(packet.payload_packet_len),
        from(ntohs(packet.udp->source)),
        to(ntohs(packet.udp->dest)),
        ip(packet.iph) {
    std::uint8_t first[8] = {};
    std::memcpy(first, bytes, size < sizeof first ? size : sizeof first);
    start = std::uint32_t{first[0]} << 24 | std::uint32_t{first[1]} << 16 |
            std::uint32_t{first[2]} << 8 | first[3];
    next = std::uint32_t{first[4]} << 24 | std::uint32_t{first[5]} << 16 |
           std::uint32_t{first[6]} << 8 | first[7];
  }

  // Bytes that are not there are zero.
  [[nodiscard]] std::uint8_t byte(std::size_t at) const { return at < size ? bytes[at] : 0; }
  [[nodiscard]] std::uint32_t word(std::size_t at) const {
    return std::uint32_t{byte(at)} << 24 | std::uint32_t{byte(at + 1)} << 16 |
           std::uint32_t{byte(at + 2)} << 8 | byte(at + 3);
  }
  [[nodiscard]] bool port(std::uint16_t number) const { return from == number || to == number; }
  [[nodiscard]] bool ports_between(std::uint16_t low, std::uint16_t high) const {
    return (from >= low && from <= high) || (to >= low && to <= high);
  }

  const std::uint8_t* bytes;
  std::size_t size;
  std::uint16_t from;
  std::uint16_t to;
  const ndpi_iphdr* ip;  // IPv4's
  std::uint32_t start;   // the first four bytes, and the next four; zero beyond the end
  std::uint32_t next;
};

// Whether the dissector of `protocol` might do something else with the first datagram of a flow
// than exclude itself.
[[gnu::always_inline]] inline bool may_claim_first(std::uint16_t protocol, const Datagram& in) {
  const std::size_t size = in.size;
  const auto b0 = static_cast<std::uint8_t>(in.start >> 24);
  const auto b1 = static_cast<std::uint8_t>(in.start >> 16);
  switch (protocol) {
    case NDPI_PROTOCOL_AIMINI:
      return b0 == 1;
    case NDPI_PROTOCOL_AMAZON_VIDEO:
      return in.start == 0xdeadbeef;
    case NDPI_PROTOCOL_AMONG_US:
      return in.start == 0x08000100;
    case NDPI_PROTOCOL_ARMAGETRON:
      return size > 10 && b0 == 0 && (b1 == 0x0b || b1 == 0x1c || b1 == 0x18);
    case NDPI_PROTOCOL_AVAST_SECUREDNS:
      return size >= 34 && in.word(11) == 0x00013209;
    case NDPI_PROTOCOL_AYIYA:
      return in.port(5072);
    case NDPI_PROTOCOL_BJNP:
      return b0 == 'B' || b0 == 'M';
    case NDPI_PROTOCOL_CAPWAP:
      return in.port(5246) || in.port(5247);
    case NDPI_PROTOCOL_CPHA:
      return in.port(8116);
    case NDPI_PROTOCOL_CROSSFIRE:
      return size == 25 && in.start == 0xc7d91999;
    case NDPI_PROTOCOL_DCERPC:
      return size < 2 || (size >= 80 && b0 == 4);
    case NDPI_PROTOCOL_DHCP:
      return size >= 244 && (in.port(67) || in.port(68));
    case NDPI_PROTOCOL_DHCPV6:
      return in.port(546) || in.port(547);
    case NDPI_PROTOCOL_DROPBOX:
      return in.to == 17500;
    case NDPI_PROTOCOL_EAQ:
      return size == 16 && in.port(6000);
    case NDPI_PROTOCOL_EDONKEY:
      return b0 == 0xc5 || (b0 >= 0xe3 && b0 <= 0xe5);
    case NDPI_PROTOCOL_FLORENSIA:
      return b0 == 5 && (size == 6 || size == 8);
    case NDPI_PROTOCOL_GENSHIN_IMPACT:
      return in.start == 0x000000ff;
    case NDPI_PROTOCOL_GNUTELLA:
      return size < 2 || b0 == 'G' || size == 23 || size == 32 || size == 34 || size == 35 ||
             size == 73 || size == 96;
    case NDPI_PROTOCOL_GTP:
      return in.port(2152) || in.port(2123) || in.port(3386);
    case NDPI_PROTOCOL_HALFLIFE2:
      return size >= 20 && in.start == 0xffffffff;
    case NDPI_PROTOCOL_HANGOUT_DUO:
      return size > 24 && in.ports_between(19302, 19309);
    case NDPI_PROTOCOL_IAX:
      return in.port(4569);
    case NDPI_PROTOCOL_IPP:
      return (b0 >= '0' && b0 <= '9') || b0 == 'P';
    case NDPI_PROTOCOL_KAKAOTALK_VOICE:
      return in.ip != nullptr &&
             (ntohl(in.ip->saddr) >> 16 == 0x01c9 || ntohl(in.ip->daddr) >> 16 == 0x01c9);
    case NDPI_PROTOCOL_KERBEROS:
      return in.port(88);
    case NDPI_PROTOCOL_KONTIKI:
      return b0 == 2;
    case NDPI_PROTOCOL_LDAP:
      return size >= 14 && b0 == 0x30;
    case NDPI_PROTOCOL_LISP:
      return in.port(4341) || in.port(4342);
    case NDPI_PROTOCOL_MEGACO:
      return b0 == '!' || b0 == 'M';
    case NDPI_PROTOCOL_MEMCACHED:
      return size >= 8 && in.next >> 16 != 0 && (in.next & 0xffff) == 0;
    case NDPI_PROTOCOL_MGCP:
      return size >= 8 && in.bytes[size - 1] == '\n' && b0 >= 'A' && b0 <= 'R';
    case NDPI_PROTOCOL_MINING:
      return in.port(30303);
    case NDPI_PROTOCOL_MPEGTS:
      return b0 == 0x47 && size % 188 == 0;
    case NDPI_PROTOCOL_NETBIOS:
      return in.to == 137 || in.to == 138;
    case NDPI_PROTOCOL_NETFLOW:
      return size >= 24 && b0 == 0 && b1 <= 10;
    case NDPI_PROTOCOL_NFS:
      return size >= 40 && in.next == 0 && in.word(8) == 2;
    case NDPI_PROTOCOL_NINTENDO:
      return size > 48 && in.start == 0x32ab9864;
    case NDPI_PROTOCOL_NOE:
      return size == 1 || size == 5 || size == 12 || in.start == 0x0006626c;
    case NDPI_PROTOCOL_NTP:
      return in.port(123);
    case NDPI_PROTOCOL_OOKLA:
      return in.port(8080);
    case NDPI_PROTOCOL_PPSTREAM:
      return in.port(17788) || (size > 17 && (b1 == 0x80 || b1 == 0x84 || b1 == 0x53));
    case NDPI_PROTOCOL_QUIC:
      return size >= 1200;
    case NDPI_PROTOCOL_RDP:
      return in.port(3389);
    case NDPI_PROTOCOL_SFLOW:
      return size >= 24 && (in.start == 2 || in.start == 5);
    case NDPI_PROTOCOL_SNMP:
      return size > 32 && b0 == 0x30;
    case NDPI_PROTOCOL_SOPCAST:
      return (b0 == 0 || b0 == 0xff) && size >= 28;
    case NDPI_PROTOCOL_SPOTIFY:
      return in.port(57621);
    case NDPI_PROTOCOL_SSDP:
      return size >= 19 && (b0 == 'M' || b0 == 'N' || b0 == 'H');
    case NDPI_PROTOCOL_STARCRAFT:
      return in.port(1119);
    case NDPI_PROTOCOL_SYSLOG:
      return size > 20 && b0 == '<';
    case NDPI_PROTOCOL_TARGUS_GETDATA:
      return in.port(5201) || in.port(5001);
    case NDPI_PROTOCOL_TEAMSPEAK:
      return size >= 20 && in.start == 0x54533349;
    case NDPI_PROTOCOL_TEAMVIEWER: {
      if (size > 13 && b0 == 0 && in.bytes[11] == 0x17) return true;
      if (in.ip == nullptr) return false;
      const auto theirs = [](std::uint32_t address) {
        return (address >= 0x5fd325c3 && address <= 0x5fd325cb) || address >> 7 == 0xb24d7800 >> 7;
      };
      return theirs(ntohl(in.ip->saddr)) || theirs(ntohl(in.ip->daddr));
    }
    case NDPI_PROTOCOL_TELEGRAM:
      return in.ports_between(500, 600);
    case NDPI_PROTOCOL_TFTP:
      return size >= 4 && b0 == 0 && b1 >= 1 && b1 <= 5;
    case NDPI_PROTOCOL_THUNDER:
      return size > 8 && in.start >> 28 == 3 && (in.start & 0xffffff) == 0;
    case NDPI_PROTOCOL_TVUPLAYER:
      return size == 32 || size == 56 || size == 60 || size == 62 || size == 82 || size == 84 ||
             size == 102;
    case NDPI_PROTOCOL_UBNTAC2:
      return in.port(10001);
    case NDPI_PROTOCOL_VIBER:
      return size > 5 && (in.start & 0xff) == 0;
    case NDPI_PROTOCOL_VMWARE:
      return in.to == 902;
    case NDPI_PROTOCOL_WARCRAFT3:
      return size == 1 || b0 == 0xf7 || b0 == 0xff;
    case NDPI_PROTOCOL_WIREGUARD:
      return size >= 32 && (in.start & 0xffffff) == 0;
    case NDPI_PROTOCOL_WSD:
      return in.to == 3702;
    case NDPI_PROTOCOL_XDMCP:
      return in.to == 177;
    case NDPI_PROTOCOL_ZATTOO:
      return in.port(5003);
    default:
      return true;
  }
}

// Those that may_claim_first() knows, by what they ask for first: one of some ports, a first byte
// of few, or something else. Few of the first two have to be asked at all.
struct ByPort {
  std::uint16_t protocol;
  std::uint16_t low, high;
};
// clang-format off
inline constexpr ByPort kByPort[] = {
    {NDPI_PROTOCOL_AYIYA, 5072, 5072},        {NDPI_PROTOCOL_CAPWAP, 5246, 5247},
    {NDPI_PROTOCOL_CPHA, 8116, 8116},         {NDPI_PROTOCOL_DHCP, 67, 68},
    {NDPI_PROTOCOL_DHCPV6, 546, 547},         {NDPI_PROTOCOL_DROPBOX, 17500, 17500},
    {NDPI_PROTOCOL_EAQ, 6000, 6000},          {NDPI_PROTOCOL_GTP, 2123, 2123},
    {NDPI_PROTOCOL_GTP, 2152, 2152},          {NDPI_PROTOCOL_GTP, 3386, 3386},
    {NDPI_PROTOCOL_HANGOUT_DUO, 19302, 19309},{NDPI_PROTOCOL_IAX, 4569, 4569},
    {NDPI_PROTOCOL_KERBEROS, 88, 88},         {NDPI_PROTOCOL_LISP, 4341, 4342},
    {NDPI_PROTOCOL_MINING, 30303, 30303},     {NDPI_PROTOCOL_NETBIOS, 137, 138},
    {NDPI_PROTOCOL_NTP, 123, 123},            {NDPI_PROTOCOL_OOKLA, 8080, 8080},
    {NDPI_PROTOCOL_RDP, 3389, 3389},          {NDPI_PROTOCOL_SPOTIFY, 57621, 57621},
    {NDPI_PROTOCOL_STARCRAFT, 1119, 1119},    {NDPI_PROTOCOL_TARGUS_GETDATA, 5001, 5001},
    {NDPI_PROTOCOL_TARGUS_GETDATA, 5201, 5201}, {NDPI_PROTOCOL_TELEGRAM, 500, 600},
    {NDPI_PROTOCOL_UBNTAC2, 10001, 10001},    {NDPI_PROTOCOL_VMWARE, 902, 902},
    {NDPI_PROTOCOL_WSD, 3702, 3702},          {NDPI_PROTOCOL_XDMCP, 177, 177},
    {NDPI_PROTOCOL_ZATTOO, 5003, 5003}};

struct ByFirstByte {
  std::uint16_t protocol;
  std::uint8_t low, high;
};
inline constexpr ByFirstByte kByFirstByte[] = {
    {NDPI_PROTOCOL_AIMINI, 1, 1},             {NDPI_PROTOCOL_AMAZON_VIDEO, 0xde, 0xde},
    {NDPI_PROTOCOL_AMONG_US, 8, 8},           {NDPI_PROTOCOL_ARMAGETRON, 0, 0},
    {NDPI_PROTOCOL_BJNP, 'B', 'B'},           {NDPI_PROTOCOL_BJNP, 'M', 'M'},
    {NDPI_PROTOCOL_CROSSFIRE, 0xc7, 0xc7},    {NDPI_PROTOCOL_EDONKEY, 0xc5, 0xc5},
    {NDPI_PROTOCOL_EDONKEY, 0xe3, 0xe5},      {NDPI_PROTOCOL_FLORENSIA, 5, 5},
    {NDPI_PROTOCOL_GENSHIN_IMPACT, 0, 0},     {NDPI_PROTOCOL_HALFLIFE2, 0xff, 0xff},
    {NDPI_PROTOCOL_IPP, '0', '9'},            {NDPI_PROTOCOL_IPP, 'P', 'P'},
    {NDPI_PROTOCOL_KONTIKI, 2, 2},            {NDPI_PROTOCOL_LDAP, 0x30, 0x30},
    {NDPI_PROTOCOL_MEGACO, '!', '!'},         {NDPI_PROTOCOL_MEGACO, 'M', 'M'},
    {NDPI_PROTOCOL_MGCP, 'A', 'R'},           {NDPI_PROTOCOL_MPEGTS, 0x47, 0x47},
    {NDPI_PROTOCOL_NETFLOW, 0, 0},            {NDPI_PROTOCOL_NINTENDO, 0x32, 0x32},
    {NDPI_PROTOCOL_SFLOW, 0, 0},              {NDPI_PROTOCOL_SNMP, 0x30, 0x30},
    {NDPI_PROTOCOL_SOPCAST, 0, 0},            {NDPI_PROTOCOL_SOPCAST, 0xff, 0xff},
    {NDPI_PROTOCOL_SSDP, 'H', 'H'},           {NDPI_PROTOCOL_SSDP, 'M', 'N'},
    {NDPI_PROTOCOL_SYSLOG, '<', '<'},         {NDPI_PROTOCOL_TEAMSPEAK, 'T', 'T'},
    {NDPI_PROTOCOL_TFTP, 0, 0},               {NDPI_PROTOCOL_THUNDER, 0x30, 0x3f}};

inline constexpr std::uint16_t kByOther[] = {
    NDPI_PROTOCOL_AVAST_SECUREDNS, NDPI_PROTOCOL_DCERPC,     NDPI_PROTOCOL_GNUTELLA,
    NDPI_PROTOCOL_KAKAOTALK_VOICE, NDPI_PROTOCOL_MEMCACHED,  NDPI_PROTOCOL_NFS,
    NDPI_PROTOCOL_NOE,             NDPI_PROTOCOL_PPSTREAM,   NDPI_PROTOCOL_QUIC,
    NDPI_PROTOCOL_TEAMVIEWER,      NDPI_PROTOCOL_TVUPLAYER,  NDPI_PROTOCOL_VIBER,
    NDPI_PROTOCOL_WARCRAFT3,       NDPI_PROTOCOL_WIREGUARD};
// clang-format on

// Calls `wanted` with each protocol of which a dissector has to be asked about a first datagram.
class FirstQuestions {
 public:
  FirstQuestions() {
    for (const ByPort& each : kByPort)
      for (unsigned port = each.low; port <= each.high; ++port) ports_[port] = true;
    for (std::size_t i = 0; i < std::size(kByFirstByte); ++i)
      for (unsigned byte = kByFirstByte[i].low; byte <= kByFirstByte[i].high; ++byte)
        rows_[byte] |= std::uint64_t{1} << i;
    static_assert(std::size(kByFirstByte) <= 64, "one bit for each");
  }

  template <class Wanted>
  void ask(const Datagram& in, const Wanted& wanted) const {
    if (ports_[in.from] || ports_[in.to])
      for (const ByPort& each : kByPort)
        if (in.ports_between(each.low, each.high) && may_claim_first(each.protocol, in))
          wanted(each.protocol);
    for (std::uint64_t rows = rows_[in.start >> 24]; rows != 0; rows &= rows - 1) {
      const std::uint16_t protocol = kByFirstByte[std::countr_zero(rows)].protocol;
      if (may_claim_first(protocol, in)) wanted(protocol);
    }
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((may_claim_first(kByOther[I], in) ? wanted(kByOther[I]) : void()), ...);
    }
    (std::make_index_sequence<std::size(kByOther)>{});
  }

  // Whether `protocol` is one of those.
  static bool about(std::uint16_t protocol) {
    const auto same = [protocol](const auto& each) { return each.protocol == protocol; };
    return std::any_of(std::begin(kByPort), std::end(kByPort), same) ||
           std::any_of(std::begin(kByFirstByte), std::end(kByFirstByte), same) ||
           std::find(std::begin(kByOther), std::end(kByOther), protocol) != std::end(kByOther);
  }

 private:
  std::bitset<65536> ports_;
  std::array<std::uint64_t, 256> rows_{};  // of kByFirstByte
};

// Dissectors that leave a flow open for some packets: what they do with a datagram that is none of
// theirs, done here. False where they have to be asked.
inline bool passed_over(std::uint16_t protocol, ndpi_flow_struct& flow, const Datagram& in) {
  const auto exclude = [&flow](std::uint16_t which) {
    flow.excluded_protocol_bitmask.fds_bits[which / 32] |= 1U << which % 32;
  };
  const auto exclude_after = [&](unsigned packets, unsigned seen) {
    if (seen > packets) exclude(protocol);
    return true;
  };
  const std::size_t size = in.size;
  const auto b0 = static_cast<std::uint8_t>(in.start >> 24);
  switch (protocol) {
    case NDPI_PROTOCOL_CISCOVPN:
      if (in.port(10000) || in.port(443)) return false;
      return exclude_after(5, flow.num_processed_pkts);
    case NDPI_PROTOCOL_CSGO:
      if (size < 4 || in.start == 0xffffffff || in.start == 0x3a180000 || in.start == 0x39180000 ||
          in.start == 0x56533031 || in.start == 0x01007364 || in.start >> 16 == 0x0d1d ||
          in.start >> 16 == 0x0212 || in.start == 0 ||
          (in.ip != nullptr && in.ip->daddr == 0xffffffff))
        return false;
      return exclude_after(5, flow.packet_counter);
    case NDPI_PROTOCOL_DNS:
      if (in.port(53) || in.port(5353) || in.port(5355)) return false;
      return exclude_after(3, flow.packet_counter);
    case NDPI_PROTOCOL_DNSCRYPT: {
      if ((b0 == 'r' && size >= 64) || (size > 23 && in.bytes[13] == '2')) return false;
      const auto& seen = flow.packet_direction_counter;
      if ((seen[0] >= 1 && seen[1] >= 1) || flow.packet_counter >= 10) exclude(protocol);
      return true;
    }
    case NDPI_PROTOCOL_DTLS:
      if (size > 13 && (b0 == 0x16 || b0 == 0x14) && in.byte(1) == 0xfe) return false;
      exclude(NDPI_PROTOCOL_TLS);
      return true;
    case NDPI_PROTOCOL_H323:
      if (b0 == 0x80 || in.port(1719)) return false;
      return exclude_after(5, flow.packet_counter);
    case NDPI_PROTOCOL_IMO:
      if (size == 1 || size == 10 || size == 11 || size == 1099) return false;
      if (flow.num_processed_pkts > 5)
        exclude(protocol);
      else
        flow.l4.udp.imo_last_one_byte_pkt = 0;
      return true;
    case NDPI_PROTOCOL_JABBER:
      if (flow.packet_counter <= 5 && size > 13 && b0 == '<') return false;
      if (flow.packet_counter < 3) return true;
      exclude(protocol);
      if (flow.packet_counter <= 5) exclude(NDPI_PROTOCOL_TRUPHONE);
      return true;
    case NDPI_PROTOCOL_OPENVPN:
      if (size >= 40) return false;
      return exclude_after(5, flow.packet_counter);
    case NDPI_PROTOCOL_QQ:
      if ((b0 == 2 && in.byte(1) == 0) || in.start == 0x28000000) return false;
      return exclude_after(4, flow.num_processed_pkts);
    case NDPI_PROTOCOL_RADIUS:
      return !in.port(1812) && !in.port(1813) && !in.port(18013);
    case NDPI_PROTOCOL_RTP:  // excluded at its turn, as STUN's dissector takes that back
      if (b0 == 0x80 || b0 == 0xa0) return false;
      exclude(protocol);
      return true;
    case NDPI_PROTOCOL_SIP: {
      if (flow.packet_counter > 5) return exclude_after(5, flow.packet_counter);
      const bool framed = size > 4 && (in.start & 0xffff) == size - 4;
      const std::uint8_t letter = framed ? in.byte(4) : b0;
      return letter < 'A' || letter > 's';
    }
    case NDPI_PROTOCOL_STEAM:
      if (flow.packet_counter > 5) return exclude_after(5, flow.packet_counter);
      return flow.steam_stage1 == 0 && flow.steam_stage2 == 0 && flow.steam_stage3 == 0 &&
             size >= 4 && in.start != 0x56533031 && in.start != 0x01017364 &&
             in.start != 0x31ff302e && in.start != 0xffffffff && in.start != 0x39180000;
    case NDPI_PROTOCOL_STUN: {
      if (in.ip == nullptr || ntohl(in.ip->daddr) >> 28 >= 0xe || in.start == 0x5253502f)
        return false;
      const bool sized = (in.start & 0xffff) + 20 == size && in.start >> 16 != 0;
      if (size < 20 ? flow.stun.num_udp_pkts > 0 : size < 512 && sized) return false;
      if (flow.stun.num_udp_pkts >= 3) exclude(protocol);
      if (flow.packet_counter > 0)
        flow.excluded_protocol_bitmask.fds_bits[NDPI_PROTOCOL_RTP / 32] &=
            ~(1U << NDPI_PROTOCOL_RTP % 32);
      return true;
    }
    case NDPI_PROTOCOL_TINC:  // known only from what TCP connections told of
      exclude(protocol);
      return true;
    case NDPI_PROTOCOL_VHUA:
      if (flow.packet_counter > 3 || size < 9) {
        exclude(protocol);
        return true;
      }
      return b0 != 5;
    case NDPI_PROTOCOL_XBOX:
      if (in.start == 0 || in.port(3074)) return false;
      if (NDPI_COMPARE_PROTOCOL_TO_BITMASK(flow.excluded_protocol_bitmask, NDPI_PROTOCOL_HTTP) != 0)
        exclude(protocol);
      return true;
    default:
      return false;
  }
}

inline constexpr std::uint16_t kPassable[] = {
    NDPI_PROTOCOL_CISCOVPN, NDPI_PROTOCOL_CSGO,  NDPI_PROTOCOL_DNS,    NDPI_PROTOCOL_DNSCRYPT,
    NDPI_PROTOCOL_DTLS,     NDPI_PROTOCOL_H323,  NDPI_PROTOCOL_IMO,    NDPI_PROTOCOL_JABBER,
    NDPI_PROTOCOL_OPENVPN,  NDPI_PROTOCOL_QQ,    NDPI_PROTOCOL_RADIUS, NDPI_PROTOCOL_RTP,
    NDPI_PROTOCOL_SIP,      NDPI_PROTOCOL_STEAM, NDPI_PROTOCOL_STUN,   NDPI_PROTOCOL_TINC,
    NDPI_PROTOCOL_VHUA,     NDPI_PROTOCOL_XBOX};

}  // namespace gnomon::flow
