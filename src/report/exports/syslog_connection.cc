#include "syslog_connection.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "gnomon/bytes/descriptor.h"
#include "gnomon/bytes/handle.h"
#include "spool.h"

namespace gnomon::report {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kWaitStep{100};
constexpr std::chrono::seconds kConnectMax{5};
constexpr std::chrono::seconds kSendMax{20};
constexpr std::chrono::milliseconds kFirstGrace{150};
constexpr std::size_t kDatagramBytesMax = 8'192;

// Until the socket is ready for `events`, at most until `end`. False when it is not.
bool wait_for(int descriptor, short events, Clock::time_point end, const std::atomic<bool>& stop) {
  while (!stop && Clock::now() < end) {
    pollfd each{descriptor, events, 0};
    const int ready = ::poll(&each, 1, static_cast<int>(kWaitStep.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  errno = stop ? ECANCELED : ETIMEDOUT;
  return false;
}

Result<Descriptor> connected(const SyslogTarget& target, const std::atomic<bool>& stop) {
  addrinfo hints{};
  hints.ai_socktype = target.transport == SyslogTarget::Transport::kUdp ? SOCK_DGRAM : SOCK_STREAM;
  addrinfo* raw = nullptr;
  if (const int failed = ::getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &raw))
    return Error{::gai_strerror(failed)}.in(target.text());
  const Handle<addrinfo, ::freeaddrinfo> found{raw};
  Error last{"has no address"};
  for (const addrinfo* each = found.get(); each != nullptr && !stop; each = each->ai_next) {
    Descriptor socket{::socket(each->ai_family, each->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                           each->ai_protocol)};
    if (socket.get() < 0) continue;
    int outcome = ::connect(socket.get(), each->ai_addr, each->ai_addrlen);
    if (outcome != 0 && errno == EINPROGRESS &&
        wait_for(socket.get(), POLLOUT, Clock::now() + kConnectMax, stop)) {
      int why = 0;
      socklen_t size = sizeof why;
      ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &why, &size);
      errno = why;
      outcome = why == 0 ? 0 : -1;
    }
    if (outcome == 0) return socket;
    last = Error{std::strerror(errno)};
  }
  return std::move(last).in(target.text());
}

// Whether all that was written has been confirmed by the other system's TCP.
bool confirmed(int descriptor, Clock::time_point end, const std::atomic<bool>& stop) {
  while (Clock::now() < end) {
    int unsent = 0;
    if (::ioctl(descriptor, SIOCOUTQ, &unsent) != 0) return false;
    if (unsent == 0) return true;
    if (stop) break;
    pollfd each{descriptor, 0, 0};
    if (::poll(&each, 1, 2) > 0 && (each.revents & (POLLERR | POLLHUP)) != 0) return false;
  }
  errno = ETIMEDOUT;
  return false;
}

// What a system's TCP took, its program may never read: one that takes a connection and closes it at
// once (a balancer with nobody behind it) is told from a collector by waiting a little.
void give_grace(int descriptor, bool& first, const std::atomic<bool>& stop) {
  if (std::exchange(first, false))
    (void)wait_for(descriptor, POLLIN, Clock::now() + kFirstGrace, stop);
}

// A collector sends nothing: that the stream ends is all there is to read.
bool closed_by_peer(int descriptor) {
  char byte;
  const ssize_t got = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

class TcpConnection final : public SyslogConnection {
 public:
  TcpConnection(SyslogTarget target, Descriptor socket)
      : target_(std::move(target)), socket_(std::move(socket)) {}

  std::optional<Error> send(std::string_view frames, const std::atomic<bool>& stop) override {
    const auto end = Clock::now() + kSendMax;
    if (closed_by_peer(socket_.get())) return Error{"the collector closed"}.in(target_.text());
    while (!frames.empty()) {
      const ssize_t sent = ::send(socket_.get(), frames.data(), frames.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        frames.remove_prefix(static_cast<std::size_t>(sent));
      } else if (sent < 0 && errno == EAGAIN) {
        if (!wait_for(socket_.get(), POLLOUT, end, stop)) return system_error(target_.text());
      } else if (sent < 0 && errno != EINTR) {
        return system_error(target_.text());
      }
    }
    if (!confirmed(socket_.get(), end, stop)) return system_error(target_.text());
    give_grace(socket_.get(), first_, stop);
    if (closed_by_peer(socket_.get())) return Error{"the collector closed"}.in(target_.text());
    return std::nullopt;
  }

 private:
  SyslogTarget target_;
  Descriptor socket_;
  bool first_ = true;  // nothing was confirmed yet
};

class UdpConnection final : public SyslogConnection {
 public:
  UdpConnection(SyslogTarget target, Descriptor socket)
      : target_(std::move(target)), socket_(std::move(socket)) {}

  std::optional<Error> send(std::string_view frames, const std::atomic<bool>& stop) override {
    const auto end = Clock::now() + kSendMax;
    while (const auto frame = first_frame(frames)) {
      // A datagram needs no count; longer ones than collectors take are cut.
      const std::string_view message = frames.substr(
          frame->head, std::min(frame->whole - frame->head, kDatagramBytesMax));
      const ssize_t sent = ::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) {
        if (!wait_for(socket_.get(), POLLOUT, end, stop)) return system_error(target_.text());
        continue;
      }
      if (sent < 0 && errno != EINTR) return system_error(target_.text());
      if (sent >= 0) frames.remove_prefix(frame->whole);
    }
    return std::nullopt;
  }

 private:
  SyslogTarget target_;
  Descriptor socket_;
};

std::string tls_reason() {
  const unsigned long code = ERR_get_error();
  if (code == 0) return errno != 0 ? std::strerror(errno) : "the collector closed";
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  return text;
}

class TlsConnection final : public SyslogConnection {
 public:
  static Result<std::unique_ptr<SyslogConnection>> make(const SyslogTarget& target, Descriptor socket,
                                                        const std::string& ca_file,
                                                        const std::atomic<bool>& stop) {
    auto connection =
        std::unique_ptr<TlsConnection>{new TlsConnection{target, std::move(socket)}};
    ERR_clear_error();
    connection->context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* context = connection->context_.get();
    if (context == nullptr) return Error{tls_reason()};
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    const bool trusted = ca_file.empty()
                             ? SSL_CTX_set_default_verify_paths(context) == 1
                             : SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) == 1;
    if (!trusted) return Error{tls_reason()}.in(ca_file.empty() ? "certificates" : ca_file);
    connection->ssl_.reset(SSL_new(context));
    SSL* ssl = connection->ssl_.get();
    if (ssl == nullptr || SSL_set_fd(ssl, connection->socket_.get()) != 1)
      return Error{tls_reason()};
    // A name or an address: the certificate must be for it.
    X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, target.host.c_str()) != 1) {
      SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      if (SSL_set1_host(ssl, target.host.c_str()) != 1 ||
          SSL_set_tlsext_host_name(ssl, target.host.c_str()) != 1)
        return Error{tls_reason()};
    }
    const auto end = Clock::now() + kConnectMax;
    for (int done = SSL_connect(ssl); done != 1; done = SSL_connect(ssl)) {
      if (!connection->ready(done, end, stop)) {
        const long verified = SSL_get_verify_result(ssl);
        return Error{verified != X509_V_OK ? X509_verify_cert_error_string(verified)
                                           : tls_reason()}
            .in(target.text());
      }
    }
    return std::unique_ptr<SyslogConnection>{std::move(connection)};
  }

  std::optional<Error> send(std::string_view frames, const std::atomic<bool>& stop) override {
    const auto end = Clock::now() + kSendMax;
    ERR_clear_error();
    while (!frames.empty()) {
      const int most = static_cast<int>(std::min<std::size_t>(frames.size(), 16'384));
      const int sent = SSL_write(ssl_.get(), frames.data(), most);
      if (sent > 0)
        frames.remove_prefix(static_cast<std::size_t>(sent));
      else if (!ready(sent, end, stop))
        return Error{tls_reason()}.in(target_.text());
    }
    if (!confirmed(socket_.get(), end, stop)) return system_error(target_.text());
    give_grace(socket_.get(), first_, stop);
    // Tickets of TLS 1.3 and a farewell come this way.
    char byte;
    const int got = SSL_read(ssl_.get(), &byte, 1);
    if (got <= 0 && SSL_get_error(ssl_.get(), got) != SSL_ERROR_WANT_READ)
      return Error{"the collector closed"}.in(target_.text());
    return std::nullopt;
  }

 private:
  TlsConnection(SyslogTarget target, Descriptor socket)
      : target_(std::move(target)), socket_(std::move(socket)) {}

  // Waits for what the last call wanted; false when it failed.
  bool ready(int outcome, Clock::time_point end, const std::atomic<bool>& stop) {
    switch (SSL_get_error(ssl_.get(), outcome)) {
      case SSL_ERROR_WANT_READ:
        return wait_for(socket_.get(), POLLIN, end, stop);
      case SSL_ERROR_WANT_WRITE:
        return wait_for(socket_.get(), POLLOUT, end, stop);
      default:
        return false;
    }
  }

  SyslogTarget target_;
  bool first_ = true;
  Descriptor socket_;  // declared before what uses it, so closed after
  Handle<SSL_CTX, SSL_CTX_free> context_;
  Handle<SSL, SSL_free> ssl_;
};

}  // namespace

Result<std::unique_ptr<SyslogConnection>> SyslogConnection::connect(
    const SyslogTarget& target, const std::string& ca_file, const std::atomic<bool>& stop) {
  auto socket = connected(target, stop);
  if (!socket) return socket.error();
  switch (target.transport) {
    case SyslogTarget::Transport::kUdp:
      return std::unique_ptr<SyslogConnection>{new UdpConnection{target, std::move(*socket)}};
    case SyslogTarget::Transport::kTls:
      return TlsConnection::make(target, std::move(*socket), ca_file, stop);
    case SyslogTarget::Transport::kTcp:
      break;
  }
  return std::unique_ptr<SyslogConnection>{new TcpConnection{target, std::move(*socket)}};
}

}  // namespace gnomon::report
