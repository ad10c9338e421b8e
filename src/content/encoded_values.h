#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "text_sink.h"
#include "text_writer.h"

// Files that stand in texts as letters.
namespace gnomon::content {

// Values of a form or of XML, each of which may be a file in base64 as a whole: then it is a part
// of its own, else text.
class EncodedValues {
 public:
  EncodedValues(BodyContext& context, TextWriter& writer, std::uint32_t depth)
      : context_(context), writer_(writer), depth_(depth) {}

  void begin();
  void write(std::string_view utf8, Role role);
  void end(bool whole);
  [[nodiscard]] std::size_t memory_bytes() const {
    return head_.capacity() + (part_ ? part_->memory_bytes() : 0);
  }

 private:
  enum class State : std::uint8_t { kText, kHead, kData };

  void decide(bool whole);

  BodyContext& context_;
  TextWriter& writer_;
  std::uint32_t depth_;
  std::string head_;
  std::unique_ptr<Base64Part> part_;
  Role role_ = Role::kNone;
  State state_ = State::kText;
};

// XML as it stands, with such values between its tags.
std::unique_ptr<TextSink> make_xml_text(BodyContext& context, std::uint32_t depth, Role role);

// Text in which files are uuencoded, as mail of before MIME has them ("begin 644 name").
std::unique_ptr<TextSink> make_uu_text(BodyContext& context, std::uint32_t depth, Role role,
                                       std::unique_ptr<TextSink> next);

}  // namespace gnomon::content
