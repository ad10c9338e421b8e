// What nDPI makes of flows that none of our parsers has claimed.
#include "gnomon/sensor/shard.h"

namespace gnomon::sensor {

// nDPI is shown packets with payload of flows that none of our parsers has claimed.
void Shard::show_ndpi(const packet::Packet& packet, flow::Side sender) {
  FlowNotes& notes = *notes_;
  if (notes.ndpi_done || packet.payload_bytes == 0) return;
  if (notes.ndpi == flow::NdpiEngine::kNone) {
    make_room_for_ndpi();
    notes.ndpi = ndpi_.start();
    ++undecided_count_;
    ++counters_.ndpi_flows;
    undecided_.add({index_, notes.serial}, holds(&FlowNotes::ndpi));
  }
  if (ndpi_.feed(notes.ndpi, packet, sender == flow_->client)) finish_ndpi(notes);
}

void Shard::finish_ndpi(FlowNotes& notes) {
  if (notes.ndpi == flow::NdpiEngine::kNone) return;
  notes.verdict = ndpi_.finish(notes.ndpi);
  notes.ndpi = flow::NdpiEngine::kNone;
  notes.ndpi_done = true;
  --undecided_count_;
}

void Shard::cancel_ndpi(FlowNotes& notes) {
  if (notes.ndpi == flow::NdpiEngine::kNone) return;
  ndpi_.cancel(notes.ndpi);
  notes.ndpi = flow::NdpiEngine::kNone;
  --undecided_count_;
}

void Shard::make_room_for_ndpi() {
  while (undecided_count_ >= kNdpiMax) {
    const auto oldest = undecided_.take_oldest(holds(&FlowNotes::ndpi));
    if (!oldest) return;
    finish_ndpi(notes_of(oldest->flow));
    ++counters_.ndpi_given_up;
  }
}

flow::NdpiVerdict Shard::verdict_of(const flow::Flow& flow, FlowNotes& notes) {
  const auto settled = [&](flow::Settled as) {
    if (notes.host == TextPool::kNone) return ndpi_.settled(as, {});
    TextPool::Entry& entry = texts_.entry(notes.host);
    if (entry.settled_as != static_cast<std::uint8_t>(as)) {
      entry.verdict = ndpi_.settled(as, entry.text());
      entry.settled_as = static_cast<std::uint8_t>(as);
    }
    return entry.verdict;
  };
  switch (notes.mode) {
    case Mode::kTls:
      return settled(flow::Settled::kTls);
    case Mode::kQuic:
      return settled(flow::Settled::kQuic);
    case Mode::kHttp:
      return settled(flow::Settled::kHttp);
    case Mode::kDns:
      return ndpi_.settled(flow::Settled::kDns, {});
    case Mode::kMdns:
      return ndpi_.settled(flow::Settled::kMdns, {});
    case Mode::kLlmnr:
      return ndpi_.settled(flow::Settled::kLlmnr, {});
    case Mode::kDhcp:
      return ndpi_.settled(flow::Settled::kDhcp, {});
    case Mode::kDhcp6:
      return ndpi_.settled(flow::Settled::kDhcp6, {});
    case Mode::kUndecided:
    case Mode::kPlain:
      break;
  }
  if (notes.http_seen) return settled(flow::Settled::kHttp);
  if (notes.ndpi != flow::NdpiEngine::kNone) finish_ndpi(notes);
  if (notes.ndpi_done) return notes.verdict;
  const bool bare = flow.protocol == packet::kTcp || flow.protocol == packet::kUdp;
  if (bare && flow.payload[0] + flow.payload[1] == 0) return {};
  const flow::Side client = flow.client;
  const flow::Side server = flow::other(client);
  return ndpi_.guess(flow.protocol, flow.address(client), flow.port(client), flow.address(server),
                     flow.port(server));
}

}  // namespace gnomon::sensor
