// Bulk TLS: the handshakes of real connections, each followed by a download of random bytes.
#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "capture_writer.h"
#include "random.h"
#include "recipes.h"
#include "rewriter.h"

namespace gnomon::bench {
namespace {

using std::chrono::microseconds;

constexpr std::uint64_t kWindow = 60;  // seconds
constexpr std::size_t kTemplateFramesMin = 3;
constexpr std::size_t kTemplateFramesMax = 400;
constexpr std::chrono::seconds kTemplateLongest{2};
constexpr double kSpread = 1.5;  // sigma of the log-normal number of data packets
constexpr double kDataPacketsMax = 20'000;
constexpr std::uint32_t kSegmentBytes = 1428;  // one TLS record each, as servers send at the start
constexpr std::size_t kQuicDataBytes = 1250;
constexpr std::size_t kQuicAckBytes = 30;
constexpr std::size_t kQuicInitialMin = 1200;  // RFC 9000 section 14.1
constexpr std::size_t kQuicIdMax = 20;

constexpr std::uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPush = 0x08, kAck = 0x10;

// One direction of a template: the frame whose headers the added ones take, and where it stands.
struct Side {
  std::uint32_t model = 0;
  bool seen = false;
  std::uint32_t next_sequence = 0;          // TCP
  std::vector<std::uint8_t> connection_id;  // QUIC: what this side calls itself
};

struct Connection {
  FlowTemplate flow;  // without the frames that end it
  bool quic = false;
  Side client, server;
};

enum class Kind : std::uint8_t { kCopy, kData, kAcknowledge, kFinish };

struct Event {
  Nanoseconds at;
  std::uint32_t connection = 0;
  std::uint32_t replica = 0;
  std::uint32_t frame = 0;  // to copy, or whose headers to take
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
  Kind kind = Kind::kCopy;
};

std::uint8_t tcp_flags(const Frame& frame) {
  const std::size_t at = frame.layout.transport_at + 13;
  return at < frame.bytes.size() ? frame.bytes[at] : std::uint8_t{0};
}

// A handshake record of TLS that starts with a ClientHello.
bool starts_client_hello(Bytes payload) {
  return payload.size() > 6 && payload[0] == 0x16 && payload[1] == 3 && payload[5] == 1;
}

bool is_quic_long_header(Bytes payload) {
  return payload.size() > 6 && (payload[0] & 0xc0) == 0xc0 && get32(payload, 1) != 0;
}

// RFC 8999 section 5.1.
std::vector<std::uint8_t> source_connection_id(Bytes payload) {
  ByteReader in{payload};
  in.take(5);
  in.take(in.u8());
  const Bytes id = in.take(in.u8());
  if (!in.ok() || id.size() > kQuicIdMax) return {};
  return {id.begin(), id.end()};
}

bool is_wanted(const SeedCapture& capture, const FlowTemplate& flow) {
  if (flow.frames.size() < kTemplateFramesMin || flow.frames.size() > kTemplateFramesMax)
    return false;
  const Frame& first = capture.frames[flow.frames.front()];
  if (first.layout.source_port == first.layout.destination_port) return false;
  const bool whole = std::all_of(flow.frames.begin(), flow.frames.end(), [&](std::uint32_t i) {
    return capture.frames[i].wire_bytes <= capture.frames[i].bytes.size();
  });
  if (!whole) return false;
  if (flow.protocol == kUdp) {
    const Bytes payload = payload_of(first.bytes, first.layout);
    return payload.size() >= kQuicInitialMin && is_quic_long_header(payload);
  }
  if ((tcp_flags(first) & (kSyn | kAck)) != kSyn) return false;
  return std::any_of(flow.frames.begin(), flow.frames.end(), [&](std::uint32_t i) {
    return starts_client_hello(payload_of(capture.frames[i].bytes, capture.frames[i].layout));
  });
}

void note(Side& side, std::uint32_t index, const Frame& frame, bool quic) {
  const Layout& layout = frame.layout;
  const Bytes payload = payload_of(frame.bytes, layout);
  side.model = index;
  side.seen = true;
  if (quic) {
    if (is_quic_long_header(payload)) side.connection_id = source_connection_id(payload);
  } else {
    const std::uint32_t start = get32(frame.bytes, layout.transport_at + 4);
    const std::uint32_t syn = (tcp_flags(frame) & kSyn) != 0 ? 1 : 0;
    side.next_sequence = start + static_cast<std::uint32_t>(payload.size()) + syn;
  }
}

std::optional<Connection> study(const Seeds& seeds, const FlowTemplate& flow) {
  const SeedCapture& capture = seeds.captures[flow.seed];
  if (!is_wanted(capture, flow)) return std::nullopt;
  const std::uint16_t client_port = capture.frames[flow.frames.front()].layout.source_port;
  Connection connection{{flow.seed, flow.protocol, {}}, flow.protocol == kUdp, {}, {}};
  for (const std::uint32_t i : flow.frames) {
    const Frame& frame = capture.frames[i];
    if (!connection.quic) {
      if (frame.bytes.size() < frame.layout.transport_at + 20) continue;
      if ((tcp_flags(frame) & (kFin | kRst)) != 0) continue;
    }
    const bool from_client = frame.layout.source_port == client_port;
    note(from_client ? connection.client : connection.server, i, frame, connection.quic);
    connection.flow.frames.push_back(i);
  }
  if (!connection.client.seen || !connection.server.seen) return std::nullopt;
  return connection;
}

class BulkMaker {
 public:
  BulkMaker(const Seeds& seeds, const Order& order) : seeds_(seeds), random_(order.random_seed) {
    for (const FlowTemplate& flow : find_flows(seeds)) {
      if (auto connection = study(seeds, flow)) connections_.push_back(std::move(*connection));
    }
    for (auto& byte : noise_) byte = static_cast<std::uint8_t>(random_.next());
  }

