#include "capture_input.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace gnomon::packet {
namespace {

constexpr std::size_t kHeadBytes = 32;  // longer than any format's own header

// Makes room for `count` bytes and keeps the first `kept`.
void reserve(FrameBlock& block, std::size_t count, std::size_t kept) {
  if (block.capacity >= count) return;
  auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(count);
  if (kept != 0) std::memcpy(larger.get(), block.bytes.get(), kept);
  block.bytes = std::move(larger);
  block.capacity = count;
}

}  // namespace

void InputNotes::problem(std::uint64_t offset, std::string what) {
  if (problems_count == CaptureReader::kProblemsMax) return;
  ++problems_count;
  InputProblem problem;
  problem.file = file;
  problem.offset = offset;
  problem.what = std::move(what);
  if (problems_count == CaptureReader::kProblemsMax)
    problem.what += "; further problems are not listed";
  problems.push_back(std::move(problem));
}

bool CaptureInput::recognise(Bytes start) {
  using Recognise = std::unique_ptr<CaptureFormat> (*)(Bytes);
  static constexpr Recognise kFormats[] = {recognise_pcap, recognise_pcapng, recognise_snoop};
  for (const Recognise recognise_format : kFormats) {
    format_ = recognise_format(start);
    if (format_) return true;
  }
  nothing_came_ = start.empty();
  std::string what = "not a capture (pcap, pcapng or snoop, plain, gzip or zstd)";
  if (!source_->error().empty())
    what = source_->error();
  else if (start.empty())
    what = "the file is empty";
  notes_.problem(0, std::move(what));
  notes_.problems.back().fatal_for_file = true;
  return false;
}

bool CaptureInput::fill_with_keys(FrameBlock& block) {
  block.key_logs.clear();
  const bool filled = fill(block);
  for (DecryptionSecrets& each : notes_.secrets)
    if (each.type == DecryptionSecrets::kTlsKeyLog)
      block.key_logs.push_back(std::move(each.bytes));
  notes_.secrets.clear();
  return filled;
}

void CaptureInput::finish(std::size_t left, std::size_t wanted) {
  over_ = true;
  if (!source_->error().empty())
    notes_.problem(offset_, source_->error());
  else if (left != 0)
    notes_.problem(offset_, "the file ends inside a record: " + std::to_string(left) +
                                (wanted == 0 ? "" : " of " + std::to_string(wanted)) +
                                " bytes are there");
}

bool CaptureInput::fill(FrameBlock& block) {
  block.frames.clear();
  // A giant record is rare: do not keep its room for ever.
  if (block.capacity > 16 * block_bytes_) {
    block.bytes.reset();
    block.capacity = 0;
  }
  std::size_t goal = block_bytes_;
  std::size_t held = carried_.size();
  reserve(block, std::max(goal, held), 0);
  if (held != 0) std::memcpy(block.bytes.get(), carried_.data(), held);
  carried_.clear();

  while (!over_) {
    if (held < goal && !source_ended_) {
      held += source_->read(block.bytes.get() + held, goal - held);
      source_ended_ = held < goal && !source_->goes_on();
    }
    // A network gives its bytes by and by: the first are too few to tell the format by.
    if (!format_ && held < kHeadBytes && !source_ended_) continue;
    if (!format_ && !recognise({block.bytes.get(), held})) {
      over_ = true;
      break;
    }
    const Split split =
        format_->split({block.bytes.get(), held}, offset_, source_ended_, block.frames, notes_);
    offset_ += split.used_bytes;
    const std::size_t left = held - split.used_bytes;
    if (split.over)
      over_ = true;
    else if (source_ended_)
      finish(left, split.wanted_bytes);
    if (!block.frames.empty()) {
      const std::uint8_t* rest = block.bytes.get() + split.used_bytes;
      if (!over_) carried_.assign(rest, rest + left);
      break;
    }
    // No frame yet: other blocks of pcapng, or a record longer than all that is held. The room
    // grows by what is really there, never by what a length merely says.
    if (left != 0) std::memmove(block.bytes.get(), block.bytes.get() + split.used_bytes, left);
    held = left;
    goal = split.wanted_bytes > block_bytes_
               ? std::min(split.wanted_bytes, std::max(goal, held) * 2)
               : block_bytes_;
    if (goal <= held) goal = held + block_bytes_;
    reserve(block, goal, held);
  }
  frames_ += block.frames.size();
  return !block.frames.empty();
}

}  // namespace gnomon::packet
