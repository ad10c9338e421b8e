#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/http_field_block.h"

struct nghttp2_hd_inflater;

namespace gnomon::message {

// Decodes header blocks of one direction of an HTTP/2 connection (HPACK, RFC 7541), by nghttp2.
//
// When the connection was not read from its start, or something of it was missed, the table of
// earlier fields is not known. Entries are counted from the newest, so what is added from then on
// is known again: the block is then taken apart here, references to what was missed are left out,
// and the rest is decoded. Such a block is partial.
class HpackDecoder {
 public:
  // Table sizes that a peer allows are followed up to this.
  static constexpr std::size_t kTableBytesMax = std::size_t{64} * 1024;

  // `from_start`: the first block to come is the first of its connection.
  void reset(bool from_start);
  // It turns out to be, after reset(false).
  void start_over();
  // Blocks were missed, or one was not whole.
  void lose();
  // The receiver of the blocks said how large the table may be (SETTINGS_HEADER_TABLE_SIZE).
  void allow_table(std::size_t bytes);

  // Adds the fields of a whole block. False when the block is broken; what could be read of it was
  // added, and the block is marked partial.
  bool decode(Bytes block, HttpFieldBlock& fields);

  [[nodiscard]] bool exact() const { return exact_; }

 private:
  struct Free {
    void operator()(nghttp2_hd_inflater* inflater) const noexcept;
  };

  void start();
  bool inflate(Bytes bytes, bool last, HttpFieldBlock& fields);
  bool decode_apart(Bytes block, HttpFieldBlock& fields);

  std::unique_ptr<nghttp2_hd_inflater, Free> inflater_;
  std::size_t table_bytes_ = 4096;
  bool exact_ = true;
};

}  // namespace gnomon::message
