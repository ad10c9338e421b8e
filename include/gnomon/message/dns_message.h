#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/ip_address.h"

// DNS messages (RFC 1035), and multicast DNS (RFC 6762) and LLMNR (RFC 4795), which share the
// format.
namespace gnomon::message {

inline constexpr std::size_t kDnsHeaderBytes = 12;
inline constexpr std::size_t kDnsMessageBytesMax = 65'535;  // over TCP and HTTP, RFC 1035 §4.2.2
inline constexpr std::size_t kDnsNameBytesMax = 255;  // on the wire, RFC 1035 §2.3.4
inline constexpr std::size_t kDnsQuestionsMax = 64;   // of one message; the rest is not read
inline constexpr std::size_t kDnsRecordsMax = 1024;   // over all sections; the rest is not read
inline constexpr std::size_t kDnsHexBytesMax = 64;    // of RDATA of a type that is not read
inline constexpr std::size_t kDnsTextBytesMax = std::size_t{128} * 1024;  // of names, as text

// Of the types (IANA), those that are read or named in code.
enum DnsType : std::uint16_t {
  kDnsA = 1,
  kDnsNs = 2,
  kDnsCname = 5,
  kDnsSoa = 6,
  kDnsPtr = 12,
  kDnsMx = 15,
  kDnsTxt = 16,
  kDnsAaaa = 28,
  kDnsSrv = 33,
  kDnsDname = 39,
  kDnsOpt = 41,
  kDnsSvcb = 64,
  kDnsHttps = 65,
};

enum class DnsSection : std::uint8_t { kAnswer, kAuthority, kAdditional };

struct DnsQuestion {
  std::string_view name;
  std::uint16_t type = 0;
  std::uint16_t klass = 0;
};

// Names are their labels' bytes as sent, in their case, joined by dots and without one at the end;
// the root is "<Root>", as Wireshark writes it. Nothing is escaped: that is for whoever prints.
struct DnsRecord {
  std::string_view name;
  DnsSection section = DnsSection::kAnswer;
  std::uint16_t type = 0;
  std::uint16_t klass = 0;  // of multicast DNS without its cache-flush bit
  std::uint32_t ttl = 0;
  Bytes data;         // RDATA as sent
  IpAddress address;  // A, AAAA
  // CNAME, DNAME, NS, PTR: the name; MX, SRV: the host; SOA: MNAME; SVCB, HTTPS: TargetName; TXT:
  // the first string.
  std::string_view target;
  std::uint16_t priority = 0;  // SVCB, HTTPS, SRV, MX
  std::uint16_t port = 0;      // SRV; SVCB, HTTPS: the port parameter, 0 when absent
  // SVCB, HTTPS (RFC 9460), empty when absent.
  std::string_view alpn;  // "h3,h2"
  Bytes ipv4_hint;        // 4 bytes each
  Bytes ipv6_hint;        // 16 bytes each
  bool has_ech = false;
  std::string_view ech_public_name;  // of the first ECHConfig that was understood
};

// One message. Reused from message to message: its storage grows to what was needed and stays. The
// views point into it and into the bytes that were parsed.
class DnsMessage {
 public:
  DnsMessage();
  DnsMessage(const DnsMessage&) = delete;
  DnsMessage& operator=(const DnsMessage&) = delete;

  std::vector<DnsQuestion> questions;
  std::vector<DnsRecord> records;  // in order, of all sections; OPT among them
  std::uint16_t id = 0;
  std::uint8_t opcode = 0;
  std::uint16_t rcode = 0;  // with the upper bits of OPT (RFC 6891 §6.1.3)
  bool response = false;
  bool authoritative = false;
  bool truncated_flag = false;  // TC: the server says that more was to be said
  bool whole = false;           // every announced record was read; else those before the damage

  // Small letters in all names and texts of the message, in place. For names as keys; leave it for
  // multicast DNS, whose names are shown to people.
  void lower_names();

 private:
  friend class DnsParser;
  std::unique_ptr<std::array<char, kDnsTextBytesMax>> text_;
  std::size_t text_used_ = 0;
};

// Reads a message into `out`. False when not even a header and the first announced question or
// record are there; `out` then holds nothing. A damaged or cut message gives what stood before the
// damage, with `whole` false. Questions and records with a name of more than kDnsNameBytesMax
// bytes, or with a pointer that leads nowhere, are left out, and those after them read.
bool parse_dns(Bytes bytes, DnsMessage& out);

// "application/dns-message" (RFC 8484 §6) in any case, with or without parameters.
bool is_dns_media_type(std::string_view content_type);

// A cheap test for ports other than 53: flags, counts and the first name are what DNS software
// sends. Strict: it refuses odd messages that parse_dns reads.
bool dns_looks_plausible(Bytes bytes);

// "A", "HTTPS", "TYPE65000" (RFC 3597 §5). The latter into `scratch`.
std::string_view dns_type_name(std::uint16_t type, std::string& scratch);
// "NOERROR", "NXDOMAIN", "RCODE4095". The latter into `scratch`.
std::string_view dns_rcode_name(std::uint16_t rcode, std::string& scratch);

// What a record says, as zone files write it, appended to `out`: address, name, "10 mail.example",
// "1 . alpn=h3,h2 port=8443 ipv4hint=192.0.2.1 ech=public.example"; hexadecimal (RFC 3597 §5, at
// most kDnsHexBytesMax bytes) for types that are not read.
void append_dns_data(const DnsRecord& record, std::string& out);

// "printer" of "printer.local" in any case: how a host calls itself in multicast DNS. Empty when
// the name is not of one label under .local, or is a service's ("_ipp.local").
std::string_view local_host_label(std::string_view name);

// Calls found(host, address) for each A and AAAA record, outside the authority section, of a
// response by which a host names itself (RFC 6762 §8.3).
template <class Found>
void for_each_local_host(const DnsMessage& message, Found&& found) {
  if (!message.response) return;
  for (const DnsRecord& record : message.records) {
    if (record.type != kDnsA && record.type != kDnsAaaa) continue;
    if (record.section == DnsSection::kAuthority) continue;
    const std::string_view host = local_host_label(record.name);
    if (!host.empty()) found(host, record.address);
  }
}

}  // namespace gnomon::message
