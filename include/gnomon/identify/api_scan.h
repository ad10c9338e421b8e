#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/time.h"

namespace gnomon::identify {

class ApiKnowledge;

// Follows both bodies of one exchange as they come and keeps of them only what signatures ask for:
// names of models and tools, counts of tokens, versions, which keys were there. No text of a prompt
// or answer is kept beyond the piece in hand. Bounded (kBytesMax), meant to be pooled; one thread.
//
// How to use it: begin(), then request() and response() with the bodies after transfer- and
// content-decoding, piece by piece in order; of a WebSocket, each whole message once. Bodies in
// other codings than identity that cannot be decoded are not given. Then ApiReader::read().
class ApiScan {
 public:
  ApiScan();
  ~ApiScan();
  ApiScan(ApiScan&&) noexcept;
  ApiScan& operator=(ApiScan&&) noexcept;

  static constexpr std::size_t kBytesMax = 48 * 1024;

  // Another exchange. `knowledge` outlives the scan.
  void begin(const ApiKnowledge& knowledge);
  void request(std::string_view bytes, Time time);
  void response(std::string_view bytes, Time time);
  // Bytes are missing here: what follows is looked at from its next line on.
  void request_gap();
  void response_gap();

  // Nothing of it is asked for any more: what is more than most exchanges need goes back to the system.
  void let_go();

  [[nodiscard]] std::size_t memory_bytes() const;

  struct State;  // api_scan_state.h: for ApiReader

 private:
  friend class ApiReader;
  State* state_;
};

}  // namespace gnomon::identify
