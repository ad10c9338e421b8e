#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "gnomon/bytes/result.h"
#include "http.h"

namespace gnomon::report::console {

struct HttpServerOptions {
  std::string address = "127.0.0.1";  // a literal
  std::uint16_t port = 0;             // 0: any free one
  std::string tls_certificate;        // PEM files; both or none
  std::string tls_key;
  std::size_t workers = 4;  // threads that make answers
  std::size_t connections_max = 1024;
  std::size_t connections_per_peer_max = 512;
  std::uint32_t header_bytes_max = 16 * 1024;
  std::uint64_t body_bytes_max = 256 * 1024;
  // From the first wait to the last byte of one request, the wait for it included.
  std::chrono::milliseconds request_time_max{15'000};
  // For an answer; a large one gets more, as its size wants.
  std::chrono::milliseconds answer_time_max{30'000};
};

struct HttpCounters {
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> requests_bad{0};   // that were no HTTP, or too large
  std::atomic<std::uint64_t> requests_slow{0};  // that did not end in time
};

// HTTP/1.1, with TLS when there is a certificate, by Boost.Beast. One thread waits for all
// connections, so that a slow client costs a buffer and no thread; answers are made by workers.
class HttpServer {
 public:
  // Listens. Refuses, with the reason: an address in use, a certificate that cannot be read.
  static Result<std::unique_ptr<HttpServer>> open(HttpServerOptions options, Handler handler);
  ~HttpServer();

  // Serves until stop() was called, from a signal handler's thread or any other.
  void run();
  void stop();
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] const HttpCounters& counters() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gnomon::report::console
