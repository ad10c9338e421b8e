#include "small_server.h"

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "gnomon/bytes/descriptor.h"

namespace gnomon::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Connection {
  Descriptor socket;
  std::size_t listener;
  Clock::time_point until;
  std::string in;
  std::string out;
  std::size_t sent = 0;
  bool answering = false;
};

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

// `any_port`: one that is free, in place of its own.
Result<Addresses> addresses_of(const std::string& address, bool any_port = false) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return Error{"must be an address and a port"}.in(address);
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const char* const port = any_port ? "0" : address.c_str() + colon + 1;
  if (const int code = ::getaddrinfo(host.c_str(), port, &hints, &found); code != 0)
    return Error{::gai_strerror(code)}.in(address);
  return Addresses{found, ::freeaddrinfo};
}

Result<Descriptor> listen_at(const std::string& address) {
  const auto found = addresses_of(address);
  if (!found) return found.error();
  const Addresses& all = *found;
  Descriptor socket{::socket(all->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (socket.get() < 0) return system_error(address);
  const int yes = 1;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(socket.get(), all->ai_addr, all->ai_addrlen) != 0 || ::listen(socket.get(), 16) != 0) {
    if (errno == EADDRINUSE)
      return Error{"the port is in use: another program, or another gnomon, listens there"}.in(
          address);
    return system_error(address);
  }
  return socket;
}

Result<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Error{"is too long for a socket"}.in(path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Result<Descriptor> listen_at_path(const std::string& path, int mode) {
  const auto address = unix_address(path);
  if (!address) return address.error();
  Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (socket.get() < 0) return system_error(path);
  const auto* to = reinterpret_cast<const sockaddr*>(&*address);
  if (::connect(socket.get(), to, sizeof *address) == 0)
    return Error{"another gnomon listens there: it runs already"}.in(path);
  struct stat info{};
  if (::lstat(path.c_str(), &info) == 0) {
    if (!S_ISSOCK(info.st_mode)) return Error{"is there already, and no socket"}.in(path);
    ::unlink(path.c_str());  // left behind by one that was killed
  }
  socket = Descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  const mode_t before = ::umask(static_cast<mode_t>(~mode & 0777));
  const bool bound = ::bind(socket.get(), to, sizeof *address) == 0;
  const int why = errno;
  ::umask(before);
  errno = why;
  if (!bound || ::listen(socket.get(), 16) != 0) return system_error(path);
  return socket;
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Service Unavailable";
  }
}

std::string response_of(const SmallServer::Answer& answer) {
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " " +
                     std::string{reason_of(answer.status)} + "\r\nContent-Type: " + answer.type +
                     "\r\nContent-Length: " + std::to_string(answer.body.size()) +
                     "\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n";
  if (answer.status == 405) text += "Allow: GET\r\n";
  return text + "\r\n" + answer.body;
}

SmallServer::Answer plain(int status) {
  return {status, "text/plain; charset=utf-8", std::string{reason_of(status)} + "\n"};
}

// "GET /metrics?x HTTP/1.1" of a whole head.
SmallServer::Answer answer_head(std::string_view head, const SmallServer::Handler& handler) {
  const std::string_view line = head.substr(0, head.find_first_of("\r\n"));
  const std::size_t first = line.find(' ');
  const std::size_t second = line.rfind(' ');
  if (first == std::string_view::npos || first == second ||
      !line.substr(second + 1).starts_with("HTTP/1."))
    return plain(400);
  if (line.substr(0, first) != "GET") return plain(405);
  std::string_view path = line.substr(first + 1, second - first - 1);
  path = path.substr(0, path.find_first_of("?#"));
  if (!path.starts_with('/')) return plain(400);
  return handler(path);
}

bool head_is_whole(std::string_view text) {
  return text.find("\r\n\r\n") != std::string_view::npos || text.find("\n\n") != std::string_view::npos;
}

}  // namespace

struct SmallServer::State {
  std::vector<Descriptor> listeners;
  std::string socket_path;
  std::chrono::seconds time_max{5};
  Descriptor wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  Handler handler;
  std::vector<Connection> connections;
  std::atomic<std::uint64_t> refused{0};
  std::atomic<bool> stop{false};
  std::thread thread;

  void run() {
    std::vector<pollfd> waits;
    while (!stop.load()) {
      waits.clear();
      waits.push_back({wake.get(), POLLIN, 0});
      for (const Descriptor& each : listeners) waits.push_back({each.get(), POLLIN, 0});
      const std::size_t first = waits.size();
      for (const Connection& each : connections)
        waits.push_back(
            {each.socket.get(), static_cast<short>(each.answering ? POLLOUT : POLLIN), 0});
      const std::size_t known = connections.size();
      if (::poll(waits.data(), waits.size(), connections.empty() ? -1 : 250) < 0 && errno != EINTR)
        return;
      const auto now = Clock::now();
      for (std::size_t i = 0; i < known; ++i) {
        bool open = true;
        if (waits[first + i].revents != 0) open = serve(connections[i]);
        if (open && now >= connections[i].until) {
          ++refused;
          open = false;
        }
        if (!open) connections[i].socket = Descriptor{};
      }
      std::erase_if(connections, [](const Connection& each) { return each.socket.get() < 0; });
      for (std::size_t i = 0; i < listeners.size(); ++i)
        if (waits[1 + i].revents != 0) take(i);
    }
  }

