#pragma once

#include <string_view>

#include "gnomon/bytes/byte_reader.h"

namespace gnomon::content {

// What a file in DER is by the beginning of its structure: "der-key", a private key that nothing
// protects (PKCS#8, RFC 5958; PKCS#1, RFC 8017; EC, RFC 5915), or "pkcs12", a store of keys and
// certificates (RFC 7292). Empty of anything else: certificates, requests, encrypted keys.
std::string_view der_kind(Bytes head);

}  // namespace gnomon::content
