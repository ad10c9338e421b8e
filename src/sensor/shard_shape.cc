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
  while (!shapes_opened_.empty() &&
         (shapes_.used() >= kShapesMax || shapes_opened_.size() >= 4 * kShapesMax)) {
    const Claim oldest = shapes_opened_.front();
    shapes_opened_.pop_front();
    flow::Flow& other = table_.flow(oldest.flow);
    if (notes_of(oldest.flow).serial != oldest.serial || other.shape == kShapeNone) continue;
    end_shape(other);
    ++counters_.shapes_given_up;
  }
  flow.shape = static_cast<std::uint16_t>(shapes_.take());
  flow.measured = true;
  shapes_[flow.shape] = ShapeMeter{};
  shapes_opened_.push_back({index, notes.serial});
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
