#include "gnomon/flow/ndpi_engine.h"

#include <arpa/inet.h>

// nDPI's headers are C and trip over warnings that our own code does not.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <ndpi_api.h>
#include <ndpi_main.h>
#include <ndpi_typedefs.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <cstring>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>

#include "ndpi_loop.h"

// The API changed at 4.6 (one more argument to the packet call), 4.8 (guessing), 4.10 (configuration
// by text), 4.11 (results in .proto) and 5.0 (no protocol bitmask, no extra-dissection call, state in
// the result). Compiled against the headers of 4.2, 4.4, 4.6, 4.8, 4.10 and 4.11; run with 4.2.
#define GNOMON_NDPI_AT_LEAST(major, minor) \
  (NDPI_MAJOR > (major) || (NDPI_MAJOR == (major) && NDPI_MINOR >= (minor)))

namespace gnomon::flow {
namespace {

using packet::Packet;

constexpr std::uint32_t kSlabStates = 64;

#if GNOMON_NDPI_AT_LEAST(4, 11)
std::uint16_t master_of(const ndpi_protocol& found) { return found.proto.master_protocol; }
std::uint16_t app_of(const ndpi_protocol& found) { return found.proto.app_protocol; }
#else
std::uint16_t master_of(const ndpi_protocol& found) { return found.master_protocol; }
std::uint16_t app_of(const ndpi_protocol& found) { return found.app_protocol; }
#endif

bool known(const ndpi_protocol& found) {
  return app_of(found) != NDPI_PROTOCOL_UNKNOWN || master_of(found) != NDPI_PROTOCOL_UNKNOWN;
}

ndpi_protocol process(ndpi_detection_module_struct* module, ndpi_flow_struct* flow,
                      const Packet& packet, bool from_client) {
  const auto size =
      static_cast<std::size_t>(packet.payload + packet.payload_bytes - packet.network);
  const auto length = static_cast<unsigned short>(std::min<std::size_t>(size, 0xffff));
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(packet.time.time_since_epoch()).count();
#if GNOMON_NDPI_AT_LEAST(4, 6)
  ndpi_flow_input_info input{};
  input.in_pkt_dir = from_client ? NDPI_IN_PKT_DIR_C_TO_S : NDPI_IN_PKT_DIR_S_TO_C;
  input.seen_flow_beginning = NDPI_FLOW_BEGINNING_UNKNOWN;
  return ndpi_detection_process_packet(module, flow, packet.network, length,
                                       static_cast<u_int64_t>(milliseconds), &input);
#else
  static_cast<void>(from_client);
  return ndpi_detection_process_packet(module, flow, packet.network, length,
                                       static_cast<u_int64_t>(milliseconds));
#endif
}

bool wants_more(ndpi_detection_module_struct* module, ndpi_flow_struct* flow,
                const ndpi_protocol& found) {
#if GNOMON_NDPI_AT_LEAST(5, 0)
  static_cast<void>(module);
  static_cast<void>(flow);
  return found.state != NDPI_STATE_CLASSIFIED && found.state != NDPI_STATE_MONITORING;
#else
  return !known(found) || ndpi_extra_dissection_possible(module, flow) != 0;
#endif
}

ndpi_protocol give_up(ndpi_detection_module_struct* module, ndpi_flow_struct* flow) {
#if GNOMON_NDPI_AT_LEAST(5, 0)
  return ndpi_detection_giveup(module, flow);
#elif GNOMON_NDPI_AT_LEAST(4, 10)
  std::uint8_t guessed = 0;
  return ndpi_detection_giveup(module, flow, &guessed);
#else
  std::uint8_t guessed = 0;
  return ndpi_detection_giveup(module, flow, 1, &guessed);
#endif
}

#if !GNOMON_NDPI_AT_LEAST(4, 10)
// Protocols of lines of text whose dissectors read a packet to its end before they give up. They
// need not see packets that begin with what no such line begins with.
constexpr std::uint16_t kLineProtocols[] = {NDPI_PROTOCOL_RTSP, NDPI_PROTOCOL_FTP_CONTROL};

bool may_be_line(const Packet& packet) {
  const std::size_t size = std::min<std::size_t>(packet.payload_bytes, 4);
  return std::all_of(packet.payload, packet.payload + size, [](std::uint8_t each) {
    return (each >= 0x20 && each < 0x7f) || (each >= '\t' && each <= '\r');
  });
}

// Hides those dissectors for one packet, and leaves what else became of them as it is.
class LinesHidden {
 public:
  explicit LinesHidden(ndpi_flow_struct& flow) : excluded_(flow.excluded_protocol_bitmask) {
    for (std::size_t i = 0; i < before_.size(); ++i) {
      before_[i] = word(kLineProtocols[i]);
      word(kLineProtocols[i]) |= bit(kLineProtocols[i]);
    }
  }
  ~LinesHidden() {
    for (std::size_t i = 0; i < before_.size(); ++i)
      if ((before_[i] & bit(kLineProtocols[i])) == 0)
        word(kLineProtocols[i]) &= ~bit(kLineProtocols[i]);
  }
  LinesHidden(const LinesHidden&) = delete;
  LinesHidden& operator=(const LinesHidden&) = delete;