  // Whoever fills the connections of an address keeps nobody from the socket.
  void take(std::size_t listener) {
    while (true) {
      Descriptor socket{
          ::accept4(listeners[listener].get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
      if (socket.get() < 0) return;
      const auto of_listener =
          std::count_if(connections.begin(), connections.end(),
                        [&](const Connection& each) { return each.listener == listener; });
      if (static_cast<std::size_t>(of_listener) >= kConnectionsMax) {
        ++refused;
        continue;  // closed again
      }
      connections.push_back(
          {std::move(socket), listener, Clock::now() + time_max, {}, {}, 0, false});
    }
  }

  // False when the connection is done with.
  bool serve(Connection& connection) {
    if (!connection.answering) {
      char buffer[1024];
      const ssize_t got = ::recv(connection.socket.get(), buffer, sizeof buffer, 0);
      if (got < 0) return errno == EAGAIN || errno == EINTR;
      if (got == 0) return false;
      connection.in.append(buffer, static_cast<std::size_t>(got));
      if (head_is_whole(connection.in)) {
        connection.out = response_of(answer_head(connection.in, handler));
      } else if (connection.in.size() > kRequestBytesMax) {
        ++refused;
        connection.out = response_of(plain(431));
      } else {
        return true;
      }
      connection.answering = true;
    }
    const ssize_t sent =
        ::send(connection.socket.get(), connection.out.data() + connection.sent,
               connection.out.size() - connection.sent, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    connection.sent += static_cast<std::size_t>(sent);
    if (connection.sent < connection.out.size()) return true;
    ::shutdown(connection.socket.get(), SHUT_WR);
    return false;
  }
};

Result<std::unique_ptr<SmallServer>> SmallServer::listen(const Options& options) {
  auto state = std::make_unique<State>();
  state->time_max = std::chrono::seconds{options.seconds_max};
  if (!options.address.empty()) {
    auto socket = listen_at(options.address);
    if (!socket) return socket.error();
    state->listeners.push_back(std::move(*socket));
  }
  if (!options.socket_path.empty()) {
    auto socket = listen_at_path(options.socket_path, options.socket_mode);
    if (!socket) return socket.error();
    state->listeners.push_back(std::move(*socket));
    state->socket_path = options.socket_path;
  }
  return std::unique_ptr<SmallServer>{new SmallServer{std::move(state)}};
}

std::optional<Error> SmallServer::refused_address(const std::string& address) {
  if (address.empty()) return std::nullopt;
  const auto found = addresses_of(address, true);
  if (!found) return found.error();
  const Descriptor socket{::socket((*found)->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (socket.get() < 0 || ::bind(socket.get(), (*found)->ai_addr, (*found)->ai_addrlen) != 0)
    return system_error(address);
  return std::nullopt;
}

SmallServer::SmallServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

void SmallServer::start(Handler handler) {
  state_->handler = std::move(handler);
  state_->thread = std::thread{[state = state_.get()] { state->run(); }};
}

SmallServer::~SmallServer() {
  if (state_->thread.joinable()) {
    state_->stop = true;
    const std::uint64_t one = 1;
    (void)!::write(state_->wake.get(), &one, sizeof one);
    state_->thread.join();
  }
  if (!state_->socket_path.empty()) ::unlink(state_->socket_path.c_str());
}

std::uint64_t SmallServer::refused() const { return state_->refused; }

Result<std::string> ask_socket(const std::string& socket_path, std::string_view path,
                               bool* listens) {
  const auto address = unix_address(socket_path);
  if (!address) return address.error();
  const Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (socket.get() < 0) return system_error(socket_path);
  const timeval patience{5, 0};
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
    return system_error(socket_path);
  if (listens != nullptr) *listens = true;
  const std::string request = "GET " + std::string{path} + " HTTP/1.1\r\nHost: gnomon\r\n\r\n";
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
    return system_error(socket_path);
  std::string answer;
  char buffer[8192];
  constexpr std::size_t kAnswerMax = std::size_t{16} << 20;
  while (answer.size() < kAnswerMax) {
    const ssize_t got = ::recv(socket.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(socket_path);
    if (got == 0) break;
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  const std::size_t body = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 200 ") || body == std::string::npos)
    return Error{"does not answer as a sensor does"}.in(socket_path);
  return answer.substr(body + 4);
}

}  // namespace gnomon::cli
