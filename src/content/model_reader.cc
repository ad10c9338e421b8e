#include "model_reader.h"

#include <algorithm>
#include <optional>
#include <string>

#include "gnomon/content/text_decoder.h"
#include "gnomon/message/aws_event_stream.h"
#include "json_text.h"
#include "text_formats.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kHeaderBytesMax = std::size_t{8} << 20;  // of safetensors, read as it comes
constexpr std::size_t kReadableBytesMax = std::size_t{1} << 20;

class SafetensorsReader final : public ByteSink {
 public:
  SafetensorsReader(BodyContext& context, std::uint32_t depth, PartStatus& status)
      : status_(status),
        text_(make_text_stage(context, {},
                              std::make_unique<JsonText>(context, depth, Role::kNone, false))) {}

  void write(Bytes bytes) override {
    // Eight bytes of length, then as much JSON, then tensors.
    while (size_bytes_ < 8 && !bytes.empty()) {
      left_ |= std::uint64_t{bytes[0]} << (8 * size_bytes_++);
      bytes = bytes.subspan(1);
      if (size_bytes_ == 8 && left_ > kHeaderBytesMax) {
        left_ = kHeaderBytesMax;
        status_.truncated = true;
      }
    }
    if (size_bytes_ < 8) return;
    const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    left_ -= some;
    if (some > 0) text_->write(bytes.first(some));
  }
  void gap(std::uint64_t bytes) override { left_ -= std::min(left_, bytes); }
  void finish(bool complete) override { text_->finish(complete); }
  [[nodiscard]] std::size_t memory_bytes() const override { return text_->memory_bytes(); }

 private:
  PartStatus& status_;
  std::unique_ptr<ByteSink> text_;
  std::uint64_t left_ = 0;
  unsigned size_bytes_ = 0;
};

// The first part of the file as readable runs: GGUF's metadata, a pickle's imports.
class HeadRuns final : public ByteSink {
 public:
  HeadRuns(BodyContext& context, std::uint32_t depth)
      : runs_(make_runs_reader(context, depth, Role::kNone)) {}
  void write(Bytes bytes) override {
    const std::size_t some = std::min(left_, bytes.size());
    left_ -= some;
    if (some > 0) runs_->write(bytes.first(some));
  }
  void gap(std::uint64_t bytes) override { runs_->gap(bytes); }
  void finish(bool complete) override { runs_->finish(complete); }
  [[nodiscard]] std::size_t memory_bytes() const override { return runs_->memory_bytes(); }

 private:
  std::size_t left_ = kReadableBytesMax;
  std::unique_ptr<ByteSink> runs_;
};

// Payloads of messages: JSON whose texts go on from one to the next, words as they are (an
// agent's), or pieces of a stream that is cut anywhere (SageMaker's "PayloadPart").
class AwsEventReader final : public ByteSink, private message::AwsEvents {
 public:
  AwsEventReader(BodyContext& context, std::uint32_t depth)
      : context_(context),
        depth_(depth),
        json_(context, depth, context.to_server ? Role::kNone : Role::kAssistant, true) {}

  void write(Bytes bytes) override {
    const bool broken = reader_.broken();
    reader_.feed(as_text(bytes), *this);
    if (reader_.broken() && !broken) ++context_.counters.malformed;
  }
  void gap(std::uint64_t bytes) override {
    reader_.gap(bytes, *this);
    if (stream_) stream_->gap(bytes);
  }
  void finish(bool complete) override {
    reader_.close(*this);
    json_.finish();
    if (stream_) stream_->finish(complete);
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return reader_.memory_bytes() + text_.capacity() + json_.memory_bytes() +
           (stream_ ? stream_->memory_bytes() : 0);
  }

 private:
  void on_event_data(std::string_view type, std::string_view data) override {
    if (data.empty()) return;
    if (type == "PayloadPart") {
      if (!stream_)
        stream_ = make_text_stage(context_, "utf-8", make_event_stream(context_, depth_), true);
      stream_->write(as_bytes(data));
      return;
    }
    if (!decoder_) {
      decoder_.emplace(charset_named("utf-8"));
      is_json_ = data.front() == '{' || data.front() == '[';
    }
    for (std::size_t at = 0; at < data.size(); at += kPieceBytes) {
      text_.clear();
      decoder_->write(as_bytes(data.substr(at, kPieceBytes)), text_);
      tell();
    }
  }
  void on_aws_event(const message::AwsEvent&) override {
    if (!decoder_) return;
    text_.clear();
    decoder_->finish(text_);
    tell();
    if (is_json_) json_.end_document();
    decoder_.reset();
  }
  void tell() {
    if (text_.empty()) return;
    if (is_json_) {
      json_.write(text_);
    } else {
      json_.plain_delta(text_);
    }
  }

  static constexpr std::size_t kPieceBytes = std::size_t{8} * 1024;

  BodyContext& context_;
  std::uint32_t depth_;
  JsonText json_;
  message::AwsEventStreamReader reader_;
  std::optional<TextDecoder> decoder_;  // of the message in hand
  std::string text_;
  std::unique_ptr<ByteSink> stream_;
  bool is_json_ = false;
};

}  // namespace

std::unique_ptr<ByteSink> make_model_reader(BodyContext& context, std::string_view type,
                                            std::uint32_t depth, PartStatus& status) {
  if (type == "safetensors") return std::make_unique<SafetensorsReader>(context, depth, status);
  return std::make_unique<HeadRuns>(context, depth);
}

std::unique_ptr<ByteSink> make_aws_event_reader(BodyContext& context, std::uint32_t depth) {
  return std::make_unique<AwsEventReader>(context, depth);
}

}  // namespace gnomon::content
