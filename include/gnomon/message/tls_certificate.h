#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/tls_records.h"

// The names in the certificate of a server that speaks TLS 1.2 or older; TLS 1.3 encrypts it.
namespace gnomon::message {

struct CertificateNames {
  static constexpr std::size_t kNamesMax = 16;

  // dNSNames of subjectAltName in their order, else the subject's common name where it is a host
  // name. As written: any case, perhaps "*." before. Views into the stream or the scratch.
  std::array<std::string_view, kNamesMax> names{};
  std::size_t count = 0;
  std::size_t total = 0;  // host names there were; those beyond kNamesMax are not kept

  [[nodiscard]] std::span<const std::string_view> all() const {
    return std::span{names}.first(count);
  }
};

// X.509 (RFC 5280 4.1) in DER; nothing but its form is checked. Names with bytes that no host name
// has are left out.
std::optional<CertificateNames> parse_certificate(Bytes der);

using CertificateReading = std::variant<TlsNotMine, TlsNotYet, CertificateNames>;

// Reads the first certificate behind the ServerHello from a server's contiguous bytes that begin
// with the record that holds that hello. Not mine: a resumed session, TLS 1.3, what is no TLS.
CertificateReading read_server_certificate(Bytes stream, TlsScratch& scratch);

// The one host that the names stand for: the shortest, when all others are under it or it without
// "www."; else nothing, as a certificate of many hosts does not tell which. In lower case, without
// "*.". `host` holds what is returned.
std::string_view certificate_host(std::span<const std::string_view> names, std::string& host);

// True when a certificate with this name is good for the host (RFC 6125 6.4.3: a "*" stands for the
// leftmost label). `host` is in lower case.
bool certificate_covers(std::string_view name, std::string_view host);

}  // namespace gnomon::message
