#include "gnomon/packet/stream_capture.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "block_queues.h"
#include "byte_source.h"
#include "capture_input.h"
#include "gnomon/bytes/descriptor.h"
#include "gnomon/bytes/handle.h"
#include "gnomon/bytes/wake.h"
#include "stream_clock.h"

namespace gnomon::packet {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBackOffMin{500};
constexpr std::chrono::milliseconds kBackOffMax{30'000};
constexpr std::chrono::milliseconds kConnectAtMost{5000};
constexpr std::size_t kBlockBytes = 128 * 1024;
constexpr const char* kNoSender = "has no sender";

// Waits for `what` of the socket; false when `stop` rang or the time was up.
bool wait_for(int socket, short what, const Wake& stop, int at_most_ms) {
  pollfd both[] = {{socket, what, 0}, {stop.descriptor(), POLLIN, 0}};
  int ready = 0;
  do ready = ::poll(both, 2, at_most_ms);
  while (ready < 0 && errno == EINTR);
  return ready > 0 && both[1].revents == 0;
}

class SocketSource final : public ByteSource {
 public:
  SocketSource(int socket, const Wake& stop) : socket_(socket), stop_(stop) {}
  std::size_t read(std::uint8_t* to, std::size_t count) override {
    while (!over_) {
      const ssize_t got = ::recv(socket_, to, count, MSG_DONTWAIT);
      if (got > 0) return static_cast<std::size_t>(got);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (!wait_for(socket_, POLLIN, stop_, -1)) over_ = true;
        continue;
      }
      if (got < 0) error_ = std::strerror(errno);
      over_ = true;
    }
    return 0;
  }
  [[nodiscard]] bool goes_on() const override { return !over_; }

 private:
  int socket_;
  const Wake& stop_;
  bool over_ = false;
};

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

struct HostPort {
  std::string host;
  std::string port;
};

std::optional<HostPort> split(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon + 1 == text.size()) return std::nullopt;
  HostPort parts{text.substr(0, colon), text.substr(colon + 1)};
  if (parts.port.find_first_not_of("0123456789") != std::string::npos || parts.port.size() > 5 ||
      std::stoul(parts.port) == 0 || std::stoul(parts.port) > 65535)
    return std::nullopt;
  if (parts.host.starts_with('[') && parts.host.ends_with(']'))
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  else if (parts.host.find(':') != std::string::npos)
    return std::nullopt;  // an IPv6 address wants brackets: where would its port begin?
  if (parts.host.empty()) return std::nullopt;
  return parts;
}

Error wrong_address(const std::string& text) {
  return Error{"'" + text + "' is no HOST:PORT (an IPv6 address stands in brackets: [::1]:57012)"};
}

Result<Addresses> resolve(const HostPort& parts, bool passive) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0);
  addrinfo* list = nullptr;
  if (const int code = ::getaddrinfo(parts.host.c_str(), parts.port.c_str(), &hints, &list);
      code != 0)
    return Error{::gai_strerror(code)};
  return Addresses{list};
}

// A sender that vanished without a word is noticed: after a minute of silence it is asked eight
// times within two more.
void keep_alive(const Descriptor& socket) {
  const int on = 1;
  const int idle = 60;
  const int every = 15;
  const int times = 8;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof every);
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof times);
}

Result<Descriptor> connect_to(const HostPort& parts, const Wake& stop) {
  auto addresses = resolve(parts, false);
  if (!addresses) return addresses.error();
  std::string why = "no address";
  for (const addrinfo* each = addresses->get(); each != nullptr; each = each->ai_next) {
    Descriptor socket{
        ::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!socket) continue;
    int failed = 0;
    if (::connect(socket.get(), each->ai_addr, each->ai_addrlen) != 0) {
      failed = errno;
      if (failed == EINPROGRESS) {
        failed = ETIMEDOUT;
        if (wait_for(socket.get(), POLLOUT, stop, static_cast<int>(kConnectAtMost.count()))) {
          socklen_t size = sizeof failed;
          ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &failed, &size);
        }
      }
    }
    if (failed == 0) {
      keep_alive(socket);
      return socket;
    }
    why = std::strerror(failed);
  }
  return Error{why};
}

Result<Descriptor> listen_at(const HostPort& parts) {
  auto addresses = resolve(parts, true);
  if (!addresses) return addresses.error();
  std::string why = "no address";
  for (const addrinfo* each = addresses->get(); each != nullptr; each = each->ai_next) {
    Descriptor socket{
        ::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!socket) continue;
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(socket.get(), each->ai_addr, each->ai_addrlen) == 0 &&
        ::listen(socket.get(), 16) == 0)
      return socket;
    why = errno == EADDRINUSE ? "the port is in use by another program" : std::strerror(errno);
  }
  return Error{why};
}

