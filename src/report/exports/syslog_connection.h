#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gnomon/bytes/result.h"
#include "gnomon/report/syslog_output.h"

namespace gnomon::report {

// One connection to a collector. Every wait ends when `stop` is set, or after some seconds.
class SyslogConnection {
 public:
  static Result<std::unique_ptr<SyslogConnection>> connect(const SyslogTarget& target,
                                                           const std::string& ca_file,
                                                           const std::atomic<bool>& stop);
  virtual ~SyslogConnection() = default;

  // Sends framed messages whole, and waits until the other system has confirmed all of it, as far as
  // the transport can tell. Nothing when it did.
  virtual std::optional<Error> send(std::string_view frames, const std::atomic<bool>& stop) = 0;
};

}  // namespace gnomon::report
