// How a shard reads TCP: what the first bytes are, and what is done with the rest.
#include <algorithm>

#include "gnomon/bytes/free_room.h"
#include "gnomon/message/http2_frame.h"
#include "gnomon/sensor/shard.h"

namespace gnomon::sensor {
namespace {

using message::Direction;
using message::Likeness;

constexpr std::uint16_t kDnsPort = 53;
constexpr std::uint16_t kMdnsPort = 5353;
constexpr std::size_t kDnsStreamsMax = 1024;  // directions of DNS over TCP, read at once
constexpr unsigned kProxyHeadersMax = 2;      // one by each of two balancers in a row

// TLSPlaintext (RFC 8446, 5.1): type(1) legacy_record_version(2) length(2).
constexpr std::size_t kRecordHeaderBytes = 5;
constexpr std::uint8_t kChangeCipherSpec = 20;
constexpr std::uint8_t kAlert = 21;
constexpr std::uint8_t kHandshake = 22;
constexpr std::uint8_t kClientHello = 1;
constexpr std::uint8_t kServerHello = 2;
constexpr std::uint8_t kHttp2Settings = 4;

struct RecordHeader {
  std::uint8_t type;
  std::uint16_t length;
};

RecordHeader record_header(Bytes bytes) {
  ByteReader in{bytes};
  RecordHeader header{};
  header.type = in.u8();
  in.u16();
  header.length = in.u16();
  return header;
}

// The first bytes of a server's TLS, for connections of which only that side is seen.
bool begins_server_hello(Bytes bytes) {
  return bytes.size() >= 11 && bytes[0] == kHandshake && bytes[1] == 3 && bytes[2] <= 4 &&
         bytes[5] == kServerHello && bytes[6] == 0 && bytes[9] == 3 && bytes[10] <= 4;
}

}  // namespace

void Shard::read_tcp(const packet::Packet& packet, flow::Side sender) {
  FlowNotes& notes = *notes_;
  const flow::Side receiver = flow::other(sender);
  const bool syn = (packet.tcp_flags & packet::kSyn) != 0;
  const bool acknowledges = (packet.tcp_flags & packet::kAck) != 0;
  const bool both = notes.wants(flow::index_of(sender)) && notes.wants(flow::index_of(receiver));
  if (syn) notes.streams.start_at(sender, packet.tcp_sequence + 1);
  if (acknowledges)
    notes.streams.acknowledged(sender, packet.tcp_acknowledgement, both, segments_, *this);
  if (packet.payload_wire_bytes > 0 && notes.wants(flow::index_of(sender)))
    notes.streams.segment(sender,
                          {.sequence = packet.tcp_sequence + (syn ? 1 : 0),
                           .bytes = packet.payload_view(),
                           .wire_bytes = packet.payload_wire_bytes,
                           .acknowledges = acknowledges,
                           .acknowledgement = packet.tcp_acknowledgement},
                          both, segments_, *this);
  if (notes.mode == Mode::kPlain) show_ndpi(packet, sender);
  settle_if_done();
}

// Once nobody wants to know more, packets of the flow are only counted.
void Shard::settle_if_done() {
  FlowNotes& notes = *notes_;
  if (notes.session != FlowNotes::kNone) end_session_if_done(notes);
  if (notes.wants(0) || notes.wants(1)) return;
  if (notes.mode == Mode::kPlain && !notes.ndpi_done) return;
  flow_->reading = false;
  notes.streams.discard(segments_);
  for (const flow::Side side : {flow::Side::kLower, flow::Side::kHigher}) drop_held(notes, side);
}

bool Shard::may_start(Bytes bytes) {
  return message::looks_like_client_hello(bytes) || message::looks_like_http1_request(bytes) ||
         message::looks_like_http1_response(bytes) || message::looks_like_http2_frames(bytes) ||
         message::http2_preface_likeness(bytes) == Likeness::kYes;
}

void Shard::stream_bytes(Bytes bytes) {
  if (notes_->wants(flow::index_of(side_))) read_stream(side_, bytes);
}

void Shard::stream_gap(std::uint32_t count) {
  FlowNotes& notes = *notes_;
  if (!notes.wants(flow::index_of(side_))) return;
  ++counters_.gaps;
  counters_.gap_bytes += count;
  notes.gap_bytes += std::min(count, 0xffffffff - notes.gap_bytes);
  read_gap(count);
}

void Shard::read_gap(std::uint32_t count) {
  FlowNotes& notes = *notes_;
  if (notes.session != FlowNotes::kNone) decrypt_gap(side_, count);
  if (notes.side_done[flow::index_of(side_)]) return;
  switch (notes.mode) {
    case Mode::kHttp:
      http_.gap(*flow_, notes, direction_of(side_), count);
      if (http_.tunnel_opened()) leave_tunnel();
      return;
    case Mode::kTls:
    case Mode::kUndecided:
      if (const std::uint32_t held = notes.held[flow::index_of(side_)]; held != FlowNotes::kNone)
        tell_partial_hello(held_[held]);
      else if (notes.skip[flow::index_of(side_)] == 0 && !flow_->truncated)
        return;  // nothing of the side was read: what comes behind may be its beginning
      drop_held(notes, side_);
      if (notes.mode == Mode::kTls) {
        notes.side_done[flow::index_of(side_)] = true;
      } else {
        become_plain();
      }
      return;
    case Mode::kDns:
      drop_held(notes, side_);
      return;
    default:
      return;
  }
}

void Shard::read_stream(flow::Side side, Bytes bytes) {
  switch (notes_->mode) {
    case Mode::kUndecided:
      decide(side, bytes);
      return;
    case Mode::kTls:
      read_tls(side, bytes);
      return;
    case Mode::kHttp:
      read_http(side, bytes);
      return;
    case Mode::kDns:
      read_dns_stream(side, bytes);
      return;
    case Mode::kPlain:
      watch(side, bytes);
      return;
    default:
      return;
  }
}

// Appends to what the side holds back. False when there is no room for it: the side is then given
// up as far as messages over several segments go.
bool Shard::hold(flow::Side side, Bytes bytes) {
  std::uint32_t& held = notes_->held[flow::index_of(side)];
  if (held == FlowNotes::kNone) {
    make_room_for_held();
    held = held_.take();
    held_[held].clear();
    held_opened_.add({index_, notes_->serial}, holds_bytes());
  }
  std::vector<std::uint8_t>& buffer = held_[held];
  if (buffer.size() + bytes.size() > kHeldMax) {
    ++counters_.buffers_refused;
    return false;
  }
  buffer.insert(buffer.end(), bytes.begin(), bytes.end());
  return true;
}

// The oldest halves of hellos give way: of theirs what there is of a name is told.
void Shard::make_room_for_held() {
  FlowNotes* const current = notes_;
  while (held_.used() >= kHeldBuffersMax) {
    const auto oldest = held_opened_.take_oldest(holds_bytes());
    if (!oldest) break;
    ++counters_.held_given_up;
    notes_ = &notes_of(oldest->flow);
    notes_->give_up();
    for (const flow::Side side : {flow::Side::kLower, flow::Side::kHigher}) {
      const std::uint32_t held = notes_->held[flow::index_of(side)];
      if (held == FlowNotes::kNone) continue;
      tell_partial_hello(held_[held]);
      drop_held(*notes_, side);
      // What comes next is no beginning: of TLS it tells nothing.
      if (notes_->mode == Mode::kTls) notes_->side_done[flow::index_of(side)] = true;
    }
  }
  notes_ = current;
}

void Shard::drop_held(FlowNotes& notes, flow::Side side) {
  std::uint32_t& held = notes.held[flow::index_of(side)];
  if (held == FlowNotes::kNone) return;
  free_room(held_[held]);
  held_.give_back(held);
  held = FlowNotes::kNone;
  notes.hello_wanted[flow::index_of(side)] = 0;
}

// The first bytes of a connection, or of what a tunnel carries.
void Shard::decide(flow::Side side, Bytes bytes) {
  FlowNotes& notes = *notes_;
  const std::uint32_t held = notes.held[flow::index_of(side)];
  Bytes start = bytes;
  if (held != FlowNotes::kNone) {
    if (!hold(side, bytes)) {
      drop_held(notes, side);
      become_plain();
      return;
    }
    joined_.assign(held_[held].begin(), held_[held].end());
    start = joined_;
  }
  const auto begin = [&](Mode mode, HttpStart http = HttpStart::kHttp1) {
    cancel_ndpi(notes);
    drop_held(notes, side);
    notes.mode = mode;
    if (mode == Mode::kTls && keys_.enabled()) begin_session(notes);
    if (mode == Mode::kHttp) {
      make_room_for_http();
      http_.open(notes, index_, http, false);
      start_shape(notes, index_);
    }
    // `start` may lie in joined_, which reading on may use again.
    std::vector<std::uint8_t> own;
    if (held != FlowNotes::kNone) {
      own.assign(start.begin(), start.end());
      start = own;
    }
    read_stream(side, start);
    read_other_side(flow::other(side));
  };
  // A load balancer's line about the real client stands before what the client says.
  for (unsigned headers = 0; headers < kProxyHeadersMax; ++headers) {
    const std::size_t header = message::proxy_header_bytes(start);
    if (header == 0 || header == start.size()) break;
    start = start.subspan(header);
  }
  start = start.subspan(message::tds_header_bytes(start));
  const Likeness hello = message::client_hello_likeness(start);
  if (hello == Likeness::kYes || begins_server_hello(start)) return begin(Mode::kTls);
  const Likeness request = message::http1_request_likeness(start);
  const Likeness response = message::http1_response_likeness(start);
  if (request == Likeness::kYes || response == Likeness::kYes) return begin(Mode::kHttp);
  const Likeness preface = message::http2_preface_likeness(start);
  if (preface == Likeness::kYes) {
    flow::FlowTable::decide_client(*flow_, side, flow::ClientEvidence::kHello);
    return begin(Mode::kHttp, HttpStart::kHttp2);
  }
  // A server may speak first; frames of any kind are believed only where the start was missed.
  if (message::looks_like_http2_frames(start) && (flow_->midstream || start[3] == kHttp2Settings))
    return begin(Mode::kHttp, flow_->midstream ? HttpStart::kHttp2Middle : HttpStart::kHttp2);
  // Whatever else comes over DNS's port is taken for a message after its length.
  const auto on = [this](std::uint16_t port) {
    return flow_->lower_port == port || flow_->higher_port == port;
  };
  const bool has_length = start.size() >= 2 && (static_cast<std::size_t>(start[0]) << 8 |
                                                start[1]) >= message::kDnsHeaderBytes;
  if (on(kDnsPort) && has_length) return begin(Mode::kDns);
  // Resolvers listen on the port of multicast DNS too, and other programs do. Some send the length
  // by itself.
  if (on(kMdnsPort) && message::dns_tcp_looks_plausible(start)) return begin(Mode::kDns);
  const bool dns_begins = ((on(kDnsPort) || on(kMdnsPort)) && start.size() < 2) ||
                          (on(kMdnsPort) && has_length && start.size() == 2);
  const bool server_hello_begins =
      start.size() < 11 && start[0] == kHandshake && (start.size() < 2 || start[1] == 3);
  if (request == Likeness::kNotYet || response == Likeness::kNotYet ||
      preface == Likeness::kNotYet || hello == Likeness::kNotYet || server_hello_begins ||
      dns_begins) {
    if (held != FlowNotes::kNone) return keep_rest(side, start);
    if (hold(side, start)) return;
  }
  drop_held(notes, side);
  become_plain();
}

// When one side has decided what the connection speaks, the other side's first bytes, kept until
// then, are read the same way.
void Shard::read_other_side(flow::Side side) {
  FlowNotes& notes = *notes_;
  const std::uint32_t held = notes.held[flow::index_of(side)];
  if (held == FlowNotes::kNone || notes.mode == Mode::kUndecided) return;
  std::vector<std::uint8_t> bytes;
  bytes.swap(held_[held]);
  drop_held(notes, side);
  read_stream(side, bytes);
}

void Shard::become_plain() {
  notes_->mode = Mode::kPlain;
  for (const flow::Side side : {flow::Side::kLower, flow::Side::kHigher}) drop_held(*notes_, side);
}

// TLS and HTTP also begin further in: after STARTTLS, SOCKS, a PROXY line, a banner. A segment's
// start is where a message starts.
void Shard::watch(flow::Side side, Bytes bytes) {
  FlowNotes& notes = *notes_;
  std::uint16_t& watched = notes.watched[flow::index_of(side)];
  ++watched;
  const Likeness hello =
      message::client_hello_likeness(bytes.subspan(message::tds_header_bytes(bytes)));
  // What may turn out to be nothing counts as watched.
  const bool may_begin = watched < kWatchSegments &&
                         (hello == Likeness::kNotYet || message::proxy_header_bytes(bytes) > 0);
  if (hello == Likeness::kYes || may_begin || message::looks_like_http1_request(bytes) ||
      message::http2_preface_likeness(bytes) == Likeness::kYes) {
    notes.mode = Mode::kUndecided;
    notes.side_done = {};
    decide(side, bytes);
    return;
  }
  if (watched < kWatchSegments) return;
  notes.side_done[flow::index_of(side)] = true;
  // One-sided: nothing of the other side will ever be done.
  if (flow_->one_sided()) notes.side_done[flow::index_of(flow::other(side))] = true;
}

void Shard::read_tls(flow::Side side, Bytes bytes) {
  FlowNotes& notes = *notes_;
  if (notes.session != FlowNotes::kNone) decrypt(side, bytes);
  if (notes.side_done[flow::index_of(side)]) return;
  const std::uint32_t held = notes.held[flow::index_of(side)];
  Bytes all = bytes;
  if (held != FlowNotes::kNone) {
    if (!hold(side, bytes)) {
      drop_held(notes, side);
      notes.side_done[flow::index_of(side)] = true;
      return;
    }
    all = held_[held];
  }
  // Counted from the first byte held.
  std::uint32_t& wanted = notes.hello_wanted[flow::index_of(side)];
  if (held != FlowNotes::kNone && all.size() < wanted) return;
  wanted = 0;
  while (!all.empty() && !notes.side_done[flow::index_of(side)]) {
    std::uint16_t& skip = notes.skip[flow::index_of(side)];
    if (skip > 0) {
      const auto step = std::min<std::size_t>(skip, all.size());
      skip = static_cast<std::uint16_t>(skip - step);
      all = all.subspan(step);
      continue;
    }
    if (all.size() < kRecordHeaderBytes + 1) break;
    const RecordHeader header = record_header(all);
    if (header.type == kChangeCipherSpec || header.type == kAlert) {
      skip = header.length;
      all = all.subspan(kRecordHeaderBytes);
      continue;
    }
    std::size_t used = 0;
    if (message::looks_like_client_hello(all) ||
        (header.type == kHandshake && all[5] == kClientHello)) {
      used = read_client_hello_at(side, all);
    } else if (header.type == kHandshake && all[kRecordHeaderBytes] == kServerHello) {
      used = read_server_hello_at(side, all);
    } else {
      notes.side_done[flow::index_of(side)] = true;
    }
    if (used == 0) break;
    all = all.subspan(used);
  }
  if (notes.side_done[flow::index_of(side)] || all.empty()) {
    drop_held(notes, side);
    return;
  }
  keep_rest(side, all);
}

// Makes the side's held bytes `rest`, which may already be their end.
void Shard::keep_rest(flow::Side side, Bytes rest) {
  const std::uint32_t held = notes_->held[flow::index_of(side)];
  if (held != FlowNotes::kNone) {
    std::vector<std::uint8_t>& buffer = held_[held];
    buffer.erase(buffer.begin(), buffer.end() - static_cast<std::ptrdiff_t>(rest.size()));
  } else if (!hold(side, rest)) {
    notes_->side_done[flow::index_of(side)] = true;
  }
}

void Shard::read_http(flow::Side side, Bytes bytes) {
  http_.feed(*flow_, *notes_, direction_of(side), bytes);
  if (http_.tunnel_opened()) {
    leave_tunnel();
  } else if (http_.failed(*notes_)) {
    close_http(*notes_, *flow_, false);
    become_plain();
  }
}

// What CONNECT leads to is a connection of its own, from its first byte. Upgrades that HttpReader
// does not read itself end here.
void Shard::leave_tunnel() {
  FlowNotes& notes = *notes_;
  const bool connect = http_.tunnel_is_connect();
  std::vector<HttpReader::TunnelPiece> pieces;
  std::vector<std::uint8_t> bytes;
  http_.take_tunnel(pieces, bytes);
  close_http(notes, *flow_, true);
  if (!connect) {
    notes.mode = Mode::kHttp;
    notes.side_done = {true, true};
    return;
  }
  notes.mode = Mode::kUndecided;
  const flow::Side current = side_;
  Bytes rest{bytes};
  for (const HttpReader::TunnelPiece& piece : pieces) {
    const flow::Side side =
        piece.direction == Direction::kToServer ? flow_->client : flow::other(flow_->client);
    if (!notes.side_done[flow::index_of(side)]) read_stream(side, rest.first(piece.size));
    rest = rest.subspan(piece.size);
  }
  side_ = current;
}

void Shard::close_http(FlowNotes& notes, const flow::Flow& flow, bool finished) {
  if (notes.http != FlowNotes::kNone) http_.close(flow, notes, finished);
}

void Shard::make_room_for_http() {
  flow::FlowIndex index = flow::kNoFlow;
  std::uint32_t serial = 0;
  while (http_.oldest_if_full(index, serial)) {
    FlowNotes& notes = notes_of(index);
    flow::Flow& flow = table_.flow(index);
    if (notes.session != FlowNotes::kNone) end_session(notes, flow, false);
    close_http(notes, flow, false);
    notes.give_up();
    notes.side_done = {true, true};
    flow.reading = false;
  }
}

void Shard::read_dns_stream(flow::Side side, Bytes bytes) {
  std::uint32_t& stream = notes_->dns_streams[flow::index_of(side)];
  if (stream == FlowNotes::kNone) {
    if (dns_streams_.used() >= kDnsStreamsMax) {
      ++counters_.buffers_refused;
      return;
    }
    stream = dns_streams_.take();
    dns_streams_[stream].reset();
  }
  dns_streams_[stream].feed(bytes, [this](Bytes message) { read_dns(message); });
}

}  // namespace gnomon::sensor