std::string name_of(const sockaddr_storage& address, socklen_t size) {
  char host[NI_MAXHOST] = "?";
  char port[NI_MAXSERV] = "?";
  ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port,
                sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
  const std::string text = host;
  return (text.find(':') == std::string::npos ? text : "[" + text + "]") + ":" + port;
}

class StreamCapture final : public LiveSource {
 public:
  explicit StreamCapture(const StreamOptions& options)
      : options_(options), queues_(options.workers) {}
  ~StreamCapture() override {
    stop();
    for (std::thread& thread : threads_) thread.join();
    for (Sender& sender : senders_) sender.thread.join();
  }

  std::optional<Error> open() {
    for (const std::string& text : options_.peers)
      if (!split(text)) return wrong_address(text);
    std::vector<Descriptor> listening;
    for (const std::string& text : options_.listen) {
      const auto parts = split(text);
      if (!parts) return wrong_address(text);
      auto socket = listen_at(*parts);
      if (!socket) return std::move(socket.error()).in(text);
      listening.push_back(std::move(*socket));
    }
    for (const std::string& text : options_.peers) {
      const std::size_t number = add_input(text, "is not connected");
      to_start_.emplace_back([this, text, number] { call(text, number); });
    }
    for (std::size_t i = 0; i < listening.size(); ++i) {
      const std::size_t number = add_input(options_.listen[i], kNoSender);
      to_start_.emplace_back(
          [this, number, socket = std::make_shared<Descriptor>(std::move(listening[i]))] {
            answer(std::move(*socket), number);
          });
    }
    told_ = inputs_;
    return std::nullopt;
  }

  Took take(unsigned worker, FrameBlock& out) override {
    const bool stopping = stopping_.load(std::memory_order_acquire);
    if (queues_.take(worker, out)) return Took::kFrames;
    return stopping && readers_.load(std::memory_order_acquire) == 0 ? Took::kEnd : Took::kNothing;
  }
  void wait(unsigned worker, int wake, std::chrono::milliseconds at_most) override {
    queues_.wait(worker, wake, at_most);
  }
  // The first time it begins: whoever opened this may have wished to give up privileges meanwhile,
  // which threads that are there already would keep.
  void tend() override {
    if (!stopping())
      for (auto& part : std::exchange(to_start_, {})) threads_.emplace_back(std::move(part));
    const std::lock_guard lock{mutex_};
    told_ = inputs_;
    // Threads of senders that have gone.
    for (auto at = senders_.begin(); at != senders_.end();) {
      if (!at->over.load(std::memory_order_acquire)) {
        ++at;
        continue;
      }
      at->thread.join();
      at = senders_.erase(at);
    }
  }
  void stop() override {
    stopping_.store(true, std::memory_order_release);
    stop_.ring();
    queues_.close();
  }
  const std::vector<LiveInput>& inputs() const override { return told_; }
  std::vector<LiveNews> take_news() override {
    const std::lock_guard lock{mutex_};
    return std::exchange(news_, {});
  }

 private:
  struct Sender {
    std::thread thread;
    std::atomic<bool> over{false};
  };

  std::size_t add_input(const std::string& name, const char* state) {
    inputs_.push_back({name, false, state, {}});
    return inputs_.size() - 1;
  }
  void tell(const std::string& name, const std::string& what, bool trouble) {
    const std::lock_guard lock{mutex_};
    if (news_.size() < 1000) news_.push_back({name + ": " + what, trouble});
  }
  void set_state(std::size_t number, bool up, const std::string& otherwise) {
    const std::lock_guard lock{mutex_};
    inputs_[number].up = up;
    inputs_[number].state = up ? "" : otherwise;
  }
  // Of a listener: one more, or one fewer.
  void count_senders(std::size_t number, int change) {
    const std::lock_guard lock{mutex_};
    connected_.resize(inputs_.size());
    connected_[number] += change;
    inputs_[number].up = connected_[number] > 0;
    inputs_[number].state = inputs_[number].up ? "" : kNoSender;
  }
  [[nodiscard]] bool stopping() const { return stopping_.load(std::memory_order_acquire); }
  // False when it is time to end.
  bool rest(std::chrono::milliseconds time) {
    pollfd stop{stop_.descriptor(), POLLIN, 0};
    ::poll(&stop, 1, static_cast<int>(time.count()));
    return !stopping();
  }

  // Client: connects, reads, and connects again.
  void call(const std::string& text, std::size_t number) {
    readers_.fetch_add(1, std::memory_order_acq_rel);
    const HostPort parts = *split(text);
    std::chrono::milliseconds back_off = kBackOffMin;
    std::string told;
    bool before = false;
    while (!stopping()) {
      auto socket = connect_to(parts, stop_);
      if (stopping()) break;
      if (!socket) {
        if (told != socket.error().message)
          tell(text, "cannot be connected to: " + socket.error().message + "; trying again", true);
        told = socket.error().message;
        set_state(number, false, "cannot be connected to: " + told);
      } else {
        told.clear();
        tell(text, "connected", false);
        set_state(number, true, {});
        if (before) count(number, &LiveCounters::reopened, 1);
        before = true;
        const bool any = read_stream(*socket, text, number,
                                     static_cast<unsigned>(number % options_.workers));
        set_state(number, false, "is not connected");
        if (any) back_off = kBackOffMin;
      }
      if (!rest(back_off)) break;
      back_off = std::min(back_off * 2, kBackOffMax);
    }
    readers_.fetch_sub(1, std::memory_order_acq_rel);
  }