 private:
  static constexpr std::uint32_t bit(std::uint16_t protocol) { return 1U << protocol % 32; }
  std::uint32_t& word(std::uint16_t protocol) { return excluded_.fds_bits[protocol / 32]; }

  NDPI_PROTOCOL_BITMASK& excluded_;
  std::array<std::uint32_t, std::size(kLineProtocols)> before_{};
};
#endif

// A verdict that rests on nDPI's memory of other flows.
bool from_cache(const ndpi_flow_struct* flow) {
#if GNOMON_NDPI_AT_LEAST(4, 4)
  return flow->confidence == NDPI_CONFIDENCE_DPI_CACHE ||
         flow->confidence == NDPI_CONFIDENCE_DPI_PARTIAL_CACHE;
#else
  return flow->confidence == NDPI_CONFIDENCE_DPI_CACHE;
#endif
}

std::uint16_t protocol_of(Settled protocol) {
  switch (protocol) {
    case Settled::kTls:
      return NDPI_PROTOCOL_TLS;
    case Settled::kQuic:
      return NDPI_PROTOCOL_QUIC;
    case Settled::kHttp:
      return NDPI_PROTOCOL_HTTP;
    case Settled::kDns:
      return NDPI_PROTOCOL_DNS;
    case Settled::kMdns:
      return NDPI_PROTOCOL_MDNS;
    case Settled::kLlmnr:
      return NDPI_PROTOCOL_LLMNR;
    case Settled::kDhcp:
      return NDPI_PROTOCOL_DHCP;
    case Settled::kDhcp6:
      return NDPI_PROTOCOL_DHCPV6;
  }
  return NDPI_PROTOCOL_UNKNOWN;
}

ndpi_protocol pair_of(std::uint32_t master, std::uint32_t app) {
  ndpi_protocol pair{};
#if GNOMON_NDPI_AT_LEAST(4, 11)
  pair.proto.master_protocol = static_cast<std::uint16_t>(master);
  pair.proto.app_protocol = static_cast<std::uint16_t>(app);
#else
  pair.master_protocol = static_cast<std::uint16_t>(master);
  pair.app_protocol = static_cast<std::uint16_t>(app);
#endif
  return pair;
}

}  // namespace

void NdpiEngine::CloseModule::operator()(ndpi_detection_module_struct* module) const noexcept {
  ndpi_exit_detection_module(module);
}

Result<std::unique_ptr<NdpiEngine>> NdpiEngine::create() {
  // Tables that all modules share are filled by the first.
  static std::mutex one_at_a_time;
  const std::lock_guard lock{one_at_a_time};
#if GNOMON_NDPI_AT_LEAST(4, 10)
  ndpi_detection_module_struct* module = ndpi_init_detection_module(nullptr);
#elif GNOMON_NDPI_AT_LEAST(4, 4)
  ndpi_detection_module_struct* module = ndpi_init_detection_module(ndpi_dont_load_tor_list);
#else
  ndpi_detection_module_struct* module = ndpi_init_detection_module(ndpi_dont_load_tor_hosts);
#endif
  if (module == nullptr) return Error{"nDPI could not be initialised"};
  // Owned before anything else can fail.
  std::unique_ptr<NdpiEngine> engine{new NdpiEngine{module}};
#if !GNOMON_NDPI_AT_LEAST(5, 0)
  NDPI_PROTOCOL_BITMASK all;
  NDPI_BITMASK_SET_ALL(all);
  ndpi_set_protocol_detection_bitmask2(module, &all);
#endif
#if GNOMON_NDPI_AT_LEAST(4, 10)
  for (const char* cache : {"ookla", "bittorrent", "stun", "tls_cert", "mining", "msteams"})
    ndpi_set_config(module, nullptr, (std::string{"lru."} + cache + ".size").c_str(), "0");
#endif
  ndpi_finalize_initialization(module);
  engine->scratch_ = static_cast<ndpi_flow_struct*>(ndpi_flow_malloc(SIZEOF_FLOW_STRUCT));
  if (engine->scratch_ == nullptr) return Error{"nDPI could not be initialised: out of memory"};
  std::memset(static_cast<void*>(engine->scratch_), 0, SIZEOF_FLOW_STRUCT);
  return engine;
}

NdpiEngines::NdpiEngines(unsigned count)
    : maker_([this, count] {
        for (unsigned i = 0; i < count; ++i) made_.push_back(NdpiEngine::create());
      }) {}

NdpiEngines::~NdpiEngines() {
  if (maker_.joinable()) maker_.join();
}

Result<std::unique_ptr<NdpiEngine>> NdpiEngines::take() {
  if (maker_.joinable()) maker_.join();
  if (made_.empty()) return NdpiEngine::create();
  Result<std::unique_ptr<NdpiEngine>> engine = std::move(made_.back());
  made_.pop_back();
  return engine;
}

NdpiEngine::NdpiEngine(ndpi_detection_module_struct* module) : module_(module) {}

NdpiEngine::~NdpiEngine() {
  forget_ndpi_module(module_.get());
  for (State& state : states_) ndpi_free_flow_data(state.flow);  // of idle ones it frees nothing
  if (scratch_ != nullptr) ndpi_free_flow(scratch_);
}

NdpiEngine::Handle NdpiEngine::start() {
  if (free_ == kNone) {
    const auto first = static_cast<Handle>(states_.size());
    slabs_.push_back(std::make_unique<unsigned char[]>(SIZEOF_FLOW_STRUCT * kSlabStates));
    for (std::uint32_t i = kSlabStates; i-- > 0;) {
      State state;
      state.flow =
          reinterpret_cast<ndpi_flow_struct*>(slabs_.back().get() + i * SIZEOF_FLOW_STRUCT);
      state.next_free = free_;
      free_ = first + i;
      states_.push_back(state);
    }
    std::reverse(states_.begin() + first, states_.end());
  }
  const Handle handle = free_;
  State& state = states_[handle];
  free_ = state.next_free;
  state.packets = 0;
  state.decided = false;
  state.master = state.app = state.category = 0;
  return handle;
}

bool NdpiEngine::feed(Handle handle, const Packet& packet, bool from_client) {
  State& state = states_[handle];
  if (state.decided) return true;
#if !GNOMON_NDPI_AT_LEAST(4, 10)
  std::optional<LinesHidden> hidden;
  if (!may_be_line(packet)) hidden.emplace(*state.flow);
#endif
  const ndpi_protocol found = process(module_.get(), state.flow, packet, from_client);
#if !GNOMON_NDPI_AT_LEAST(4, 10)
  hidden.reset();
#endif
  if (known(found) && !wants_more(module_.get(), state.flow, found) && !from_cache(state.flow)) {
    state.master = master_of(found);
    state.app = app_of(found);
    state.category = static_cast<std::uint32_t>(found.category);
    state.decided = true;
  }
  return state.decided || ++state.packets == kPacketsMax;
}

NdpiVerdict NdpiEngine::finish(Handle handle) {
  State& state = states_[handle];
  if (!state.decided) {
    const ndpi_protocol found = give_up(module_.get(), state.flow);
    if (!from_cache(state.flow)) {
      state.master = master_of(found);
      state.app = app_of(found);
      state.category = static_cast<std::uint32_t>(found.category);
    }
  }
  const auto risks = static_cast<std::uint64_t>(state.flow->risk);
  const NdpiVerdict result = verdict(state.master, state.app, state.category, risks);
  free_state(handle);
  return result;
}

void NdpiEngine::cancel(Handle handle) { free_state(handle); }

void NdpiEngine::free_state(Handle handle) {
  State& state = states_[handle];
  ndpi_free_flow_data(state.flow);
  std::memset(static_cast<void*>(state.flow), 0, SIZEOF_FLOW_STRUCT);
  state.next_free = free_;
  free_ = handle;
}

NdpiVerdict NdpiEngine::guess(std::uint8_t protocol, const IpAddress& client,
                              std::uint16_t client_port, const IpAddress& server,
                              std::uint16_t server_port) {
  const auto v4 = [](const IpAddress& address) {
    std::uint32_t value = 0;
    if (address.is_v4()) std::memcpy(&value, address.bytes().data() + 12, 4);
    return ntohl(value);
  };
  scratch_->l4_proto = protocol;
#if GNOMON_NDPI_AT_LEAST(5, 0)
  static_cast<void>(v4);
  static_cast<void>(client);
  static_cast<void>(client_port);
  static_cast<void>(server);
  scratch_->s_port = htons(server_port);
  const ndpi_protocol found = ndpi_detection_giveup(module_.get(), scratch_);
#elif GNOMON_NDPI_AT_LEAST(4, 8)
  const ndpi_protocol found = ndpi_guess_undetected_protocol_v4(
      module_.get(), scratch_, protocol, v4(client), client_port, v4(server), server_port);
#else
  const ndpi_protocol found = ndpi_guess_undetected_protocol(
      module_.get(), scratch_, protocol, v4(client), client_port, v4(server), server_port);
#endif
  const NdpiVerdict result =
      verdict(master_of(found), app_of(found), static_cast<std::uint32_t>(found.category), 0);
  ndpi_free_flow_data(scratch_);
  std::memset(static_cast<void*>(scratch_), 0, SIZEOF_FLOW_STRUCT);
  return result;
}

NdpiVerdict NdpiEngine::settled(Settled protocol, std::string_view host) {
  const std::uint16_t master = protocol_of(protocol);
  std::uint32_t app = NDPI_PROTOCOL_UNKNOWN;
  std::uint32_t category = static_cast<std::uint32_t>(
      ndpi_get_proto_category(module_.get(), pair_of(NDPI_PROTOCOL_UNKNOWN, master)));
  if (!host.empty() && host.size() < 256) {
    char name[256];
    host.copy(name, host.size());
    name[host.size()] = '\0';
    const auto matched = ndpi_match_hostname_protocol(module_.get(), scratch_, master, name,
                                                      static_cast<u_int>(host.size()));
    if (matched != 0) {
      app = scratch_->detected_protocol_stack[0];
      if (app == master) app = NDPI_PROTOCOL_UNKNOWN;
      if (scratch_->category != NDPI_PROTOCOL_CATEGORY_UNSPECIFIED)
        category = static_cast<std::uint32_t>(scratch_->category);
    }
    ndpi_free_flow_data(scratch_);
    std::memset(static_cast<void*>(scratch_), 0, SIZEOF_FLOW_STRUCT);
  }
  return app == NDPI_PROTOCOL_UNKNOWN ? verdict(NDPI_PROTOCOL_UNKNOWN, master, category, 0)
                                      : verdict(master, app, category, 0);
}

NdpiVerdict NdpiEngine::verdict(std::uint32_t master, std::uint32_t app, std::uint32_t category,
                                std::uint64_t risks) {
  const std::uint64_t key = (static_cast<std::uint64_t>(category) << 40) ^
                            (static_cast<std::uint64_t>(master) << 20) ^ app;
  auto found = names_.find(key);
  if (found == names_.end()) {
    char text[64] = "";
#if GNOMON_NDPI_AT_LEAST(5, 0)
    ndpi_protocol2name(module_.get(), pair_of(master, app).proto, text, sizeof text);
#else
    ndpi_protocol2name(module_.get(), pair_of(master, app), text, sizeof text);
#endif
    const char* word =
        ndpi_category_get_name(module_.get(), static_cast<ndpi_protocol_category_t>(category));
    found = names_.emplace(key, NdpiName{text, word != nullptr ? word : "Unspecified"}).first;
  }
  return {&found->second, risks};
}

void NdpiEngine::append_risk_names(std::uint64_t risks, std::vector<std::string_view>& names) {
  for (unsigned bit = 0; risks != 0; ++bit, risks >>= 1)
    if ((risks & 1) != 0) names.emplace_back(ndpi_risk2str(static_cast<ndpi_risk_enum>(bit)));
}

std::string NdpiEngine::version() { return ndpi_revision(); }

std::size_t NdpiEngine::memory_bytes() const {
  return slabs_.size() * kSlabStates * SIZEOF_FLOW_STRUCT + states_.capacity() * sizeof(State);
}

}  // namespace gnomon::flow
