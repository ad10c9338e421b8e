#include "document_wire.h"

#include <sys/socket.h>

#include <array>
#include <cstring>

namespace gnomon::content {

bool send_beside(int channel, Bytes request, int document) {
  iovec part{const_cast<std::uint8_t*>(request.data()), request.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &document, sizeof document);
  // A request is far smaller than the socket's buffer, which is empty.
  return sendmsg(channel, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(request.size());
}

std::string_view known_word(std::string_view word) {
  for (const std::string_view known : {"bomb", "size", "too-many", "too-deep"}) {
    if (word == known) return known;
  }
  return "damaged";
}

}  // namespace gnomon::content
