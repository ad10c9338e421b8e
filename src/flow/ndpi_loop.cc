#include "ndpi_loop.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <ndpi_define.h>
#if NDPI_MAJOR == 4 && NDPI_MINOR == 2
// What a module is made of is in the header, behind these.
#define NDPI_LIB_COMPILATION
#define _NDPI_CONFIG_H_
#include <ndpi_api.h>
#include <ndpi_main.h>
#include <ndpi_typedefs.h>
#endif
#pragma GCC diagnostic pop

#if NDPI_MAJOR == 4 && NDPI_MINOR == 2

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <utility>
#include <vector>

#include "ndpi_quick.h"

namespace gnomon::flow {
namespace {

using Module = ndpi_detection_module_struct;
using Dissect = void (*)(Module*, ndpi_flow_struct*);

constexpr std::uint16_t kFoundByContent = 0xfffe;  // stands in lists of sub-protocols

// Bits of protocols of which a dissector is one: nearly always in one word.
struct Bits {
  explicit Bits(const NDPI_PROTOCOL_BITMASK& mask) {
    for (std::size_t i = 0; i < std::size(mask.fds_bits); ++i) {
      if (mask.fds_bits[i] == 0) continue;
      if (one != 0) more = &mask;
      word = static_cast<std::uint32_t>(i);
      one = mask.fds_bits[i];
    }
  }

  [[nodiscard]] bool any_of(const NDPI_PROTOCOL_BITMASK& other) const {
    if (more == nullptr) return (other.fds_bits[word] & one) != 0;
    std::uint32_t common = 0;
    for (std::size_t i = 0; i < std::size(other.fds_bits); ++i)
      common |= other.fds_bits[i] & more->fds_bits[i];
    return common != 0;
  }

  std::uint32_t word = 0;
  std::uint32_t one = 0;
  const NDPI_PROTOCOL_BITMASK* more = nullptr;
};

struct Dissector {
  explicit Dissector(const ndpi_call_function_struct& entry)
      : dissect(entry.func), excluded(entry.excluded_protocol_bitmask) {
    if (excluded.more == nullptr && excluded.one != 0)
      protocol = static_cast<std::uint16_t>(
          excluded.word * 32 + static_cast<std::uint32_t>(std::countr_zero(excluded.one)));
  }
  Dissect dissect;
  Bits excluded;
  std::uint16_t protocol = NDPI_PROTOCOL_UNKNOWN;  // where it is one alone
};

// Places in a list of dissectors.
class Places {
 public:
  static constexpr std::size_t kMax = 192;

  void set(std::size_t place) { words_[place / 64] |= std::uint64_t{1} << place % 64; }
  // Calls `each` with them in order until it says that it has had enough.
  template <class Each>
  void visit(const Each& each) const {
    for (std::size_t i = 0; i < words_.size(); ++i)
      for (std::uint64_t word = words_[i]; word != 0; word &= word - 1)
        if (each(64 * i + static_cast<std::size_t>(std::countr_zero(word)))) return;
  }

 private:
  std::array<std::uint64_t, kMax / 64> words_{};
};

bool holds(const NDPI_PROTOCOL_BITMASK& mask, std::uint32_t protocol) {
  constexpr std::uint32_t kWordBits = 8 * sizeof mask.fds_bits[0];
  return (mask.fds_bits[protocol / kWordBits] & (1U << protocol % kWordBits)) != 0;
}

bool selected(const ndpi_call_function_struct& entry, std::uint32_t selection) {
  return (entry.ndpi_selection_bitmask & selection) == entry.ndpi_selection_bitmask;
}

// What of a buffer of dissectors is for packets of one kind, of flows of which nothing is known.
struct Choice {
  Choice(const ndpi_call_function_struct* its_buffer, std::uint32_t its_selection)
      : buffer(its_buffer), selection(its_selection) {}

  const ndpi_call_function_struct* buffer;
  std::uint32_t selection;
  std::vector<Dissector> dissectors;
  // Of datagrams: see ndpi_quick.h.
  Places unasked;                 // those that are called, or passed over, whatever a first one is
  NDPI_PROTOCOL_BITMASK asked{};  // what the others exclude
  std::vector<bool> passable;     // by place
  std::array<std::uint8_t, NDPI_MAX_SUPPORTED_PROTOCOLS> place_of{};  // of the asked, by protocol

