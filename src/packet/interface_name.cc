// Which interface a name means: each may have more names than the one it is listed by.
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "gnomon/bytes/descriptor.h"
#include "gnomon/packet/interface_capture.h"

namespace gnomon::packet {
namespace {

constexpr std::size_t kNameMax = 127;            // of the kernel (ALTIFNAMSIZ), without its zero
constexpr std::size_t kAnswerBytes = 32 * 1024;  // more than an interface has to say of itself

// rtnetlink(7): the interface that has the name.
struct LinkQuestion {
  nlmsghdr header{};
  ifinfomsg link{};
  rtattr attribute{};
  std::array<char, kNameMax + 1> name{};
};

// if_nametoindex() ends where the listed names do, at 15 characters.
unsigned index_of_long_name(const std::string& name) {
  if (name.size() < IF_NAMESIZE || name.size() > kNameMax) return 0;
  const Descriptor socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
  if (!socket) return 0;
  const timeval patience{1, 0};
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);

  LinkQuestion question;
  std::copy(name.begin(), name.end(), question.name.begin());
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = RTM_GETLINK;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.attribute.rta_type = IFLA_ALT_IFNAME;
  question.attribute.rta_len = static_cast<unsigned short>(RTA_LENGTH(name.size() + 1));
  if (::send(socket.get(), &question, sizeof question, 0) != sizeof question) return 0;

  std::array<char, kAnswerBytes> answer;
  const ssize_t size = ::recv(socket.get(), answer.data(), answer.size(), 0);
  nlmsghdr header;
  ifinfomsg link;
  if (size < static_cast<ssize_t>(sizeof header + sizeof link)) return 0;
  std::memcpy(&header, answer.data(), sizeof header);
  std::memcpy(&link, answer.data() + sizeof header, sizeof link);
  return header.nlmsg_type == RTM_NEWLINK && link.ifi_index > 0
             ? static_cast<unsigned>(link.ifi_index)
             : 0;
}

}  // namespace

std::string kernel_name(const std::string& name) {
  char listed[IF_NAMESIZE];
  unsigned index = ::if_nametoindex(name.c_str());
  if (index == 0) index = index_of_long_name(name);
  return index != 0 && ::if_indextoname(index, listed) != nullptr ? listed : name;
}

}  // namespace gnomon::packet
