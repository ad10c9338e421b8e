#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "gnomon/bytes/result.h"
#include "gnomon/report/event_writer.h"

// Lines to a collector by syslog: messages of RFC 5424, over TCP and TLS framed by octet counting
// (RFC 6587, RFC 5425), over UDP one a datagram. What is to be sent goes to a spool on disk first
// and is sent from there in order, so that a collector that cannot be reached, or a restart of ours,
// loses nothing while the spool has room.
namespace gnomon::report {

struct SyslogTarget {
  enum class Transport : std::uint8_t { kUdp, kTcp, kTls };
  Transport transport = Transport::kTcp;
  std::string host;
  std::string port;

  // "tcp://host", "tls://host:6514", "udp://[2001:db8::1]:514". Default ports are 514 and, for TLS,
  // 6514.
  static Result<SyslogTarget> parse(std::string_view url);
  [[nodiscard]] std::string text() const;
};

struct SyslogOptions {
  SyslogTarget target;
  std::string spool;                             // folder; made when it does not exist
  std::uint64_t spool_bytes_max = 256'000'000;   // beyond it the oldest events go, and are counted
  std::string ca_file;                           // TLS: who may vouch for it; empty: the system's
  std::string host_name;                         // ours, as messages tell it; empty: the system's
  std::set<std::string, std::less<>> types;      // of events that are sent; empty: all
  std::chrono::milliseconds drain_max{10'000};   // how long close() waits for what is unsent
  bool send = true;                              // false: only into the spool
};

struct SyslogCounts {
  std::uint64_t sent = 0;          // events that the collector's system has confirmed
  std::uint64_t waiting = 0;       // in the spool
  std::uint64_t dropped = 0;       // the spool was full
  std::uint64_t connections = 0;   // that were made
  std::uint64_t failures = 0;      // tries that failed, and connections that broke
  std::string last_failure;
};

// Sends on a thread of its own; take() waits for the disk at most.
class SyslogOutput : public LineOutput {
 public:
  // Takes up what an earlier run left in the spool. One process at a time may use a spool.
  static Result<std::unique_ptr<SyslogOutput>> open(SyslogOptions options);
  [[nodiscard]] virtual SyslogCounts counts() const = 0;
};

}  // namespace gnomon::report
