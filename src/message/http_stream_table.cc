#include "gnomon/message/http_stream_table.h"

namespace gnomon::message {

void HttpStreamTable::reset(std::string_view protocol) {
  streams_.clear();
  latest_ = 0;
  dropped_ = 0;
  protocol_ = protocol;
}

HttpStreamTable::Stream* HttpStreamTable::find(std::uint64_t id) {
  if (latest_ < streams_.size() && streams_[latest_].id == id) return &streams_[latest_];
  for (std::size_t i = streams_.size(); i-- > 0;) {
    if (streams_[i].id != id) continue;
    latest_ = i;
    return &streams_[i];
  }
  return nullptr;
}

HttpStreamTable::Stream& HttpStreamTable::open_stream(std::uint64_t id, HttpEvents& events) {
  if (Stream* const known = find(id)) return *known;
  if (streams_.size() == kStreamsMax) {
    ++dropped_;
    for (const Direction direction : {Direction::kToServer, Direction::kToClient})
      end_side(streams_.front(), direction, false, events);
    streams_.erase(streams_.begin());
  }
  latest_ = streams_.size();
  streams_.emplace_back().id = id;
  return streams_.back();
}

void HttpStreamTable::end_side(Stream& stream, Direction direction, bool complete,
                               HttpEvents& events) {
  Side& side = stream.side(direction);
  if (side.ended) return;
  side.ended = true;
  if (!side.told) return;
  side.ending.complete = complete && !side.broken;
  events.on_end(direction, stream.id, side.ending);
}

void HttpStreamTable::drop_if_over(Stream& stream) {
  if (!stream.sides[0].ended || !stream.sides[1].ended) return;
  streams_.erase(streams_.begin() + (&stream - streams_.data()));
}

void HttpStreamTable::on_fields(Direction direction, std::uint64_t id, HttpFieldBlock& fields,
                                bool end, HttpEvents& events) {
  Stream& stream = open_stream(id, events);
  Side& side = stream.side(direction);
  if (side.ended) return;
  if (side.told) {
    fields.read_fields().for_each(
        [&](const HttpField& field) { events.on_trailer(direction, id, field.name, field.value); });
  } else if (direction == Direction::kToServer) {
    HttpRequest request;
    request.protocol = protocol_;
    request.has_body = !end;
    if (fields.read_request(request)) {
      side.told = true;
      side.broken = fields.broken();
      events.on_request(id, request);
    }
  } else {
    HttpResponse response;
    response.protocol = protocol_;
    if (fields.read_response(response)) {
      side.told = !response.interim;
      side.broken = fields.broken();
      events.on_response(id, response);
    }
  }
  if (!end) return;
  end_side(stream, direction, true, events);
  drop_if_over(stream);
}

void HttpStreamTable::on_lost_fields(Direction direction, std::uint64_t id, bool end,
                                     HttpEvents& events) {
  Stream& stream = open_stream(id, events);
  Side& side = stream.side(direction);
  side.broken = side.missed = true;
  if (!end) return;
  end_side(stream, direction, false, events);
  drop_if_over(stream);
}

void HttpStreamTable::on_push(std::uint64_t id, HttpFieldBlock& fields, HttpEvents& events) {
  HttpRequest request;
  request.protocol = protocol_;
  request.has_body = false;
  request.pushed = true;
  if (!fields.read_request(request)) return;
  Stream& stream = open_stream(id, events);
  Side& side = stream.side(Direction::kToServer);
  if (side.told || side.ended) return;
  side.told = true;
  side.broken = fields.broken();
  events.on_request(id, request);
  end_side(stream, Direction::kToServer, true, events);
}

void HttpStreamTable::on_body(Direction direction, std::uint64_t id, Bytes bytes,
                              HttpEvents& events) {
  if (bytes.empty()) return;
  Stream* const stream = find(id);
  if (stream == nullptr) return;
  Side& side = stream->side(direction);
  if (!side.told || side.ended) return;
  side.ending.body_bytes += bytes.size();
  events.on_body(direction, id, bytes);
}

void HttpStreamTable::on_body_gap(Direction direction, std::uint64_t id, std::uint64_t bytes,
                                  HttpEvents& events) {
  Stream* const stream = find(id);
  if (stream == nullptr) return;
  Side& side = stream->side(direction);
  if (!side.told || side.ended) return;
  side.ending.missing_bytes += bytes;
  side.broken = true;
  events.on_body_gap(direction, id, bytes);
}

void HttpStreamTable::end(Direction direction, std::uint64_t id, bool complete,
                          HttpEvents& events) {
  Stream* const stream = find(id);
  if (stream == nullptr) return;
  end_side(*stream, direction, complete, events);
  drop_if_over(*stream);
}

void HttpStreamTable::abort(std::uint64_t id, HttpEvents& events) {
  end(Direction::kToServer, id, false, events);
  end(Direction::kToClient, id, false, events);
}

void HttpStreamTable::break_all(Direction direction) {
  for (Stream& stream : streams_) stream.side(direction).broken = true;
}

void HttpStreamTable::close(Direction direction, HttpEvents& events) {
  for (Stream& stream : streams_) end_side(stream, direction, false, events);
  std::erase_if(streams_, [](const Stream& stream) {
    return stream.sides[0].ended && stream.sides[1].ended;
  });
}

void HttpStreamTable::expect_response(std::uint64_t id) {
  streams_.emplace_back().id = id;
  streams_.back().side(Direction::kToServer).ended = true;
}

}  // namespace gnomon::message
