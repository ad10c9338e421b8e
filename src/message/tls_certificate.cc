#include "gnomon/message/tls_certificate.h"

#include <algorithm>
#include <string>

#include "gnomon/bytes/ascii.h"

namespace gnomon::message {
namespace {

constexpr std::uint8_t kHandshakeRecord = 22;
constexpr std::uint8_t kServerHelloMessage = 2;
constexpr std::uint8_t kCertificateMessage = 11;
constexpr std::size_t kMessagesBytesMax = std::size_t{48} * 1024;  // hello and certificate

// X.690: identifier and length octets.
constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kOctets = 0x04;
constexpr std::uint8_t kObjectId = 0x06;
constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kSet = 0x31;
constexpr std::uint8_t kVersion = 0xa0;
constexpr std::uint8_t kExtensions = 0xa3;
constexpr std::uint8_t kDnsName = 0x82;  // GeneralName [2] IA5String

constexpr std::array<std::uint8_t, 3> kSubjectAltName{0x55, 0x1d, 0x11};
constexpr std::array<std::uint8_t, 3> kCommonName{0x55, 0x04, 0x03};

struct Value {
  std::uint8_t tag = 0;
  Bytes bytes;
};

// Lengths of indefinite form and tags of several bytes are not DER of certificates.
Value read_value(ByteReader& in) {
  Value value;
  value.tag = in.u8();
  std::size_t length = in.u8();
  if ((value.tag & 0x1f) == 0x1f || length == 0x80 || length > 0x83) {
    in.fail();
    return {};
  }
  if (length == 0x81) {
    length = in.u8();
  } else if (length == 0x82) {
    length = in.u16();
  } else if (length == 0x83) {
    length = in.u24();
  }
  value.bytes = in.take(length);
  return value;
}

// The inside of the next value, which must have this tag.
ByteReader enter(ByteReader& in, std::uint8_t tag) {
  const Value value = read_value(in);
  if (value.tag != tag) in.fail();
  return ByteReader{in.ok() ? value.bytes : Bytes{}};
}

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_host_name(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (name.empty() || name.size() > 253 || name.front() == '.' || name.find('.') == name.npos ||
      name.find("..") != name.npos)
    return false;
  bool letter = false;  // an address is no name
  for (const char c : name) {
    const bool alpha = is_letter(c);
    letter = letter || alpha;
    if (!alpha && !is_digit(c) && c != '-' && c != '.' && c != '_') return false;
  }
  return letter;
}

void add(CertificateNames& names, std::string_view name) {
  if (!is_host_name(name)) return;
  ++names.total;
  if (names.count < CertificateNames::kNamesMax) names.names[names.count++] = name;
}

// RDNSequence: of the last common name, the most particular one, the text.
std::string_view common_name_of(ByteReader subject) {
  std::string_view name;
  while (!subject.at_end()) {
    ByteReader set = enter(subject, kSet);
    while (!set.at_end()) {
      ByteReader attribute = enter(set, kSequence);
      const Value type = read_value(attribute);
      const Value value = read_value(attribute);
      if (!attribute.ok()) break;
      if (type.tag == kObjectId && std::ranges::equal(type.bytes, kCommonName))
        name = text_of(value.bytes);
    }
  }
  return name;
}

void read_extensions(ByteReader extensions, CertificateNames& names) {
  while (!extensions.at_end()) {
    ByteReader extension = enter(extensions, kSequence);
    const Value id = read_value(extension);
    Value value = read_value(extension);
    if (value.tag != kOctets) value = read_value(extension);  // `critical` stood before
    if (!extension.ok() || value.tag != kOctets) continue;
    if (id.tag != kObjectId || !std::ranges::equal(id.bytes, kSubjectAltName)) continue;
    ByteReader octets{value.bytes};
    ByteReader general_names = enter(octets, kSequence);
    while (!general_names.at_end()) {
      const Value name = read_value(general_names);
      if (general_names.ok() && name.tag == kDnsName) add(names, text_of(name.bytes));
    }
  }
}

bool equal_in_lower(std::string_view name, std::string_view lowered) {
  return std::equal(name.begin(), name.end(), lowered.begin(), lowered.end(),
                    [](char a, char b) { return to_lower(a) == b; });
}

std::string_view bare(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (name.size() > 4 && equal_in_lower(name.substr(0, 4), "www.") &&
      name.find('.', 4) != name.npos)
    name.remove_prefix(4);
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

}  // namespace

// Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }
// TBSCertificate ::= SEQUENCE { [0] version OPTIONAL, serialNumber, signature, issuer, validity,
//     subject, subjectPublicKeyInfo, [1] and [2] OPTIONAL, [3] extensions OPTIONAL }
std::optional<CertificateNames> parse_certificate(Bytes der) {
  ByteReader in{der};
  ByteReader certificate = enter(in, kSequence);
  ByteReader body = enter(certificate, kSequence);
  Value next = read_value(body);
  if (next.tag == kVersion) next = read_value(body);
  if (next.tag != kInteger) return std::nullopt;
  enter(body, kSequence);  // signature
  enter(body, kSequence);  // issuer
  enter(body, kSequence);  // validity
  const ByteReader subject = enter(body, kSequence);
  enter(body, kSequence);  // subjectPublicKeyInfo
  if (!in.ok() || !certificate.ok() || !body.ok()) return std::nullopt;

  CertificateNames names;
  while (!body.at_end()) {
    const Value value = read_value(body);
    if (!body.ok() || value.tag != kExtensions) continue;
    ByteReader outer{value.bytes};
    read_extensions(enter(outer, kSequence), names);
  }
  if (names.total == 0) add(names, common_name_of(subject));
  return names;
}

CertificateReading read_server_certificate(Bytes stream, TlsScratch& scratch) {
  std::vector<std::uint8_t>& messages = scratch.bytes();
  messages.clear();
  ByteReader in{stream};
  for (;;) {
    // What has come: hello, certificate's head, list's and certificate's length, certificate.
    ByteReader ready{messages};
    const std::uint8_t first = ready.u8();
    ready.take(ready.u24());
    const bool hello_whole = ready.ok();
    const std::uint8_t second = ready.u8();
    const bool second_known = ready.ok();
    ready.u24();
    ready.u24();
    const std::size_t length = ready.u24();
    const Bytes der = ready.take(length);
    if (ready.ok()) {
      if (second != kCertificateMessage) return TlsNotMine{};
      const auto names = parse_certificate(der);
      if (!names) return TlsNotMine{};
      return *names;
    }
    if (!messages.empty() && first != kServerHelloMessage) return TlsNotMine{};
    if (hello_whole && second_known && second != kCertificateMessage) return TlsNotMine{};
    if (messages.size() > kMessagesBytesMax) return TlsNotMine{};

    const std::size_t at = stream.size() - in.remaining();
    if (in.remaining() < 5) return TlsNotYet{at + 5 + 1};
    const std::uint8_t type = in.u8();
    const std::uint16_t version = in.u16();
    const std::size_t size = in.u16();
    if (type != kHandshakeRecord || version < 0x0300 || version > 0x0303 || size == 0)
      return TlsNotMine{};
    const Bytes fragment = in.take(size);
    if (!in.ok()) return TlsNotYet{at + 5 + size};
    messages.insert(messages.end(), fragment.begin(), fragment.end());
  }
}

std::string_view certificate_host(std::span<const std::string_view> names, std::string& host) {
  std::string_view shortest;
  for (const std::string_view name : names) {
    const std::string_view each = bare(name);
    if (shortest.empty() || each.size() < shortest.size()) shortest = each;
  }
  host.assign(shortest);
  std::transform(host.begin(), host.end(), host.begin(), to_lower);
  for (const std::string_view name : names) {
    const std::string_view each = bare(name);
    if (each.size() == host.size() && equal_in_lower(each, host)) continue;
    if (each.size() <= host.size() || each[each.size() - host.size() - 1] != '.' ||
        !equal_in_lower(each.substr(each.size() - host.size()), host)) {
      host.clear();
      break;
    }
  }
  return host;
}

bool certificate_covers(std::string_view name, std::string_view host) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (!name.starts_with("*.")) return equal_in_lower(name, host);
  const std::size_t dot = host.find('.');
  return dot != host.npos && dot > 0 && equal_in_lower(name.substr(1), host.substr(dot));
}

}  // namespace gnomon::message
