#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/message/client_hello.h"

// Hellos and records made to order, for the tests and fuzz targets beside.
namespace gnomon::message::samples {

using Octets = std::vector<std::uint8_t>;

inline void append(Octets& out, const Octets& more) {
  out.insert(out.end(), more.begin(), more.end());
}
inline void append_text(Octets& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}
inline void append_u16(Octets& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}
inline void append_u24(Octets& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 16));
  append_u16(out, value);
}
inline void append_u32(Octets& out, std::uint32_t value) {
  append_u16(out, value >> 16);
  append_u16(out, value);
}
inline Octets bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

inline Octets from_hex(std::string_view hex) {
  const auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Octets out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(nibble(hex[i]) << 4 | nibble(hex[i + 1])));
  return out;
}
inline std::string to_hex(Bytes bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 0xf];
  }
  return out;
}

inline Octets u16_list(const std::vector<std::uint16_t>& values) {
  Octets out;
  for (const std::uint16_t value : values) append_u16(out, value);
  return out;
}

inline Octets extension(std::uint16_t type, const Octets& body) {
  Octets out;
  append_u16(out, type);
  append_u16(out, body.size());
  append(out, body);
  return out;
}
inline Octets extension(TlsExtension type, const Octets& body) {
  return extension(static_cast<std::uint16_t>(type), body);
}

inline Octets server_name(std::string_view name) {
  Octets body;
  append_u16(body, name.size() + 3);
  body.push_back(0);
  append_u16(body, name.size());
  append_text(body, name);
  return extension(TlsExtension::kServerName, body);
}

inline Octets alpn(const std::vector<std::string>& names) {
  Octets list;
  for (const std::string& name : names) {
    list.push_back(static_cast<std::uint8_t>(name.size()));
    append_text(list, name);
  }
  Octets body;
  append_u16(body, list.size());
  append(body, list);
  return extension(TlsExtension::kAlpn, body);
}

inline Octets supported_versions(const std::vector<std::uint16_t>& versions) {
  Octets body{static_cast<std::uint8_t>(2 * versions.size())};
  append(body, u16_list(versions));
  return extension(TlsExtension::kSupportedVersions, body);
}

inline Octets signature_algorithms(const std::vector<std::uint16_t>& algorithms) {
  Octets body;
  append_u16(body, 2 * algorithms.size());
  append(body, u16_list(algorithms));
  return extension(TlsExtension::kSignatureAlgorithms, body);
}

inline Octets ech_outer(std::uint8_t config_id, std::size_t payload_bytes, std::uint16_t aead = 1) {
  Octets body{0};
  append_u16(body, 1);
  append_u16(body, aead);
  body.push_back(config_id);
  append_u16(body, 32);
  body.resize(body.size() + 32, 0x11);
  append_u16(body, payload_bytes);
  body.resize(body.size() + payload_bytes, 0x22);
  return extension(TlsExtension::kEncryptedClientHello, body);
}

struct HelloParts {
  std::vector<std::uint16_t> ciphers{0x1301, 0x1302};
  std::vector<Octets> extensions{};
  std::uint16_t version = 0x0303;
  std::size_t session_id_bytes = 32;
  bool with_extensions = true;
};

// The body, as parse_client_hello() takes it.
inline Octets hello_body(const HelloParts& parts) {
  Octets out;
  append_u16(out, parts.version);
  for (std::uint8_t i = 0; i < 32; ++i) out.push_back(i);
  out.push_back(static_cast<std::uint8_t>(parts.session_id_bytes));
  out.resize(out.size() + parts.session_id_bytes, 0x5a);
  append_u16(out, 2 * parts.ciphers.size());
  append(out, u16_list(parts.ciphers));
  out.push_back(1);
  out.push_back(0);
  if (!parts.with_extensions) return out;
  Octets extensions;
  for (const Octets& each : parts.extensions) append(extensions, each);
  append_u16(out, extensions.size());
  append(out, extensions);
  return out;
}

inline Octets handshake(std::uint8_t type, const Octets& body) {
  Octets out{type};
  append_u24(out, body.size());
  append(out, body);
  return out;
}

inline Octets record(std::uint8_t type, const Octets& fragment, std::uint16_t version = 0x0301) {
  Octets out{type};
  append_u16(out, version);
  append_u16(out, fragment.size());
  append(out, fragment);
  return out;
}

// `message` in handshake records of at most `fragment_bytes`.
inline Octets records(const Octets& message, std::size_t fragment_bytes) {
  Octets out;
  for (std::size_t at = 0; at < message.size(); at += fragment_bytes) {
    const std::size_t size = std::min(fragment_bytes, message.size() - at);
    const auto begin = message.begin() + static_cast<std::ptrdiff_t>(at);
    append(out, record(22, {begin, begin + static_cast<std::ptrdiff_t>(size)}));
  }
  return out;
}

// What a browser of today sends, key share of `key_bytes` included.
inline HelloParts browser_hello(std::string_view name, std::size_t key_bytes = 1216) {
  Octets key_share;
  append_u16(key_share, key_bytes + 4);
  append_u16(key_share, 0x11ec);
  append_u16(key_share, key_bytes);
  key_share.resize(key_share.size() + key_bytes, 0x33);
  HelloParts parts;
  parts.ciphers = {0x4a4a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                   0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
  parts.extensions = {
      extension(0x2a2a, {}),
      extension(TlsExtension::kKeyShare, key_share),
      supported_versions({0x6a6a, 0x0304, 0x0303}),
      signature_algorithms({0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601}),
      server_name(name),
      alpn({"h2", "http/1.1"}),
      ech_outer(42, 176)};
  return parts;
}

}  // namespace gnomon::message::samples
