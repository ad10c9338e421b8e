#include "gnomon/message/dns_tcp_stream.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace gnomon::message;
using gnomon::Bytes;
using namespace std::string_literals;

namespace {

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string query(char letter) {
  return "\x12\x34\x01\0\0\1\0\0\0\0\0\0"s + "\1"s + letter + "\0\0\1\0\1"s;
}

std::string framed(const std::string& message) {
  return std::string{static_cast<char>(message.size() >> 8), static_cast<char>(message.size())} +
         message;
}

struct Reader {
  DnsTcpStream stream;
  std::vector<std::string> messages;

  void feed(const std::string& bytes, std::size_t size = std::string::npos) {
    for (std::size_t at = 0; at < bytes.size(); at += std::min(size, bytes.size() - at)) {
      const std::vector<std::uint8_t> piece(
          bytes.begin() + static_cast<std::ptrdiff_t>(at),
          bytes.begin() + static_cast<std::ptrdiff_t>(at + std::min(size, bytes.size() - at)));
      stream.feed(piece,
                  [this](Bytes message) { messages.emplace_back(message.begin(), message.end()); });
    }
  }
};

}  // namespace

TEST_CASE("messages are taken out however the stream is cut") {
  const std::string all = framed(query('a')) + framed(query('b')) + framed(query('c'));
  const std::vector<std::string> expected{query('a'), query('b'), query('c')};
  for (std::size_t size = 1; size <= all.size(); ++size) {
    Reader reader;
    reader.feed(all, size);
    CHECK(reader.messages == expected);
  }
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    Reader reader;
    reader.feed(all.substr(0, cut));
    CHECK(reader.messages.size() == cut / framed(query('a')).size());
    reader.feed(all.substr(cut));
    CHECK(reader.messages == expected);
  }
}

TEST_CASE("a message with a hole is passed over, those after it are not") {
  const std::string first = framed(query('a'));
  for (std::size_t start = 2; start < first.size(); ++start) {
    for (std::size_t end = start + 1; end <= first.size(); ++end) {
      Reader reader;
      reader.feed(first.substr(0, start));
      reader.stream.gap(end - start);
      reader.feed(first.substr(end) + framed(query('b')));
      CHECK(reader.messages == std::vector{query('b')});
    }
  }
}

TEST_CASE("after a gap that took a length, reading goes on at a plausible message") {
  Reader reader;
  reader.feed(framed(query('a')).substr(0, 10));
  reader.stream.gap(1000);
  CHECK(reader.stream.lost());
  reader.feed("rest of something" + framed(query('b')));
  CHECK(reader.messages.empty());
  reader.feed(framed(query('c')) + framed(query('d')).substr(0, 5));
  CHECK_FALSE(reader.stream.lost());
  reader.feed(framed(query('d')).substr(5));
  CHECK(reader.messages == std::vector{query('c'), query('d')});
}

TEST_CASE("a gap at a length loses step, an empty gap does not") {
  Reader reader;
  reader.stream.gap(0);
  CHECK_FALSE(reader.stream.lost());
  reader.feed("\0"s);
  reader.stream.gap(1);
  CHECK(reader.stream.lost());
  reader.stream.reset();
  reader.feed(framed(query('a')));
  CHECK(reader.messages == std::vector{query('a')});
}

TEST_CASE("a few lengths that no message has are stepped over, more of them lose step") {
  for (const std::string& none : {""s, "a"s, "eleven byte"s}) {
    INFO(none);
    const std::string all = framed(none) + framed(query('a')) + framed(none) + framed(none) +
                            framed(none) + framed(none) + framed(query('b'));
    for (std::size_t size = 1; size <= all.size(); ++size) {
      Reader reader;
      reader.feed(all, size);
      CHECK(reader.messages == std::vector{query('a'), query('b')});
      reader.feed(framed(none) + framed(none) + framed(none) + framed(none) + framed(none));
      CHECK(reader.stream.lost());
    }
  }
}

TEST_CASE("a length and a query are plausible, other beginnings are not") {
  CHECK(dns_tcp_looks_plausible(bytes_of(framed(query('a')))));
  CHECK(dns_tcp_looks_plausible(bytes_of(framed(query('a')) + "more")));
  CHECK_FALSE(dns_tcp_looks_plausible(bytes_of(query('a'))));
  CHECK_FALSE(dns_tcp_looks_plausible(bytes_of(framed(""))));
  CHECK_FALSE(dns_tcp_looks_plausible(bytes_of("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s)));
  CHECK_FALSE(dns_tcp_looks_plausible({}));
}
