#include "gnomon/report/console.h"

#include <charconv>

#include "http_server.h"
#include "site.h"

namespace gnomon::report::console {

Result<ListenPlace> parse_listen(const std::string& text) {
  const Error wrong{"'" + text +
                    "' is no place to listen at; write 127.0.0.1:8787, [::1]:8787 or 0.0.0.0:8787"};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return wrong;
  ListenPlace place;
  place.address = text.substr(0, colon);
  if (place.address.starts_with('[') && place.address.ends_with(']'))
    place.address = place.address.substr(1, place.address.size() - 2);
  else if (place.address.find(':') != std::string::npos)
    return wrong;
  if (place.address == "localhost") place.address = "127.0.0.1";
  if (!is_address(place.address)) return wrong;
  const char* end = text.data() + text.size();
  const auto [at, failed] = std::from_chars(text.data() + colon + 1, end, place.port);
  if (failed != std::errc{} || at != end) return wrong;
  place.loopback = place.address.starts_with("127.") || place.address == "::1";
  return place;
}

class Console::Impl {
 public:
  explicit Impl(ConsoleOptions options)
      : options_(options),
        site_(std::move(options), !options_.tls_certificate.empty(), Clock::now) {}

  std::optional<Error> open() {
    if (auto begun = site_.begin(); !begun) return begun.error();
    HttpServerOptions http;
    http.address = options_.address;
    http.port = options_.port;
    http.tls_certificate = options_.tls_certificate;
    http.tls_key = options_.tls_key;
    auto server = HttpServer::open(
        std::move(http), [this](const Request& request) { return site_.answer(request); });
    if (!server) return server.error();
    server_ = std::move(*server);
    return std::nullopt;
  }

  void run() { server_->run(); }
  void stop() { server_->stop(); }

  [[nodiscard]] std::string url() const {
    const bool v6 = options_.address.find(':') != std::string::npos;
    return std::string{options_.tls_certificate.empty() ? "http://" : "https://"} +
           (v6 ? "[" + options_.address + "]" : options_.address) + ":" +
           std::to_string(server_->port()) + "/";
  }
  std::string setup_url() {
    const std::string token = site_.setup_token();
    // Behind '#': browsers do not send it, so no proxy's log holds it.
    return token.empty() ? std::string{} : url() + "setup#" + token;
  }

 private:
  ConsoleOptions options_;
  Site site_;
  std::unique_ptr<HttpServer> server_;
};

Console::Console(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Console::~Console() = default;

Result<std::unique_ptr<Console>> Console::open(ConsoleOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (auto failed = impl->open()) return *failed;
  return std::unique_ptr<Console>{new Console{std::move(impl)}};
}

void Console::run() { impl_->run(); }
void Console::stop() { impl_->stop(); }
std::string Console::url() const { return impl_->url(); }
std::string Console::setup_url() const { return impl_->setup_url(); }

}  // namespace gnomon::report::console
