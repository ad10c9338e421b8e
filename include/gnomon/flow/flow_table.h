#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "gnomon/bytes/blocks.h"
#include "gnomon/flow/flow.h"
#include "gnomon/packet/packet.h"

namespace gnomon::flow {

struct FlowLimits {
  std::uint32_t flows_max =
      131072;  // of one table; at the limit the one nearest its timeout is ended
  std::chrono::seconds tcp_new{60};
  std::chrono::seconds tcp_established{1800};
  std::chrono::seconds tcp_closed{10};
  std::chrono::seconds udp_one_way{60};
  std::chrono::seconds udp_two_way{300};
  std::chrono::seconds other{60};
};

struct FlowCounters {
  std::uint64_t created = 0;
  std::uint64_t finished = 0;  // ended after FIN or RST
  std::uint64_t timed_out = 0;
  std::uint64_t evicted = 0;     // ended early because the table was full
  std::uint64_t reused = 0;      // ended by a new SYN on the same 5-tuple
  std::uint64_t duplicates = 0;  // frames recognised as SPAN duplicates
  std::uint64_t midstream = 0;
  std::uint64_t backwards = 0;  // packets older than the one before
  std::uint64_t peak = 0;
};

enum class Ending : std::uint8_t { kFinished, kTimeout, kEvicted, kShutdown };

// Is told of every flow that ends, while its record is still whole.
class FlowEndHandler {
 public:
  virtual void flow_ended(FlowIndex index, const Flow& flow, Ending ending) = 0;

 protected:
  ~FlowEndHandler() = default;
};

// All flows of one shard, on the packets' clock. Single-threaded. Allocates only to grow.
//
// Open addressing over 8-byte slots, which lie elsewhere in every process (Packet::slot_hash);
// records lie in chunks that never move. Deadlines hang in a
// wheel of one-second buckets; a packet only writes its time, and a bucket that falls due looks
// again at each of its flows, so that traffic does not move list nodes about. The order in which
// flows end depends on the packets alone.
class FlowTable {
 public:
  explicit FlowTable(const FlowLimits& limits);
  ~FlowTable();
  FlowTable(const FlowTable&) = delete;
  FlowTable& operator=(const FlowTable&) = delete;

  struct Seen {
    FlowIndex index;
    Side sender;
    bool created;
    bool duplicate;  // a SPAN duplicate: counted as such and not to be read again
  };

  // Finds or makes the packet's flow and counts the packet. May end flows to do so: the one whose
  // 5-tuple a new SYN reuses, or, when the table is full, the one nearest its timeout.
  Seen see(const packet::Packet& packet, FlowEndHandler& handler);

  // Asks the processor for what see() will touch. Call a few packets ahead: first stage fetches
  // the slot, second stage the record that the slot names.
  void prefetch_slot(std::uint32_t hash) const { __builtin_prefetch(&slots_[hash & slot_mask_]); }
  void prefetch_record(std::uint32_t hash) const {
    const FlowIndex index = likely(hash);
    if (index == kNoFlow) return;
    const auto* record = reinterpret_cast<const char*>(&flow(index));
    __builtin_prefetch(record);
    __builtin_prefetch(record + 64);
  }
  // What see() will look at first for this hash: mostly the flow that it will find.
  [[nodiscard]] FlowIndex likely(std::uint32_t hash) const {
    return slots_[hash & slot_mask_].index;
  }

  // Time has passed without a packet. Before the first packet there is no time.
  void advance(Time now, FlowEndHandler& handler);
  // The clock was put on, or back when negative: what is open keeps its age.
  void shift_clock(std::chrono::nanoseconds by);
  // Ends what has been silent too long at `now`.
  void expire(Time now, FlowEndHandler& handler);
  // The living flows, in the order in which they began.
  [[nodiscard]] std::vector<FlowIndex> living() const;
  // Ends a living flow because the input is over. The table no longer finds its flows then: nothing
  // but this is called any more, for each of living() once.
  void shut_down(FlowIndex index, FlowEndHandler& handler);
  void prefetch(FlowIndex index) const {
    const auto* record = reinterpret_cast<const char*>(&flow(index));
    for (std::size_t at = 0; at < sizeof(Flow); at += 64) __builtin_prefetch(record + at);
  }

