#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base64_decoder.h"
#include "body_context.h"

namespace gnomon::content {

// A nested part whose bytes come as base64 text.
class Base64Part {
 public:
  Base64Part(BodyContext& context, const PartHints& hints, std::uint32_t depth)
      : part_(make_part_reader(context, hints, depth)) {}
  void write(std::string_view text);
  void finish(bool complete) { part_->finish(complete); }
  [[nodiscard]] std::size_t memory_bytes() const {
    return bytes_.capacity() + part_->memory_bytes();
  }

 private:
  Base64Decoder decoder_;
  std::vector<std::uint8_t> bytes_;
  std::unique_ptr<ByteSink> part_;
};

// Text of one part on its way out. Data URIs in it become parts of their own.
class TextWriter {
 public:
  TextWriter(BodyContext& context, std::uint32_t depth) : context_(context), depth_(depth) {}

  void write(std::string_view utf8, Role role);
  void brk();
  // Ends a data URI that is still open.
  void finish();
  [[nodiscard]] std::size_t memory_bytes() const {
    return head_.capacity() + (part_ ? part_->memory_bytes() : 0);
  }

 private:
  enum class State : std::uint8_t { kText, kHead, kData };

  void remember(std::string_view text);
  void begin_data(Role role);
  void short_data();

  BodyContext& context_;
  std::uint32_t depth_;
  std::string head_;
  std::unique_ptr<Base64Part> part_;
  std::array<char, 96> recent_{};  // the text before, for the media type
  std::uint8_t recent_size_ = 0;
  std::uint8_t matched_ = 0;  // of ";base64,"
  State state_ = State::kText;
  Role role_ = Role::kNone;
};

}  // namespace gnomon::content
