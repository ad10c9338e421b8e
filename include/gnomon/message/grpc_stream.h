#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"

struct z_stream_s;

namespace gnomon::message {

// Told the messages of one direction of a gRPC call, in pieces, decompressed where that is
// possible.
class GrpcEvents {
 public:
  virtual ~GrpcEvents() = default;
  virtual void on_grpc_message(std::uint32_t size) = 0;  // as sent
  virtual void on_grpc_data(Bytes bytes) = 0;
  virtual void on_grpc_end(bool complete) = 0;
};

// "application/grpc", "application/grpc+proto", "application/grpc-web" and the like; not
// grpc-web-text, which is base64.
bool is_grpc(std::string_view content_type);

// Reads Length-Prefixed-Message (gRPC over HTTP/2): Compressed-Flag(8) Message-Length(32) Message.
// Compressed ones are inflated where grpc-encoding says gzip or deflate; those of other codings are
// passed over as incomplete, as is what inflates beyond kInflatedBytesMax. Keeps no payload. Meant
// to be pooled. One thread.
class GrpcStream {
 public:
  static constexpr std::uint64_t kInflatedBytesMax = std::uint64_t{64} << 20;  // of one message

  // `encoding`: the value of grpc-encoding, or nothing.
  void reset(std::string_view encoding);
  void feed(Bytes bytes, GrpcEvents& events);
  // Steps over what is missing of a message; where that is not enough, nothing more is read.
  void gap(std::uint64_t bytes, GrpcEvents& events);
  void close(GrpcEvents& events);

 private:
  struct FreeInflater {
    void operator()(z_stream_s* stream) const noexcept;
  };
  enum class Coding : std::uint8_t { kNone, kZlib, kUnknown };

  void begin_message(GrpcEvents& events);
  void end_message(GrpcEvents& events);
  void inflate(Bytes bytes, GrpcEvents& events);

  std::unique_ptr<z_stream_s, FreeInflater> inflater_;
  std::array<std::uint8_t, 5> prefix_{};
  std::uint64_t inflated_ = 0;
  std::size_t prefix_bytes_ = 0;
  std::uint32_t remaining_ = 0;
  Coding coding_ = Coding::kNone;
  bool in_message_ = false;
  bool compressed_ = false;
  bool broken_ = false;
  bool lost_ = false;
};

}  // namespace gnomon::message
