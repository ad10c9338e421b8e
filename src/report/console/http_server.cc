// The one file that includes Boost.Beast, which takes long to compile.
#include "http_server.h"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <map>
#include <optional>
#include <type_traits>
#include <utility>

namespace gnomon::report::console {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

// A slow line is given so many milliseconds for each kilobyte of an answer.
constexpr std::int64_t kMsPerKilobyte = 10;
constexpr std::chrono::milliseconds kAcceptPause{100};

// What the connections of one server share. All but the handler is used by the one thread alone.
struct Shared {
  HttpServerOptions options;
  Handler handler;
  HttpCounters counters;
  asio::io_context& io;
  asio::thread_pool workers;
  std::size_t open = 0;
  std::map<std::string, std::size_t> by_peer;

  Shared(HttpServerOptions asked, Handler answer, asio::io_context& waiting)
      : options(std::move(asked)),
        handler(std::move(answer)),
        io(waiting),
        workers(options.workers) {}
};

// Counts a connection as long as it lives.
class Place {
 public:
  Place(Shared& shared, std::string peer) : shared_(shared), peer_(std::move(peer)) {
    ++shared_.open;
    ++shared_.by_peer[peer_];
  }
  ~Place() {
    --shared_.open;
    const auto at = shared_.by_peer.find(peer_);
    if (--at->second == 0) shared_.by_peer.erase(at);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  [[nodiscard]] const std::string& peer() const { return peer_; }

 private:
  Shared& shared_;
  std::string peer_;
};

void take_field(Request& request, std::string& field, beast::string_view value) {
  if (!field.empty()) request.repeated = true;
  field.assign(value.data(), value.size());
}

Request request_of(http::request<http::string_body>&& message, const std::string& peer, bool tls) {
  Request request;
  const auto text = [](beast::string_view view) { return std::string{view.data(), view.size()}; };
  request.method = text(message.method_string());
  request.target = text(message.target());
  request.peer = peer;
  request.tls = tls;
  for (const auto& field : message) {
    switch (field.name()) {
      case http::field::host:
        take_field(request, request.host, field.value());
        break;
      case http::field::cookie:
        take_field(request, request.cookie, field.value());
        break;
      case http::field::origin:
        take_field(request, request.origin, field.value());
        break;
      case http::field::content_type:
        take_field(request, request.content_type, field.value());
        break;
      case http::field::accept:
        request.accept += (request.accept.empty() ? "" : ",") + text(field.value());
        break;
      case http::field::if_none_match:
        take_field(request, request.if_none_match, field.value());
        break;
      default:
        if (beast::iequals(field.name_string(), "x-csrf-token"))
          take_field(request, request.csrf_token, field.value());
        else if (beast::iequals(field.name_string(), "sec-fetch-site"))
          take_field(request, request.sec_fetch_site, field.value());
    }
  }
  request.body = std::move(message.body());
  return request;
}

// One connection. Lives as long as something waits on it.
template <class Stream>
class Connection : public std::enable_shared_from_this<Connection<Stream>> {
 public:
  template <class... More>
  Connection(std::shared_ptr<Shared> shared, std::string peer, tcp::socket socket, More&... more)
      : shared_(std::move(shared)),
        place_(*shared_, std::move(peer)),
        stream_(std::move(socket), more...),
        buffer_(shared_->options.header_bytes_max + shared_->options.body_bytes_max) {}

  void start() {
    if constexpr (kTls) {
      lowest().expires_after(shared_->options.request_time_max);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](error_code failed) {
                                if (!failed) self->read();
                              });
    } else {
      read();
    }
  }

 private:
  static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;

  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

