#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/flow/ndpi_engine.h"
#include "gnomon/packet/packet.h"
#include "gnomon/sensor/batch.h"
#include "gnomon/sensor/replay.h"
#include "gnomon/sensor/shard.h"

namespace gnomon::sensor {

// Shards are fixed in number, so that limits, timeouts and the order of events are the same for
// any number of workers; each worker owns every n-th.
inline constexpr unsigned kShards = 16;
constexpr unsigned shard_of(std::uint32_t hash) { return hash >> 28; }

// One thread's part of the sensor: its shards, and its own of everything that keeps state.
class Worker {
 public:
  static Result<std::unique_ptr<Worker>> create(const ReplayOptions& options,
                                                const identify::Catalogue& catalogue,
                                                const std::vector<std::string>& files,
                                                const KeyLogs& keys, unsigned index,
                                                unsigned workers);

  // Text of a key log that the capture carries. Before the packets that it is for.
  void add_keys(std::string_view text) { keys_.add(text); }
  [[nodiscard]] bool holds_secrets() const { return keys_.enabled(); }
  // Judges by other knowledge from here on, between two blocks.
  void change(const KnowledgePointer& knowledge, std::uint64_t number, Batch& batch) {
    for (const auto& shard : shards_)
      if (shard) shard->change(knowledge, number, batch);
  }
  // Handles those of the block's packets that belong to this worker's shards.
  void handle(const packet::FrameBlock& frames, std::span<const packet::Packet> packets,
              Batch& batch);
  // No packet came, or none to some shards: ends what has been silent too long at `clock`. What
  // arises belongs to the moment after frame `last_number`.
  void tick(Time clock, std::uint64_t last_number, Batch& batch);
  // The packets' clock was put on, or back.
  void step_clock(std::chrono::nanoseconds by);
  // Ends the flows that began at or before frame `last_number`: the input is over.
  void finish(std::uint64_t last_number, Batch& batch);
  // Sums the counters of the shards into the batch, in the order of Shard::counter_names().
  void count(Batch& batch) const;

 private:
  Worker(const ReplayOptions& options, const std::vector<std::string>& files, const KeyLogs& keys,
         std::unique_ptr<flow::NdpiEngine> ndpi, message::QuicCrypto quic_crypto,
         message::TlsCrypto tls_crypto, unsigned index, unsigned workers);

  const ReplayOptions& options_;
  unsigned index_;
  unsigned workers_;
  std::unique_ptr<flow::NdpiEngine> ndpi_;  // before the shards that use it
  message::QuicCrypto quic_crypto_;
  message::TlsScratch tls_scratch_;
  message::TlsCrypto tls_crypto_;
  KeyStore keys_;
  Places places_;
  std::vector<std::unique_ptr<Shard>> shards_;  // by shard number; null for other workers' shards
  std::vector<std::uint32_t> mine_;             // indices of this worker's packets of the block
};

}  // namespace gnomon::sensor
