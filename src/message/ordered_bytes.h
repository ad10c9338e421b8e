#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "gnomon/bytes/byte_reader.h"

namespace gnomon::message {

// Bytes that carry their offset, put in order: of QUIC's streams and its CRYPTO frames. What comes
// in order is handed on at once and never copied; what comes twice is read once.
class OrderedBytes {
 public:
  void clear() {
    waiting_.clear();
    next_ = waiting_bytes_ = 0;
  }
  [[nodiscard]] std::uint64_t next() const { return next_; }
  // What waits takes, some room for each piece included; 0 when nothing does.
  [[nodiscard]] std::size_t waiting_bytes() const { return waiting_bytes_; }

  template <class OnBytes>
  void add(std::uint64_t offset, Bytes bytes, OnBytes on_bytes) {
    if (offset < next_) {
      const std::uint64_t known = next_ - offset;
      if (known >= bytes.size()) return;
      bytes = bytes.subspan(static_cast<std::size_t>(known));
      offset = next_;
    }
    if (bytes.empty()) return;
    if (offset > next_) {
      keep(offset, bytes);
      return;
    }
    next_ += bytes.size();
    on_bytes(bytes);
    drain(on_bytes);
  }

  // Gives up the hole at the front. Its size; 0 when nothing waits.
  template <class OnBytes>
  std::uint64_t skip_hole(OnBytes on_gap_then_bytes) {
    if (waiting_.empty()) return 0;
    const std::uint64_t hole = waiting_.begin()->first - next_;
    next_ += hole;
    on_gap_then_bytes(hole, Bytes{});
    drain([&](Bytes bytes) { on_gap_then_bytes(0, bytes); });
    return hole;
  }

 private:
  static constexpr std::size_t kPieceBytes = 96;  // about what the table takes for one

  void keep(std::uint64_t offset, Bytes bytes) {
    // Cut off what neighbours hold already, and fill the holes between them.
    auto after = waiting_.upper_bound(offset);
    if (after != waiting_.begin()) {
      const auto before = std::prev(after);
      const std::uint64_t end = before->first + before->second.size();
      if (end > offset) {
        const std::uint64_t known = end - offset;
        if (known >= bytes.size()) return;
        bytes = bytes.subspan(static_cast<std::size_t>(known));
        offset = end;
      }
    }
    while (!bytes.empty()) {
      after = waiting_.lower_bound(offset);
      std::size_t size = bytes.size();
      if (after != waiting_.end())
        size = static_cast<std::size_t>(std::min<std::uint64_t>(size, after->first - offset));
      if (size > 0) {
        const Bytes piece = bytes.first(size);
        waiting_.emplace_hint(after, offset, std::vector<std::uint8_t>{piece.begin(), piece.end()});
        waiting_bytes_ += size + kPieceBytes;
        offset += size;
        bytes = bytes.subspan(size);
      }
      if (bytes.empty() || after == waiting_.end()) return;
      const std::size_t known = std::min(after->second.size(), bytes.size());
      offset += known;
      bytes = bytes.subspan(known);
    }
  }

  template <class OnBytes>
  void drain(OnBytes on_bytes) {
    while (!waiting_.empty() && waiting_.begin()->first <= next_) {
      auto first = waiting_.extract(waiting_.begin());
      const std::vector<std::uint8_t>& bytes = first.mapped();
      waiting_bytes_ -= bytes.size() + kPieceBytes;
      const std::uint64_t known = next_ - first.key();
      if (known >= bytes.size()) continue;
      const Bytes fresh = Bytes{bytes}.subspan(static_cast<std::size_t>(known));
      next_ += fresh.size();
      on_bytes(fresh);
    }
  }

  std::map<std::uint64_t, std::vector<std::uint8_t>> waiting_;  // never overlapping
  std::uint64_t next_ = 0;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace gnomon::message
