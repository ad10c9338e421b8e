#include "gnomon/message/hpack_decoder.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>

#include "prefix_integer.h"

namespace gnomon::message {
namespace {

// Stands for a name that is in the part of the table that is not known.
constexpr std::string_view kUnknownName = "?";

std::string_view as_text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

void step_over_string(ByteReader& in) {
  const std::uint64_t size = read_prefix_integer(in.u8(), 7, in);
  in.take(static_cast<std::size_t>(size));
}

}  // namespace

void HpackDecoder::Free::operator()(nghttp2_hd_inflater* inflater) const noexcept {
  nghttp2_hd_inflate_del(inflater);
}

void HpackDecoder::reset(bool from_start) {
  inflater_.reset();
  table_bytes_ = 4096;
  exact_ = from_start;
}

void HpackDecoder::start_over() {
  inflater_.reset();
  exact_ = true;
}

void HpackDecoder::lose() {
  inflater_.reset();
  exact_ = false;
}

void HpackDecoder::allow_table(std::size_t bytes) {
  // Never lowered: the encoder says so itself when it obeys, and it may not have heard yet.
  bytes = std::min(bytes, kTableBytesMax);
  if (bytes <= table_bytes_) return;
  table_bytes_ = bytes;
  if (inflater_ && exact_) nghttp2_hd_inflate_change_table_size(inflater_.get(), bytes);
}

void HpackDecoder::start() {
  nghttp2_hd_inflater* raw = nullptr;
  if (nghttp2_hd_inflate_new(&raw) != 0) return;
  inflater_.reset(raw);
  if (exact_) {
    if (table_bytes_ > 4096) nghttp2_hd_inflate_change_table_size(raw, table_bytes_);
    return;
  }
  // What size was agreed upon is not known: the largest, as what an encoder has dropped it does not
  // refer to. Dynamic Table Size Update (RFC 7541 §6.3) to 65,536.
  nghttp2_hd_inflate_change_table_size(raw, kTableBytesMax);
  constexpr std::array<std::uint8_t, 4> kLargest{0x3f, 0xe1, 0xff, 0x03};
  HttpFieldBlock none;
  inflate(kLargest, true, none);
}

bool HpackDecoder::inflate(Bytes bytes, bool last, HttpFieldBlock& fields) {
  for (;;) {
    nghttp2_nv field{};
    int flags = 0;
    const auto used = nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags, bytes.data(),
                                             bytes.size(), last ? 1 : 0);
    if (used < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(used));
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      const std::string_view name = as_text(field.name, field.namelen);
      if (name == kUnknownName) {
        fields.mark_unknown();
      } else {
        fields.add(name, as_text(field.value, field.valuelen));
      }
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
      nghttp2_hd_inflate_end_headers(inflater_.get());
      return true;
    }
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && bytes.empty()) return !last;
  }
}

bool HpackDecoder::decode(Bytes block, HttpFieldBlock& fields) {
  if (!inflater_) start();
  if (!inflater_) return false;
  const bool read = exact_ ? inflate(block, true, fields) : decode_apart(block, fields);
  if (read) return true;
  fields.mark_partial();
  lose();
  return false;
}

// One representation at a time (RFC 7541 §6), so that those nghttp2 cannot know are kept from it.
bool HpackDecoder::decode_apart(Bytes block, HttpFieldBlock& fields) {
  ByteReader in{block};
  while (!in.at_end()) {
    const Bytes rest = block.last(in.remaining());
    const std::uint8_t first = in.u8();
    const bool indexed = (first & 0x80) != 0;
    const bool adding = !indexed && (first & 0x40) != 0;
    const bool resizing = !indexed && !adding && (first & 0x20) != 0;
    const unsigned prefix_bits = indexed ? 7 : adding ? 6 : resizing ? 5 : 4;
    const std::uint64_t index = read_prefix_integer(first, prefix_bits, in);
    const bool literal = !indexed && !resizing;
    if (literal && index == 0) step_over_string(in);
    const std::size_t value_at = rest.size() - in.remaining();
    if (literal) step_over_string(in);
    if (!in.ok()) return false;
    const Bytes whole = rest.first(rest.size() - in.remaining());

    const bool known =
        resizing || index <= nghttp2_hd_inflate_get_num_table_entries(inflater_.get());
    if (known) {
      if (!inflate(whole, false, fields)) return false;
      continue;
    }
    fields.mark_unknown();
    if (indexed) continue;
    // Decoded under another name, so that later fields count this one.
    const std::array<std::uint8_t, 3> name{adding ? std::uint8_t{0x40} : std::uint8_t{0},
                                           kUnknownName.size(), '?'};
    if (!inflate(name, false, fields) || !inflate(whole.subspan(value_at), false, fields))
      return false;
  }
  return inflate({}, true, fields);
}

}  // namespace gnomon::message
