#include "interface_ring.h"

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "fanout.h"

namespace gnomon::packet {
namespace {

Error no_permission() {
  return Error{
      "no permission to listen: this takes the capability CAP_NET_RAW; run it as root (sudo), or "
      "give the capability to the program: sudo setcap cap_net_raw+ep $(readlink -f $(command -v "
      "gnomon))"};
}

// LINKTYPE_ values are DLT_ ones but for those that differ between systems.
std::uint16_t link_type_of(int dlt) {
  return dlt == DLT_RAW ? std::uint16_t{101} : static_cast<std::uint16_t>(dlt);
}

std::uint32_t index_of(int socket) {
  sockaddr_ll bound{};
  socklen_t size = sizeof bound;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0 ||
      bound.sll_family != AF_PACKET || bound.sll_ifindex < 0)
    return 0;
  return static_cast<std::uint32_t>(bound.sll_ifindex);
}

Result<Ring> open_ring(const std::string& interface, const InterfaceOptions& options) {
  char why[PCAP_ERRBUF_SIZE] = "";
  Ring ring;
  ring.handle.reset(pcap_create(kernel_name(interface).c_str(), why));
  if (!ring.handle) return Error{why};
  pcap_t* handle = ring.handle.get();
  pcap_set_snaplen(handle, static_cast<int>(options.snap_length));
  pcap_set_promisc(handle, options.promiscuous && interface != "any" ? 1 : 0);
  pcap_set_timeout(handle, kRetireMs);
  pcap_set_immediate_mode(handle, 0);  // on, it wakes us for every frame
  pcap_set_buffer_size(handle, static_cast<int>(options.buffer_mib) * 1024 * 1024);
  pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
  int* types = nullptr;
  const int count = pcap_list_tstamp_types(handle, &types);
  // The adapter's clock where it goes with the machine's; one that does not would be of no use.
  if (count > 0 && std::find(types, types + count, PCAP_TSTAMP_ADAPTER) != types + count)
    pcap_set_tstamp_type(handle, PCAP_TSTAMP_ADAPTER);
  if (count > 0) pcap_free_tstamp_types(types);

  const int state = pcap_activate(handle);
  if (state == PCAP_ERROR_PERM_DENIED || state == PCAP_ERROR_PROMISC_PERM_DENIED)
    return no_permission();
  if (state == PCAP_ERROR_NO_SUCH_DEVICE) return no_interface();
  if (state < 0) {
    const std::string detail = pcap_geterr(handle);
    if (!interface_facts(interface).exists) return no_interface();
    if (detail.find("permi") != std::string::npos) return no_permission();
    return Error{detail.empty() ? pcap_statustostr(state) : detail};
  }
  if (pcap_setnonblock(handle, 1, why) != 0) return Error{why};
  ring.socket = pcap_fileno(handle);
  ring.link_type = link_type_of(pcap_datalink(handle));
  ring.index = index_of(ring.socket);
  return ring;
}

std::optional<Error> set_filter(const Ring& ring, const std::string& expression) {
  bpf_program program{};
  if (pcap_compile(ring.handle.get(), &program, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return Error{std::string{pcap_geterr(ring.handle.get())}}.in("filter '" + expression + "'");
  const bool set = pcap_setfilter(ring.handle.get(), &program) == 0;
  pcap_freecode(&program);
  if (!set) return Error{pcap_geterr(ring.handle.get())};
  return std::nullopt;
}

std::optional<Error> let_nothing_in(const Ring& ring) {
  sock_filter refuse{BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog program{1, &refuse};
  if (setsockopt(ring.socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0)
    return std::nullopt;
  return Error{std::string{"a filter cannot be set: "} + std::strerror(errno)};
}

void throw_away(const Ring& ring) {
  while (pcap_dispatch(
             ring.handle.get(), -1, [](u_char*, const pcap_pkthdr*, const u_char*) {}, nullptr) >
         0) {
  }
}

}  // namespace

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Error no_interface() { return Error{"no such interface; there are: " + joined(interface_names())}; }

Result<std::vector<Ring>> open_rings(const std::string& interface,
                                     const InterfaceOptions& options) {
  std::vector<Ring> rings;
  Fanout fanout;
  for (unsigned i = 0; i < options.workers; ++i) {
    auto ring = open_ring(interface, options);
    if (!ring) return ring.error();
    if (options.workers > 1) {
      if (auto failed = let_nothing_in(*ring)) return *failed;
      if (auto failed = fanout.join(ring->socket)) return *failed;
    }
    rings.push_back(std::move(*ring));
  }
  if (options.workers > 1) {
    std::this_thread::sleep_for(std::chrono::milliseconds{2 * kRetireMs});
    for (const Ring& ring : rings) throw_away(ring);
  }
  for (const Ring& ring : rings) {
    if (options.workers == 1 && options.filter.empty()) break;
    if (auto failed = set_filter(ring, options.filter)) return *failed;
    tpacket_stats_v3 before{};  // what was thrown away counts for nothing
    socklen_t size = sizeof before;
    if (options.workers > 1)
      (void)getsockopt(ring.socket, SOL_PACKET, PACKET_STATISTICS, &before, &size);
  }
  return rings;
}

}  // namespace gnomon::packet
