#include "gnomon/message/client_hello.h"

namespace gnomon::message {
namespace {

constexpr std::uint8_t kHostName = 0;

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Bytes whole_pairs(Bytes bytes) { return bytes.first(bytes.size() & ~std::size_t{1}); }

// struct { NameType name_type; opaque HostName<1..2^16-1>; } ServerName;
// ServerName server_name_list<1..2^16-1>;
//
// A name is also taken when only what follows it is missing. Further names, which RFC 6066 forbids,
// are kept apart.
bool read_server_name(Bytes extension, ClientHello& hello) {
  ByteReader in{extension};
  if (in.at_end()) return true;  // an empty extension: servers answer so, and some clients ask so
  const std::size_t list_length = in.u16();
  const bool honest = in.ok() && list_length <= in.remaining();
  ByteReader list{in.take(honest ? list_length : in.remaining())};
  while (!list.at_end()) {
    const std::uint8_t type = list.u8();
    const Bytes name = list.take(list.u16());
    if (!list.ok()) return false;
    if (type == kHostName && hello.server_name.empty())
      hello.server_name = as_text(name);
    else if (!name.empty() && hello.further_name_count < hello.further_names.size())
      hello.further_names[hello.further_name_count++] = as_text(name);
  }
  return honest;
}

// opaque ProtocolName<1..2^8-1>; ProtocolName protocol_name_list<2..2^16-1>;
bool read_alpn(Bytes extension, ClientHello& hello) {
  ByteReader in{extension};
  const Bytes names = in.take(in.u16());
  if (!in.ok()) return false;
  ByteReader list{names};
  while (!list.at_end()) {
    const Bytes name = list.take(list.u8());
    if (!list.ok()) return false;
    if (hello.alpn_count < hello.alpn.size()) hello.alpn[hello.alpn_count] = as_text(name);
    ++hello.alpn_count;
  }
  hello.alpn_list = names;
  return true;
}

// ProtocolVersion versions<2..254>;
bool read_supported_versions(Bytes extension, ClientHello& hello) {
  ByteReader in{extension};
  const Bytes versions = in.take(in.u8());
  if (!in.ok()) return false;
  hello.supported_versions = whole_pairs(versions);
  return true;
}

// SignatureScheme supported_signature_algorithms<2..2^16-2>;
bool read_signature_algorithms(Bytes extension, ClientHello& hello) {
  ByteReader in{extension};
  const Bytes algorithms = in.take(in.u16());
  if (!in.ok()) return false;
  hello.signature_algorithms = whole_pairs(algorithms);
  return true;
}

// False when the contents lied. Of a repeated extension the first counts.
bool read_extension(TlsExtension type, Bytes contents, ClientHello& hello) {
  switch (type) {
    case TlsExtension::kServerName:
      hello.has_server_name = true;
      return read_server_name(contents, hello);
    case TlsExtension::kAlpn:
      if (hello.has_alpn) return true;
      hello.has_alpn = true;
      return read_alpn(contents, hello);
    case TlsExtension::kSupportedVersions:
      return !hello.supported_versions.empty() || read_supported_versions(contents, hello);
    case TlsExtension::kSignatureAlgorithms:
      return !hello.signature_algorithms.empty() || read_signature_algorithms(contents, hello);
    case TlsExtension::kEncryptedClientHello:
      if (!hello.has_ech) hello.encrypted_client_hello = contents;
      hello.has_ech = true;
      return true;
    case TlsExtension::kQuicTransportParameters:
    case TlsExtension::kQuicTransportParametersDraft:
      if (!hello.has_quic_transport_parameters) hello.quic_transport_parameters = contents;
      hello.has_quic_transport_parameters = true;
      return true;
    case TlsExtension::kEarlyData:
      hello.has_early_data = true;
      return true;
    case TlsExtension::kPreSharedKey:
      hello.has_pre_shared_key = true;
      return true;
    case TlsExtension::kCookie:
      hello.has_cookie = true;
      return true;
    case TlsExtension::kKeyShare:
      hello.has_key_share = true;
      return true;
    case TlsExtension::kSupportedGroups:
      return true;
  }
  return true;
}

// Fixed fields and lists before the extensions (RFC 8446 §4.1.2). False when they are not there.
bool read_before_extensions(ByteReader& in, ClientHello& hello) {
  hello.legacy_version = in.u16();
  hello.random = in.take(32);
  hello.session_id = in.take(in.u8());
  const Bytes suites = in.take(in.u16());
  hello.cipher_suites = whole_pairs(suites);
  in.take(in.u8());  // legacy_compression_methods
  return in.ok() && hello.session_id.size() <= 32 && suites.size() % 2 == 0;
}

}  // namespace

std::uint16_t ClientHello::best_version() const {
  std::uint16_t best = 0;
  ByteReader in{supported_versions};
  while (!in.at_end()) {
    const std::uint16_t version = in.u16();
    if (!is_tls_grease(version) && version > best) best = version;
  }
  return best != 0 ? best : legacy_version;
}

std::optional<ClientHello> parse_client_hello(Bytes body) {
  ByteReader in{body};
  ClientHello hello;
  if (!read_before_extensions(in, hello)) return std::nullopt;
  if (in.at_end()) return hello;  // extensions are optional before TLS 1.3

  hello.extensions = in.take(in.u16());
  if (!in.ok()) return std::nullopt;
  hello.malformed = !in.at_end();

  ByteReader extensions{hello.extensions};
  while (!extensions.at_end()) {
    const TlsExtension type{extensions.u16()};
    const Bytes contents = extensions.take(extensions.u16());
    if (!extensions.ok() || ++hello.extension_count > kHelloExtensionsMax) return std::nullopt;
    if (!read_extension(type, contents, hello)) hello.malformed = true;
  }
  return hello;
}

std::optional<ClientHello> parse_partial_client_hello(Bytes body) {
  ByteReader in{body};
  ClientHello hello;
  hello.partial = true;
  hello.legacy_version = in.u16();
  hello.random = in.take(32);
  hello.session_id = in.take(in.u8());
  const Bytes suites = in.take(in.u16());
  if (!in.ok() || hello.session_id.size() > 32 || suites.size() % 2 != 0) return std::nullopt;
  hello.cipher_suites = suites;

  in.take(in.u8());
  const std::size_t promised = in.u16();
  if (!in.ok()) return hello;
  hello.extensions = in.take(promised < in.remaining() ? promised : in.remaining());
  ByteReader extensions{hello.extensions};
  while (!extensions.at_end() && hello.extension_count < kHelloExtensionsMax) {
    const TlsExtension type{extensions.u16()};
    const std::size_t length = extensions.u16();
    if (!extensions.ok()) break;
    ++hello.extension_count;
    if (length > extensions.remaining()) {
      // Cut off here. A name may still be whole.
      if (type == TlsExtension::kServerName && !extensions.at_end())
        read_extension(type, extensions.take(extensions.remaining()), hello);
      break;
    }
    if (!read_extension(type, extensions.take(length), hello)) hello.malformed = true;
  }
  return hello;
}

std::string_view tls_version_name(std::uint16_t version) {
  switch (version) {
    case 0x0002:
      return "SSL 2.0";
    case 0x0300:
      return "SSL 3.0";
    case 0x0301:
      return "TLS 1.0";
    case 0x0302:
      return "TLS 1.1";
    case 0x0303:
      return "TLS 1.2";
    case 0x0304:
      return "TLS 1.3";
    default:
      // RFC 8446's drafts, and Facebook's, all of which are 1.3 on the wire.
      return (version >> 8) == 0x7f || (version >> 8) == 0xfb ? "TLS 1.3 draft"
                                                              : std::string_view{};
  }
}

}  // namespace gnomon::message