  Result<Delivery> make(const Order& order) {
    if (connections_.empty()) return Error{"the seeds have no whole TLS or QUIC connection"};
    std::uint32_t replicas = 0;
    for (; planned_bytes_ < order.megabytes * 1'000'000; ++replicas) {
      for (std::uint32_t i = 0; i < connections_.size(); ++i) plan(i, replicas, order);
    }
    auto rewriter = Rewriter::plan(seeds_, replicas);
    if (!rewriter) return std::move(rewriter.error());
    std::stable_sort(events_.begin(), events_.end(),
                     [](const Event& one, const Event& other) { return one.at < other.at; });

    auto writer = CaptureWriter::create(order.output);
    if (!writer) return std::move(writer.error());
    for (const Event& event : events_) {
      const FlowTemplate& flow = connections_[event.connection].flow;
      const FrameRef ref{flow.seed, event.frame};
      build(event);
      rewriter->rewrite(seeds_, ref, event.replica, Rewriter::Ports::kReplace, frame_);
      writer->write(event.at, frame_, static_cast<std::uint32_t>(frame_.size()));
    }
    return writer->finish();
  }

 private:
  void plan(std::uint32_t index, std::uint32_t replica, const Order& order) {
    const Connection& connection = connections_[index];
    const auto& frames = seeds_.captures[connection.flow.seed].frames;
    const std::uint64_t window = order.window_seconds != 0 ? order.window_seconds : kWindow;
    const Nanoseconds start{static_cast<std::int64_t>(random_.below(window * 1'000'000'000))};
    const Nanoseconds first = frames[connection.flow.frames.front()].at;
    const Nanoseconds length = frames[connection.flow.frames.back()].at - first;
    const double pace = length <= kTemplateLongest
                            ? 1.0
                            : static_cast<double>(Nanoseconds{kTemplateLongest}.count()) /
                                  static_cast<double>(length.count());
    const auto paced = [&](Nanoseconds time) {
      return Nanoseconds{static_cast<std::int64_t>(static_cast<double>(time.count()) * pace)};
    };
    Event event{start, index, replica};
    for (const std::uint32_t i : connection.flow.frames) {
      event.at = start + paced(frames[i].at - first);
      event.frame = i;
      add(event, frames[i].bytes.size());
    }
    plan_download(connection, start + paced(length), event, order);
  }

  void plan_download(const Connection& connection, Nanoseconds at, Event event,
                     const Order& order) {
    const auto count = static_cast<std::uint32_t>(std::min(
        kDataPacketsMax, random_.log_normal(static_cast<double>(order.data_packets), kSpread)));
    std::uint32_t server = connection.server.next_sequence;
    const std::uint32_t client = connection.client.next_sequence;
    const auto from_server = [&](Kind kind, std::uint32_t acknowledged) {
      event.frame = connection.server.model;
      event.kind = kind;
      event.sequence = server;
      event.acknowledged = acknowledged;
      add(event, kind == Kind::kData ? 1514 : 66);
    };
    const auto from_client = [&](Kind kind, std::uint32_t sequence) {
      event.frame = connection.client.model;
      event.kind = kind;
      event.sequence = sequence;
      event.acknowledged = server;
      add(event, 66);
    };

    at += microseconds{1000};
    for (std::uint32_t i = 0; i < count; ++i) {
      at += microseconds{200} + Nanoseconds{static_cast<std::int64_t>(random_.below(400'000))};
      event.at = at;
      from_server(Kind::kData, client);
      server += kSegmentBytes;
      if (i % 2 == 1) {
        event.at = at + microseconds{1};
        from_client(Kind::kAcknowledge, client);
      }
    }
    if (connection.quic) return;
    event.at = at + microseconds{2};
    from_client(Kind::kFinish, client);
    event.at = at + microseconds{3};
    from_server(Kind::kFinish, client + 1);
    ++server;
    event.at = at + microseconds{4};
    from_client(Kind::kAcknowledge, client + 1);
  }

  void add(const Event& event, std::size_t frame_bytes) {
    events_.push_back(event);
    planned_bytes_ += frame_bytes;
  }

  // Makes frame_ what the event says, but for addresses.
  void build(const Event& event) {
    const Connection& connection = connections_[event.connection];
    const Frame& model = seeds_.captures[connection.flow.seed].frames[event.frame];
    if (event.kind == Kind::kCopy) {
      frame_ = model.bytes;
      return;
    }
    const Layout& layout = model.layout;
    frame_.assign(model.bytes.begin(),
                  model.bytes.begin() + static_cast<std::ptrdiff_t>(layout.transport_at));
    // Each its own identification, lest they look like one frame mirrored twice.
    if (layout.network == Layout::Network::kIpv4)
      put16(frame_, layout.network_at + 4, static_cast<std::uint16_t>(++identification_));
    if (connection.quic) {
      append_quic(event, model, connection);
    } else {
      append_tcp(event, model);
    }
    seal(frame_, layout);
  }

  void append_tcp(const Event& event, const Frame& model) {
    const std::size_t at = frame_.size();
    frame_.insert(frame_.end(), 20, 0);
    put16(frame_, at, model.layout.source_port);
    put16(frame_, at + 2, model.layout.destination_port);
    put32(frame_, at + 4, event.sequence);
    put32(frame_, at + 8, event.acknowledged);
    frame_[at + 12] = 0x50;
    frame_[at + 13] = kAck;
    if (event.kind == Kind::kFinish) frame_[at + 13] = kFin | kAck;
    put16(frame_, at + 14, 0xffff);
    if (event.kind != Kind::kData) return;
    frame_[at + 13] = kPush | kAck;
    const std::uint16_t record = kSegmentBytes - 5;
    frame_.insert(frame_.end(), {0x17, 3, 3, record >> 8, record & 0xff});
    append_noise(record, event.sequence);
  }

  void append_quic(const Event& event, const Frame& model, const Connection& connection) {
    const bool from_server = event.kind == Kind::kData;
    const std::size_t at = frame_.size();
    frame_.insert(frame_.end(), 8, 0);
    put16(frame_, at, model.layout.source_port);
    put16(frame_, at + 2, model.layout.destination_port);
    // A short header (RFC 9000 section 17.3.1) speaks to the receiver's connection id.
    const auto& id = (from_server ? connection.client : connection.server).connection_id;
    const std::size_t size = from_server ? kQuicDataBytes : kQuicAckBytes;
    frame_.push_back(static_cast<std::uint8_t>(0x40 | (random_byte(event.sequence) & 0x3f)));
    frame_.insert(frame_.end(), id.begin(), id.end());
    append_noise(size - 1 - id.size(), event.sequence);
  }

  std::uint8_t random_byte(std::uint32_t at) const { return noise_[at % noise_.size()]; }

  void append_noise(std::size_t size, std::uint32_t key) {
    const auto from = noise_.begin() + (key & 511);
    frame_.insert(frame_.end(), from, from + static_cast<std::ptrdiff_t>(size));
  }

  const Seeds& seeds_;
  Random random_;
  std::vector<Connection> connections_;
  std::vector<Event> events_;
  std::uint64_t planned_bytes_ = 0;
  std::uint32_t identification_ = 0;
  std::array<std::uint8_t, 2048> noise_{};
  std::vector<std::uint8_t> frame_;
};

}  // namespace

Result<Delivery> make_bulk(const Seeds& seeds, const Order& order) {
  return BulkMaker{seeds, order}.make(order);
}

}  // namespace gnomon::bench
