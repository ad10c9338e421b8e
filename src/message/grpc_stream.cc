#include "gnomon/message/grpc_stream.h"

#include <zlib.h>

#include <algorithm>

#include "gnomon/bytes/ascii.h"
#include "gnomon/message/http1_head.h"

namespace gnomon::message {
namespace {

// The least significant bit says that a message is compressed; of the others only gRPC-Web's mark
// of a trailer is in use.
constexpr std::uint8_t kCompressed = 0x01;
constexpr std::uint8_t kTrailer = 0x80;
constexpr int kZlibOrGzip = 15 + 32;

}  // namespace

bool is_grpc(std::string_view content_type) {
  constexpr std::string_view kGrpc = "application/grpc";
  if (content_type.size() < kGrpc.size() ||
      !same_ignoring_case(content_type.substr(0, kGrpc.size()), kGrpc))
    return false;
  const std::string_view rest = content_type.substr(kGrpc.size());
  if (rest.starts_with("-web-text")) return false;
  return rest.empty() || rest[0] == '+' || rest[0] == ';' || rest[0] == ' ' ||
         rest.starts_with("-web");
}

void GrpcStream::FreeInflater::operator()(z_stream_s* stream) const noexcept {
  inflateEnd(stream);
  delete stream;
}

void GrpcStream::reset(std::string_view encoding) {
  coding_ = encoding.empty() || same_ignoring_case(encoding, "identity") ? Coding::kNone
            : same_ignoring_case(encoding, "gzip") || same_ignoring_case(encoding, "deflate")
                ? Coding::kZlib
                : Coding::kUnknown;
  inflated_ = 0;
  prefix_bytes_ = 0;
  remaining_ = 0;
  in_message_ = compressed_ = broken_ = lost_ = false;
}

void GrpcStream::feed(Bytes bytes, GrpcEvents& events) {
  ByteReader in{bytes};
  while (!in.at_end() && !lost_) {
    if (!in_message_) {
      prefix_[prefix_bytes_++] = in.u8();
      if (prefix_bytes_ == prefix_.size()) begin_message(events);
      continue;
    }
    const Bytes piece = in.take(std::min<std::size_t>(remaining_, in.remaining()));
    remaining_ -= static_cast<std::uint32_t>(piece.size());
    if (!compressed_) {
      events.on_grpc_data(piece);
    } else if (!broken_) {
      inflate(piece, events);
    }
    if (remaining_ == 0) end_message(events);
  }
}

void GrpcStream::begin_message(GrpcEvents& events) {
  ByteReader prefix{prefix_};
  const std::uint8_t flags = prefix.u8();
  remaining_ = prefix.u32();
  prefix_bytes_ = 0;
  if ((flags & ~(kCompressed | kTrailer)) != 0) {
    lost_ = true;
    return;
  }
  in_message_ = true;
  compressed_ = (flags & kCompressed) != 0;
  broken_ = compressed_ && coding_ != Coding::kZlib;
  inflated_ = 0;
  if (compressed_ && !broken_) {
    if (!inflater_) {
      auto fresh = std::make_unique<z_stream_s>();
      *fresh = {};
      if (inflateInit2(fresh.get(), kZlibOrGzip) == Z_OK) inflater_.reset(fresh.release());
    }
    broken_ = !inflater_ || inflateReset(inflater_.get()) != Z_OK;
  }
  events.on_grpc_message(remaining_);
  if (remaining_ == 0) end_message(events);
}

void GrpcStream::end_message(GrpcEvents& events) {
  in_message_ = false;
  events.on_grpc_end(!broken_);
}

void GrpcStream::inflate(Bytes bytes, GrpcEvents& events) {
  std::array<std::uint8_t, 16384> room;
  inflater_->next_in = const_cast<std::uint8_t*>(bytes.data());
  inflater_->avail_in = static_cast<unsigned>(bytes.size());
  for (;;) {
    inflater_->next_out = room.data();
    inflater_->avail_out = static_cast<unsigned>(room.size());
    const int outcome = ::inflate(inflater_.get(), Z_SYNC_FLUSH);
    const std::size_t made = room.size() - inflater_->avail_out;
    inflated_ += made;
    if (made > 0) events.on_grpc_data(Bytes{room}.first(made));
    if (outcome == Z_STREAM_END) return;  // what may follow is none of it
    if (inflated_ > kInflatedBytesMax || (outcome != Z_OK && outcome != Z_BUF_ERROR)) {
      broken_ = true;
      return;
    }
    if (inflater_->avail_out > 0) return;
  }
}

void GrpcStream::gap(std::uint64_t bytes, GrpcEvents& events) {
  if (bytes == 0 || lost_) return;
  broken_ = true;
  if (in_message_ && bytes <= remaining_) {
    remaining_ -= static_cast<std::uint32_t>(bytes);
    if (remaining_ == 0) end_message(events);
    return;
  }
  if (in_message_) end_message(events);
  lost_ = true;
}

void GrpcStream::close(GrpcEvents& events) {
  broken_ = true;
  if (in_message_) end_message(events);
  lost_ = true;
}

}  // namespace gnomon::message