  void prepare_for_datagrams() {
    passable.resize(dissectors.size());
    for (std::size_t i = 0; i < dissectors.size(); ++i) {
      const Dissector& each = dissectors[i];
      passable[i] = std::find(std::begin(kPassable), std::end(kPassable), each.protocol) !=
                    std::end(kPassable);
      if (each.protocol == NDPI_PROTOCOL_UNKNOWN || !FirstQuestions::about(each.protocol)) {
        unasked.set(i);
        continue;
      }
      place_of[each.protocol] = static_cast<std::uint8_t>(i + 1);
      asked.fds_bits[each.excluded.word] |= each.excluded.one;
    }
  }
};

// Whether the library was built with the structure that our header tells of.
bool laid_out_as_told(const Module& module) {
  for (const std::uint16_t each : {NDPI_PROTOCOL_DNS, NDPI_PROTOCOL_TLS, NDPI_PROTOCOL_QUIC}) {
    const ndpi_proto_defaults_t& protocol = module.proto_defaults[each];
    if (protocol.protoId != each || protocol.protoIdx > NDPI_MAX_SUPPORTED_PROTOCOLS) return false;
    const ndpi_call_function_struct& entry = module.callback_buffer[protocol.protoIdx];
    if (entry.func == nullptr || entry.func != protocol.func ||
        !holds(entry.excluded_protocol_bitmask, each))
      return false;
  }
  for (const std::uint32_t size :
       {module.callback_buffer_size_udp, module.callback_buffer_size_tcp_payload,
        module.callback_buffer_size_tcp_no_payload, module.callback_buffer_size_non_tcp_udp})
    if (size > NDPI_MAX_SUPPORTED_PROTOCOLS) return false;
  return true;
}

struct Choices {
  const Module* module = nullptr;
  bool usable = false;
  std::vector<Choice> choices;  // a handful: of IPv4 and IPv6, TCP and UDP

