#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "content_decoder.h"
#include "gnomon/content/text_decoder.h"
#include "json_text.h"
#include "text_formats.h"
#include "text_writer.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kMessageBytesMax = std::size_t{64} * 1024;  // larger ones: runs
constexpr int kNestingMax = 24;
constexpr std::size_t kRunBytesMin = 5;

// Runs of readable characters, like strings(1), in UTF-8 and in UTF-16 of Latin letters.
class Runs {
 public:
  Runs(TextWriter& writer, Role role) : writer_(writer), role_(role) {}

  void write(Bytes bytes) {
    for (const std::uint8_t byte : bytes) {
      const bool readable = (byte >= 32 && byte < 127) || byte == '\t' || byte >= 0x80;
      if (readable) {
        if (wide_zero_) {
          // x 0 x 0: go on as the same run.
          wide_zero_ = false;
          ++wide_;
        }
        if (byte >= 0x80) ++high_;
        run_ += static_cast<char>(byte);
        if (run_.size() >= kRunBytes) end(false);
      } else if (byte == 0 && !wide_zero_ && !run_.empty() && wide_ + 1 >= run_.size()) {
        wide_zero_ = true;
      } else {
        end(true);
      }
    }
  }
  void finish() { end(true); }
  [[nodiscard]] std::size_t memory_bytes() const { return run_.capacity(); }

 private:
  static constexpr std::size_t kRunBytes = 1024;

  void end(bool whole) {
    // Bytes beyond ASCII are text where they are valid UTF-8, and few of a run are rubbish.
    if (run_.size() >= kRunBytesMin || told_) {
      if (high_ == 0 || (high_ * 3 <= run_.size() * 2 && valid_utf8_share(as_bytes(run_)) > 0.95)) {
        std::string clean;
        TextDecoder decoder{charset_named("utf-8")};
        decoder.write(as_bytes(run_), clean);
        decoder.finish(clean);
        writer_.write(clean, role_);
        told_ = true;
      }
    }
    run_.clear();
    high_ = 0;
    wide_ = 0;
    wide_zero_ = false;
    if (whole && told_) {
      writer_.write("\n", role_);
      told_ = false;
    }
  }

  TextWriter& writer_;
  std::string run_;
  std::size_t high_ = 0;
  std::size_t wide_ = 0;  // characters so far that a zero followed
  Role role_;
  bool wide_zero_ = false;
  bool told_ = false;
};

class RunsReader final : public ByteSink {
 public:
  RunsReader(BodyContext& context, std::uint32_t depth, Role role)
      : writer_(context, depth), runs_(writer_, role) {}
  void write(Bytes bytes) override { runs_.write(bytes); }
  void gap(std::uint64_t) override { runs_.finish(); }
  void finish(bool) override {
    runs_.finish();
    writer_.finish();
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return runs_.memory_bytes() + writer_.memory_bytes();
  }

 private:
  TextWriter writer_;
  Runs runs_;
};

bool readable(Bytes bytes) {
  if (valid_utf8_prefix(bytes) != bytes.size()) return false;
  for (const std::uint8_t byte : bytes) {
    if (byte < 32 && byte != '\n' && byte != '\r' && byte != '\t') return false;
    if (byte == 127) return false;
  }
  return true;
}

std::uint64_t varint(ByteReader& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = in.u8();
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  in.fail();
  return 0;
}

// Whether `bytes` can be a message at all: fields one after another up to the end.
bool is_message(Bytes bytes) {
  ByteReader in{bytes};
  while (!in.at_end()) {
    const std::uint64_t tag = varint(in);
    if (!in.ok() || (tag >> 3) == 0 || (tag >> 3) > 0x1fffffff) return false;
    switch (tag & 7) {
      case 0:
        varint(in);
        break;
      case 1:
        in.take(8);
        break;
      case 2: {
        const std::uint64_t size = varint(in);
        if (size > in.remaining()) return false;
        in.take(static_cast<std::size_t>(size));
        break;
      }
      case 5:
        in.take(4);
        break;
      case 3:
      case 4:
        break;  // groups: their fields follow
      default:
        return false;
    }
    if (!in.ok()) return false;
  }
  return true;
}

class ProtobufReader final : public ByteSink {
 public:
  ProtobufReader(BodyContext& context, std::uint32_t depth, bool framed)
      : context_(context),
        writer_(context, depth),
        runs_(writer_, Role::kNone),
        depth_(depth),
        framed_(framed) {}