  // Server: every connection is a stream.
  void answer(Descriptor listening, std::size_t number) {
    readers_.fetch_add(1, std::memory_order_acq_rel);
    while (wait_for(listening.get(), POLLIN, stop_, -1)) {
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      Descriptor socket{::accept4(listening.get(), reinterpret_cast<sockaddr*>(&from), &size,
                              SOCK_CLOEXEC | SOCK_NONBLOCK)};
      if (!socket) {
        if (!rest(std::chrono::milliseconds{50})) break;  // out of descriptors, say
        continue;
      }
      keep_alive(socket);
      const std::string name = name_of(from, size);
      const std::lock_guard lock{mutex_};
      if (senders_.size() >= options_.senders_max) {
        if (news_.size() < 1000)
          news_.push_back({name + ": sent away, as " + std::to_string(options_.senders_max) +
                           " others are sending"});
        continue;
      }
      readers_.fetch_add(1, std::memory_order_acq_rel);
      Sender& sender = senders_.emplace_back();
      const unsigned worker = static_cast<unsigned>(accepted_++ % options_.workers);
      sender.thread = std::thread{[this, &sender, name, number, worker,
                                   own = std::move(socket)]() mutable {
        tell(name, "connected", false);
        count_senders(number, 1);
        read_stream(own, name, number, worker);
        count_senders(number, -1);
        own = Descriptor{};
        readers_.fetch_sub(1, std::memory_order_acq_rel);
        sender.over.store(true, std::memory_order_release);
      }};
    }
    readers_.fetch_sub(1, std::memory_order_acq_rel);
  }

  // True when frames came.
  bool read_stream(const Descriptor& socket, const std::string& name, std::size_t number,
                   unsigned worker) {
    const auto origin = std::make_shared<const std::string>(name);
    InputNotes notes;
    notes.file = name;
    CaptureInput input{std::make_unique<SocketSource>(socket.get(), stop_), kBlockBytes,
                       std::move(notes)};
    std::uint64_t frames = 0;
    StreamClock::Stream clock;
    for (;;) {
      FrameBlock block = queues_.fresh(worker);
      if (!input.fill_with_keys(block)) break;
      block.input = static_cast<std::uint16_t>(number);
      block.origin = origin;
      block.live = true;
      block.lossy = false;
      block.clock_step = clock_.follow(block, clock);
      if (block.clock_step.count() != 0) {
        count(number, &LiveCounters::clock_steps, 1);
        tell(name, clock_step_text(block.clock_step), true);
      }
      const std::size_t came = block.frames.size();
      if (!queues_.put(worker, std::move(block))) break;  // given up with the rest of the stream
      frames += came;
      count(number, &LiveCounters::received, came);
    }
    if (stopping()) return frames > 0;
    // Whether the port answers is asked so, by those that watch over services.
    if (input.nothing_came()) {
      tell(name, "ended, and had sent nothing", false);
      return false;
    }
    const auto& problems = input.notes().problems;
    if (!problems.empty()) count(number, &LiveCounters::damaged, 1);
    if (problems.empty()) {
      tell(name, "ended after " + std::to_string(frames) + " frames", false);
    } else {
      tell(name, "ended after " + std::to_string(frames) + " frames; offset " +
                     std::to_string(problems.front().offset) + ": " + problems.front().what,
           true);
    }
    return frames > 0;
  }

  void count(std::size_t number, std::uint64_t LiveCounters::*which, std::uint64_t by) {
    const std::lock_guard lock{mutex_};
    inputs_[number].counters.*which += by;
  }

  const StreamOptions options_;
  BlockQueues queues_;
  StreamClock clock_;
  Wake stop_;  // never settled: whoever looks at it later ends as well
  std::atomic<bool> stopping_{false};
  std::atomic<int> readers_{0};  // threads that may yet give blocks

  std::mutex mutex_;
  std::vector<LiveInput> inputs_;
  std::vector<LiveNews> news_;
  std::list<Sender> senders_;
  std::vector<int> connected_;  // of each input that is listened at
  std::size_t accepted_ = 0;
  std::vector<LiveInput> told_;
  std::vector<std::function<void()>> to_start_;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<LiveSource>> receive_streams(const StreamOptions& options) {
  auto capture = std::make_unique<StreamCapture>(options);
  if (auto failed = capture->open()) return std::move(*failed);
  return std::unique_ptr<LiveSource>{std::move(capture)};
}

}  // namespace gnomon::packet
