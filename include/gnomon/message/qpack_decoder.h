#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/http_field_block.h"

struct nghttp3_qpack_decoder;
struct nghttp3_qpack_stream_context;

namespace gnomon::message {

// Decodes field sections of one direction of an HTTP/3 connection (QPACK, RFC 9204), by nghttp3.
// Listens only: what a decoder would answer is thrown away.
class QpackDecoder {
 public:
  // Larger tables are taken to be of this size: references into them then fail, or mislead.
  static constexpr std::size_t kTableBytesMax = std::size_t{1} << 20;

  enum class Outcome : std::uint8_t {
    kRead,
    kBlocked,  // refers to what the encoder stream has yet to say; nothing was added
    kBroken,   // what could be read was added, and the section is marked partial
  };

  void reset();
  // The receiver of the sections said how large the table may be
  // (SETTINGS_QPACK_MAX_TABLE_CAPACITY).
  void allow_table(std::uint64_t bytes);
  // The next bytes of the encoder stream of the sections' sender.
  void feed_encoder(Bytes bytes);
  // Bytes of the encoder stream are missing: its table is of no use any more.
  void lose();

  // Decodes a whole section.
  Outcome decode(Bytes section, HttpFieldBlock& fields);
  // What does not refer to the dynamic table, for sections that cannot wait any longer.
  void decode_static(Bytes section, HttpFieldBlock& fields);

 private:
  struct FreeDecoder {
    void operator()(nghttp3_qpack_decoder* decoder) const noexcept;
  };
  struct FreeContext {
    void operator()(nghttp3_qpack_stream_context* context) const noexcept;
  };

  bool start();
  Outcome read(Bytes section, HttpFieldBlock& fields);
  void drop_answers();

  std::unique_ptr<nghttp3_qpack_decoder, FreeDecoder> decoder_;
  std::unique_ptr<nghttp3_qpack_stream_context, FreeContext> context_;
  std::vector<std::uint8_t> instructions_;  // of which the end has not come
  std::vector<std::uint8_t> rewritten_;
  std::size_t table_bytes_ = 0;
  bool allowed_ = false;
  bool lost_ = false;
};

}  // namespace gnomon::message
