// How DNS messages are written for people: names of types and codes, data as in zone files.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/hex.h"
#include "gnomon/message/dns_message.h"

namespace gnomon::message {
namespace {

// IANA, "Domain Name System (DNS) Parameters", sorted by number.
constexpr std::array<std::pair<std::uint16_t, std::string_view>, 49> kTypes{{
    {1, "A"},         {2, "NS"},          {5, "CNAME"},       {6, "SOA"},     {10, "NULL"},
    {11, "WKS"},      {12, "PTR"},        {13, "HINFO"},      {15, "MX"},     {16, "TXT"},
    {17, "RP"},       {18, "AFSDB"},      {24, "SIG"},        {25, "KEY"},    {28, "AAAA"},
    {29, "LOC"},      {33, "SRV"},        {35, "NAPTR"},      {36, "KX"},     {37, "CERT"},
    {39, "DNAME"},    {41, "OPT"},        {42, "APL"},        {43, "DS"},     {44, "SSHFP"},
    {45, "IPSECKEY"}, {46, "RRSIG"},      {47, "NSEC"},       {48, "DNSKEY"}, {49, "DHCID"},
    {50, "NSEC3"},    {51, "NSEC3PARAM"}, {52, "TLSA"},       {53, "SMIMEA"}, {55, "HIP"},
    {59, "CDS"},      {60, "CDNSKEY"},    {61, "OPENPGPKEY"}, {62, "CSYNC"},  {63, "ZONEMD"},
    {64, "SVCB"},     {65, "HTTPS"},      {99, "SPF"},        {249, "TKEY"},  {250, "TSIG"},
    {251, "IXFR"},    {252, "AXFR"},      {255, "ANY"},       {257, "CAA"},
}};

constexpr std::array<std::string_view, 12> kRcodes{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                                   "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                                   "NXRRSET", "NOTAUTH", "NOTZONE",  "DSOTYPENI"};

void append_number(std::uint64_t value, std::string& out) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

std::string_view numbered(std::string_view word, std::uint16_t number, std::string& scratch) {
  scratch.assign(word);
  append_number(number, scratch);
  return scratch;
}

void append_hints(std::string_view key, Bytes hints, std::size_t width, std::string& out) {
  if (hints.empty()) return;
  out += key;
  ByteReader in{hints};
  for (bool first = true; !in.at_end(); first = false) {
    const Bytes bytes = in.take(width);
    if (bytes.empty()) return;
    if (!first) out += ',';
    const IpAddress address =
        width == 4 ? IpAddress::v4(bytes.data()) : IpAddress::v6(bytes.data());
    out += address.to_string();
  }
}

// \# length hex (RFC 3597 §5)
void append_unknown(Bytes data, std::string& out) {
  out += "\\# ";
  append_number(data.size(), out);
  if (data.empty()) return;
  out += ' ';
  for (const std::uint8_t byte : data.first(std::min(data.size(), kDnsHexBytesMax)))
    append_hex(byte, out);
  if (data.size() > kDnsHexBytesMax) out += "...";
}

}  // namespace

std::string_view dns_type_name(std::uint16_t type, std::string& scratch) {
  const auto* const found = std::lower_bound(
      kTypes.begin(), kTypes.end(), type,
      [](const auto& entry, std::uint16_t wanted) { return entry.first < wanted; });
  if (found != kTypes.end() && found->first == type) return found->second;
  return numbered("TYPE", type, scratch);
}

std::string_view dns_rcode_name(std::uint16_t rcode, std::string& scratch) {
  if (rcode < kRcodes.size()) return kRcodes[rcode];
  if (rcode == 16) return "BADVERS";
  if (rcode == 23) return "BADCOOKIE";
  return numbered("RCODE", rcode, scratch);
}

void append_dns_data(const DnsRecord& record, std::string& out) {
  switch (record.type) {
    case kDnsA:
    case kDnsAaaa:
      out += record.address.to_string();
      return;
    case kDnsCname:
    case kDnsDname:
    case kDnsNs:
    case kDnsPtr:
    case kDnsSoa:
    case kDnsTxt:
      out += record.target;
      return;
    case kDnsMx:
      append_number(record.priority, out);
      out += ' ';
      out += record.target;
      return;
    case kDnsSrv:
      append_number(record.priority, out);
      out += ' ';
      append_number(record.port, out);
      out += ' ';
      out += record.target;
      return;
    case kDnsSvcb:
    case kDnsHttps:
      append_number(record.priority, out);
      out += ' ';
      out += record.target == "<Root>" ? "." : record.target;
      if (!record.alpn.empty()) (out += " alpn=") += record.alpn;
      if (record.port != 0) append_number(record.port, out += " port=");
      append_hints(" ipv4hint=", record.ipv4_hint, 4, out);
      if (record.has_ech) (out += " ech=") += record.ech_public_name;
      append_hints(" ipv6hint=", record.ipv6_hint, 16, out);
      return;
    default:
      append_unknown(record.data, out);
      return;
  }
}

std::string_view local_host_label(std::string_view name) {
  constexpr std::string_view kSuffix = ".local";
  if (name.size() <= kSuffix.size()) return {};
  const std::string_view label = name.substr(0, name.size() - kSuffix.size());
  const std::string_view suffix = name.substr(label.size());
  const bool local = std::equal(suffix.begin(), suffix.end(), kSuffix.begin(),
                                [](char a, char b) { return to_lower(a) == b; });
  if (!local || label.front() == '_' || label.find('.') != std::string_view::npos) return {};
  return label;
}

}  // namespace gnomon::message
