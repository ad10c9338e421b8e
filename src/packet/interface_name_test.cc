#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <string>

#include "gnomon/packet/interface_capture.h"

using gnomon::packet::kernel_name;

namespace {

constexpr int kRight = 0;
constexpr int kWrong = 1;
constexpr int kNotHere = 2;  // no namespaces, or no iproute2

// Of root, or of whoever may be root of users of his own.
bool enter_own_network() {
  if (::unshare(CLONE_NEWNET) == 0) return true;
  const std::string map = "0 " + std::to_string(::getuid()) + " 1";
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  return static_cast<bool>(std::ofstream{"/proc/self/uid_map"} << map << std::flush);
}

// Gives the loopback of a network of its own further names.
int check_names() {
  if (!enter_own_network()) return kNotHere;
  const std::string longest(127, 'n');
  for (const std::string& name :
       {std::string{"short0"}, std::string{"enp59s0f1np1v12345"}, longest}) {
    const std::string command = "ip link property add dev lo altname " + name + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) return kNotHere;
    if (kernel_name(name) != "lo") return kWrong;
  }
  for (const std::string& name :
       {std::string{"enp59s0f1np1v1234"}, std::string(126, 'n'), std::string(128, 'n')})
    if (kernel_name(name) != name) return kWrong;
  return kRight;
}

}  // namespace

TEST_CASE("an interface is found by each of its names, however long") {
  CHECK(kernel_name("lo") == "lo");
  CHECK(kernel_name("").empty());
  CHECK(kernel_name("nosuch0") == "nosuch0");
  CHECK(kernel_name(std::string(200, 'x')) == std::string(200, 'x'));
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(check_names());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNotHere) {
    WARN("no networks of one's own here");
    return;
  }
  CHECK(WEXITSTATUS(status) == kRight);
}
