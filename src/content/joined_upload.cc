#include "joined_upload.h"

#include <algorithm>
#include <utility>

namespace gnomon::content {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} * 1024;
constexpr std::size_t kPieceBytes = 512;  // what a piece takes that waits, however short it is
constexpr std::size_t kFieldMax = 1024;   // of a header field that is kept

bool is_framed(std::string_view coding) { return coding.find("aws-chunked") != coding.npos; }

// "aws-chunked,gzip" without its first: of each piece that is taken off before they are joined.
std::string without_frame(std::string_view codings) {
  std::string rest;
  while (!codings.empty()) {
    const std::size_t comma = std::min(codings.find(','), codings.size());
    const std::string_view coding = codings.substr(0, comma);
    codings.remove_prefix(std::min(comma + 1, codings.size()));
    if (is_framed(coding)) continue;
    if (!rest.empty()) rest += ',';
    rest += coding;
  }
  return rest;
}

}  // namespace

JoinedUpload::JoinedUpload(std::uint64_t number, UploadPlace first, bool counted,
                           Inspector& inspector, std::size_t& held)
    : number_(number),
      first_(first),
      counted_(counted),
      inspector_(inspector),
      held_(held),
      next_(first) {}

void JoinedUpload::note_facts(UploadPlace place, const ExchangeFacts& facts) {
  if (body_ || place >= facts_of_) return;
  facts_of_ = place;
  facts_.method = facts.method.substr(0, 32);
  facts_.host = facts.host.substr(0, 255);
  facts_.target = facts.target.substr(0, 2 * kFieldMax);
  facts_.content_type = facts.content_type.substr(0, kFieldMax);
  facts_.content_encoding = without_frame(facts.content_encoding.substr(0, kFieldMax));
  facts_.content_disposition = facts.content_disposition.substr(0, kFieldMax);
}

void JoinedUpload::begin(std::uint64_t number, UploadPlace place, const ExchangeFacts& facts,
                         bool last, std::string_view boundary) {
  note_facts(place, facts);
  Piece& piece = pieces_.emplace(place, Piece{})->second;
  piece.number = number;
  piece.came = place.at;
  piece.last = last;
  if (is_framed(facts.content_encoding)) piece.framed.emplace();
  if (!boundary.empty()) piece.form.emplace(boundary);
  ++open_;
}

JoinedUpload::Pieces::iterator JoinedUpload::find(std::uint64_t number, UploadPlace place) {
  auto [at, end] = pieces_.equal_range(place);
  while (at != end && at->second.number != number) ++at;
  return at == end ? pieces_.end() : at;
}

void JoinedUpload::feed(std::uint64_t number, UploadPlace place, Bytes bytes, std::uint64_t mark) {
  const auto at = find(number, place);
  if (at == pieces_.end() || place == kBehindAll) return;
  Piece& piece = at->second;
  if (piece.framed) {
    piece.framed->feed(bytes, [&](Bytes content) { take(place, piece, content, mark); });
  } else if (piece.form) {
    piece.form->feed(bytes, [&](Bytes content) { take(place, piece, content, mark); });
  } else {
    take(place, piece, bytes, mark);
  }
  if (awaits_order_ && held_here_ > kOrderBytesMax) awaits_order_ = false;
  advance();
}

void JoinedUpload::gap(std::uint64_t number, UploadPlace place, std::uint64_t bytes,
                       std::uint64_t mark) {
  const auto at = find(number, place);
  if (at == pieces_.end() || place == kBehindAll || bytes == 0) return;
  Piece& piece = at->second;
  if (piece.framed) bytes = piece.framed->gap(bytes);
  if (piece.form) take_rest(place, piece, mark);
  if (awaits(place)) {
    hold(piece, Chunk{{}, bytes, mark});
    piece.came += bytes;
  } else {
    piece.came += bytes;
    if (place.part < next_.part || piece.came <= next_.at) return;
    read_hole(piece.came - next_.at, mark);
    next_.at = piece.came;
    advance();
  }
}

