#include "gnomon/packet/bpf_filter.h"

#include <pcap/pcap.h>

#include <atomic>
#include <mutex>
#include <utility>

#include "gnomon/bytes/handle.h"

namespace gnomon::packet {
namespace {

constexpr int kSnapLength = 262144;
constexpr std::uint16_t kLinkEthernet = 1;

// LINKTYPE_ and DLT_ numbers are the same but for those that differ between systems.
int dlt_of(std::uint16_t link_type) {
  switch (link_type) {
    case 100:
      return DLT_ATM_RFC1483;
    case 101:
      return DLT_RAW;
    case 106:
      return DLT_ATM_CLIP;
    default:
      return link_type;
  }
}

using PcapHandle = Handle<pcap_t, pcap_close>;

// A compiled expression, or none where it makes no sense for the link type.
struct Program {
  Program(std::uint16_t type, const std::string& expression) : link_type(type) {
    const PcapHandle dead{pcap_open_dead(dlt_of(type), kSnapLength)};
    if (!dead) {
      error = "out of memory";
      return;
    }
    valid = pcap_compile(dead.get(), &code, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!valid) error = pcap_geterr(dead.get());
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (valid) pcap_freecode(&code);
  }

  std::uint16_t link_type;
  bpf_program code{};
  bool valid = false;
  std::string error;
  std::unique_ptr<Program> next;  // set before the program is published, never changed after
};

}  // namespace

// A list that only grows at its head: readers walk it without a lock.
struct BpfFilter::Programs {
  explicit Programs(std::string text) : expression(std::move(text)) {}
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;
  ~Programs() = default;

  const Program* find(std::uint16_t link_type) const {
    for (const Program* at = head.load(std::memory_order_acquire); at != nullptr;
         at = at->next.get())
      if (at->link_type == link_type) return at;
    return nullptr;
  }

  const Program* add(std::uint16_t link_type) {
    const std::lock_guard lock{adding};  // once for each link type of the run
    if (const Program* known = find(link_type)) return known;
    auto program = std::make_unique<Program>(link_type, expression);
    program->next = std::move(owned);
    owned = std::move(program);
    head.store(owned.get(), std::memory_order_release);
    return owned.get();
  }

  const std::string expression;
  std::mutex adding;
  std::unique_ptr<Program> owned;
  std::atomic<const Program*> head{nullptr};
};

BpfFilter::BpfFilter(std::unique_ptr<Programs> programs) : programs_(std::move(programs)) {}
BpfFilter::BpfFilter(BpfFilter&&) noexcept = default;
BpfFilter::~BpfFilter() = default;

Result<BpfFilter> BpfFilter::compile(const std::string& expression) {
  auto programs = std::make_unique<Programs>(expression);
  const Program* ethernet = programs->add(kLinkEthernet);
  if (!ethernet->valid) return Error{ethernet->error}.in("filter '" + expression + "'");
  return BpfFilter{std::move(programs)};
}

bool BpfFilter::accepts(const Frame& frame) const {
  const Program* program = programs_->find(frame.link_type);
  if (program == nullptr) program = programs_->add(frame.link_type);
  if (!program->valid) return false;
  pcap_pkthdr header{};
  header.caplen = frame.captured_bytes;
  header.len = frame.wire_bytes;
  return pcap_offline_filter(&program->code, &header, frame.data) != 0;
}

}  // namespace gnomon::packet