  Flow& flow(FlowIndex index) { return chunks_[index >> kChunkBits][index & kChunkMask]; }
  [[nodiscard]] const Flow& flow(FlowIndex index) const {
    return chunks_[index >> kChunkBits][index & kChunkMask];
  }

  // Both unspecified for a flow that is not tunnelled.
  [[nodiscard]] OuterAddresses outer(const Flow& flow) const {
    return flow.outer == kNoFlow ? OuterAddresses{} : outer_[flow.outer];
  }

  // Names the client on the strength of `evidence`, unless something stronger is known.
  static void decide_client(Flow& flow, Side client, ClientEvidence evidence) {
    if (evidence <= flow.client_evidence) return;
    flow.client = client;
    flow.client_evidence = evidence;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const FlowCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct Slot {
    std::uint32_t hash = 0;
    FlowIndex index = kNoFlow;
  };
  struct Bucket {
    FlowIndex first = kNoFlow;
    FlowIndex last = kNoFlow;
  };
  static constexpr std::uint32_t kChunkBits = 9;
  static constexpr std::uint32_t kChunkMask = (1u << kChunkBits) - 1;
  static constexpr std::uint32_t kBuckets = 4096;  // more seconds than the longest timeout

  FlowIndex find(const packet::Packet& packet, const std::array<std::uint8_t, 16>& lower,
                 const std::array<std::uint8_t, 16>& higher, std::uint16_t lower_port,
                 std::uint16_t higher_port) const;
  FlowIndex create(const packet::Packet& packet, FlowEndHandler& handler);
  void count_tcp(Flow& flow, FlowIndex index, const packet::Packet& packet, Side sender);
  static bool starts_anew(const Flow& flow, const packet::Packet& packet, Side sender);
  static bool was_answered(const Flow& flow, const packet::Packet& packet, Side sender);
  static bool answers_anew(const Flow& flow, const packet::Packet& packet, Side sender);
  static bool is_numbered(const packet::Packet& packet);
  bool is_duplicate(Flow& flow, const packet::Packet& packet);
  void tell_end(FlowIndex index, Ending ending, FlowEndHandler& handler);
  void end(FlowIndex index, Ending ending, FlowEndHandler& handler);
  void evict_nearest_to_timeout(FlowEndHandler& handler);
  [[nodiscard]] std::chrono::seconds timeout_of(const Flow& flow) const;
  [[nodiscard]] std::int64_t deadline_of(const Flow& flow) const;
  void link(FlowIndex index, std::int64_t second);
  void unlink(FlowIndex index);
  void insert_slot(std::uint32_t hash, FlowIndex index);
  void erase_slot(FlowIndex index);
  void grow();

  FlowLimits limits_;
  std::vector<Slot, HugePageAllocator<Slot>> slots_;
  std::uint32_t slot_mask_ = 0;
  Blocks blocks_{sizeof(Flow) << kChunkBits};
  std::vector<Flow*> chunks_;
  std::vector<OuterAddresses> outer_;  // of tunnelled flows, by Flow::outer
  std::vector<std::uint32_t> outer_free_;
  std::vector<FlowIndex> free_;
  FlowIndex used_ = 0;  // records ever handed out; beyond it memory is untouched
  std::size_t size_ = 0;
  std::vector<Bucket> wheel_;
  std::int64_t nearest_second_ = 0;  // no flow hangs in a bucket between wheel_second_ and it
  std::int64_t wheel_second_ = 0;    // every bucket before it has been looked at
  bool clock_started_ = false;
  Time now_;
  FlowCounters counters_;
};

}  // namespace gnomon::flow
