#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "gnomon/content/text_decoder.h"
#include "json_text.h"
#include "text_formats.h"
#include "text_guess.h"
#include "text_writer.h"

namespace gnomon::content {
namespace {

class PlainText final : public TextSink {
 public:
  PlainText(BodyContext& context, std::uint32_t depth, Role role)
      : writer_(context, depth), role_(role) {}
  void write(std::string_view utf8) override { writer_.write(utf8, role_); }
  void gap() override { writer_.brk(); }
  void next_message() override { writer_.brk(); }
  void finish() override { writer_.finish(); }
  [[nodiscard]] std::size_t memory_bytes() const override { return writer_.memory_bytes(); }

 private:
  TextWriter writer_;
  Role role_;
};

// The lines of an event stream (HTML Living Standard §9.2). A field's name is at most this long.
constexpr std::size_t kFieldBytesMax = 16;

class EventStream final : public TextSink {
 public:
  EventStream(BodyContext& context, std::uint32_t depth)
      : json_(context, depth, context.to_server ? Role::kNone : Role::kAssistant, true) {}

  void write(std::string_view text) override {
    while (!text.empty()) {
      switch (state_) {
        case State::kField: {
          const char c = text.front();
          text.remove_prefix(1);
          if (c == '\n' || c == '\r') {
            // An empty line ends the event; "\r\n" is one line end.
            if (field_.empty() && (c == '\n' ? !after_return_ : true)) end_event();
            after_return_ = c == '\r';
            field_.clear();
            break;
          }
          after_return_ = false;
          if (c == ':') {
            state_ = field_ == "data" ? State::kBlank : State::kSkip;
            if (field_ == "data" && in_event_) data("\n");
            break;
          }
          field_ += c;
          // No field: what some send between events is told as text.
          if (field_.size() > kFieldBytesMax) {
            state_ = State::kData;
            data(field_);
          }
          break;
        }
        case State::kBlank:
          if (text.front() == ' ') text.remove_prefix(1);
          state_ = State::kData;
          break;
        case State::kData:
        case State::kSkip: {
          const std::size_t end = std::min(text.find_first_of("\n\r"), text.size());
          if (state_ == State::kData) data(text.substr(0, end));
          text.remove_prefix(end);
          if (text.empty()) break;
          after_return_ = text.front() == '\r';
          text.remove_prefix(1);
          field_.clear();
          state_ = State::kField;
          break;
        }
      }
    }
  }
  void gap() override {
    end_event();
    state_ = State::kSkip;
  }
  void next_message() override { end_event(); }
  void finish() override {
    end_event();
    json_.finish();
  }
  [[nodiscard]] std::size_t memory_bytes() const override { return json_.memory_bytes(); }

 private:
  enum class State : std::uint8_t { kField, kBlank, kData, kSkip };

  void data(std::string_view text) {
    if (text.empty()) return;
    if (!in_event_) {
      in_event_ = true;
      is_json_ = text.front() == '{' || text.front() == '[';
      // "[DONE]" is no array: the byte behind the bracket decides.
      bracket_ = text.front() == '[';
      if (bracket_) text.remove_prefix(1);
      if (text.empty()) return;
    }
    if (bracket_) {
      bracket_ = false;
      is_json_ = text.front() != 'D';
      data("[");
    }
    if (is_json_) {
      json_.write(text);
    } else {
      json_.plain_delta(text);
    }
  }
  void end_event() {
    bracket_ = false;
    if (in_event_ && is_json_) json_.end_document();
    in_event_ = false;
  }

  JsonText json_;
  std::string field_;
  State state_ = State::kField;
  bool in_event_ = false;
  bool is_json_ = false;
  bool bracket_ = false;  // only '[' has come of the event
  bool after_return_ = false;
};

class TextStage final : public ByteSink {
 public:
  TextStage(std::string_view charset_name, std::unique_ptr<TextSink> next, bool certain)
      : named_(charset_named(charset_name)), next_(std::move(next)) {
    if (certain) decoder_.emplace(named_);
  }

  void write(Bytes bytes) override {
    constexpr std::size_t kPiece = 8192;
    while (!bytes.empty()) {
      if (!decoder_) {
        const Charset seen = charset_of(bytes);
        // The bytes' own word goes before the label's, which is often wrong.
        decoder_.emplace(seen != Charset::kUtf8 ? seen : named_);
      }
      const Bytes piece = bytes.first(std::min(kPiece, bytes.size()));
      bytes = bytes.subspan(piece.size());
      text_.clear();
      decoder_->write(piece, text_);
      if (!text_.empty()) next_->write(text_);
    }
  }
  void gap(std::uint64_t) override {
    tell_rest();
    next_->gap();
  }
  void next_message() override {
    tell_rest();
    next_->next_message();
  }
  void finish(bool) override {
    tell_rest();
    next_->finish();
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return text_.capacity() + next_->memory_bytes();
  }

 private:
  void tell_rest() {
    text_.clear();
    if (decoder_) decoder_->finish(text_);
    if (!text_.empty()) next_->write(text_);
  }

  std::optional<TextDecoder> decoder_;
  std::string text_;
  Charset named_;
  std::unique_ptr<TextSink> next_;
};

}  // namespace

std::unique_ptr<TextSink> make_plain_text(BodyContext& context, std::uint32_t depth, Role role) {
  return std::make_unique<PlainText>(context, depth, role);
}

std::unique_ptr<TextSink> make_event_stream(BodyContext& context, std::uint32_t depth) {
  return std::make_unique<EventStream>(context, depth);
}

std::unique_ptr<ByteSink> make_text_stage(BodyContext&, std::string_view charset_name,
                                          std::unique_ptr<TextSink> next, bool certain) {
  return std::make_unique<TextStage>(charset_name, std::move(next), certain);
}

}  // namespace gnomon::content
