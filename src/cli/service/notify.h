#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gnomon::cli {

// Tells systemd how the service is (sd_notify(3)), by datagrams to the socket that NOTIFY_SOCKET
// names. Without one, all of it does nothing.
class ServiceManager {
 public:
  // From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which are taken out of the environment, so
  // that programs started from here do not speak for the service.
  static ServiceManager from_environment();
  ServiceManager() = default;
  ServiceManager(ServiceManager&& other) noexcept;
  ServiceManager& operator=(ServiceManager&& other) noexcept;
  ~ServiceManager();

  [[nodiscard]] bool present() const { return socket_ >= 0; }
  // How often systemd wants to hear alive(); nothing when it does not care.
  [[nodiscard]] std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

  void ready(std::string_view status);
  void reloading();
  void stopping();
  void status(std::string_view text);
  void alive();

 private:
  void send(const std::string& message);

  int socket_ = -1;
  std::string address_;  // as it is in sockaddr_un: an abstract one begins with a zero byte
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace gnomon::cli
