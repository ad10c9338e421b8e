#include "gnomon/packet/stream_capture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace gnomon::packet {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// That is free now.
std::uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  REQUIRE(::bind(probe, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(probe);
  return ntohs(address.sin_port);
}

TEST_CASE("who connects and sends nothing has damaged nothing") {
  struct Case {
    std::string sent;
    bool reset;
    std::uint64_t damaged;
  };
  const auto each = GENERATE(values<Case>({
      {"", false, 0},
      {"", true, 0},
      {"G", false, 1},
      {"GET / HTTP/1.1\r\n\r\n", false, 1},
  }));
  CAPTURE(each.sent, each.reset);
  const std::uint16_t port = free_port();
  StreamOptions options;
  options.listen = {"127.0.0.1:" + std::to_string(port)};
  auto source = receive_streams(options);
  REQUIRE(source);
  (*source)->tend();
  const int peer = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  REQUIRE(::connect(peer, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::send(peer, each.sent.data(), each.sent.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(each.sent.size()));
  const linger at_once{1, 0};
  if (each.reset) ::setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(peer);
  std::vector<LiveNews> news;
  for (int i = 0; i < 200 && news.size() < 2; ++i) {
    (*source)->tend();
    for (LiveNews& told : (*source)->take_news()) news.push_back(std::move(told));
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  (*source)->tend();
  REQUIRE(news.size() == 2);  // that it connected, and that it ended
  CHECK(news[1].trouble == (each.damaged > 0));
  CHECK((*source)->inputs().front().counters.damaged == each.damaged);
  (*source)->stop();
}

}  // namespace
}  // namespace gnomon::packet