  const Choice& of(const ndpi_call_function_struct* buffer, std::uint32_t count,
                   std::uint32_t selection, bool datagrams) {
    for (const Choice& each : choices)
      if (each.buffer == buffer && each.selection == selection) return each;
    Choice fresh{buffer, selection};
    for (std::uint32_t i = 0; i < count; ++i)
      if (selected(buffer[i], selection) &&
          holds(buffer[i].detection_bitmask, NDPI_PROTOCOL_UNKNOWN))
        fresh.dissectors.emplace_back(buffer[i]);
    if (datagrams) fresh.prepare_for_datagrams();
    choices.push_back(std::move(fresh));
    return choices.back();
  }
};

// One module a thread; the buffers do not change once it is finalised.
thread_local Choices choices;
thread_local bool own_loop = false;

// The dissector of the protocol that the ports suggest goes first.
Dissect try_guessed(Module* module, ndpi_flow_struct* flow, const ndpi_call_function_struct* buffer,
                    std::uint32_t selection, std::uint32_t before, std::uint32_t& calls) {
  const std::uint16_t guessed = flow->guessed_protocol_id;
  const ndpi_proto_defaults_t& protocol = module->proto_defaults[guessed];
  if (guessed == NDPI_PROTOCOL_UNKNOWN || protocol.protoId == NDPI_PROTOCOL_UNKNOWN ||
      protocol.func == nullptr)
    return nullptr;
  const ndpi_call_function_struct& entry = module->callback_buffer[protocol.protoIdx];
  if (!selected(entry, selection) || !holds(entry.detection_bitmask, before) ||
      Bits{entry.excluded_protocol_bitmask}.any_of(flow->excluded_protocol_bitmask))
    return nullptr;
  const bool without_payload = buffer == module->callback_buffer_tcp_no_payload;
  if (without_payload && (module->callback_buffer[guessed].ndpi_selection_bitmask &
                          NDPI_SELECTION_BITMASK_PROTOCOL_HAS_PAYLOAD) != 0)
    return nullptr;
  protocol.func(module, flow);
  ++calls;
  return module->proto_defaults[flow->guessed_protocol_id].func;
}

// Once the protocol is known, those that it may carry.
void try_inner(Module* module, ndpi_flow_struct* flow, std::uint32_t selection,
               std::uint32_t before, Dissect tried, std::uint32_t& calls) {
  for (std::uint32_t i = 0;
       i < module->proto_defaults[flow->detected_protocol_stack[0]].subprotocol_count; ++i) {
    const std::uint16_t inner =
        module->proto_defaults[flow->detected_protocol_stack[0]].subprotocols[i];
    if (inner == kFoundByContent) continue;
    const ndpi_proto_defaults_t& protocol = module->proto_defaults[inner];
    const ndpi_call_function_struct& entry = module->callback_buffer[protocol.protoIdx];
    if (protocol.func != tried && selected(entry, selection) &&
        holds(entry.detection_bitmask, before) &&
        !Bits{entry.excluded_protocol_bitmask}.any_of(flow->excluded_protocol_bitmask)) {
      entry.func(module, flow);
      ++calls;
    }
    if (flow->detected_protocol_stack[1] != NDPI_PROTOCOL_UNKNOWN) return;
  }
}

const FirstQuestions questions;

// The same outcome as calling each dissector in turn.
std::uint32_t dissect_datagram(Module* module, ndpi_flow_struct* flow, const Choice& choice,
                               Dissect tried) {
  const Datagram datagram{module->packet};
  const std::vector<Dissector>& dissectors = choice.dissectors;
  std::uint32_t calls = 0;
  const auto call = [&](std::size_t place) {
    const Dissector& each = dissectors[place];
    if (each.dissect == tried || each.excluded.any_of(flow->excluded_protocol_bitmask))
      return false;
    ++calls;
    if (choice.passable[place] && passed_over(each.protocol, *flow, datagram))
      return false;
    each.dissect(module, flow);
    return flow->detected_protocol_stack[0] != NDPI_PROTOCOL_UNKNOWN;
  };
  if (flow->num_processed_pkts > 1) {
    for (std::size_t place = 0; place < dissectors.size(); ++place)
      if (call(place)) break;
    return calls;
  }

  Places places = choice.unasked;
  NDPI_PROTOCOL_BITMASK none_of_theirs = choice.asked;
  questions.ask(datagram, [&](std::uint16_t protocol) {
    const std::size_t place = choice.place_of[protocol];
    if (place == 0) return;
    places.set(place - 1);
    none_of_theirs.fds_bits[protocol / 32] &= ~(1U << protocol % 32);
  });
  const NDPI_PROTOCOL_BITMASK before = flow->excluded_protocol_bitmask;
  for (std::size_t i = 0; i < std::size(before.fds_bits); ++i)
    flow->excluded_protocol_bitmask.fds_bits[i] |= none_of_theirs.fds_bits[i];
  std::size_t claimed = dissectors.size();
  places.visit([&](std::size_t place) {
    if (!call(place)) return false;
    claimed = place;
    return true;
  });
  // Those behind the one that claimed it were not asked, and exclude nothing.
  for (std::size_t place = claimed + 1; place < dissectors.size(); ++place) {
    const Bits& theirs = dissectors[place].excluded;
    flow->excluded_protocol_bitmask.fds_bits[theirs.word] &=
        ~(theirs.one & none_of_theirs.fds_bits[theirs.word] & ~before.fds_bits[theirs.word]);
  }
  return calls + 1;  // at least one was told of for sure
}

std::uint32_t dissect(Module* module, ndpi_flow_struct* flow,
                      const ndpi_call_function_struct* buffer, std::uint32_t count,
                      std::uint32_t selection) {
  std::uint32_t calls = 0;
  const std::uint32_t before = flow->detected_protocol_stack[0];
  const Dissect tried = try_guessed(module, flow, buffer, selection, before, calls);
  if (flow->detected_protocol_stack[0] == NDPI_PROTOCOL_UNKNOWN) {
    const bool datagrams = buffer == module->callback_buffer_udp;
    const Choice& choice = choices.of(buffer, count, selection, datagrams);
    if (datagrams && module->packet.payload_packet_len > 0) {
      calls += dissect_datagram(module, flow, choice, tried);
      try_inner(module, flow, selection, before, tried, calls);
      return calls;
    }
    for (const Dissector& each : choice.dissectors) {
      if (each.dissect == tried || each.excluded.any_of(flow->excluded_protocol_bitmask)) continue;
      each.dissect(module, flow);
      ++calls;
      if (flow->detected_protocol_stack[0] != NDPI_PROTOCOL_UNKNOWN) break;
    }
  }
  try_inner(module, flow, selection, before, tried, calls);
  return calls;
}

}  // namespace

void forget_ndpi_module(const ndpi_detection_module_struct* module) {
  if (choices.module == module) choices = {};
}

void use_ndpis_own_loop(bool own) { own_loop = own; }

}  // namespace gnomon::flow

