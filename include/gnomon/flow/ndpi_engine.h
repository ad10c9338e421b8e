#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/packet/packet.h"

struct ndpi_detection_module_struct;
struct ndpi_flow_struct;

namespace gnomon::flow {

// What nDPI calls a flow.
struct NdpiName {
  std::string protocol = "Unknown";  // "TLS", "TLS.Google" ...
  std::string_view category = "Unspecified";
};

// Its name lives as long as the engine.
struct NdpiVerdict {
  const NdpiName* name = nullptr;  // nothing is known
  std::uint64_t risks = 0;         // bit n is nDPI's risk n

  [[nodiscard]] std::string_view protocol() const {
    if (name == nullptr) return "Unknown";
    return name->protocol;
  }
  [[nodiscard]] std::string_view category() const {
    if (name == nullptr) return "Unspecified";
    return name->category;
  }
};

// Protocols that our own parsers settle, in nDPI's terms.
enum class Settled : std::uint8_t { kTls, kQuic, kHttp, kDns, kMdns, kLlmnr, kDhcp, kDhcp6 };

// The one place that knows nDPI: everything that differs between 4.2 and the 4.10-5.x API lives in
// ndpi_engine.cc. One engine per thread; flows are told apart by handles that the engine gives out,
// and are bounded in number: what finds no room is guessed from its ports.
//
// nDPI remembers some verdicts across flows in caches of its own. A verdict that rests on such a
// cache would depend on what else the same thread has seen, so it is taken for undecided.
class NdpiEngine {
 public:
  using Handle = std::uint32_t;
  static constexpr Handle kNone = 0xffffffff;
  static constexpr std::uint8_t kPacketsMax = 8;  // with payload; 4 lose names, more gain nothing

  static Result<std::unique_ptr<NdpiEngine>> create();
  ~NdpiEngine();
  NdpiEngine(const NdpiEngine&) = delete;
  NdpiEngine& operator=(const NdpiEngine&) = delete;

  // A fresh flow state.
  Handle start();
  // Shows a packet with payload. True when nDPI wants no more of the flow.
  bool feed(Handle handle, const packet::Packet& packet, bool from_client);
  // What nDPI makes of the flow in the end; guesses from ports where it saw too little. Frees the
  // state: the handle is gone.
  NdpiVerdict finish(Handle handle);
  // Frees the state: nobody wants the answer any more.
  void cancel(Handle handle);
  // For a flow that nDPI was shown nothing of.
  NdpiVerdict guess(std::uint8_t protocol, const IpAddress& client, std::uint16_t client_port,
                    const IpAddress& server, std::uint16_t server_port);
  // For a flow that our parsers have settled; `host` refines it ("TLS.Google") where nDPI has a
  // rule for the name. Cost: a microsecond with a host; callers keep the answer per host.
  NdpiVerdict settled(Settled protocol, std::string_view host);

  // nDPI's words for the set bits, lowest first.
  static void append_risk_names(std::uint64_t risks, std::vector<std::string_view>& names);
  static std::string version();

  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct CloseModule {
    void operator()(ndpi_detection_module_struct* module) const noexcept;
  };
  struct State {
    ndpi_flow_struct* flow = nullptr;
    Handle next_free = kNone;
    std::uint8_t packets = 0;
    bool decided = false;
    std::uint32_t master = 0;
    std::uint32_t app = 0;
    std::uint32_t category = 0;
  };

  explicit NdpiEngine(ndpi_detection_module_struct* module);
  void free_state(Handle handle);
  NdpiVerdict verdict(std::uint32_t master, std::uint32_t app, std::uint32_t category,
                      std::uint64_t risks);

  std::unique_ptr<ndpi_detection_module_struct, CloseModule> module_;
  std::vector<State> states_;
  std::vector<std::unique_ptr<unsigned char[]>> slabs_;
  Handle free_ = kNone;
  ndpi_flow_struct* scratch_ = nullptr;  // for host look-ups
  std::unordered_map<std::uint64_t, NdpiName> names_;
};

// Engines that a thread of its own makes, while its owner does something else: nDPI takes tens of
// milliseconds for each.
class NdpiEngines {
 public:
  explicit NdpiEngines(unsigned count);
  ~NdpiEngines();
  NdpiEngines(const NdpiEngines&) = delete;
  NdpiEngines& operator=(const NdpiEngines&) = delete;

  // The next one; waits until all are made. One is made here and now when none is left.
  Result<std::unique_ptr<NdpiEngine>> take();

 private:
  std::vector<Result<std::unique_ptr<NdpiEngine>>> made_;  // the maker's, until it is joined
  std::thread maker_;
};

}  // namespace gnomon::flow
