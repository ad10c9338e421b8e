#include "gnomon/message/grpc_stream.h"

#include <zlib.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace gnomon;
using namespace gnomon::message;

namespace {

struct Log final : GrpcEvents {
  std::string text;
  void on_grpc_message(std::uint32_t size) override { text += std::to_string(size) + ":"; }
  void on_grpc_data(Bytes bytes) override {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void on_grpc_end(bool complete) override { text += complete ? "." : "!"; }
};

std::string sent(int flags, std::string_view payload) {
  std::string text(1, static_cast<char>(flags));
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(payload.size() >> shift);
  return text + std::string{payload};
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(text.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<unsigned>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<unsigned>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string log_of(std::string_view encoding, std::string_view bytes, std::size_t size) {
  GrpcStream stream;
  stream.reset(encoding);
  Log log;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    const std::string_view piece = bytes.substr(at, size);
    const std::vector<std::uint8_t> copy(piece.begin(), piece.end());
    stream.feed(copy, log);
  }
  stream.close(log);
  return log.text;
}

void check(std::string_view encoding, std::string_view bytes, const std::string& expected) {
  for (std::size_t size = 1; size <= bytes.size() + 1; ++size) {
    INFO("in parts of " << size);
    CHECK(log_of(encoding, bytes, size) == expected);
  }
}

}  // namespace

TEST_CASE("gRPC messages are told one by one") {
  check("", sent(0, "Hello") + sent(0, "") + sent(0, "you"), "5:Hello.0:.3:you.");
  check("identity", sent(0, "Hello").substr(0, 7), "5:He!");
  check("", sent(0x80, "grpc-status: 0"), "14:grpc-status: 0.");
}

TEST_CASE("compressed gRPC messages are inflated where that is known how") {
  const std::string packed = gzip("a prompt a prompt a prompt");
  const std::string size = std::to_string(packed.size());
  check("gzip", sent(1, packed) + sent(0, "x"), size + ":a prompt a prompt a prompt.1:x.");
  check("zstd", sent(1, "packed") + sent(0, "x"), "6:!1:x.");
  check("", sent(1, "packed"), "6:!");
  check("gzip", sent(1, "no gzip") + sent(0, "x"), "7:!1:x.");
}

TEST_CASE("what is no gRPC is not read") {
  check("", sent(2, "Hello") + sent(0, "x"), "");
  check("", sent(0, "x") + "GET / HTTP/1.1", "1:x.");
  check("", std::string("\0\xff\xff\xff\xff", 5) + "abc", "4294967295:abc!");
}

TEST_CASE("a gap inside a gRPC message is stepped over, another ends reading") {
  Log log;
  GrpcStream stream;
  stream.reset("");
  const std::string bytes = sent(0, "0123456789");
  const auto feed = [&](std::string_view text) {
    stream.feed({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, log);
  };
  feed(bytes.substr(0, 7));
  stream.gap(5, log);
  feed(bytes.substr(12) + sent(0, "b"));
  CHECK(log.text == "10:01789!1:b.");
  stream.gap(1, log);
  feed(sent(0, "c"));
  CHECK(log.text == "10:01789!1:b.");
}

TEST_CASE("gRPC is told by its type") {
  CHECK(is_grpc("application/grpc"));
  CHECK(is_grpc("Application/GRPC+proto; x"));
  CHECK(is_grpc("application/grpc-web+proto"));
  CHECK_FALSE(is_grpc("application/grpc-web-text"));
  CHECK_FALSE(is_grpc("application/grpcx"));
  CHECK_FALSE(is_grpc("application/json"));
  CHECK_FALSE(is_grpc(""));
}