void JoinedUpload::end(std::uint64_t number, UploadPlace place, bool complete) {
  const auto at = find(number, place);
  if (at == pieces_.end()) return;
  Piece& piece = at->second;
  if (piece.framed) {
    const Bytes rest = piece.framed->rest();
    if (!rest.empty()) take(place, piece, rest, last_mark_);
    complete = complete && piece.framed->whole();
  }
  if (piece.form) take_rest(place, piece, last_mark_);
  --open_;
  piece.open = false;
  piece.complete = complete;
  if (place == kBehindAll) {
    pieces_.erase(at);
    return;
  }
  cut_ = !complete;
  if (complete && place == first_ && piece.came > place.at) begun_ = true;
  if (complete && piece.last && total_ == 0) total_ = piece.came;
  // An empty piece says nothing, wherever it stands.
  if (awaits(place) && piece.held.empty()) pieces_.erase(at);
  advance();
}

// What of its form looked like the beginning of a mark until now.
void JoinedUpload::take_rest(UploadPlace place, Piece& piece, std::uint64_t mark) {
  const std::string rest = piece.form->rest();
  if (!rest.empty())
    take(place, piece, {reinterpret_cast<const std::uint8_t*>(rest.data()), rest.size()}, mark);
}

// Bytes that come next in a piece.
void JoinedUpload::take(UploadPlace place, Piece& piece, Bytes bytes, std::uint64_t mark) {
  if (awaits(place)) {
    hold(piece, bytes, mark);
    piece.came += bytes.size();
    return;
  }
  const std::uint64_t from = std::exchange(piece.came, piece.came + bytes.size());
  if (place.part < next_.part || piece.came <= next_.at) return;  // was read before
  read(bytes.subspan(static_cast<std::size_t>(next_.at - from)), mark);
}

void JoinedUpload::hold(Piece& piece, Bytes bytes, std::uint64_t mark) {
  if (!piece.held.empty() && piece.held.back().hole == 0 &&
      piece.held.back().bytes.size() + bytes.size() <= kChunkBytes) {
    std::vector<std::uint8_t>& last = piece.held.back().bytes;
    const std::size_t room = last.capacity();
    last.insert(last.end(), bytes.begin(), bytes.end());
    keep(last.capacity() - room);
    return;
  }
  hold(piece, Chunk{{bytes.begin(), bytes.end()}, 0, mark});
}

void JoinedUpload::hold(Piece& piece, Chunk chunk) {
  if (piece.held.empty()) {
    piece.held_at = piece.came;
    keep(kPieceBytes);
  }
  keep(chunk.bytes.capacity());
  piece.held.push_back(std::move(chunk));
}

void JoinedUpload::keep(std::size_t bytes) {
  held_here_ += bytes;
  held_ += bytes;
}

void JoinedUpload::let_go(std::size_t bytes) {
  held_here_ -= bytes;
  held_ -= bytes;
}

Inspector::Handle JoinedUpload::body(std::uint64_t mark) {
  if (!body_) {
    ExchangeFacts facts;
    facts.method = facts_.method;
    facts.host = facts_.host;
    facts.target = facts_.target;
    facts.content_type = facts_.content_type;
    facts.content_encoding = facts_.content_encoding;
    facts.content_disposition = facts_.content_disposition;
    facts.mark = mark;
    body_ = inspector_.open(facts, number_);
  }
  return *body_;
}

void JoinedUpload::read(Bytes bytes, std::uint64_t mark) {
  next_.at += bytes.size();
  last_mark_ = mark;
  inspector_.feed(body(mark), bytes, mark);
}

void JoinedUpload::read_hole(std::uint64_t bytes, std::uint64_t mark) {
  partial_ = true;
  inspector_.gap(body(mark), bytes, mark);
}

// Reads what waits of a piece whose turn has come; of one that is `passed` nothing is wanted any
// more.
void JoinedUpload::read_held(Piece& piece, bool passed) {
  while (!piece.held.empty()) {
    const Chunk chunk = std::move(piece.held.front());
    piece.held.pop_front();
    let_go(chunk.bytes.capacity());
    const std::uint64_t end = piece.held_at + chunk.size();
    if (!passed && end > next_.at) {
      const std::uint64_t skip = next_.at - piece.held_at;
      if (chunk.hole > 0) {
        read_hole(chunk.hole - skip, chunk.mark);
        next_.at = end;
      } else {
        read(Bytes{chunk.bytes}.subspan(static_cast<std::size_t>(skip)), chunk.mark);
      }
    }
    piece.held_at = end;
    if (piece.held.empty()) let_go(kPieceBytes);
  }
}

