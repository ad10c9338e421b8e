#include "content_decoder.h"

#include <brotli/decode.h>
#include <zlib.h>
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "aws_chunked.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/handle.h"
#include "gnomon/bytes/text_parts.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kOutputBytes = std::size_t{16} * 1024;
constexpr std::size_t kCodingsMax = 4;

// What every decoder does besides decoding: hand on, and end once.
class Decoder : public ByteSink {
 public:
  Decoder(BodyContext& context, std::unique_ptr<ByteSink> next)
      : context_(context), next_(std::move(next)) {}

  // Compressed bytes are of no use behind a hole.
  void gap(std::uint64_t bytes) override {
    if (!failed_) next_->gap(bytes);
    failed_ = true;
    lost_ = true;
  }
  void finish(bool complete) override { next_->finish(complete && !failed_ && !lost_ && ended()); }
  void next_message() override { next_->next_message(); }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return memory_ + next_->memory_bytes();
  }

 protected:
  [[nodiscard]] virtual bool ended() const = 0;

  bool hand_on(Bytes bytes) {
    if (bytes.empty()) return true;
    if (!context_.admit(bytes.size())) {
      failed_ = true;
      return false;
    }
    next_->write(bytes);
    return true;
  }
  void malformed() {
    if (!failed_) ++context_.counters.malformed;
    failed_ = true;
  }

  BodyContext& context_;
  std::unique_ptr<ByteSink> next_;
  std::size_t memory_ = 0;
  bool failed_ = false;
  bool lost_ = false;
};

// S3's frame around a body.
class FrameReader final : public ByteSink {
 public:
  FrameReader(BodyContext& context, std::unique_ptr<ByteSink> next)
      : context_(context), next_(std::move(next)) {}

  void write(Bytes bytes) override {
    frame_.feed(bytes, [this](Bytes content) { next_->write(content); });
  }
  void gap(std::uint64_t bytes) override { next_->gap(frame_.gap(bytes)); }
  void finish(bool complete) override {
    const Bytes rest = frame_.rest();
    if (!rest.empty()) next_->write(rest);
    if (frame_.broken()) ++context_.counters.malformed;
    next_->finish(complete && frame_.whole());
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return sizeof *this + next_->memory_bytes();
  }

 private:
  BodyContext& context_;
  std::unique_ptr<ByteSink> next_;
  AwsChunked frame_;
};

class Inflater final : public Decoder {
 public:
  enum class Form : std::uint8_t { kGzip, kDeflate };

  Inflater(BodyContext& context, std::unique_ptr<ByteSink> next, Form form)
      : Decoder(context, std::move(next)), form_(form) {
    memory_ = std::size_t{44} * 1024;  // inflateInit's window and state
  }
  ~Inflater() override {
    if (started_) inflateEnd(&stream_);
  }

  void write(Bytes bytes) override {
    if (failed_ || bytes.empty()) return;
    if (plain_) {
      hand_on(bytes);
      return;
    }
    if (!started_) {
      // "deflate" is zlib's format; many send bare deflate (RFC 9110 §8.4.1.2). The first two
      // bytes tell.
      for (; head_size_ < 2 && !bytes.empty(); bytes = bytes.subspan(1)) {
        head_[head_size_++] = bytes[0];
      }
      if (head_size_ < 2) return;
      const unsigned both = static_cast<unsigned>(head_[0]) << 8 | head_[1];
      const bool zlib = (head_[0] & 0x0f) == 8 && (head_[0] >> 4) <= 7 && both % 31 == 0;
      const bool gzip = head_[0] == 0x1f && head_[1] == 0x8b;
      if (form_ == Form::kGzip && !gzip && !zlib) {
        // Labelled by mistake, or decoded on the way: read it as it is.
        ++context_.counters.malformed;
        plain_ = true;
      }
      if (!plain_ && inflateInit2(&stream_, gzip ? 15 + 16 : zlib ? 15 : -15) != Z_OK)
        return malformed();
      started_ = !plain_;
      gzip_ = gzip;
      if (plain_) {
        hand_on(Bytes{head_});
      } else {
        run(Bytes{head_});
      }
    }
    if (plain_) {
      hand_on(bytes);
    } else {
      run(bytes);
    }
  }

 private:
  bool ended() const override { return at_end_ || plain_; }

  void run(Bytes bytes) {
    std::array<std::uint8_t, kOutputBytes> out;
    while (!failed_ && (!bytes.empty() || stream_.avail_out == 0)) {
      if (at_end_) {
        // A further gzip member; anything else behind the end is padding.
        if (!gzip_ || bytes.empty() || bytes[0] != 0x1f) return;
        if (inflateReset(&stream_) != Z_OK) return malformed();
        at_end_ = false;
      }
      stream_.next_in = const_cast<Bytef*>(bytes.data());
      const std::size_t some = std::min<std::size_t>(bytes.size(), 1U << 20);
      stream_.avail_in = static_cast<uInt>(some);
      stream_.next_out = out.data();
      stream_.avail_out = static_cast<uInt>(out.size());
      const int result = inflate(&stream_, Z_NO_FLUSH);
      bytes = bytes.subspan(some - stream_.avail_in);
      const std::size_t made = out.size() - stream_.avail_out;
      if (!hand_on(Bytes{out.data(), made})) return;
      if (result == Z_STREAM_END) {
        at_end_ = true;
        if (bytes.empty()) return;
      } else if (result == Z_BUF_ERROR) {
        return;  // needs more input
      } else if (result != Z_OK) {
        return malformed();
      }
    }
  }

  z_stream stream_{};
  std::array<std::uint8_t, 2> head_{};
  std::uint8_t head_size_ = 0;
  Form form_;
  bool started_ = false;
  bool gzip_ = false;
  bool plain_ = false;
  bool at_end_ = false;
};