  void write(Bytes bytes) override {
    if (!framed_) return append(bytes);
    while (!bytes.empty()) {
      if (frame_size_ < frame_.size()) {
        // gRPC and Connect: one byte of flags, four of length.
        frame_[frame_size_++] = bytes[0];
        bytes = bytes.subspan(1);
        if (frame_size_ < frame_.size()) continue;
        ByteReader in{Bytes{frame_}};
        compressed_ = (in.u8() & 1) != 0;
        left_ = in.u32();
        if (frame_[0] > 0x83 || left_ > (1U << 30)) {
          // No frame: read what comes as it is.
          framed_ = false;
          append(Bytes{frame_});
          return append(bytes);
        }
      }
      const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      append(bytes.first(some));
      bytes = bytes.subspan(some);
      left_ -= some;
      if (left_ == 0) end_message();
    }
  }
  void gap(std::uint64_t) override {
    end_message();
    framed_ = false;
    over_ = true;
  }
  void next_message() override { end_message(); }
  void finish(bool) override {
    end_message();
    writer_.finish();
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return message_.capacity() + runs_.memory_bytes() + writer_.memory_bytes();
  }

 private:
  void append(Bytes bytes) {
    if (!over_ && message_.size() + bytes.size() > kMessageBytesMax) {
      over_ = true;
      runs_.write(Bytes{message_});
      message_.clear();
    }
    if (over_) {
      runs_.write(bytes);
    } else {
      message_.insert(message_.end(), bytes.begin(), bytes.end());
    }
  }
  void end_message() {
    frame_size_ = 0;
    if (over_) {
      runs_.finish();
      over_ = false;
    } else if (!message_.empty()) {
      if (compressed_ && message_.size() > 2 && message_[0] == 0x1f && message_[1] == 0x8b) {
        std::vector<std::uint8_t> packed;
        packed.swap(message_);
        auto sink = std::make_unique<Collector>(*this);
        const auto decoder = make_content_decoder(context_, "gzip", std::move(sink));
        decoder->write(Bytes{packed});
        decoder->finish(true);
        compressed_ = false;
        end_message();
        return;
      }
      read_message();
    }
    message_.clear();
  }
  void read_message() {
    if (message_.front() == '{' || message_.front() == '[') {
      JsonText json{context_, depth_, Role::kNone, false};  // connect+json, MessagePack aside
      std::string text;
      TextDecoder decoder{charset_named("utf-8")};
      decoder.write(Bytes{message_}, text);
      json.write(text);
      json.finish();
    } else if (is_message(Bytes{message_})) {
      fields(Bytes{message_}, 0);
    } else {
      runs_.write(Bytes{message_});
      runs_.finish();
    }
  }
  void fields(Bytes bytes, int nesting) {
    ByteReader in{bytes};
    while (!in.at_end()) {
      const std::uint64_t tag = varint(in);
      switch (tag & 7) {
        case 0:
          varint(in);
          break;
        case 1:
          in.take(8);
          break;
        case 5:
          in.take(4);
          break;
        case 2: {
          const std::uint64_t size = varint(in);
          if (size > in.remaining()) return;
          const Bytes value = in.take(static_cast<std::size_t>(size));
          if (value.empty()) break;
          if (value.size() >= 2 && readable(value)) {
            writer_.write(as_text(value), Role::kNone);
            writer_.write("\n", Role::kNone);
          } else if (nesting < kNestingMax && is_message(value)) {
            fields(value, nesting + 1);
          } else {
            runs_.write(value);
            runs_.finish();
          }
          break;
        }
        default:
          break;
      }
    }
  }

  // Takes an inflated message back in.
  class Collector final : public ByteSink {
   public:
    explicit Collector(ProtobufReader& to) : to_(to) {}
    void write(Bytes bytes) override { to_.append(bytes); }
    void finish(bool) override {}

   private:
    ProtobufReader& to_;
  };

  BodyContext& context_;
  TextWriter writer_;
  Runs runs_;
  std::vector<std::uint8_t> message_;
  std::array<std::uint8_t, 5> frame_{};
  std::uint64_t left_ = 0;
  std::uint32_t depth_;
  std::uint8_t frame_size_ = 0;
  bool framed_;
  bool compressed_ = false;
  bool over_ = false;
};

}  // namespace

std::unique_ptr<ByteSink> make_protobuf_reader(BodyContext& context, std::uint32_t depth,
                                               bool framed) {
  return std::make_unique<ProtobufReader>(context, depth, framed);
}

std::unique_ptr<ByteSink> make_runs_reader(BodyContext& context, std::uint32_t depth, Role role) {
  return std::make_unique<RunsReader>(context, depth, role);
}

}  // namespace gnomon::content
