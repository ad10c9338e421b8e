#include "gnomon/report/syslog_output.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "event_parts.h"
#include "gnomon/report/display_text.h"
#include "spool.h"
#include "syslog_connection.h"

namespace gnomon::report {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatchBytes = 256'000;
constexpr std::chrono::milliseconds kRetryFirst{250};
constexpr std::chrono::milliseconds kRetryMost{15'000};
constexpr int kFacility = 16;  // local0

// RFC 5424: 0 emergency to 7 debug.
int syslog_severity(std::string_view word) {
  constexpr int kNumbers[] = {6, 5, 4, 3, 2};
  return kNumbers[static_cast<std::size_t>(severity_of(word))];
}

// A name in a message's head: printable, without spaces.
std::string head_word(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : text.substr(0, most)) out += c > 0x20 && c < 0x7f ? c : '_';
  return out.empty() ? "-" : out;
}

std::string own_host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) return "-";
  return name;
}

class Output final : public SyslogOutput {
 public:
  Output(SyslogOptions options, Spool spool)
      : options_(std::move(options)), spool_(std::move(spool)) {
    host_ = head_word(options_.host_name.empty() ? own_host_name() : options_.host_name, 255);
    if (options_.send) sender_ = std::thread{[this] { send_all(); }};
  }
  ~Output() override { stop(); }

  void take(const EventLine& about, std::string_view line) override {
    if (!options_.types.empty() && !options_.types.contains(about.type)) return;
    std::string message =
        "<" + std::to_string(kFacility * 8 + syslog_severity(about.severity)) + ">1 " +
        (about.time.empty() ? "-" : about.time) + " " + host_ + " gnomon - " +
        head_word(about.type, 32) + " - ";
    message += line;
    {
      const std::lock_guard lock{mutex_};
      if (auto failed = spool_.put(message); failed && !error_ && !keeps_going_)
        error_ = std::move(failed);
    }
    wake_.notify_one();
  }

  void keep_going() override { keeps_going_ = true; }
  [[nodiscard]] std::uint64_t dropped() const override {
    const std::lock_guard lock{mutex_};
    return spool_.dropped();
  }

  std::optional<Error> close() override {
    if (sender_.joinable()) {
      std::unique_lock lock{mutex_};
      drained_.wait_for(lock, options_.drain_max, [this] { return spool_.waiting() == 0; });
    }
    stop();
    return error_;
  }

  [[nodiscard]] SyslogCounts counts() const override {
    const std::lock_guard lock{mutex_};
    SyslogCounts counts = counts_;
    counts.waiting = spool_.waiting();
    counts.dropped = spool_.dropped();
    return counts;
  }

 private:
  void stop() {
    stop_ = true;
    wake_.notify_all();
    if (sender_.joinable()) sender_.join();
  }

  void note_failure(Error error) {
    const std::lock_guard lock{mutex_};
    ++counts_.failures;
    counts_.last_failure = std::move(error.message);
  }

  // The sender's thread: from the spool to the collector, in order, until told to stop.
  void send_all() {
    // A connection that breaks is told by the call that writes to it.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    std::unique_ptr<SyslogConnection> connection;
    std::chrono::milliseconds retry = kRetryFirst;
    while (!stop_) {
      std::unique_lock lock{mutex_};
      wake_.wait_for(lock, std::chrono::seconds{1},
                     [this] { return stop_ || spool_.waiting() > 0; });
      if (stop_) break;
      auto batch = spool_.peek(kBatchBytes);
      if (!batch) {
        // The spool cannot be read: what is in it stays.
        if (!keeps_going_) {
          if (!error_) error_ = batch.error();
          break;
        }
        ++counts_.failures;
        counts_.last_failure = batch.error().message;
        wake_.wait_for(lock, kRetryMost, [this] { return stop_.load(); });
        continue;
      }
      lock.unlock();
      if (batch->messages == 0) continue;
      std::optional<Error> failed;
      if (!connection) {
        auto made = SyslogConnection::connect(options_.target, options_.ca_file, stop_);
        if (made) {
          connection = std::move(*made);
          const std::lock_guard counting{mutex_};
          ++counts_.connections;
        } else {
          failed = made.error();
        }
      }
      if (connection) failed = connection->send(batch->frames, stop_);
      if (failed) {
        connection.reset();
        note_failure(std::move(*failed));
        std::unique_lock waiting{mutex_};
        wake_.wait_for(waiting, retry, [this] { return stop_.load(); });
        retry = std::min(retry * 2, kRetryMost);
        continue;
      }
      retry = kRetryFirst;
      lock.lock();
      counts_.sent += batch->messages;
      if (auto unwritten = spool_.take(*batch); unwritten && !error_ && !keeps_going_)
        error_ = std::move(unwritten);
      if (spool_.waiting() == 0) drained_.notify_all();
    }
  }

  SyslogOptions options_;
  std::string host_;
  mutable std::mutex mutex_;  // of all below
  std::condition_variable wake_;
  std::condition_variable drained_;
  Spool spool_;
  SyslogCounts counts_;
  std::optional<Error> error_;
  std::atomic<bool> keeps_going_{false};
  std::atomic<bool> stop_{false};
  std::thread sender_;  // declared last: what it uses lives longer
};

}  // namespace

Result<SyslogTarget> SyslogTarget::parse(std::string_view url) {
  SyslogTarget target;
  const auto wrong = [&](const std::string& why) {
    return Error{"'" + printable(url) + "' " + why + ": tcp://HOST[:PORT], tls:// or udp://"};
  };
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return wrong("is no address of a collector");
  const std::string_view scheme = url.substr(0, colon);
  if (scheme == "udp")
    target.transport = Transport::kUdp;
  else if (scheme == "tcp")
    target.transport = Transport::kTcp;
  else if (scheme == "tls")
    target.transport = Transport::kTls;
  else
    return wrong("has a scheme that is unknown");
  std::string_view rest = url.substr(colon + 3);
  target.port = target.transport == Transport::kTls ? "6514" : "514";
  std::string_view after;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return wrong("lacks a ']'");
    target.host = rest.substr(1, end - 1);
    after = rest.substr(end + 1);
  } else {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    target.host = rest.substr(0, end);
    after = rest.substr(end);
  }
  if (target.host.empty() || target.host.find_first_of("/ \t@?#") != std::string::npos)
    return wrong("names no host");
  if (!after.empty()) {
    if (after.front() != ':') return wrong("has more than a port behind the host");
    after.remove_prefix(1);
    unsigned port = 0;
    for (const char c : after) port = c < '0' || c > '9' || port > 65'535 ? 65'536 : port * 10 + static_cast<unsigned>(c - '0');
    if (after.empty() || port == 0 || port > 65'535) return wrong("has a port that is none");
    target.port = after;
  }
  return target;
}

std::string SyslogTarget::text() const {
  const std::string_view scheme = transport == Transport::kUdp   ? "udp"
                                  : transport == Transport::kTls ? "tls"
                                                                 : "tcp";
  const bool v6 = host.find(':') != std::string::npos;
  return std::string{scheme} + "://" + (v6 ? "[" + host + "]" : host) + ":" + port;
}

Result<std::unique_ptr<SyslogOutput>> SyslogOutput::open(SyslogOptions options) {
  auto spool = Spool::open(options.spool, options.spool_bytes_max);
  if (!spool) return spool.error();
  return std::unique_ptr<SyslogOutput>{new Output{std::move(options), std::move(*spool)}};
}

}  // namespace gnomon::report