  void read() {
    parser_.emplace();
    parser_->header_limit(shared_->options.header_bytes_max);
    parser_->body_limit(shared_->options.body_bytes_max);
    lowest().expires_after(shared_->options.request_time_max);
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](error_code failed, std::size_t) {
                       failed ? self->refuse(failed) : self->answer();
                     });
  }

  // What was no request gets its reason, where there is one to tell, and the connection ends.
  void refuse(error_code failed) {
    if (failed == http::error::end_of_stream) return close();
    if (failed == beast::error::timeout) {
      ++shared_->counters.requests_slow;
      return;
    }
    if (failed.category() != make_error_code(http::error::bad_method).category()) return;
    ++shared_->counters.requests_bad;
    const int status = failed == http::error::header_limit ? 431
                       : failed == http::error::body_limit ? 413
                                                           : 400;
    version_ = 11;
    keep_ = false;
    head_ = false;
    write(error_response(status, "bad_request",
                         status == 400 ? std::string_view{"this is not HTTP as it is specified"}
                                       : std::string_view{"the request is too large"}));
  }

  void answer() {
    ++shared_->counters.requests;
    auto message = parser_->release();
    version_ = message.version();
    keep_ = message.keep_alive();
    head_ = message.method() == http::verb::head;
    lowest().expires_never();
    asio::post(shared_->workers,
               [self = this->shared_from_this(),
                request = request_of(std::move(message), place_.peer(), kTls)]() mutable {
                 Response response = self->ask(request);
                 // The connection, and with it its place, belongs to the waiting thread, where it
                 // must also end: nothing of it is held here.
                 asio::io_context& io = self->shared_->io;
                 asio::post(io, [mine = std::move(self), response = std::move(response)]() mutable {
                   mine->write(std::move(response));
                 });
               });
  }

  Response ask(const Request& request) {
    try {
      return shared_->handler(request);
    } catch (const std::exception&) {  // of a library: out of memory
      return error_response(500, "internal", "the console could not answer this");
    }
  }

  void write(Response&& answer) {
    message_.emplace();
    message_->version(version_);
    message_->result(static_cast<unsigned>(answer.status));
    const std::string_view reason = reason_of(answer.status);
    message_->reason({reason.data(), reason.size()});
    if (!answer.content_type.empty()) message_->set(http::field::content_type, answer.content_type);
    for (const auto& [name, value] : answer.headers) message_->insert(name, value);
    message_->keep_alive(keep_);
    const std::size_t bytes = answer.body.size();
    message_->body() = head_ ? std::string{} : std::move(answer.body);
    if (answer.status == 304 || answer.status == 204)
      message_->body().clear();
    else
      message_->content_length(bytes);

    lowest().expires_after(
        shared_->options.answer_time_max +
        std::chrono::milliseconds{static_cast<std::int64_t>(bytes / 1024) * kMsPerKilobyte});
    serializer_.emplace(*message_);
    auto written = [self = this->shared_from_this()](error_code failed, std::size_t) {
      if (failed) return;
      self->serializer_.reset();
      self->message_.reset();
      self->keep_ ? self->read() : self->close();
    };
    // The answer to HEAD tells the length of a body that is not there.
    if (head_)
      http::async_write_header(stream_, *serializer_, std::move(written));
    else
      http::async_write(stream_, *serializer_, std::move(written));
  }

  void close() {
    if constexpr (kTls) {
      lowest().expires_after(std::chrono::seconds{2});
      stream_.async_shutdown([self = this->shared_from_this()](error_code) {});
    } else {
      // Closing with unread bytes resets the connection, and the other side may never see the
      // answer: say that nothing more comes, and read a little of what it still sends.
      error_code ignored;
      lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
      drain();
    }
  }

  void drain() {
    constexpr std::size_t kDrainMax = 1024 * 1024;
    if (drained_ == 0) lowest().expires_after(std::chrono::seconds{2});
    if (drained_ > kDrainMax) return;
    rest_.resize(16 * 1024);
    lowest().async_read_some(asio::buffer(rest_),
                             [self = this->shared_from_this()](error_code failed, std::size_t got) {
                               if (failed) return;
                               self->drained_ += got;
                               self->drain();
                             });
  }

  std::shared_ptr<Shared> shared_;
  Place place_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> message_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  unsigned version_ = 11;
  bool keep_ = false;
  bool head_ = false;
  std::size_t drained_ = 0;
  std::string rest_;
};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, Handler handler)
      : shared_(std::make_shared<Shared>(std::move(options), std::move(handler), io_)),
        acceptor_(io_),
        pause_(io_) {}

  std::optional<Error> listen() {
    const HttpServerOptions& options = shared_->options;
    error_code failed;
    if (!options.tls_certificate.empty()) {
      tls_.emplace(asio::ssl::context::tls_server);
      tls_->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1 |
                        asio::ssl::context::no_compression);
      tls_->use_certificate_chain_file(options.tls_certificate, failed);
      if (failed) return Error{failed.message()}.in(options.tls_certificate);
      tls_->use_private_key_file(options.tls_key, asio::ssl::context::pem, failed);
      if (failed) return Error{failed.message()}.in(options.tls_key);
    }
    const std::string place = options.address + " port " + std::to_string(options.port);
    const auto address = asio::ip::make_address(options.address, failed);
    if (failed) return Error{"is no address"}.in(options.address);
    const tcp::endpoint endpoint{address, options.port};
    acceptor_.open(endpoint.protocol(), failed);
    if (!failed) acceptor_.set_option(asio::socket_base::reuse_address{true}, failed);
    if (!failed && address.is_v6()) acceptor_.set_option(asio::ip::v6_only{true}, failed);
    if (!failed) acceptor_.bind(endpoint, failed);
    if (!failed) acceptor_.listen(asio::socket_base::max_listen_connections, failed);
    if (failed) return Error{"cannot listen: " + failed.message()}.in(place);
    port_ = acceptor_.local_endpoint(failed).port();
    return std::nullopt;
  }

  void accept() {
    acceptor_.async_accept([this](error_code failed, tcp::socket socket) {
      if (failed == asio::error::operation_aborted) return;
      if (failed) {  // out of file descriptors: connections end by themselves
        pause_.expires_after(kAcceptPause);
        pause_.async_wait([this](error_code stopped) {
          if (!stopped) accept();
        });
        return;
      }
      take(std::move(socket));
      accept();
    });
  }

  void take(tcp::socket socket) {
    error_code failed;
    const auto remote = socket.remote_endpoint(failed);
    if (failed) return;
    std::string peer = remote.address().to_string();
    const auto at = shared_->by_peer.find(peer);
    if (shared_->open >= shared_->options.connections_max ||
        (at != shared_->by_peer.end() && at->second >= shared_->options.connections_per_peer_max)) {
      ++shared_->counters.connections_refused;
      return;  // closed by its end of life
    }
    ++shared_->counters.connections;
    socket.set_option(tcp::no_delay{true}, failed);
    if (tls_)
      std::make_shared<Connection<beast::ssl_stream<beast::tcp_stream>>>(shared_, std::move(peer),
                                                                         std::move(socket), *tls_)
          ->start();
    else
      std::make_shared<Connection<beast::tcp_stream>>(shared_, std::move(peer), std::move(socket))
          ->start();
  }

  void run() {
    accept();
    io_.run();
    shared_->workers.join();
  }
  void stop() { io_.stop(); }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const HttpCounters& counters() const { return shared_->counters; }

 private:
  asio::io_context io_{1};  // ends last: what still waits holds connections
  std::shared_ptr<Shared> shared_;
  std::optional<asio::ssl::context> tls_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::uint16_t port_ = 0;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::open(HttpServerOptions options, Handler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  if (auto failed = impl->listen()) return *failed;
  return std::unique_ptr<HttpServer>{new HttpServer{std::move(impl)}};
}

void HttpServer::run() { impl_->run(); }
void HttpServer::stop() { impl_->stop(); }
std::uint16_t HttpServer::port() const { return impl_->port(); }
const HttpCounters& HttpServer::counters() const { return impl_->counters(); }

}  // namespace gnomon::report::console
