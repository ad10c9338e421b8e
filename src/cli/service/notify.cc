#include "notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <utility>

namespace gnomon::cli {
namespace {

std::optional<std::uint64_t> number_in(const char* name) {
  const char* const text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  std::uint64_t number = 0;
  const char* const end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

// One line: what follows a line's end would be another assignment.
std::string one_line(std::string_view text) {
  std::string line{text};
  for (char& each : line)
    if (static_cast<unsigned char>(each) < 0x20) each = ' ';
  return line;
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
  ServiceManager manager;
  const char* const path = std::getenv("NOTIFY_SOCKET");
  const std::string address{path != nullptr ? path : ""};
  const auto interval = number_in("WATCHDOG_USEC");
  const auto meant_for = number_in("WATCHDOG_PID");
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  if (address.empty() || (address[0] != '/' && address[0] != '@') ||
      address.size() >= sizeof(sockaddr_un::sun_path))
    return manager;
  manager.socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  manager.address_ = address;
  if (address[0] == '@') manager.address_[0] = '\0';
  if (interval && *interval > 0 &&
      (!meant_for || *meant_for == static_cast<std::uint64_t>(::getpid())))
    manager.watchdog_ = std::chrono::microseconds{*interval};
  return manager;
}

ServiceManager::ServiceManager(ServiceManager&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      address_(std::move(other.address_)),
      watchdog_(other.watchdog_) {}

ServiceManager& ServiceManager::operator=(ServiceManager&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(address_, other.address_);
  std::swap(watchdog_, other.watchdog_);
  return *this;
}

ServiceManager::~ServiceManager() {
  if (socket_ >= 0) ::close(socket_);
}

void ServiceManager::send(const std::string& message) {
  if (socket_ < 0) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size() +
                             (address_[0] == '\0' ? std::size_t{0} : std::size_t{1}));
  // Never waits: a manager that does not listen is not ours to wait for.
  (void)!::sendto(socket_, message.data(), message.size(), MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&to), size);
}

void ServiceManager::ready(std::string_view status) {
  send("READY=1\nSTATUS=" + one_line(status));
}

void ServiceManager::reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto micros = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
                      static_cast<std::uint64_t>(now.tv_nsec) / 1000;
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros) + "\nSTATUS=Reloading");
}

void ServiceManager::stopping() { send("STOPPING=1\nSTATUS=Stopping: writing what is open"); }
void ServiceManager::status(std::string_view text) { send("STATUS=" + one_line(text)); }
void ServiceManager::alive() { send("WATCHDOG=1"); }

}  // namespace gnomon::cli
