#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gnomon/bytes/result.h"

namespace gnomon::cli {

// Answers GET requests (HTTP/1.1, one a connection) from a thread of its own: what Prometheus and
// 'gnomon status' ask. Made for neighbours that may be hostile: so many connections at once, so many
// bytes of a request, so much time for all of it. Everything else is the web console's.
class SmallServer {
 public:
  struct Answer {
    int status = 200;
    std::string type = "text/plain; charset=utf-8";
    std::string body;
  };
  // Of the server's thread. `path` without a query.
  using Handler = std::function<Answer(std::string_view path)>;

  static constexpr std::size_t kConnectionsMax = 16;  // at each of address and socket
  static constexpr std::size_t kRequestBytesMax = 4096;

  struct Options {
    std::string address{};      // "127.0.0.1:9310", "[::1]:9310"; empty: none
    std::string socket_path{};  // of a Unix socket; empty: none. One that nobody listens at is replaced
    int socket_mode = 0660;
    int seconds_max = 5;  // for one request and its answer
  };
  // Listens at once, answers from start() on: so that ports are open before privileges are gone.
  static Result<std::unique_ptr<SmallServer>> listen(const Options& options);
  // Why this machine has no such address to listen at, if so; its port may be in use.
  static std::optional<Error> refused_address(const std::string& address);
  ~SmallServer();  // ends the thread, removes the socket

  void start(Handler handler);
  // Requests that were refused or not answered for their size, time or number.
  [[nodiscard]] std::uint64_t refused() const;

 private:
  struct State;
  explicit SmallServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// GET of `path` at the Unix socket. The whole answer's body. `listens`: somebody does, whatever
// comes of it.
Result<std::string> ask_socket(const std::string& socket_path, std::string_view path,
                               bool* listens = nullptr);

}  // namespace gnomon::cli
