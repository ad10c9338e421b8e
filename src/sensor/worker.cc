#include "gnomon/sensor/worker.h"

#include <algorithm>

namespace gnomon::sensor {
namespace {

// How far ahead memory is asked for: the slot of a packet first, then the record its slot names,
// then what is noted of that flow.
constexpr std::size_t kSlotAhead = 16;
constexpr std::size_t kRecordAhead = 8;
constexpr std::size_t kNotesAhead = 4;

}  // namespace

Result<std::unique_ptr<Worker>> Worker::create(const ReplayOptions& options,
                                               const identify::Catalogue& catalogue,
                                               const std::vector<std::string>& files,
                                               const KeyLogs& keys, unsigned index,
                                               unsigned workers) {
  auto ndpi = options.engines != nullptr ? options.engines->take() : flow::NdpiEngine::create();
  if (!ndpi) return std::move(ndpi.error());
  auto quic_crypto = message::QuicCrypto::create();
  if (!quic_crypto) return std::move(quic_crypto.error());
  auto tls_crypto = message::TlsCrypto::create();
  if (!tls_crypto) return std::move(tls_crypto.error());
  std::unique_ptr<Worker> worker{new Worker{options, files, keys, std::move(*ndpi),
                                            std::move(*quic_crypto), std::move(*tls_crypto), index,
                                            workers}};
  const Tools tools{*worker->ndpi_, worker->quic_crypto_, worker->tls_scratch_, worker->tls_crypto_,
                    worker->keys_};
  worker->shards_.resize(kShards);
  const KnowledgePointer knowledge = knowledge_of(options, catalogue);
  for (unsigned shard = index; shard < kShards; shard += workers) {
    worker->shards_[shard] =
        std::make_unique<Shard>(options, knowledge, tools, worker->places_, shard);
  }
  return worker;
}

Worker::Worker(const ReplayOptions& options, const std::vector<std::string>& files,
               const KeyLogs& keys, std::unique_ptr<flow::NdpiEngine> ndpi,
               message::QuicCrypto quic_crypto, message::TlsCrypto tls_crypto, unsigned index,
               unsigned workers)
    : options_(options),
      index_(index),
      workers_(workers),
      ndpi_(std::move(ndpi)),
      quic_crypto_(std::move(quic_crypto)),
      tls_crypto_(std::move(tls_crypto)),
      keys_(keys),
      places_(files) {}

void Worker::handle(const packet::FrameBlock& frames, std::span<const packet::Packet> packets,
                    Batch& batch) {
  places_.begin_block(frames);
  mine_.clear();
  for (std::uint32_t i = 0; i < packets.size(); ++i) {
    if (packets[i].fragment || shard_of(packets[i].hash) % workers_ != index_) continue;
    mine_.push_back(i);
  }
  const auto shard_at = [&](std::size_t at) -> const Shard& {
    return *shards_[shard_of(packets[mine_[at]].hash)];
  };
  for (std::size_t at = 0; at < mine_.size(); ++at) {
    if (at + kSlotAhead < mine_.size()) {
      const packet::Packet& ahead = packets[mine_[at + kSlotAhead]];
      shard_at(at + kSlotAhead).prefetch_slot(ahead.slot_hash);
      // Its headers may be in the cache of the processor that decoded them.
      __builtin_prefetch(ahead.network);
      __builtin_prefetch(ahead.payload);
    }
    if (at + kRecordAhead < mine_.size())
      shard_at(at + kRecordAhead).prefetch_record(packets[mine_[at + kRecordAhead]].slot_hash);
    if (at + kNotesAhead < mine_.size())
      shard_at(at + kNotesAhead).prefetch_notes(packets[mine_[at + kNotesAhead]].slot_hash);
    const packet::Packet& each = packets[mine_[at]];
    shards_[shard_of(each.hash)]->handle(each, batch);
  }
}

void Worker::tick(Time clock, std::uint64_t last_number, Batch& batch) {
  for (const auto& shard : shards_)
    if (shard) shard->tick(clock, last_number, batch);
}

void Worker::step_clock(std::chrono::nanoseconds by) {
  for (const auto& shard : shards_)
    if (shard) shard->step_clock(by);
}

void Worker::finish(std::uint64_t last_number, Batch& batch) {
  for (const auto& shard : shards_)
    if (shard) shard->finish(last_number, batch);
  // Records of one flow have one rank and keep their order.
  std::stable_sort(batch.order.begin(), batch.order.end(), [](const auto& a, const auto& b) {
    return a.number != b.number ? a.number < b.number : a.rank < b.rank;
  });
}

void Worker::count(Batch& batch) const {
  batch.counters.assign(Shard::counter_names().size(), 0);
  for (const auto& shard : shards_)
    if (shard) shard->add_counters(batch.counters);
}

}  // namespace gnomon::sensor
