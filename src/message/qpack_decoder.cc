#include "gnomon/message/qpack_decoder.h"

#include <nghttp3/nghttp3.h>

#include <algorithm>
#include <array>

#include "prefix_integer.h"

namespace gnomon::message {
namespace {

std::string_view as_text(const nghttp3_rcbuf* buffer) {
  const nghttp3_vec bytes = nghttp3_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(bytes.base), bytes.len};
}

void step_over_string(std::uint8_t first, unsigned prefix_bits, ByteReader& in) {
  in.take(static_cast<std::size_t>(read_prefix_integer(first, prefix_bits, in)));
}

}  // namespace

void QpackDecoder::FreeDecoder::operator()(nghttp3_qpack_decoder* decoder) const noexcept {
  nghttp3_qpack_decoder_del(decoder);
}

void QpackDecoder::FreeContext::operator()(nghttp3_qpack_stream_context* context) const noexcept {
  nghttp3_qpack_stream_context_del(context);
}

void QpackDecoder::reset() {
  decoder_.reset();
  context_.reset();
  instructions_.clear();
  table_bytes_ = 0;
  allowed_ = lost_ = false;
}

void QpackDecoder::lose() {
  lost_ = true;
  decoder_.reset();
  context_.reset();
  instructions_.clear();
}

void QpackDecoder::allow_table(std::uint64_t bytes) {
  if (allowed_) return;
  allowed_ = true;
  table_bytes_ = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kTableBytesMax));
  // A decoder that guessed, and has learnt nothing yet, is made anew.
  if (decoder_ && nghttp3_qpack_decoder_get_icnt(decoder_.get()) == 0) {
    decoder_.reset();
    context_.reset();
  }
}

bool QpackDecoder::start() {
  if (!decoder_) {
    nghttp3_qpack_decoder* decoder = nullptr;
    if (nghttp3_qpack_decoder_new(&decoder, table_bytes_, 128, nghttp3_mem_default()) != 0)
      return false;
    decoder_.reset(decoder);
  }
  if (context_) return true;
  nghttp3_qpack_stream_context* context = nullptr;
  if (nghttp3_qpack_stream_context_new(&context, 0, nghttp3_mem_default()) != 0) return false;
  context_.reset(context);
  return true;
}

void QpackDecoder::drop_answers() {
  std::array<std::uint8_t, 1024> room;
  const std::size_t size = nghttp3_qpack_decoder_get_decoder_streamlen(decoder_.get());
  if (size == 0) return;
  std::vector<std::uint8_t> more;
  if (size > room.size()) more.resize(size);
  nghttp3_buf buffer;
  nghttp3_buf_init(&buffer);
  buffer.begin = buffer.pos = buffer.last = more.empty() ? room.data() : more.data();
  buffer.end = buffer.begin + std::max(size, room.size());
  nghttp3_qpack_decoder_write_decoder(decoder_.get(), &buffer);
}

void QpackDecoder::feed_encoder(Bytes bytes) {
  if (lost_ || bytes.empty()) return;
  if (!decoder_ && !allowed_) {
    // The receiver's settings were not seen. An encoder begins by saying what it uses of them,
    // mostly all: Set Dynamic Table Capacity, 001 and five bits (RFC 9204 §4.3.1).
    instructions_.insert(instructions_.end(), bytes.begin(), bytes.end());
    ByteReader in{instructions_};
    const std::uint8_t first = in.u8();
    table_bytes_ = 4096;
    if ((first & 0xe0) == 0x20) {
      const std::uint64_t capacity = read_prefix_integer(first, 5, in);
      if (!in.ok() && instructions_.size() < 10) return;
      if (in.ok())
        table_bytes_ = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, kTableBytesMax));
    }
    bytes = instructions_;
  }
  if (!start()) return lose();
  const auto used = nghttp3_qpack_decoder_read_encoder(decoder_.get(), bytes.data(), bytes.size());
  if (used < 0) return lose();
  drop_answers();
  instructions_.clear();
}

QpackDecoder::Outcome QpackDecoder::decode(Bytes section, HttpFieldBlock& fields) {
  // Encoded Required Insert Count 0: nothing of the dynamic table is wanted.
  if (lost_ && !section.empty() && section[0] != 0) {
    decode_static(section, fields);
    fields.mark_partial();
    return Outcome::kBroken;
  }
  return read(section, fields);
}

QpackDecoder::Outcome QpackDecoder::read(Bytes section, HttpFieldBlock& fields) {
  // A context that stopped within a section holds strings that its reset would forget.
  context_.reset();
  if (!start()) return Outcome::kBroken;
  for (;;) {
    nghttp3_qpack_nv field{};
    std::uint8_t flags = 0;
    const auto used = nghttp3_qpack_decoder_read_request(decoder_.get(), context_.get(), &field,
                                                         &flags, section.data(), section.size(), 1);
    if (used < 0) {
      fields.mark_partial();
      return Outcome::kBroken;
    }
    section = section.subspan(static_cast<std::size_t>(used));
    if ((flags & NGHTTP3_QPACK_DECODE_FLAG_EMIT) != 0) {
      fields.add(as_text(field.name), as_text(field.value));
      nghttp3_rcbuf_decref(field.name);
      nghttp3_rcbuf_decref(field.value);
    }
    if ((flags & NGHTTP3_QPACK_DECODE_FLAG_BLOCKED) != 0) return Outcome::kBlocked;
    if ((flags & NGHTTP3_QPACK_DECODE_FLAG_FINAL) != 0) break;
    if ((flags & NGHTTP3_QPACK_DECODE_FLAG_EMIT) == 0 && section.empty()) {
      fields.mark_partial();
      return Outcome::kBroken;
    }
  }
  drop_answers();
  return Outcome::kRead;
}

// Field lines (RFC 9204 §4.5) that stand for themselves, after a prefix that wants no table.
void QpackDecoder::decode_static(Bytes section, HttpFieldBlock& fields) {
  ByteReader in{section};
  read_prefix_integer(in.u8(), 8, in);
  read_prefix_integer(in.u8(), 7, in);
  rewritten_.assign(2, 0);
  while (in.ok() && !in.at_end()) {
    const Bytes rest = section.last(in.remaining());
    const std::uint8_t first = in.u8();
    bool keep = false;
    if ((first & 0x80) != 0) {  // indexed
      read_prefix_integer(first, 6, in);
      keep = (first & 0x40) != 0;
    } else if ((first & 0x40) != 0) {  // literal with the name of an entry
      read_prefix_integer(first, 4, in);
      step_over_string(in.u8(), 7, in);
      keep = (first & 0x10) != 0;
    } else if ((first & 0x20) != 0) {  // literal
      step_over_string(first, 3, in);
      step_over_string(in.u8(), 7, in);
      keep = true;
    } else if ((first & 0x10) != 0) {  // indexed, after the base
      read_prefix_integer(first, 4, in);
    } else {  // literal with the name of an entry after the base
      read_prefix_integer(first, 3, in);
      step_over_string(in.u8(), 7, in);
    }
    if (!in.ok()) break;
    const Bytes whole = rest.first(rest.size() - in.remaining());
    if (keep) rewritten_.insert(rewritten_.end(), whole.begin(), whole.end());
  }
  fields.mark_partial();
  read(rewritten_, fields);
}

}  // namespace gnomon::message