extern "C" std::uint32_t ndpi_check_flow_func(ndpi_detection_module_struct* module,
                                              ndpi_flow_struct* flow,
                                              NDPI_SELECTION_BITMASK_PROTOCOL_SIZE* selection) {
  using namespace gnomon::flow;
  if (flow == nullptr) return 0;
  if (choices.module != module) choices = {module, laid_out_as_told(*module), {}};
  if (!choices.usable || own_loop) {
    using Own = std::uint32_t (*)(ndpi_detection_module_struct*, ndpi_flow_struct*,
                                  NDPI_SELECTION_BITMASK_PROTOCOL_SIZE*);
    static const Own own = reinterpret_cast<Own>(dlsym(RTLD_NEXT, "ndpi_check_flow_func"));
    return own(module, flow, selection);
  }
  if (module->packet.tcp != nullptr) {
    return module->packet.payload_packet_len == 0
               ? dissect(module, flow, module->callback_buffer_tcp_no_payload,
                         module->callback_buffer_size_tcp_no_payload, *selection)
               : dissect(module, flow, module->callback_buffer_tcp_payload,
                         module->callback_buffer_size_tcp_payload, *selection);
  }
  if (module->packet.udp != nullptr)
    return dissect(module, flow, module->callback_buffer_udp, module->callback_buffer_size_udp,
                   *selection);
  return dissect(module, flow, module->callback_buffer_non_tcp_udp,
                 module->callback_buffer_size_non_tcp_udp, *selection);
}

// nDPI's memories of other flows, which stand in for its own functions too. What a flow is must not
// depend on what else its thread has seen: nothing is remembered. Newer versions are told so.
extern "C" std::uint8_t ndpi_lru_find_cache(ndpi_lru_cache*, std::uint32_t, std::uint16_t*,
                                            std::uint8_t) {
  return 0;
}
extern "C" void ndpi_lru_add_to_cache(ndpi_lru_cache*, std::uint32_t, std::uint16_t) {}

// The same for nDPI's search in text that may end early by a zero byte: that one goes byte by byte,
// through every payload that might be BitTorrent's.
extern "C" char* ndpi_strnstr(const char* text, const char* sought, std::size_t size) {
  const std::size_t length = std::strlen(sought);
  if (length == 0) return const_cast<char*>(text);
  if (size == 0) return nullptr;  // some of its dissectors ask with no text at all
  const void* const zero = std::memchr(text, 0, size);
  const char* const end = zero != nullptr ? static_cast<const char*>(zero) : text + size;
  while (static_cast<std::size_t>(end - text) >= length) {
    const std::size_t places = static_cast<std::size_t>(end - text) - length + 1;
    text = static_cast<const char*>(std::memchr(text, *sought, places));
    if (text == nullptr) return nullptr;
    if (std::memcmp(text, sought, length) == 0) return const_cast<char*>(text);
    ++text;
  }
  return nullptr;
}

#else

namespace gnomon::flow {

void forget_ndpi_module(const ndpi_detection_module_struct*) {}
void use_ndpis_own_loop(bool) {}

}  // namespace gnomon::flow

#endif