// Memory that a library asks for, with a limit. Each block carries its size in front.
struct Allowance {
  std::size_t used = 0;
  std::size_t limit = 0;
};
constexpr std::size_t kHeaderBytes = 16;

void* take_memory(void* opaque, std::size_t size) {
  auto* allowance = static_cast<Allowance*>(opaque);
  if (size > allowance->limit - std::min(allowance->limit, allowance->used)) return nullptr;
  auto* block = static_cast<std::uint8_t*>(std::malloc(size + kHeaderBytes));
  if (block == nullptr) return nullptr;
  *reinterpret_cast<std::size_t*>(block) = size;
  allowance->used += size;
  return block + kHeaderBytes;
}

void give_memory(void* opaque, void* address) {
  if (address == nullptr) return;
  std::uint8_t* block = static_cast<std::uint8_t*>(address) - kHeaderBytes;
  static_cast<Allowance*>(opaque)->used -= *reinterpret_cast<std::size_t*>(block);
  std::free(block);
}

class BrotliReader final : public Decoder {
 public:
  BrotliReader(BodyContext& context, std::unique_ptr<ByteSink> next)
      : Decoder(context, std::move(next)),
        allowance_{0, context.limits.window_bytes_max + (std::size_t{1} << 20)},
        state_(BrotliDecoderCreateInstance(take_memory, give_memory, &allowance_)) {}

  void write(Bytes bytes) override {
    if (failed_ || at_end_) return;
    if (state_ == nullptr) return malformed();
    std::array<std::uint8_t, kOutputBytes> out;
    const std::uint8_t* in = bytes.data();
    std::size_t left = bytes.size();
    while (true) {
      std::uint8_t* to = out.data();
      std::size_t room = out.size();
      const auto result =
          BrotliDecoderDecompressStream(state_.get(), &left, &in, &room, &to, nullptr);
      if (!hand_on(Bytes{out.data(), out.size() - room})) return;
      if (result == BROTLI_DECODER_RESULT_SUCCESS) {
        at_end_ = true;
        return;
      }
      if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) return;
      if (result == BROTLI_DECODER_RESULT_ERROR) return malformed();
    }
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return allowance_.used + next_->memory_bytes();
  }

 private:
  bool ended() const override { return at_end_; }

  Allowance allowance_;  // outlives the state, which gives back to it
  Handle<BrotliDecoderState, BrotliDecoderDestroyInstance> state_;
  bool at_end_ = false;
};

class ZstdReader final : public Decoder {
 public:
  ZstdReader(BodyContext& context, std::unique_ptr<ByteSink> next)
      : Decoder(context, std::move(next)),
        allowance_{0, context.limits.window_bytes_max + (std::size_t{1} << 20)},
        state_(ZSTD_createDCtx_advanced({take_memory, give_memory, &allowance_})) {}

  void write(Bytes bytes) override {
    if (failed_) return;
    if (state_ == nullptr) return malformed();
    std::array<std::uint8_t, kOutputBytes> out;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while (true) {
      ZSTD_outBuffer to{out.data(), out.size(), 0};
      const std::size_t result = ZSTD_decompressStream(state_.get(), &to, &in);
      if (ZSTD_isError(result) != 0) {
        // Rubbish behind a whole frame is padding.
        if (!at_end_) malformed();
        failed_ = failed_ || !at_end_;
        return;
      }
      if (!hand_on(Bytes{out.data(), to.pos})) return;
      at_end_ = result == 0;
      if (in.pos == in.size && to.pos < to.size) return;
    }
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return allowance_.used + next_->memory_bytes();
  }

 private:
  bool ended() const override { return at_end_; }

  Allowance allowance_;
  Handle<ZSTD_DCtx, ZSTD_freeDCtx> state_;
  bool at_end_ = false;
};

}  // namespace

std::unique_ptr<ByteSink> make_content_decoder(BodyContext& context, std::string_view coding,
                                               std::unique_ptr<ByteSink> next) {
  if (coding == "gzip" || coding == "x-gzip") {
    return std::make_unique<Inflater>(context, std::move(next), Inflater::Form::kGzip);
  }
  if (coding == "deflate") {
    return std::make_unique<Inflater>(context, std::move(next), Inflater::Form::kDeflate);
  }
  if (coding == "br") return std::make_unique<BrotliReader>(context, std::move(next));
  if (coding == "zstd") return std::make_unique<ZstdReader>(context, std::move(next));
  return nullptr;
}

std::unique_ptr<ByteSink> make_decoder_chain(BodyContext& context, std::string_view field,
                                             std::unique_ptr<ByteSink> next, bool& opaque) {
  // The last coding named is the first to be undone, so build from the front. S3's frame is around
  // everything, wherever it is named.
  std::size_t count = 0;
  bool framed = false;
  while (!field.empty()) {
    const std::size_t comma = std::min(field.find(','), field.size());
    std::string coding;
    for (const char c : trimmed(field.substr(0, comma)).substr(0, 32)) {
      coding += to_lower(c);
    }
    field.remove_prefix(std::min(comma + 1, field.size()));
    framed = framed || coding == "aws-chunked";
    if (coding.empty() || coding == "identity" || coding == "aws-chunked") continue;
    constexpr std::string_view kKnown[] = {"gzip", "x-gzip", "deflate", "br", "zstd"};
    if (++count > kCodingsMax ||
        std::find(std::begin(kKnown), std::end(kKnown), coding) == std::end(kKnown)) {
      opaque = true;
      return next;
    }
    next = make_content_decoder(context, coding, std::move(next));
  }
  if (framed) next = std::make_unique<FrameReader>(context, std::move(next));
  return next;
}

}  // namespace gnomon::content
