#include "gnomon/content/upload_joiner.h"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "gnomon/bytes/hash.h"
#include "gnomon/content/upload_pieces.h"
#include "joined_upload.h"

namespace gnomon::content {

namespace {
constexpr std::size_t kBlocksMax = 4096;  // of one upload

std::string key_of_client(std::string_view client, const UploadPiece& piece) {
  std::string key{client};
  key += '\n';
  return key += piece.key;
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
    Row(std::string named, std::uint64_t number, UploadPlace first, bool counted, State& state)
        : key(std::move(named)), upload(number, first, counted, state.inspector, state.held) {}

    // The number of a block by its name: as many as came before it. 0 when there are too many.
    [[nodiscard]] std::uint64_t number_of(std::string_view block) {
      const std::uint64_t name = hash_text(block);
      if (blocks.size() >= kBlocksMax && !blocks.contains(name)) return 0;
      return blocks.try_emplace(name, blocks.size() + 1).first->second;
    }

    std::string key;
    Time seen;
    JoinedUpload upload;
    std::unordered_map<std::uint64_t, std::uint64_t> blocks;  // by the hash of their names
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
  Rows::iterator make(std::string key, UploadPlace first, bool counted, UploadEvents& events) {
    if (rows.size() >= options.uploads_max) {
      auto silent = rows.begin();
      for (auto at = rows.begin(); at != rows.end(); ++at)
        if (at->second.seen < silent->second.seen) silent = at;
      give_up(silent, events);
    }
    by_key.emplace(key, ++last_upload);
    return rows.try_emplace(last_upload, std::move(key), last_upload, first, counted, *this).first;
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
  void finish(Rows::iterator at, bool whole, UploadEvents& events) {
    JoinedUpload& upload = at->second.upload;
    upload.each_open([this](std::uint64_t piece) { pieces.erase(piece); });
    if (!upload.finish(whole, events)) ++counters.uploads_partial;
    const std::uint64_t number = at->first;
    by_key.erase(at->second.key);
    rows.erase(at);
    events.on_upload_over(number);
  }
  void give_up(Rows::iterator at, UploadEvents& events) {
    finish(at, at->second.upload.may_be_whole(), events);
  }

  InspectorOptions options;
  Inspector inspector;
  Rows rows;
  std::unordered_map<std::string, std::uint64_t> by_key;
  std::unordered_map<std::uint64_t, At> pieces;  // that are open
  InspectorCounters counters;                    // of uploads alone
  std::uint64_t last_upload = 0;
  std::size_t held = 0;
};

UploadJoiner::UploadJoiner(const DetectorSet& detectors, const InspectorOptions& options)
    : state_(std::make_unique<State>(detectors, options)) {}
UploadJoiner::~UploadJoiner() = default;

bool UploadJoiner::knows(std::string_view client, const ExchangeFacts& facts) const {
  const UploadPiece what = upload_piece_of(facts);
  return !what.key.empty() && state_->by_key.contains(key_of_client(client, what));
}

std::uint64_t UploadJoiner::begin(std::uint64_t piece, std::string_view client,
                                  const ExchangeFacts& facts, UploadEvents& events) {
  State& state = *state_;
  const UploadPiece what = upload_piece_of(facts);
  if (what.key.empty()) return kRefused;
  std::string key = key_of_client(client, what);
  const auto place_of = [&](std::uint64_t number) {
    return what.counted ? UploadPlace{number, 0} : UploadPlace{0, number};
  };
  UploadPlace place = what.finishes_only ? JoinedUpload::kBehindAll : place_of(what.begin);
  auto at = state.find(key);
  if (at != state.rows.end() && !what.counted && !what.finishes_only) {
    // A place that is written again from its beginning: another upload. Where a client sends its
    // first piece once more, as the server refused it, what was in it is told twice.
    const JoinedUpload& earlier = at->second.upload;
    if ((earlier.is_first(place) && earlier.begun() && earlier.open() == 0) ||
        (what.total > 0 && earlier.total() > 0 && what.total != earlier.total())) {
      state.give_up(at, events);
      at = state.rows.end();
    }
  }
  if (at != state.rows.end()) {
    ++state.counters.uploads_joined;
  } else {
    if (what.finishes_only) return kRefused;
    at = state.make(std::move(key), place_of(what.first), what.counted, events);
  }
  State::Row& row = at->second;
  row.seen = std::max(row.seen, facts.time);
  if (!what.block.empty()) {
    const std::uint64_t number = row.number_of(what.block);
    if (number == 0) return kRefused;
    place = place_of(number);
  }
  if (what.total > 0) row.upload.set_total(what.total);
  row.upload.begin(piece, place, facts, what.last);
  state.pieces.insert_or_assign(piece, State::At{at->first, place});
  return at->first;
}

void UploadJoiner::feed(std::uint64_t piece, Bytes bytes, std::uint64_t mark) {
  State& state = *state_;
  const auto known = state.pieces.find(piece);
  if (known == state.pieces.end()) return;
  state.rows.at(known->second.upload).upload.feed(piece, known->second.place, bytes, mark);
  state.make_room();
}

void UploadJoiner::gap(std::uint64_t piece, std::uint64_t bytes, std::uint64_t mark) {
  State& state = *state_;
  const auto known = state.pieces.find(piece);
  if (known == state.pieces.end()) return;
  state.rows.at(known->second.upload).upload.gap(piece, known->second.place, bytes, mark);
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
  if (place == JoinedUpload::kBehindAll) {
    state.finish(at, complete, events);
  } else if (row.upload.all_read()) {
    state.finish(at, true, events);
  }
}

void UploadJoiner::expire(Time before, UploadEvents& events) {
  State& state = *state_;
  for (auto at = state.rows.begin(); at != state.rows.end();) {
    const auto next = std::next(at);
    if (at->second.upload.open() == 0 && at->second.seen < before) state.give_up(at, events);
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
  return sizeof(State) + state_->held + state_->inspector.memory_bytes();
}

}  // namespace gnomon::content