// Reads all whose turn has come, in order.
void JoinedUpload::advance() {
  if (awaits_order_) return;
  for (auto at = pieces_.begin(); at != pieces_.end() && at->first <= next_;) {
    Piece& piece = at->second;
    const bool passed = at->first.part < next_.part;
    read_held(piece, passed);
    if (piece.open) {
      ++at;
      continue;
    }
    if (counted_ && piece.complete && !passed) next_ = {next_.part + 1, 0};
    at = pieces_.erase(at);
  }
}

void JoinedUpload::set_type(std::string_view type) {
  if (!body_ && !type.empty()) facts_.content_type = type.substr(0, kFieldMax);
}

void JoinedUpload::set_order(std::span<const std::uint64_t> parts) {
  if (!awaits_order_) return;  // they were read already
  std::map<std::uint64_t, std::uint64_t> places;
  std::uint64_t last = 0;
  for (const std::uint64_t part : parts) {
    partial_ = partial_ || part == 0;
    // One that stands there twice is read once.
    if (part == 0 || places.try_emplace(part, last + 1).second) ++last;
  }
  Pieces ordered;
  while (!pieces_.empty()) {
    auto piece = pieces_.extract(pieces_.begin());
    if (piece.key() != kBehindAll)
      piece.key().part = places.try_emplace(piece.key().part, last + 1).first->second;
    last = std::max(last, piece.key() == kBehindAll ? 0 : piece.key().part);
    ordered.insert(std::move(piece));
  }
  pieces_ = std::move(ordered);
  as_they_came();
}

void JoinedUpload::adopt(JoinedUpload& part, std::uint64_t number,
                         const std::function<std::uint64_t(std::uint64_t)>& mark) {
  if (facts_.content_type.empty()) facts_.content_type = part.facts_.content_type;
  if (facts_.content_disposition.empty())
    facts_.content_disposition = part.facts_.content_disposition;
  Piece whole;
  std::uint64_t to = 0;
  const auto add = [&](Chunk chunk) {
    whole.came = to;
    to += chunk.size();
    hold(whole, std::move(chunk));
  };
  for (auto& [place, piece] : part.pieces_) {
    std::uint64_t at = piece.held_at;
    for (Chunk& chunk : piece.held) {
      const std::uint64_t end = at + chunk.size();
      part.let_go(chunk.bytes.capacity());
      const std::uint64_t said = mark(chunk.mark);
      if (at > to) add({{}, at - to, said});
      if (end > to && chunk.hole > 0) {
        add({{}, end - to, said});
      } else if (end > to) {  // what came twice is read once
        chunk.bytes.erase(chunk.bytes.begin(),
                          chunk.bytes.begin() + static_cast<std::ptrdiff_t>(to - at));
        add({std::move(chunk.bytes), 0, said});
      }
      at = end;
    }
    if (!piece.held.empty()) part.let_go(kPieceBytes);
    piece.held.clear();
  }
  part.pieces_.clear();
  whole.open = false;
  whole.complete = part.total_ == 0 ? !part.cut_ : to >= part.total_;
  if (!whole.held.empty()) pieces_.emplace(UploadPlace{number, 0}, std::move(whole));
  advance();
}

void JoinedUpload::as_they_came() {
  awaits_order_ = false;
  advance();
}

void JoinedUpload::skip_hole() {
  if (awaits_order_) return as_they_came();
  for (const auto& [place, piece] : pieces_) {
    if (place <= next_ || piece.held.empty()) continue;
    // How long a part is that never came nobody knows: something is missing.
    const std::uint64_t hole = counted_ ? 1 : place.at - next_.at;
    read_hole(hole, piece.held.front().mark);
    next_ = place;
    break;
  }
  advance();
}

void JoinedUpload::discard() {
  if (body_) inspector_.discard(*body_);
  body_.reset();
  let_go(held_here_);
  pieces_.clear();
}

bool JoinedUpload::finish(bool whole, InspectionEvents& events) {
  while (held_here_ > 0) skip_hole();
  // Of what was read to its end no piece is missed that broke off.
  const bool all = total_ > 0 && next_.at >= total_;
  const bool cut = !all && (cut_ || open_ > 0 || (counted_ && next_.at > 0));
  whole = whole && !partial_ && !cut;
  if (body_) inspector_.close(*body_, whole, events);
  return whole;
}

}  // namespace gnomon::content
