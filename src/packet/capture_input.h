#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "byte_source.h"
#include "capture_format.h"

namespace gnomon::packet {

// One capture being read: a source of bytes, and the format they turned out to be.
class CaptureInput {
 public:
  CaptureInput(std::unique_ptr<ByteSource> source, std::size_t block_bytes, InputNotes notes)
      : source_(std::move(source)), block_bytes_(block_bytes), notes_(std::move(notes)) {}

  // The next frames, at least one, with the bytes they point to; false at the end.
  bool fill(FrameBlock& block);
  // The same, with the TLS key logs that stood before or among them in block.key_logs.
  bool fill_with_keys(FrameBlock& block);

  // Whether the bytes were a capture at all. Known after the first fill().
  [[nodiscard]] bool is_capture() const { return format_ != nullptr; }
  [[nodiscard]] bool nothing_came() const { return nothing_came_; }
  [[nodiscard]] std::uint64_t frames() const { return frames_; }
  [[nodiscard]] InputNotes& notes() { return notes_; }

 private:
  bool recognise(Bytes start);
  void finish(std::size_t left, std::size_t wanted);

  std::unique_ptr<ByteSource> source_;
  std::size_t block_bytes_;
  InputNotes notes_;
  std::unique_ptr<CaptureFormat> format_;
  std::vector<std::uint8_t> carried_;  // the beginning of a record that the last block cut
  std::uint64_t offset_ = 0;           // of carried_ in the capture
  std::uint64_t frames_ = 0;
  bool source_ended_ = false;
  bool over_ = false;
  bool nothing_came_ = false;
};

}  // namespace gnomon::packet
