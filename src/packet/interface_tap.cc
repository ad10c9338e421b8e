#include "gnomon/packet/interface_tap.h"

#include <pcap/pcap.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "gnomon/bytes/handle.h"

namespace gnomon::packet {
namespace {

constexpr int kSnapLength = 262'144;
constexpr int kBufferBytes = 64 * 1024 * 1024;
constexpr int kTimeoutMs = 100;
constexpr std::size_t kWriteBytes = 64 * 1024;

using PcapHandle = Handle<pcap_t, pcap_close>;

class Bytes32 {
 public:
  explicit Bytes32(std::vector<std::uint8_t>& out) : out_(out) {}
  void u16(std::uint16_t value) { put(&value, sizeof value); }
  void u32(std::uint32_t value) { put(&value, sizeof value); }
  void u64(std::uint64_t value) { put(&value, sizeof value); }
  void put(const void* data, std::size_t count) {
    const auto* from = static_cast<const std::uint8_t*>(data);
    out_.insert(out_.end(), from, from + count);
  }

 private:
  std::vector<std::uint8_t>& out_;
};

}  // namespace

struct InterfaceTap::Impl {
  PcapHandle pcap;
  std::vector<std::uint8_t> buffer;
  bool nanoseconds = false;
  bool reader_gone = false;

  void write_out(int pipe) {
    std::size_t done = 0;
    while (done < buffer.size() && !reader_gone) {
      const ssize_t count = ::write(pipe, buffer.data() + done, buffer.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) reader_gone = true;
      else done += static_cast<std::size_t>(count);
    }
    buffer.clear();
  }

  void begin() {
    Bytes32 out{buffer};
    out.u32(0x0a0d0d0a);  // section header
    out.u32(28);
    out.u32(0x1a2b3c4d);
    out.u16(1);
    out.u16(0);
    out.u64(~std::uint64_t{0});
    out.u32(28);
    out.u32(1);  // interface description, with its time resolution
    out.u32(32);
    out.u16(static_cast<std::uint16_t>(pcap_datalink(pcap.get())));
    out.u16(0);
    out.u32(kSnapLength);
    out.u16(9);
    out.u16(1);
    out.u32(nanoseconds ? 9 : 6);
    out.u32(0);
    out.u32(32);
  }

  void add(const pcap_pkthdr& header, const std::uint8_t* data) {
    const std::uint64_t per_second = nanoseconds ? 1'000'000'000 : 1'000'000;
    const std::uint64_t time = static_cast<std::uint64_t>(header.ts.tv_sec) * per_second +
                               static_cast<std::uint64_t>(header.ts.tv_usec);
    const std::uint32_t padding = (4 - header.caplen % 4) % 4;
    const std::uint32_t length = 32 + header.caplen + padding;
    Bytes32 out{buffer};
    out.u32(6);  // enhanced packet
    out.u32(length);
    out.u32(0);
    out.u32(static_cast<std::uint32_t>(time >> 32));
    out.u32(static_cast<std::uint32_t>(time));
    out.u32(header.caplen);
    out.u32(header.len);
    out.put(data, header.caplen);
    const std::uint32_t zero = 0;
    out.put(&zero, padding);
    out.u32(length);
  }

  static void take(u_char* self, const pcap_pkthdr* header, const u_char* data) {
    reinterpret_cast<Impl*>(self)->add(*header, data);
  }
};

Result<InterfaceTap> InterfaceTap::open(const std::string& interface, const std::string& filter) {
  char problem[PCAP_ERRBUF_SIZE] = "";
  auto impl = std::make_unique<Impl>();
  impl->pcap = PcapHandle{pcap_create(interface.c_str(), problem)};
  if (!impl->pcap) return Error{problem}.in(interface);
  pcap_t* const pcap = impl->pcap.get();
  pcap_set_snaplen(pcap, kSnapLength);
  pcap_set_promisc(pcap, 1);
  pcap_set_timeout(pcap, kTimeoutMs);
  pcap_set_buffer_size(pcap, kBufferBytes);
  impl->nanoseconds = pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO) == 0;
  const int outcome = pcap_activate(pcap);
  if (outcome == PCAP_ERROR_PERM_DENIED || outcome == PCAP_ERROR_PROMISC_PERM_DENIED)
    return Error{"no permission to capture; run as root, or give the capability: setcap "
                 "cap_net_raw=ep on the program"}
        .in(interface);
  if (outcome < 0) {
    const std::string said = pcap_geterr(pcap);
    return Error{said.empty() ? pcap_statustostr(outcome) : said}.in(interface);
  }
  if (!filter.empty()) {
    bpf_program program{};
    if (pcap_compile(pcap, &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
      return Error{pcap_geterr(pcap)}.in("--filter");
    const int set = pcap_setfilter(pcap, &program);
    pcap_freecode(&program);
    if (set != 0) return Error{pcap_geterr(pcap)}.in("--filter");
  }
  if (pcap_setnonblock(pcap, 1, problem) != 0) return Error{problem}.in(interface);
  return InterfaceTap{std::move(impl)};
}

InterfaceTap::InterfaceTap(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
InterfaceTap::InterfaceTap(InterfaceTap&&) noexcept = default;
InterfaceTap& InterfaceTap::operator=(InterfaceTap&&) noexcept = default;
InterfaceTap::~InterfaceTap() = default;

std::optional<Error> InterfaceTap::copy_frames(int pipe, std::chrono::seconds for_so_long,
                                               const std::atomic<bool>& stop) {
  impl_->begin();
  impl_->write_out(pipe);
  pcap_t* const pcap = impl_->pcap.get();
  const auto end = std::chrono::steady_clock::now() + for_so_long;
  while (std::chrono::steady_clock::now() < end && !stop.load(std::memory_order_relaxed) &&
         !impl_->reader_gone) {
    const int count = pcap_dispatch(pcap, 256, &Impl::take, reinterpret_cast<u_char*>(impl_.get()));
    if (count < 0) return Error{pcap_geterr(pcap)};
    if (impl_->buffer.size() >= kWriteBytes || count == 0) impl_->write_out(pipe);
    if (count > 0) continue;
    pollfd wait{pcap_get_selectable_fd(pcap), POLLIN, 0};
    ::poll(&wait, 1, kTimeoutMs);
  }
  impl_->write_out(pipe);
  return std::nullopt;
}

std::optional<Error> InterfaceTap::end(int pipe, Losses losses) {
  pcap_stat stats{};
  if (pcap_stats(impl_->pcap.get(), &stats) != 0) return Error{pcap_geterr(impl_->pcap.get())};
  Bytes32 out{impl_->buffer};
  out.u32(5);  // interface statistics
  out.u32(24 + 3 * 12 + 4);
  out.u32(0);
  out.u64(0);
  const auto option = [&out](std::uint16_t code, std::uint64_t value) {
    out.u16(code);
    out.u16(8);
    out.u64(value);
  };
  option(4, stats.ps_recv);
  option(5, stats.ps_ifdrop + losses.card);
  option(7, stats.ps_drop + losses.kernel);
  out.u32(0);
  out.u32(24 + 3 * 12 + 4);
  impl_->write_out(pipe);
  return std::nullopt;
}

}  // namespace gnomon::packet
