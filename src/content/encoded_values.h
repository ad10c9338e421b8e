#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "text_sink.h"
#include "text_writer.h"

// Files that stand in texts as letters.
namespace gnomon::content {

// Values of a form or of XML, each of which may be a file in base64 as a whole: then it is a part
// of its own, else text. Of XML its lines may end with references (&#13;).
class EncodedValues {
 public:
  enum class Of : std::uint8_t { kForm, kXml };
  EncodedValues(BodyContext& context, TextWriter& writer, std::uint32_t depth, Of of)
      : context_(context), writer_(writer), depth_(depth), xml_(of == Of::kXml) {}

  void begin();
  void write(std::string_view utf8, Role role);
  void end(bool whole);
  [[nodiscard]] std::size_t memory_bytes() const {
    return head_.capacity() + (part_ ? part_->memory_bytes() : 0);
  }

 private:
  enum class State : std::uint8_t { kText, kHead, kData };

  void decide(bool whole);
  void refuse();
  [[nodiscard]] bool take_reference(std::string_view& text);

  BodyContext& context_;
  TextWriter& writer_;
  std::uint32_t depth_;
  bool xml_;
  std::string head_;
  std::string reference_;  // that has begun
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
