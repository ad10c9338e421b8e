#include "gnomon/sensor/shard.h"

#include <algorithm>
#include <array>

#include "gnomon/sensor/worker.h"

namespace gnomon::sensor {
namespace {

flow::FlowLimits limits_of(const ReplayOptions& options) {
  flow::FlowLimits limits = options.flow;
  limits.flows_max = std::max(options.flows_max / kShards, 1U);
  return limits;
}

}  // namespace

Shard::Shard(const ReplayOptions& options, KnowledgePointer knowledge, const Tools& tools,
             const Places& places, unsigned number)
    : options_(options),
      knowledge_(std::move(knowledge)),
      ndpi_(tools.ndpi),
      quic_crypto_(tools.quic_crypto),
      tls_scratch_(tools.tls_scratch),
      tls_crypto_(tools.tls_crypto),
      keys_(tools.keys),
      places_(places),
      number_(number),
      table_(limits_of(options)),
      segments_(options.reassembly_bytes_max / kShards),
      early_answers_(kEarlyAnswers),
      http_(*this, options_.events) {
  if (knowledge_->api == nullptr && !knowledge_->detectors) return;
  exchanges_.emplace(static_cast<ExchangeHost&>(*this), knowledge_);
  http_.read_bodies(&*exchanges_);
}

void Shard::change(const KnowledgePointer& knowledge, std::uint64_t number, Batch& batch) {
  turn_.batch = &batch;
  turn_.number = turn_.frame = number;
  turn_.rank = std::uint64_t{number_} << 32;  // before all packets; by shard among themselves
  packet_ = nullptr;
  batch.holds.push_back(std::move(knowledge_));
  knowledge_ = knowledge;
  texts_.forget_matches();
  if (exchanges_) exchanges_->change(knowledge_);
}

void Shard::handle(const packet::Packet& packet, Batch& batch) {
  turn_.batch = &batch;
  turn_.time = packet.time;
  turn_.number = turn_.frame = packet.number;
  turn_.rank = 0;
  const flow::FlowTable::Seen seen = table_.see(packet, *this);
  if (seen.duplicate) return;
  flow::Flow& flow = table_.flow(seen.index);
  if (flow.measured) measure_shape(flow, packet, seen.sender);
  if (!flow.reading) return;
  if (packet.protocol != packet::kTcp && packet.protocol != packet::kUdp) {
    flow.reading = false;  // named from its IP protocol number when it ends
    return;
  }
  if (flow.notes == FlowNotes::kNone) {
    if (packet.payload_wire_bytes == 0) return;
    fresh_notes(seen.index);
  }

  packet_ = &packet;
  index_ = seen.index;
  flow_ = &flow;
  notes_ = &notes_of(seen.index);
  if (packet.protocol == packet::kTcp) {
    read_tcp(packet, seen.sender);
  } else {
    if (packet.payload_bytes > 0) read_udp(packet, seen.sender);
  }
}

void Shard::tick(Time clock, std::uint64_t last_number, Batch& batch) {
  turn_.batch = &batch;
  turn_.time = clock;
  turn_.number = turn_.frame = last_number;
  turn_.rank = number_;
  packet_ = nullptr;
  if (exchanges_) exchanges_->collect();
  table_.advance(clock, *this);
}

FlowNotes& Shard::fresh_notes(flow::FlowIndex index) {
  std::uint32_t at;
  if (!notes_free_.empty()) {
    at = notes_free_.back();
    notes_free_.pop_back();
  } else {
    at = notes_used_++;
    if ((at >> kChunkBits) == chunks_.size())
      chunks_.push_back(static_cast<FlowNotes*>(note_blocks_.take()));
  }
  table_.flow(index).notes = at;
  FlowNotes& notes = *new (&notes_of(index)) FlowNotes;
  notes.serial = ++next_serial_;
  // The handshake came before there were notes. Behind a FIN its numbers are not known any more:
  // the stream begins where its first bytes say so.
  const flow::Flow& flow = table_.flow(index);
  for (const std::size_t side : {0, 1})
    if ((flow.tcp_flags[side] & packet::kSyn) != 0 && (flow.lengths_known & (1U << side)) == 0)
      notes.streams.start_at(static_cast<flow::Side>(side), flow.syn_sequence[side] + 1);
  return notes;
}

void Shard::finish(std::uint64_t last_number, Batch& batch) {
  turn_.batch = &batch;
  turn_.number = ~std::uint64_t{0};  // after every frame; by first frame among themselves
  packet_ = nullptr;
  if (!finishing_) {
    living_ = table_.living();
    finishing_ = true;
  }
  for (; living_at_ < living_.size(); ++living_at_) {
    constexpr std::size_t kAhead = 4;
    if (living_at_ + 2 * kAhead < living_.size()) table_.prefetch(living_[living_at_ + 2 * kAhead]);
    if (living_at_ + kAhead < living_.size()) prefetch_notes_of(living_[living_at_ + kAhead]);
    const flow::FlowIndex index = living_[living_at_];
    const std::uint64_t first = table_.flow(index).first_number;
    if (first > last_number) return;
    turn_.rank = turn_.frame = first;
    turn_.time = table_.flow(index).last;
    table_.shut_down(index, *this);
  }
  if (last_number != ~std::uint64_t{0} || !exchanges_) return;
  turn_.rank = ~std::uint64_t{0} - number_;  // after all flows, shard by shard
  exchanges_->flush();
}

void Shard::flow_ended(flow::FlowIndex index, const flow::Flow& flow, flow::Ending ending) {
  if (flow.notes == FlowNotes::kNone) {
    tell_flow(flow, no_notes_, ending);
    return;
  }
  // Readers work on the current flow; the one that ends stands in for it meanwhile.
  flow::Flow* const current_flow = flow_;
  FlowNotes* const current_notes = notes_;
  const flow::FlowIndex current_index = index_;
  const Time current_time = turn_.time;
  const std::uint64_t current_frame = turn_.frame;
  // What its readers tell only now was seen by its last packet, not by whichever came when its time
  // was up.
  if (flow.last != turn_.time) {
    turn_.time = flow.last;
    turn_.frame = flow.first_number;
  }
  flow_ = &table_.flow(index);
  notes_ = &notes_of(index);
  index_ = index;

  FlowNotes& notes = *notes_;
  if (flow.protocol == packet::kTcp && flow.reading)
    notes.streams.flush({notes.wants(0), notes.wants(1)}, segments_, *this);
  if (notes.session != FlowNotes::kNone || notes.quic_session != FlowNotes::kNone) {
    keys_.set_now(current_time);
    if (notes.session != FlowNotes::kNone) retry_session(notes);
    if (notes.quic_session != FlowNotes::kNone) retry_quic_session();
  }
  if (notes.session != FlowNotes::kNone)
    end_session(notes, flow, ending == flow::Ending::kFinished);
  if (notes.quic_session != FlowNotes::kNone) end_quic_session(notes, flow, index);
  if (notes.http != FlowNotes::kNone) close_http(notes, flow, ending == flow::Ending::kFinished);
  tell_flow(flow, notes, ending);
  end_shape(*flow_);
  let_go(notes);
  notes_free_.push_back(flow_->notes);
  flow_->notes = FlowNotes::kNone;

  flow_ = current_flow;
  notes_ = current_notes;
  index_ = current_index;
  turn_.time = current_time;
  turn_.frame = current_frame;
}

void Shard::let_go(FlowNotes& notes) {
  notes.streams.discard(segments_);
  for (const flow::Side side : {flow::Side::kLower, flow::Side::kHigher}) drop_held(notes, side);
  cancel_ndpi(notes);
  if (notes.quic != FlowNotes::kNone) end_quic(notes);
  forget_queries(notes);
  for (std::uint32_t& stream : notes.dns_streams) {
    if (stream == FlowNotes::kNone) continue;
    dns_streams_[stream].reset();
    dns_streams_.give_back(stream);
    stream = FlowNotes::kNone;
  }
  if (notes.tls != FlowNotes::kNone) {
    const TlsNotes& tls = tls_[notes.tls];
    texts_.release(tls.sni);
    texts_.release(tls.alpns);
    texts_.release(tls.certificate);
    for (std::size_t i = 0; i < tls.more_sni_count; ++i) texts_.release(tls.more_sni[i]);
    for (std::size_t i = 0; i < tls.ja4_count; ++i) texts_.release(tls.ja4[i]);
    tls_.give_back(notes.tls);
    notes.tls = FlowNotes::kNone;
  }
  if (notes.http_notes != FlowNotes::kNone) {
    const HttpNotes& http = http_notes_[notes.http_notes];
    texts_.release(http.user_agent);
    texts_.release(http.path);
    texts_.release(http.method);
    http_notes_.give_back(notes.http_notes);
    notes.http_notes = FlowNotes::kNone;
  }
  texts_.release(notes.host);
  notes.host = TextPool::kNone;
  notes.serial = 0;
}

void Shard::set_host(FlowNotes& notes, std::string_view host, observation::HostSource source) {
  // What the encrypted connection asks for says more than the proxy or the request around it.
  const auto rank = [](observation::HostSource each) {
    switch (each) {
      case observation::HostSource::kTlsSni:
      case observation::HostSource::kQuicSni:
        return 4;
      case observation::HostSource::kHttpHost:
        return 3;
      case observation::HostSource::kHttpConnect:
        return 2;
      case observation::HostSource::kTlsSniPartial:
      case observation::HostSource::kDnsAnswer:
      case observation::HostSource::kCertificate:
        return 1;
      case observation::HostSource::kNone:
        return 0;
    }
    return 0;
  };
  if (notes.outer != nullptr) {
    // What a further TLS connection inside this one asks for is what it is all about.
    if (source == observation::HostSource::kTlsSni)
      notes.outer->host_source = observation::HostSource::kNone;
    set_host(*notes.outer, host, source);
  }
  if (rank(source) <= rank(notes.host_source)) return;
  texts_.release(notes.host);
  notes.host = texts_.intern(host);
  notes.host_source = source;
}

HttpNotes& Shard::http_notes(FlowNotes& notes) {
  if (notes.outer != nullptr) return http_notes(*notes.outer);
  if (notes.http_notes == FlowNotes::kNone) {
    notes.http_notes = http_notes_.take();
    http_notes_[notes.http_notes] = HttpNotes{};
  }
  return http_notes_[notes.http_notes];
}

const identify::Match& Shard::match_of(TextPool::Id host) {
  TextPool::Entry& entry = texts_.entry(host);
  if (!entry.matched) {
    entry.match = knowledge_->catalogue->match(entry.text());
    entry.matched = true;
  }
  return entry.match;
}

}  // namespace gnomon::sensor
