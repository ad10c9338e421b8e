#include "gnomon/content/upload_joiner.h"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "first_piece.h"
#include "gnomon/bytes/hash.h"
#include "gnomon/content/upload_pieces.h"
#include "joined_upload.h"

namespace gnomon::content {

namespace {

constexpr std::size_t kListBytesMax = std::size_t{1} << 20;   // of blocks, one
constexpr std::size_t kListsBytesMax = std::size_t{4} << 20;  // all that are coming
constexpr std::size_t kKeysMax = 2;  // of one upload: an interim answer's, and the last one's

std::string key_of_client(std::string_view client, std::string_view key) {
  std::string all{client};
  all += '\n';
  return all += key;
}

}  // namespace

struct UploadJoiner::State {
  State(const DetectorSet& detectors, const InspectorOptions& with)
      : options(with), inspector(detectors, of_bodies(with)) {}

  static InspectorOptions of_bodies(InspectorOptions options) {
    options.open_max = options.uploads_max;
    return options;
  }

  struct Row {
    Row(std::uint64_t number, UploadPlace begins, bool counted, State& state)
        : upload(number, begins, counted, state.inspector, state.held) {}

    // The number of a block by its name: as many as came before it. 0 when there are too many.
    [[nodiscard]] std::uint64_t number_of(std::string_view block) {
      const std::uint64_t name = hash_text(block);
      if (blocks.size() >= kUploadBlocksMax && !blocks.contains(name)) return 0;
      return blocks.try_emplace(name, blocks.size() + 1).first->second;
    }
    [[nodiscard]] std::vector<std::uint64_t> order() const {
      std::vector<std::uint64_t> numbers;
      for (const std::string& name : upload_block_list(list)) {
        const auto known = blocks.find(hash_text(name));
        numbers.push_back(known == blocks.end() ? 0 : known->second);
      }
      return numbers;
    }

    std::vector<std::string> keys;
    Time seen;
    JoinedUpload upload;
    FirstPiece first;
    std::uint64_t again = 0;    // the upload that may be nothing but its first piece once more
    std::uint64_t repeats = 0;  // of such a one: the other
    bool again_last = false;
    std::unordered_map<std::uint64_t, std::uint64_t> blocks;  // by the hash of their names
    std::uint64_t parts = 0;                                  // that said no place
    std::string list;                                         // of blocks, as far as it came
    bool list_lost = false;
    bool creates = false;              // until its request is over, the answer may say where it is
    std::string client, host, target;  // of that request
  };
  using Rows = std::map<std::uint64_t, Row>;  // by number: from the oldest on
  struct At {
    std::uint64_t upload;
    UploadPlace place;
  };

