#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gnomon/message/client_hello.h"

// JA4, the TLS client fingerprint by FoxIO (technical_details/JA4.md; BSD 3-Clause). The rest of
// that family is licensed otherwise and is not here.
namespace gnomon::message {

enum class HelloTransport : char { kTcp = 't', kQuic = 'q' };

// "t13d1516h2_8daaf6152771_e5627efa2ab1"
struct Ja4 {
  std::array<char, 36> text{};
  [[nodiscard]] std::string_view view() const { return {text.data(), text.size()}; }
  bool operator==(const Ja4&) const = default;
};

// Cipher suites, extensions, or signature algorithms of a hello that is fingerprinted. A longer
// list has no fingerprint.
inline constexpr std::size_t kJa4ValuesMax = 512;

// Nothing for a hello that is partial or of SSLv2's form. Half a microsecond; allocates nothing.
std::optional<Ja4> ja4_of(const ClientHello& hello, HelloTransport transport);

}  // namespace gnomon::message
