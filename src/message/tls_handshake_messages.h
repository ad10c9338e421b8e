#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gnomon/bytes/byte_reader.h"

namespace gnomon::message {

// RFC 8446 §4, RFC 5246 §7.4
enum class HandshakeType : std::uint8_t {
  kClientHello = 1,
  kServerHello = 2,
  kEndOfEarlyData = 5,
  kEncryptedExtensions = 8,
  kClientKeyExchange = 16,
  kFinished = 20,
  kKeyUpdate = 24,
};

// Handshake messages of one direction, put together from what records (or CRYPTO frames) hold.
// Keeps the bodies of those that are read further, and steps over certificates and the like.
class HandshakeMessages {
 public:
  static constexpr std::size_t kBodyBytesMax = std::size_t{64} * 1024;

  // Messages begin anew with the next byte.
  void reset() {
    header_bytes_ = 0;
    body_.clear();
    remaining_ = 0;
  }
  [[nodiscard]] bool at_boundary() const { return header_bytes_ == 0; }

  // on_bytes(type, bytes): of a message as they come, its header first. on_message(type, body): it
  // is whole; of those that are stepped over, `body` is empty.
  template <class OnBytes, class OnMessage>
  void feed(Bytes fragment, OnBytes on_bytes, OnMessage on_message) {
    while (!fragment.empty()) {
      if (header_bytes_ < header_.size()) {
        header_[header_bytes_++] = fragment.front();
        fragment = fragment.subspan(1);
        if (header_bytes_ < header_.size()) continue;
        remaining_ = static_cast<std::size_t>(header_[1]) << 16 |
                     static_cast<std::size_t>(header_[2]) << 8 | header_[3];
        kept_ = is_kept(type()) && remaining_ <= kBodyBytesMax;
        body_.clear();
        on_bytes(type(), Bytes{header_});
      }
      const Bytes piece = fragment.first(std::min(remaining_, fragment.size()));
      fragment = fragment.subspan(piece.size());
      remaining_ -= piece.size();
      if (!piece.empty()) on_bytes(type(), piece);
      if (kept_) body_.insert(body_.end(), piece.begin(), piece.end());
      if (remaining_ > 0) continue;
      header_bytes_ = 0;
      on_message(type(), Bytes{body_});
    }
  }

  [[nodiscard]] std::size_t memory_bytes() const { return body_.capacity(); }

 private:
  [[nodiscard]] HandshakeType type() const { return HandshakeType{header_[0]}; }
  static bool is_kept(HandshakeType type) {
    return type == HandshakeType::kClientHello || type == HandshakeType::kServerHello ||
           type == HandshakeType::kEncryptedExtensions || type == HandshakeType::kClientKeyExchange;
  }

  std::array<std::uint8_t, 4> header_{};
  std::size_t header_bytes_ = 0;
  std::size_t remaining_ = 0;
  std::vector<std::uint8_t> body_;
  bool kept_ = false;
};

}  // namespace gnomon::message
