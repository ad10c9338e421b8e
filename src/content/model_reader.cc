#include "model_reader.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base64_decoder.h"
#include "gnomon/content/text_decoder.h"
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

// Messages: total length, length of headers, CRC; headers; payload; CRC.
class AwsEventReader final : public ByteSink {
 public:
  AwsEventReader(BodyContext& context, std::uint32_t depth)
      : context_(context),
        json_(context, depth, context.to_server ? Role::kNone : Role::kAssistant, true) {}

  void write(Bytes bytes) override {
    if (failed_) return;
    while (!bytes.empty()) {
      const std::size_t wanted = held_.size() < 12 ? 12 - held_.size() : total() - held_.size();
      const std::size_t some = std::min(wanted, bytes.size());
      held_.insert(held_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(some));
      bytes = bytes.subspan(some);
      if (held_.size() < 12) return;
      if (total() < 16 || total() > kMessageBytesMax) {
        ++context_.counters.malformed;
        failed_ = true;
        return;
      }
      if (held_.size() == total()) end_message();
    }
  }
  void gap(std::uint64_t) override { failed_ = true; }
  void finish(bool) override { json_.finish(); }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return held_.capacity() + json_.memory_bytes();
  }

 private:
  static constexpr std::size_t kMessageBytesMax = std::size_t{128} * 1024;

  [[nodiscard]] std::size_t total() const { return ByteReader{Bytes{held_}}.u32(); }
  void end_message() {
    ByteReader in{Bytes{held_}};
    const std::uint32_t size = in.u32();
    const std::uint32_t headers = in.u32();
    in.u32();
    in.take(headers);
    if (in.ok() && size >= 16 && headers <= size - 16) {
      std::string_view payload = as_text(in.take(size - 16 - headers));
      // {"bytes":"<base64 of the provider's JSON>"}
      std::vector<std::uint8_t> inner;
      constexpr std::string_view kBytes = "\"bytes\":\"";
      if (const std::size_t at = payload.find(kBytes); at != payload.npos) {
        payload.remove_prefix(at + kBytes.size());
        Base64Decoder decoder;
        decoder.write(payload.substr(0, payload.find('"')), inner);
        payload = as_text(Bytes{inner});
      }
      std::string text;
      TextDecoder decoder{charset_named("utf-8")};
      decoder.write(as_bytes(payload), text);
      decoder.finish(text);
      json_.write(text);
      json_.end_document();
    }
    held_.clear();
  }

  BodyContext& context_;
  JsonText json_;
  std::vector<std::uint8_t> held_;
  bool failed_ = false;
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
