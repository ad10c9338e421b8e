#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "code_pages.h"
#include "gnomon/content/file_type.h"
#include "gnomon/content/text_decoder.h"
#include "gnomon/message/event_stream.h"
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

// Undoes the folding of iCalendar and vCard for `next`.
class UnfoldedText final : public TextSink {
 public:
  explicit UnfoldedText(std::unique_ptr<TextSink> next) : next_(std::move(next)) {}
  void write(std::string_view utf8) override {
    while (!utf8.empty()) {
      if (held_.empty()) {
        const std::size_t end = std::min(utf8.find_first_of("\r\n="), utf8.size());
        tell(utf8.substr(0, end));
        utf8.remove_prefix(end);
        if (utf8.empty()) return;
        held_ = utf8.substr(0, 1);
        utf8.remove_prefix(1);
        if (held_ == "=" && !is_quoted()) tell(std::exchange(held_, {}));
        continue;
      }
      const bool at_end = held_.back() == '\n';
      if (!at_end && (utf8.front() == '\n' || (held_ == "=" && utf8.front() == '\r'))) {
        held_ += utf8.front();
        utf8.remove_prefix(1);
        if (held_.front() == '=' && held_.back() == '\n') held_.clear();
        continue;
      }
      if (at_end && (utf8.front() == ' ' || utf8.front() == '\t')) {
        held_.clear();
        utf8.remove_prefix(1);
        continue;
      }
      tell_held();
    }
  }
  void gap() override {
    tell_held();
    next_->gap();
  }
  void next_message() override {
    tell_held();
    next_->next_message();
  }
  void finish() override {
    tell_held();
    next_->finish();
  }
  [[nodiscard]] std::size_t memory_bytes() const override { return next_->memory_bytes(); }

 private:
  static constexpr std::size_t kNameBytesMax = 128;

  // vCard 2.1 has lines of quoted-printable, which go on behind '='.
  [[nodiscard]] bool is_quoted() const { return name_.find("QUOTED-PRINTABLE") != name_.npos; }
  void tell(std::string_view text) {
    if (text.empty()) return;
    name_ += text.substr(0, kNameBytesMax - name_.size());
    next_->write(text);
  }
  void tell_held() {
    if (held_.empty()) return;
    next_->write(held_);
    if (held_.front() != '=') name_.clear();
    held_.clear();
  }

  std::string held_;  // a line's end, until it is known whether the line goes on
  std::string name_;  // what the line begins with
  std::unique_ptr<TextSink> next_;
};

class EventStream final : public TextSink, private message::StreamEvents {
 public:
  EventStream(BodyContext& context, std::uint32_t depth)
      : json_(context, depth, context.to_server ? Role::kNone : Role::kAssistant, true) {}

  void write(std::string_view text) override { reader_.feed(text, *this); }
  void gap() override {
    reader_.gap(*this);
    end_event();
  }
  void next_message() override { finish_events(); }
  void finish() override {
    finish_events();
    json_.finish();
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return json_.memory_bytes() + reader_.memory_bytes();
  }

 private:
  void on_event_data(std::string_view text) override {
    if (strays_) end_event();
    data(text);
  }
  void on_event(const message::StreamEvent&) override { end_event(); }
  // What some send between events, or in place of them, is told too.
  void on_stray(std::string_view text, bool) override {
    if (in_event_ && !strays_) return;
    if (text == "\n" && !is_json_) return end_event();
    data(text);
    strays_ = in_event_;
  }

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
    in_event_ = is_json_ = strays_ = false;
  }
  void finish_events() {
    reader_.close(*this);
    end_event();
  }

  JsonText json_;
  message::EventStreamReader reader_;
  bool in_event_ = false;
  bool is_json_ = false;
  bool bracket_ = false;  // only '[' has come of the event
  bool strays_ = false;   // what is in hand are lines that are no fields
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
        // The bytes' own word goes before the label's, which is often wrong.
        const Charset seen = charset_of(bytes);
        decoder_.emplace(seen != Charset::kUtf8 ? seen : page_of(bytes));
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
  // Of bytes that have no zeros: as labelled, unless they are UTF-8; as they look where nothing
  // says.
  [[nodiscard]] Charset page_of(Bytes bytes) const {
    const Bytes head = bytes.first(std::min<std::size_t>(bytes.size(), kFileHeadBytes));
    const bool ascii =
        std::all_of(head.begin(), head.end(), [](std::uint8_t byte) { return byte < 0x80; });
    if (!ascii && valid_utf8_share(head) == 1) return Charset::kUtf8;
    if (named_ != Charset::kUtf8) return named_;
    const Charset inside = charset_named(charset_name_in(as_chars(head)));
    return inside != Charset::kUtf8 || ascii ? inside : guess_code_page(head);
  }
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

std::unique_ptr<TextSink> make_unfolded_text(BodyContext& context, std::uint32_t depth, Role role) {
  return std::make_unique<UnfoldedText>(make_plain_text(context, depth, role));
}

std::unique_ptr<TextSink> make_event_stream(BodyContext& context, std::uint32_t depth) {
  return std::make_unique<EventStream>(context, depth);
}

std::unique_ptr<ByteSink> make_text_stage(BodyContext&, std::string_view charset_name,
                                          std::unique_ptr<TextSink> next, bool certain) {
  return std::make_unique<TextStage>(charset_name, std::move(next), certain);
}

}  // namespace gnomon::content
