#include "gnomon/sensor/exchange_reader.h"

#include <utility>

#include "exchange_judge.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/free_room.h"
#include "gnomon/content/upload_pieces.h"
#include "gnomon/sensor/http_reader.h"
#include "gnomon/sensor/knowledge.h"

namespace gnomon::sensor {
namespace {

using message::Direction;

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_identity(std::string_view coding) {
  return coding.empty() || same_ignoring_case(coding, "identity");
}

// What a browser shows or needs for it.
bool is_page(std::string_view type) {
  for (const std::string_view each :
       {"text/html", "text/css", "text/javascript", "application/javascript", "text/xml",
        "application/x-javascript", "application/xml", "application/xhtml+xml", "image/svg+xml"})
    if (same_ignoring_case(type.substr(0, each.size()), each)) return true;
  return false;
}

}  // namespace

ExchangeReader::ExchangeReader(ExchangeHost& host, std::shared_ptr<const Knowledge> knowledge)
    : host_(host) {
  judges_.push_back(std::make_unique<ExchangeJudge>(std::move(knowledge)));
}

ExchangeReader::~ExchangeReader() = default;

void ExchangeReader::change(std::shared_ptr<const Knowledge> knowledge) {
  judges_.push_back(std::make_unique<ExchangeJudge>(std::move(knowledge)));
  retire();
}

// Ends the judges that read nothing any more.
void ExchangeReader::retire() {
  for (std::size_t i = 0; i + 1 < judges_.size();) {
    ExchangeJudge& judge = *judges_[i];
    if (judge.open > 0) {
      ++i;
      continue;
    }
    if (judge.inspector) {
      if (!std::exchange(judge.flushed, true)) judge.inspector->flush(*this);
      if (judge.inspector->waiting() > 0) {
        ++i;
        continue;
      }
      earlier_.add(judge.inspector->counters());
    }
    host_.hold(judge.knowledge);
    judges_.erase(judges_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

content::InspectorCounters ExchangeReader::inspector_counters() const {
  content::InspectorCounters sum = earlier_;
  for (const auto& judge : judges_)
    if (judge->inspector) sum.add(judge->inspector->counters());
  return sum;
}

std::uint32_t ExchangeReader::open(const flow::Flow& flow, const message::HttpRequest& request,
                                   std::string_view hostname, TextPool::Id host, bool decrypted) {
  if (request.method == "CONNECT" && request.connect_protocol.empty()) return kNone;
  ExchangeJudge& judge = *judges_.back();
  const Interest interest = interest_in(judge, flow, request, hostname, host, decrypted);
  if (interest == Interest::kNone) return kNone;
  const bool whole = interest == Interest::kWhole;
  const bool fetch = !whole;
  if (whole && judge.detectors) {
    if (const content::DetectorSet* const set = std::exchange(judge.detectors, {})())
      judge.inspector.emplace(*set, judge.knowledge->inspector);
  }
  const bool to_api = fetch || (judge.api && judge.api->wants(request.method, request.target,
                                                              request.known.content_type));
  const bool inspected = whole && judge.inspector.has_value();
  if (!to_api && !inspected) return kNone;
  if (bodies_.used() >= kBodiesMax) give_up(oldest_);
  ++counters_.bodies;
  const std::uint32_t index = bodies_.take();
  ExchangeBodies& bodies = bodies_[index];
  bodies.exchange = nullptr;
  bodies.flow = flow;
  touch(index);
  for (Side& side : bodies.sides) {
    side.fields.clear();
    side.message.clear();
    side.body = content::Inspector::kRefused;
    side.piece = 0;
    side.carries = side.creates = false;
    side.scanning = side.is_grpc = side.opened = side.complete = false;
  }
  bodies.judge = &judge;
  ++judge.open;
  bodies.scheme.assign(decrypted ? std::string_view{"https"} : request.scheme);
  bodies.to_api = to_api;
  bodies.inspected = inspected;
  bodies.fetch = fetch;
  bodies.scanned = bodies.websocket = false;
  if (to_api) {
    request.fields.for_each([&](const message::HttpField& field) {
      bodies.side(Direction::kToServer).fields.add(field.name, field.value);
    });
  }
  Side& side = bodies.side(Direction::kToServer);
  // One without a body may be what ends an upload.
  if (request.has_body) open_side(bodies, Direction::kToServer, request.known);
  if (side.is_grpc) side.grpc.reset(request.fields.find("grpc-encoding"));
  if (!bodies.inspected) return index;
  content::ExchangeFacts facts;
  facts.method = request.method;
  facts.host = hostname;
  facts.target = request.target;
  inspect(index, Direction::kToServer, facts, request.known, request.fields);
  return index;
}

bool ExchangeReader::open_side(ExchangeBodies& bodies, Direction direction,
                               const message::Http1Fields& known) {
  Side& side = bodies.side(direction);
  if (side.opened) return false;
  side.opened = true;
  side.is_grpc = message::is_grpc(known.content_type);
  // What is coded is not followed: ApiScan reads text.
  side.scanning = bodies.to_api && !side.is_grpc && is_identity(known.content_encoding);
  return true;
}

void ExchangeReader::touch(std::uint32_t index) {
  if (index == latest_) return;
  forget(index);
  ExchangeBodies& bodies = bodies_[index];
  bodies.earlier = latest_;
  (latest_ == kNone ? oldest_ : bodies_[latest_].later) = index;
  latest_ = index;
}

void ExchangeReader::forget(std::uint32_t index) {
  ExchangeBodies& bodies = bodies_[index];
  if (bodies.earlier == kNone && oldest_ != index) return;  // is in no row
  (bodies.earlier == kNone ? oldest_ : bodies_[bodies.earlier].later) = bodies.later;
  (bodies.later == kNone ? latest_ : bodies_[bodies.later].earlier) = bodies.earlier;
  bodies.earlier = bodies.later = kNone;
}

void ExchangeReader::give_up(std::uint32_t index) {
  ++counters_.given_up;
  HttpExchange& exchange = *bodies_[index].exchange;
  const flow::Flow flow = bodies_[index].flow;
  close(index, flow, exchange);
  exchange.bodies = kNone;
}

void ExchangeReader::make_room_to_inspect(const content::Inspector& inspector,
                                          std::uint32_t except) {
  if (!inspector.full()) return;
  const auto reads = [](const Side& side) { return side.body != content::Inspector::kRefused; };
  for (std::uint32_t each = oldest_; each != kNone; each = bodies_[each].later) {
    const ExchangeBodies& bodies = bodies_[each];
    if (each == except || bodies.judge != bodies_[except].judge || !bodies.inspected ||
        !(reads(bodies.sides[0]) || reads(bodies.sides[1])))
      continue;
    give_up(each);
    return;
  }
}

void ExchangeReader::inspect(std::uint32_t index, Direction direction,
                             const content::ExchangeFacts& request,
                             const message::Http1Fields& known, const message::HttpFields& fields) {
  ExchangeBodies& bodies = bodies_[index];
  Side& side = bodies.side(direction);
  content::ExchangeFacts facts = request;
  facts.content_type = known.content_type;
  // Of gRPC the messages are coded, and come decoded.
  if (!side.is_grpc) facts.content_encoding = known.content_encoding;
  facts.content_disposition = known.content_disposition;
  if (direction == Direction::kToServer) {
    fields.for_each([&facts](const message::HttpField& field) {
      content::note_upload_field(facts, field.name, field.value);
    });
  }
  facts.to_server = direction == Direction::kToServer;
  facts.time = host_.frame_time();
  facts.mark = host_.frame_number();
  if (const content::UploadPiece piece = content::upload_piece_of(facts); piece.is_piece()) {
    side.piece = host_.begin_piece(bodies.flow, facts);
    side.carries = piece.carries;
    side.creates = piece.creates;
    if (side.carries) return;
  }
  if (!side.opened) return;
  make_room_to_inspect(*bodies.judge->inspector, index);
  if (!facts.to_server) facts.answers = bodies.side(Direction::kToServer).body;
  side.body = bodies.judge->inspector->open(facts, ++last_owner_);
}

void ExchangeReader::place(std::uint32_t index, const message::HttpResponse& response) {
  const Side& side = bodies_[index].side(Direction::kToServer);
  if (!side.creates) return;
  std::string_view url = response.fields.find("x-goog-upload-url");
  // 104: Upload Resumption Supported. Of others the field leads elsewhere (RFC 9110, 10.2.2).
  if (response.status == 104 || response.status == 201) url = response.fields.find("location");
  if (!url.empty()) host_.place_piece(side.piece, url);
}

void ExchangeReader::response(std::uint32_t index, const HttpExchange& exchange,
                              const message::HttpResponse& response) {
  touch(index);
  place(index, response);
  ExchangeBodies& bodies = bodies_[index];
  Side& side = bodies.side(Direction::kToClient);
  if (bodies.to_api) {
    side.fields.clear();
    response.fields.for_each(
        [&](const message::HttpField& field) { side.fields.add(field.name, field.value); });
  }
  content::ExchangeFacts facts;
  facts.method = exchange.method;
  facts.host = exchange.hostname;
  facts.target = exchange.url;
  bodies.websocket = exchange.upgrade == HttpUpgrade::kWebSocket;
  if (bodies.websocket) open_messages(index, facts);
  if (!open_side(bodies, Direction::kToClient, response.known)) return;
  if (side.is_grpc) side.grpc.reset(response.fields.find("grpc-encoding"));
  // What sites inside the network show to whoever asks is most of what they give, and no answer of
  // a model.
  const bool page = exchange.method == "GET" && is_page(response.known.content_type) &&
                    !(exchange.host != TextPool::kNone && host_.knows_app(exchange.host));
  if (bodies.inspected && !page)
    inspect(index, Direction::kToClient, facts, response.known, response.fields);
}

// What the client says in messages.
void ExchangeReader::open_messages(std::uint32_t index, content::ExchangeFacts& facts) {
  ExchangeBodies& bodies = bodies_[index];
  facts.messages = true;
  if (open_side(bodies, Direction::kToServer, message::Http1Fields{}) && bodies.inspected)
    inspect(index, Direction::kToServer, facts, message::Http1Fields{}, message::HttpFields{});
}

void ExchangeReader::messages_follow(std::uint32_t index, const HttpExchange& exchange) {
  ExchangeBodies& bodies = bodies_[index];
  if (std::exchange(bodies.websocket, true)) return;
  touch(index);
  content::ExchangeFacts facts;
  facts.method = exchange.method;
  facts.host = exchange.hostname;
  facts.target = exchange.url;
  open_messages(index, facts);
  if (open_side(bodies, Direction::kToClient, message::Http1Fields{}) && bodies.inspected)
    inspect(index, Direction::kToClient, facts, message::Http1Fields{}, message::HttpFields{});
}

void ExchangeReader::body(std::uint32_t index, Direction direction, Bytes bytes) {
  touch(index);
  ExchangeBodies& bodies = bodies_[index];
  Side& side = bodies.side(direction);
  if (!side.opened) return;
  if (side.is_grpc) {
    grpc_side_ = &side;
    grpc_judge_ = bodies.judge;
    side.grpc.feed(bytes, *this);
    return;
  }
  if (side.scanning) scan(bodies, direction, as_text(bytes));
  if (side.carries) host_.piece_bytes(side.piece, bytes);
  if (bodies.inspected) bodies.judge->inspector->feed(side.body, bytes, host_.frame_number());
}

// Most requests have no body, and many of those no answer: their scan is not touched at all.
void ExchangeReader::begin_scan(ExchangeBodies& bodies) {
  if (std::exchange(bodies.scanned, true)) return;
  bodies.scan.begin(*bodies.judge->knowledge->api);
}

void ExchangeReader::scan(ExchangeBodies& bodies, Direction direction, std::string_view text) {
  begin_scan(bodies);
  if (direction == Direction::kToServer) {
    bodies.scan.request(text, host_.frame_time());
  } else {
    bodies.scan.response(text, host_.frame_time());
  }
}

void ExchangeReader::gap(std::uint32_t index, Direction direction, std::uint64_t bytes) {
  touch(index);
  ExchangeBodies& bodies = bodies_[index];
  Side& side = bodies.side(direction);
  side.message.clear();
  if (!side.opened) return;
  if (side.is_grpc) {
    grpc_side_ = &side;
    grpc_judge_ = bodies.judge;
    side.grpc.gap(bytes, *this);
  }
  if (side.carries) host_.piece_gap(side.piece, bytes);
  if (bodies.inspected) bodies.judge->inspector->gap(side.body, bytes, host_.frame_number());
  if (!side.scanning || bodies.websocket) return;
  begin_scan(bodies);
  if (direction == Direction::kToServer) {
    bodies.scan.request_gap();
  } else {
    bodies.scan.response_gap();
  }
}

void ExchangeReader::end(std::uint32_t index, Direction direction, bool complete) {
  bodies_[index].side(direction).complete = complete;
}

void ExchangeReader::message_data(std::uint32_t index, Direction direction, Bytes bytes) {
  touch(index);
  ExchangeBodies& bodies = bodies_[index];
  Side& side = bodies.side(direction);
  if (bodies.to_api)
    side.message.append(as_text(bytes).substr(0, kMessageBytesMax - side.message.size()));
  if (bodies.inspected) bodies.judge->inspector->feed(side.body, bytes, host_.frame_number());
}

void ExchangeReader::message_end(std::uint32_t index, Direction direction, bool complete) {
  ExchangeBodies& bodies = bodies_[index];
  std::string& message = bodies.side(direction).message;
  if (complete && !message.empty()) scan(bodies, direction, message);
  message.clear();
  if (bodies.inspected) bodies.judge->inspector->next_message(bodies.side(direction).body);
}

void ExchangeReader::on_grpc_data(Bytes bytes) {
  if (grpc_judge_->inspector)
    grpc_judge_->inspector->feed(grpc_side_->body, bytes, host_.frame_number());
}

void ExchangeReader::on_grpc_end(bool) {
  if (grpc_judge_->inspector) grpc_judge_->inspector->next_message(grpc_side_->body);
}

void ExchangeReader::close(std::uint32_t index, const flow::Flow& flow,
                           const HttpExchange& exchange) {
  ExchangeBodies& bodies = bodies_[index];
  flow_ = &flow;
  exchange_ = &exchange;
  usage_ = {};
  if (bodies.to_api) read_api(bodies, flow, exchange);
  for (Side& side : bodies.sides) {
    free_room(side.message);
    side.fields.let_go();
    if (side.is_grpc) {
      grpc_side_ = &side;
      grpc_judge_ = bodies.judge;
      side.grpc.close(*this);
    }
    if (side.piece != 0) host_.end_piece(side.piece, exchange, side.complete);
    if (!bodies.inspected || !side.opened) continue;
    bodies.judge->inspector->close(side.body, side.complete || bodies.websocket, *this);
  }
  if (bodies.scanned) bodies.scan.let_go();
  flow_ = nullptr;
  exchange_ = nullptr;
  if (--bodies.judge->open == 0 && judges_.size() > 1) retire();
  forget(index);
  bodies_.give_back(index);
}

void ExchangeReader::collect() {
  if (waiting_.empty()) return;
  for (const auto& judge : judges_)
    if (judge->inspector) judge->inspector->collect(*this);
  if (judges_.size() > 1) retire();
}

void ExchangeReader::flush() {
  for (const auto& judge : judges_) {
    if (!judge->inspector) continue;
    judge->inspector->flush(*this);
    judge->inspector->wait(*this);
  }
}

void ExchangeReader::on_finding(std::uint64_t owner, std::uint64_t mark,
                                const observation::FindingRecord& finding) {
  if (const FindingOrigin* const known = origin(owner)) {
    host_.tell_finding(*known, mark, finding);
  } else {
    host_.tell_finding(flow_, exchange_, mark, finding);
  }
}

void ExchangeReader::on_file(std::uint64_t owner, std::uint64_t mark,
                             const observation::FileRecord& file) {
  if (const FindingOrigin* const known = origin(owner)) {
    host_.tell_file(*known, mark, file);
  } else {
    host_.tell_file(flow_, exchange_, mark, file);
  }
}

void ExchangeReader::on_waiting(std::uint64_t owner, std::string_view host) {
  waiting_.push_back(
      {owner, host_.origin_of(flow_, exchange_, host), judges_.back()->knowledge});
}

void ExchangeReader::on_told(std::uint64_t owner) {
  std::erase_if(waiting_, [&](Waiting& each) {
    if (each.owner != owner) return false;
    host_.hold(std::move(each.holds));
    return true;
  });
}

const FindingOrigin* ExchangeReader::origin(std::uint64_t owner) const {
  for (const Waiting& each : waiting_)
    if (each.owner == owner) return &each.origin;
  return nullptr;
}

std::size_t ExchangeReader::memory_bytes() const {
  std::size_t bytes = bodies_.allocated() * sizeof(ExchangeBodies);
  for (const auto& judge : judges_)
    if (judge->inspector) bytes += judge->inspector->memory_bytes();
  return bytes;
}

}  // namespace gnomon::sensor