  [[nodiscard]] Rows::iterator find(const std::string& key) {
    const auto known = by_key.find(key);
    return known == by_key.end() ? rows.end() : rows.find(known->second);
  }
  Rows::iterator make(UploadPlace first, bool counted, UploadEvents& events) {
    if (rows.size() >= options.uploads_max) {
      auto silent = rows.begin();
      for (auto at = rows.begin(); at != rows.end(); ++at)
        if (at->second.seen < silent->second.seen) silent = at;
      give_up(silent, events);
    }
    ++last_upload;
    return rows.try_emplace(last_upload, last_upload, first, counted, *this).first;
  }
  void name(Rows::iterator at, std::string key) {
    by_key.insert_or_assign(key, at->first);
    at->second.keys.push_back(std::move(key));
  }
  // What waits beyond the bytes there are for it is read without what should come before.
  void make_room() {
    while (held > options.upload_bytes_max) {
      auto most = rows.begin();
      for (auto at = rows.begin(); at != rows.end(); ++at)
        if (at->second.upload.held() > most->second.upload.held()) most = at;
      ++counters.uploads_not_awaited;
      most->second.upload.skip_hole();
    }
  }
  void add_to_list(Row& row, Bytes bytes) {
    if (row.blocks.empty() || row.list_lost) return;
    if (row.list.size() + bytes.size() > kListBytesMax ||
        lists_bytes + bytes.size() > kListsBytesMax) {
      lose_list(row);
      return;
    }
    lists_bytes += bytes.size();
    row.list.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void lose_list(Row& row) {
    lists_bytes -= row.list.size();
    row.list = {};
    row.list_lost = true;
  }
  // A row goes: pieces that come to its place are of the one that seemed to repeat it, if any.
  void forget(Rows::iterator at) {
    Row& row = at->second;
    const auto heir = row.again == 0 ? rows.end() : rows.find(row.again);
    for (std::string& key : row.keys) {
      const auto known = by_key.find(key);
      if (known == by_key.end() || known->second != at->first) continue;  // is another's now
      if (heir == rows.end()) {
        by_key.erase(known);
      } else {
        name(heir, std::move(key));
      }
    }
    if (heir != rows.end()) {
      heir->second.repeats = 0;
      if (heir->second.upload.total() == 0) heir->second.upload.set_total(row.upload.total());
    }
    if (const auto other = rows.find(row.repeats); other != rows.end()) other->second.again = 0;
    lose_list(row);
    rows.erase(at);
  }
  void finish(Rows::iterator at, bool whole, UploadEvents& events) {
    JoinedUpload& upload = at->second.upload;
    upload.each_open([this](std::uint64_t piece) { pieces.erase(piece); });
    const bool partial = !upload.finish(whole, events);
    // What was only created brought nothing, and lacks nothing.
    if (partial && !upload.empty()) ++counters.uploads_partial;
    const std::uint64_t number = at->first;
    forget(at);
    events.on_upload_over(number);
  }
  void give_up(Rows::iterator at, UploadEvents& events) {
    JoinedUpload& upload = at->second.upload;
    upload.as_they_came();
    finish(at, upload.may_be_whole() || upload.all_read(), events);
  }
  // Parts that were uploaded each for itself become one, in the order in which a request names
  // them. Nothing where one of them is not known, still comes or was read already: then all of
  // them are told for themselves.
  Rows::iterator join(std::string_view client, const ExchangeFacts& facts, const UploadPiece& what,
                      UploadEvents& events) {
    std::vector<std::uint64_t> parts;
    bool all = rows.size() < options.uploads_max;
    for (const std::string& key : what.joins) {
      const auto at = find(key_of_client(client, key));
      all = all && at != rows.end() && at->second.upload.waits();
      if (at == rows.end()) continue;
      if (std::find(parts.begin(), parts.end(), at->first) == parts.end())
        parts.push_back(at->first);
      else
        all = false;  // its bytes were there twice
    }
    if (!all) {
      for (const std::uint64_t part : parts)
        if (const auto at = rows.find(part); at->second.upload.waits()) give_up(at, events);
      return rows.end();
    }
    const auto whole = make({1, 0}, true, events);
    std::string disposition;
    whole->second.upload.describe(facts_of_whole(facts, what, disposition));
    std::uint64_t number = 0;
    for (const std::uint64_t part : parts) {
      const auto at = rows.find(part);
      JoinedUpload& upload = at->second.upload;
      // Of an empty one there is nothing to wait for.
      if (upload.held() > 0 || upload.total() > 0)
        whole->second.upload.adopt(upload, ++number, [&](std::uint64_t mark) {
          return events.mark_in_whole(part, whole->first, mark);
        });
      forget(at);
      events.on_upload_over(part);
    }
    counters.uploads_joined += parts.size() - 1;
    return whole;
  }
  // A place is written again from its beginning: another upload, or the first piece once more, as
  // its answer was lost or bad. Only the end of the piece tells. Where more than that piece was
  // read it is another, so that nothing of it is taken for what was read.
  Rows::iterator write_again(Rows::iterator at, UploadPlace place, const UploadPiece& what,
                             UploadEvents& events) {
    const Row& row = at->second;
    const std::uint64_t earlier = at->first;
    if (!row.first.whole() || row.upload.held() > 0 || row.upload.read_to() != row.first.bytes() ||
        rows.size() >= options.uploads_max) {
      give_up(at, events);
      return rows.end();
    }
    const auto made = make(place, false, events);
    made->second.repeats = earlier;
    made->second.again_last = what.last;
    at->second.again = made->first;
    return made;
  }
  // The first piece of `at` was sent again: nothing of it is told twice.
  void drop_repeated(Rows::iterator again, UploadEvents& events) {
    const auto at = rows.find(again->second.repeats);
    Row& row = at->second;
    ++counters.uploads_joined;
    row.seen = std::max(row.seen, again->second.seen);
    row.again = 0;
    if (again->second.again_last) row.upload.set_total(row.first.bytes());
    const std::uint64_t number = again->first;
    again->second.upload.discard();
    forget(again);
    events.on_upload_over(number);
    if (row.upload.all_read()) finish(at, true, events);
  }

  InspectorOptions options;
  Inspector inspector;
  Rows rows;
  std::unordered_map<std::string, std::uint64_t> by_key;
  std::unordered_map<std::uint64_t, At> pieces;  // that are open
  InspectorCounters counters;                    // of uploads alone
  std::uint64_t last_upload = 0;
  std::size_t held = 0;
  std::size_t lists_bytes = 0;
};

UploadJoiner::UploadJoiner(const DetectorSet& detectors, const InspectorOptions& options)
    : state_(std::make_unique<State>(detectors, options)) {}
UploadJoiner::~UploadJoiner() = default;

bool UploadJoiner::knows(std::string_view client, const ExchangeFacts& facts) const {
  const UploadPiece what = upload_piece_of(facts);
  return !what.key.empty() && state_->by_key.contains(key_of_client(client, what.key));
}

std::uint64_t UploadJoiner::begin(std::uint64_t piece, std::string_view client,
                                  const ExchangeFacts& facts, UploadEvents& events) {
  State& state = *state_;
  const UploadPiece what = upload_piece_of(facts);
  if (!what.is_piece()) return kRefused;
  const auto place_of = [&](std::uint64_t number) {
    return what.counted ? UploadPlace{number, 0} : UploadPlace{0, number};
  };
  UploadPlace place = what.finishes_only ? JoinedUpload::kBehindAll : place_of(what.begin);
  const std::string key = what.creates ? std::string{} : key_of_client(client, what.key);
  auto at = what.creates         ? state.rows.end()
            : what.joins.empty() ? state.find(key)
                                 : state.join(client, facts, what, events);
  if (at != state.rows.end() && at->second.again != 0) {
    // More comes before it is told whether the first piece was the same again: taken for another.
    state.give_up(at, events);
    at = state.find(key);
  }
  if (at != state.rows.end() && !what.counted && !what.finishes_only) {
    const JoinedUpload& earlier = at->second.upload;
    if (what.total > 0 && earlier.total() > 0 && what.total != earlier.total()) {
      state.give_up(at, events);
      at = state.rows.end();
    } else if (earlier.is_first(place) && earlier.begun() && earlier.open() == 0 &&
               !earlier.waits()) {
      at = state.write_again(at, place, what, events);
    }
  }
  if (at != state.rows.end()) {
    if (at->second.repeats == 0) ++state.counters.uploads_joined;
  } else {
    if (what.finishes_only) return kRefused;
    at = state.make(place_of(what.first), what.counted, events);
    if (what.creates) {
      at->second.creates = true;
      at->second.client = client;
      at->second.host = facts.host.substr(0, 255);
      at->second.target = facts.target.substr(0, 2048);
    } else {
      state.name(at, key);
    }
    if (!what.block.empty() || what.partial) at->second.upload.await_order();
  }
  State::Row& row = at->second;
  row.seen = std::max(row.seen, facts.time);
  if (!what.block.empty()) {
    const std::uint64_t number = row.number_of(what.block);
    if (number == 0) return kRefused;
    place = place_of(number);
  }
  if (!what.boundary.empty()) place = place_of(++row.parts);
  if (what.finishes_only) row.upload.set_type(what.file_type);
  if (what.total > 0) row.upload.set_total(what.total);
  std::string disposition;
  row.upload.begin(piece, place, facts_of_whole(facts, what, disposition), what.last,
                   what.boundary);
  if (!what.counted && row.upload.is_first(place)) row.first.begin(piece);
  state.pieces.insert_or_assign(piece, State::At{at->first, place});
  return at->first;
}

void UploadJoiner::place(std::uint64_t piece, std::string_view url, UploadEvents& events) {
  State& state = *state_;
  const auto known = state.pieces.find(piece);
  if (known == state.pieces.end()) return;
  const auto at = state.rows.find(known->second.upload);
  if (!at->second.creates || at->second.keys.size() >= kKeysMax) return;
  std::string key = upload_key_at(url, at->second.host, at->second.target);
  if (key.empty()) return;
  key = key_of_client(at->second.client, key);
  const auto other = state.find(key);
  if (other == at) return;
  // What was there before has ended without saying so.
  if (other != state.rows.end()) state.give_up(other, events);
  state.name(at, std::move(key));
}

void UploadJoiner::feed(std::uint64_t piece, Bytes bytes, std::uint64_t mark) {
  State& state = *state_;
  const auto known = state.pieces.find(piece);
  if (known == state.pieces.end()) return;
  State::Row& row = state.rows.at(known->second.upload);
  if (known->second.place == JoinedUpload::kBehindAll) {
    state.add_to_list(row, bytes);
    return;
  }
  row.first.add(piece, bytes);
  row.upload.feed(piece, known->second.place, bytes, mark);
  state.make_room();
}

void UploadJoiner::gap(std::uint64_t piece, std::uint64_t bytes, std::uint64_t mark) {
  State& state = *state_;
  const auto known = state.pieces.find(piece);
  if (known == state.pieces.end()) return;
  State::Row& row = state.rows.at(known->second.upload);
  if (known->second.place == JoinedUpload::kBehindAll) state.lose_list(row);
  row.first.miss(piece);
  row.upload.gap(piece, known->second.place, bytes, mark);
  state.make_room();
}

void UploadJoiner::end(std::uint64_t piece, bool complete, Time time, UploadEvents& events) {
  State& state = *state_;
  const auto known = state.pieces.find(piece);
  if (known == state.pieces.end()) return;
  const auto [number, place] = known->second;
  state.pieces.erase(known);
  const auto at = state.rows.find(number);
  State::Row& row = at->second;
  row.seen = std::max(row.seen, time);
  row.upload.end(piece, place, complete);
  // What comes next is the same again.
  if (!complete && row.parts > 0 && place.part == row.parts) --row.parts;
  row.first.end(piece, complete);
  if (row.repeats != 0) {
    const auto earlier = state.rows.find(row.repeats);
    if (row.first.same(earlier->second.first)) {
      state.drop_repeated(at, events);
      return;
    }
    state.give_up(earlier, events);  // this one takes its place
  }
  if (place == JoinedUpload::kBehindAll) {
    if (complete && !row.list.empty()) row.upload.set_order(row.order());
    state.finish(at, complete, events);
  } else if (row.upload.all_read()) {
    state.finish(at, true, events);
  } else if (row.creates && row.keys.empty()) {
    state.give_up(at, events);  // nobody said where more of it would go
  }
}

void UploadJoiner::expire(Time before, UploadEvents& events) {
  State& state = *state_;
  for (auto at = state.rows.begin(); at != state.rows.end();) {
    const auto next = std::next(at);
    // One whose first piece is coming once more is not silent.
    if (at->second.upload.open() == 0 && at->second.again == 0 && at->second.seen < before)
      state.give_up(at, events);
    at = next;
  }
}

void UploadJoiner::collect(UploadEvents& events) { state_->inspector.collect(events); }

void UploadJoiner::flush(UploadEvents& events) {
  while (!state_->rows.empty()) state_->give_up(state_->rows.begin(), events);
}

void UploadJoiner::wait(UploadEvents& events) { state_->inspector.wait(events); }

std::size_t UploadJoiner::uploads() const { return state_->rows.size(); }
std::size_t UploadJoiner::waiting() const { return state_->inspector.waiting(); }

InspectorCounters UploadJoiner::counters() const {
  InspectorCounters counters = state_->inspector.counters();
  counters.uploads_joined = state_->counters.uploads_joined;
  counters.uploads_partial = state_->counters.uploads_partial;
  counters.uploads_not_awaited = state_->counters.uploads_not_awaited;
  return counters;
}

std::size_t UploadJoiner::memory_bytes() const {
  return sizeof(State) + state_->held + state_->lists_bytes + state_->inspector.memory_bytes();
}

}  // namespace gnomon::content
