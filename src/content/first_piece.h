#pragma once

#include <cstdint>

#include "gnomon/bytes/sha256.h"

namespace gnomon::content {

// What an upload began with, to tell whether another piece is the same: its length and hash. One
// piece is followed at a time; one that did not come whole gives its place to the next.
class FirstPiece {
 public:
  void begin(std::uint64_t piece) {
    if (whole_ || piece_ != 0) return;
    piece_ = piece;
    bytes_ = 0;
    holed_ = false;
    sha256_.start();
  }
  void add(std::uint64_t piece, Bytes bytes) {
    if (piece_ == 0 || piece != piece_) return;
    sha256_.add(bytes);
    bytes_ += bytes.size();
  }
  void miss(std::uint64_t piece) { holed_ = holed_ || piece == piece_; }
  void end(std::uint64_t piece, bool complete) {
    if (piece_ == 0 || piece != piece_) return;
    piece_ = 0;
    digest_ = sha256_.finish();
    whole_ = complete && !holed_ && bytes_ > 0;
  }

  [[nodiscard]] bool whole() const { return whole_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] bool same(const FirstPiece& other) const {
    return whole_ && other.whole_ && bytes_ == other.bytes_ && digest_ == other.digest_;
  }

 private:
  std::uint64_t piece_ = 0;  // while it is open
  std::uint64_t bytes_ = 0;
  Sha256 sha256_;
  Sha256Digest digest_{};
  bool holed_ = false;
  bool whole_ = false;
};

}  // namespace gnomon::content
