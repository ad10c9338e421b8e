// Which flows have the shape of their answers measured, and what becomes of the measure.
#include "gnomon/sensor/shard.h"

namespace gnomon::sensor {

// Called when a hello was read, or cleartext HTTP found. Hosts that only serve files, sign in or
// count are not worth it, nor are those that many share.
void Shard::start_shape(const FlowNotes& notes, flow::FlowIndex index) {
  flow::Flow& flow = table_.flow(index);
  if (flow.shape != kShapeNone) return;
  if (notes.host != TextPool::kNone) {
    const identify::Match& match = match_of(notes.host);
    if (match.shared || (match.app != nullptr && (match.role == identify::Role::kCdn ||
                                                  match.role == identify::Role::kAuth ||
                                                  match.role == identify::Role::kTelemetry ||
                                                  match.role == identify::Role::kModelDownload)))
      return;
  }
  const auto measured = [this](const Claim& claim) {
    return notes_of(claim.flow).serial == claim.serial &&
           table_.flow(claim.flow).shape != kShapeNone;
  };
  while (shapes_.used() >= kShapesMax) {
    const auto oldest = shapes_opened_.take_oldest(measured);
    if (!oldest) break;
    end_shape(table_.flow(oldest->flow));
    ++counters_.shapes_given_up;
  }
  flow.shape = static_cast<std::uint16_t>(shapes_.take());
  flow.measured = true;
  shapes_[flow.shape] = ShapeMeter{};
  shapes_opened_.add({index, notes.serial}, measured);
}

void Shard::measure_shape(flow::Flow& flow, const packet::Packet& packet, flow::Side sender) {
  if (!shapes_[flow.shape].see(packet, sender == flow.client)) flow.measured = false;
}

void Shard::tell_shape(const flow::Flow& flow, observation::FlowRecord& record) {
  if (flow.shape == kShapeNone) return;
  ShapeMeter& meter = shapes_[flow.shape];
  meter.finish();
  record.shape = meter.facts();
}

void Shard::end_shape(flow::Flow& flow) {
  if (flow.shape == kShapeNone) return;
  shapes_.give_back(flow.shape);
  flow.shape = kShapeNone;
  flow.measured = false;
}

}  // namespace gnomon::sensor
