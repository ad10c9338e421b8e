#include "gnomon/sensor/upload_reader.h"

#include <algorithm>
#include <utility>

namespace gnomon::sensor {

struct UploadReader::Reading {
  Reading(KnowledgePointer by, const content::DetectorSet& set)
      : knowledge(std::move(by)), joiner(set, knowledge->inspector) {}

  KnowledgePointer knowledge;  // declared first: the joiner looks into it
  content::UploadJoiner joiner;
  std::map<std::uint64_t, Upload> uploads;
};

UploadReader::UploadReader(std::span<observation::Sink* const> sinks)
    : sinks_(sinks.begin(), sinks.end()) {}
UploadReader::~UploadReader() = default;

void UploadReader::change(KnowledgePointer knowledge) {
  knowledge_ = std::move(knowledge);
  retire();
}

// Ends the readings by earlier knowledge that have no upload left.
void UploadReader::retire() {
  for (auto at = readings_.begin(); at != readings_.end();) {
    Reading& reading = **at;
    if (reading.knowledge == knowledge_) {
      ++at;
      continue;
    }
    current_ = &reading;
    reading.joiner.collect(*this);
    if (reading.joiner.uploads() + reading.joiner.waiting() > 0) {
      ++at;
      continue;
    }
    earlier_.add(reading.joiner.counters());
    // Pieces may be open of uploads that made room for others.
    std::erase_if(pieces_, [&](const auto& each) { return each.second.reading == &reading; });
    at = readings_.erase(at);
  }
}

void UploadReader::see(const UploadStep& step) {
  if (step.kind == UploadStep::Kind::kBegin) {
    begin(step);
    return;
  }
  const auto known = pieces_.find(step.piece);
  if (known == pieces_.end()) return;
  const Piece piece = known->second;
  current_ = piece.reading;
  content::UploadJoiner& joiner = piece.reading->joiner;
  // Of one that made room for others nothing is known any more.
  const auto upload = piece.reading->uploads.find(piece.upload);
  if (upload == piece.reading->uploads.end()) {
    pieces_.erase(known);
    return;
  }
  switch (step.kind) {
    case UploadStep::Kind::kBegin:
      break;
    case UploadStep::Kind::kPlace:
      joiner.place(step.piece, step.url, *this);
      break;
    case UploadStep::Kind::kBytes:
      joiner.feed(step.piece, step.bytes, mark_of(upload->second, piece, step.place));
      break;
    case UploadStep::Kind::kGap:
      joiner.gap(step.piece, step.gap, mark_of(upload->second, piece, step.place));
      break;
    case UploadStep::Kind::kEnd: {
      Witness& witness = upload->second.witnesses[piece.witness];
      witness.app = step.identity.app;
      witness.role = step.identity.role;
      witness.category = step.identity.category;
      witness.usage = step.identity.usage;
      witness.why = step.identity.why;
      witness.grade = step.identity.grade;
      pieces_.erase(known);
      joiner.end(step.piece, step.complete, step.time, *this);
      break;
    }
  }
}

void UploadReader::begin(const UploadStep& step) {
  content::ExchangeFacts facts = step.request->facts;
  std::string server;
  if (facts.host.empty()) {
    server = step.request->conversation.server.to_string();
    facts.host = server;
  }
  facts.time = step.time;
  const std::string client = step.request->conversation.client.to_string();
  // What has begun by earlier knowledge goes on there.
  auto begun = std::find_if(readings_.begin(), readings_.end(),
                            [&](const auto& each) { return each->joiner.knows(client, facts); });
  if (begun == readings_.end()) {
    if (readings_.empty() || readings_.back()->knowledge != knowledge_) {
      if (!knowledge_ || !knowledge_->detectors) return;
      const content::DetectorSet* const set = knowledge_->detectors();
      if (set == nullptr) return;
      readings_.push_back(std::make_unique<Reading>(knowledge_, *set));
    }
    begun = readings_.end() - 1;
  }
  Reading& reading = **begun;
  current_ = &reading;
  const std::uint64_t number = reading.joiner.begin(step.piece, client, facts, *this);
  if (number == content::UploadJoiner::kRefused) return;
  Upload& upload = reading.uploads[number];
  pieces_[step.piece] = {&reading, number, witness_of(upload, step)};
}

std::size_t UploadReader::witness_of(Upload& upload, const UploadStep& step) {
  const observation::Conversation& of = step.request->conversation;
  for (std::size_t at = 0; at < upload.witnesses.size(); ++at)
    if (upload.witnesses[at].conversation.flow_id == of.flow_id) return at;
  if (upload.witnesses.size() == kWitnessesMax) return kWitnessesMax - 1;
  Witness& witness = upload.witnesses.emplace_back();
  witness.conversation = of;
  witness.community_id = of.community_id;
  witness.conversation.community_id = {};
  witness.time = step.time;
  witness.lossy = step.lossy;
  return upload.witnesses.size() - 1;
}

// Which connection brought it, and the frame.
std::uint64_t UploadReader::mark_of(Upload& upload, const Piece& piece,
                                    const observation::Place& place) {
  const std::uint64_t before = place.number - place.frame;
  // What is read when the input is over is told of a frame long ago, whose file is known already.
  const bool later = upload.turns.empty() || place.number > upload.turns.back().first;
  if (later && (upload.turns.empty() || upload.turns.back().before != before ||
                upload.turns.back().file != place.file)) {
    if (upload.turns.size() == kTurnsMax)
      upload.turns.erase(upload.turns.begin(), upload.turns.begin() + kTurnsMax / 2);
    const std::uint64_t first = place.live ? place.number : before + 1;
    upload.turns.push_back({first, before, std::string{place.file}, place.live});
  }
  return std::uint64_t{piece.witness} << kNumberBits | place.number;
}

void UploadReader::advance(Time clock) {
  for (const auto& reading : readings_) {
    current_ = reading.get();
    if (reading->joiner.uploads() > 0)
      reading->joiner.expire(clock - reading->knowledge->inspector.upload_silence, *this);
    if (reading->joiner.waiting() > 0) reading->joiner.collect(*this);
  }
  if (readings_.size() > 1) retire();
}

void UploadReader::finish() {
  for (const auto& reading : readings_) {
    current_ = reading.get();
    reading->joiner.flush(*this);
    reading->joiner.wait(*this);
  }
}

template <class Record>
void UploadReader::place(std::uint64_t owner, std::uint64_t mark, Record& record) const {
  const Upload& upload = current_->uploads.at(owner);
  const std::uint64_t number = mark & ((std::uint64_t{1} << kNumberBits) - 1);
  record.place = {number, number, {}};
  for (const Turn& turn : upload.turns) {
    if (turn.first > number) break;
    record.place = {number, number - turn.before, turn.file, turn.live};
  }
  const Witness& witness = upload.witnesses[mark >> kNumberBits];
  record.conversation = witness.conversation;
  record.conversation.community_id = witness.community_id;
  record.time = witness.time;
  record.identity = {witness.app,   witness.role, witness.category,
                     witness.usage, witness.why,  witness.grade};
  if constexpr (requires { record.lossy; }) record.lossy = witness.lossy;
}

void UploadReader::on_finding(std::uint64_t owner, std::uint64_t mark,
                              const observation::FindingRecord& finding) {
  observation::FindingRecord record = finding;
  place(owner, mark, record);
  for (observation::Sink* sink : sinks_) sink->on_finding(record);
}

void UploadReader::on_file(std::uint64_t owner, std::uint64_t mark,
                           const observation::FileRecord& file) {
  observation::FileRecord record = file;
  place(owner, mark, record);
  for (observation::Sink* sink : sinks_) sink->on_file(record);
}

void UploadReader::on_waiting(std::uint64_t owner, std::string_view) {
  current_->uploads.at(owner).waiting = true;
}

void UploadReader::on_told(std::uint64_t owner) { current_->uploads.erase(owner); }

void UploadReader::on_upload_over(std::uint64_t upload) {
  const auto at = current_->uploads.find(upload);
  if (at != current_->uploads.end() && !at->second.waiting) current_->uploads.erase(at);
}

// What brought a part is a witness of the whole, and where its frames stand is known there.
std::uint64_t UploadReader::mark_in_whole(std::uint64_t part, std::uint64_t whole,
                                          std::uint64_t mark) {
  const auto from = current_->uploads.find(part);
  if (from == current_->uploads.end()) return mark;
  Upload& to = current_->uploads[whole];
  const Witness& witness = from->second.witnesses[mark >> kNumberBits];
  std::size_t index = 0;
  while (index < to.witnesses.size() &&
         to.witnesses[index].conversation.flow_id != witness.conversation.flow_id)
    ++index;
  if (index == kWitnessesMax)
    index = kWitnessesMax - 1;
  else if (index == to.witnesses.size())
    to.witnesses.push_back(witness);
  for (const Turn& turn : from->second.turns) {
    const auto at =
        std::lower_bound(to.turns.begin(), to.turns.end(), turn.first,
                         [](const Turn& each, std::uint64_t first) { return each.first < first; });
    if (at != to.turns.end() && at->first == turn.first) continue;
    if (to.turns.size() < kTurnsMax) to.turns.insert(at, turn);
  }
  const std::uint64_t number = mark & ((std::uint64_t{1} << kNumberBits) - 1);
  return std::uint64_t{index} << kNumberBits | number;
}

content::InspectorCounters UploadReader::counters() const {
  content::InspectorCounters sum = earlier_;
  for (const auto& reading : readings_) sum.add(reading->joiner.counters());
  return sum;
}

std::size_t UploadReader::memory_bytes() const {
  std::size_t bytes = 0;
  for (const auto& reading : readings_) bytes += reading->joiner.memory_bytes();
  return bytes;
}

}  // namespace gnomon::sensor
