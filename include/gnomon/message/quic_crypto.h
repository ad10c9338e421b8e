#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/result.h"
#include "gnomon/message/quic_version.h"

// The protection of QUIC's Initial packets (RFC 9001 §5). It hides nothing from an observer, as the
// keys follow from a connection id that is sent in the clear.
namespace gnomon::message {

// RFC 9000 §17.2: "exceeding 20 bytes" is an error in version 1; drafts and version 2 agree.
inline constexpr std::size_t kQuicConnectionIdBytesMax = 20;

struct QuicInitialKeys {
  std::array<std::uint8_t, 16> key{};
  std::array<std::uint8_t, 12> iv{};
  std::array<std::uint8_t, 16> header_protection{};
};

// Which end's packets keys are for.
enum class QuicSender : std::uint8_t { kClient, kServer };

// Derives keys and opens packets. Holds OpenSSL's contexts and room for one packet, some 130 KiB:
// one per thread, made once.
class QuicCrypto {
 public:
  static Result<QuicCrypto> create();
  QuicCrypto(QuicCrypto&&) noexcept;
  QuicCrypto& operator=(QuicCrypto&&) noexcept;
  ~QuicCrypto();

  // Of the connection whose client first chose `destination_connection_id` (RFC 9001 §5.2), at
  // most kQuicConnectionIdBytesMax bytes.
  [[nodiscard]] QuicInitialKeys initial_keys(QuicSalt salt, Bytes destination_connection_id,
                                             QuicSender sender = QuicSender::kClient) const;

  // Takes the protection off a long-header packet: from its first byte to the end that its length
  // field gives; the packet number begins at `number_offset`. The payload is valid until the next
  // call; nothing when the keys are not its own or the packet is damaged.
  std::optional<Bytes> open(const QuicInitialKeys& keys, Bytes packet, std::size_t number_offset);

 private:
  struct State;
  explicit QuicCrypto(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace gnomon::message
