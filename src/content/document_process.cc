#include "gnomon/content/document_process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "child_process.h"
#include "document_wire.h"
#include "gnomon/bytes/descriptor.h"
#include "gnomon/content/text_decoder.h"
#include "pdf_process.h"

namespace gnomon::content {
namespace {

bool write_all(int file, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

struct DocumentProcess::State {
  DocumentProcessOptions options;
  Child child;
  Descriptor channel;
  std::vector<std::uint8_t> frame;

  bool start() {
    if (child.running()) return true;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return false;
    channel = Descriptor{pair[0]};
    const Descriptor theirs{pair[1]};
    return child.start(
        {options.program, "extract", "documents", std::to_string(options.memory_bytes_max)},
        theirs.get(), -1);
  }
  void stop() {
    child.end();
    channel.reset();
  }

  bool receive_exactly(std::uint8_t* to, std::size_t count, const Patience& patience) {
    while (count > 0) {
      if (!patience.wait_readable(channel.get())) return false;
      const ssize_t got = recv(channel.get(), to, count, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      to += got;
      count -= static_cast<std::size_t>(got);
    }
    return true;
  }
  bool receive_frame(FrameKind& kind, const Patience& patience) {
    std::array<std::uint8_t, kFrameHeaderBytes> header{};
    if (!receive_exactly(header.data(), header.size(), patience)) return false;
    kind = static_cast<FrameKind>(header[0]);
    const std::size_t size = ByteReader{Bytes{header}.subspan(1)}.u32();
    if (size > kFrameBytesMax) return false;
    frame.resize(size);
    return receive_exactly(frame.data(), size, patience);
  }

  bool send_request(const BodyContext& context, int document, std::uint64_t size, FileType type,
                    const PartHints& hints, std::uint32_t depth);
  void read(BodyContext& context, int document, std::uint64_t size, FileType type,
            const PartHints& hints, std::uint32_t depth, PartStatus& status);
};

DocumentProcess::DocumentProcess(const DocumentProcessOptions& options)
    : state_(std::make_unique<State>()) {
  state_->options = options;
}

DocumentProcess::~DocumentProcess() = default;
DocumentProcess::DocumentProcess(DocumentProcess&&) noexcept = default;

bool DocumentProcess::State::send_request(const BodyContext& context, int document,
                                          std::uint64_t size, FileType type, const PartHints& hints,
                                          std::uint32_t depth) {
  const BodyLimits& limits = context.limits;
  FrameWriter request{FrameKind::kRequest};
  request.u64(size)
      .text(type.name)
      .text(hints.file_name)
      .u8(static_cast<std::uint8_t>(hints.role))
      .u32(depth)
      .u32(context.parts)
      .u32(context.multiparts)
      .u64(context.sent_bytes)
      .u64(context.decoded_bytes)
      .u8(context.to_server ? 1 : 0)
      .u64(limits.decoded_bytes_max)
      .u64(limits.decoded_ratio_max)
      .u64(limits.document_bytes_max)
      .u64(limits.text_bytes_max)
      .u64(limits.window_bytes_max)
      .u32(limits.parts_max)
      .u32(limits.depth_max)
      .u32(limits.document_seconds_max);
  const Bytes bytes = request.done();
  if (start() && send_beside(channel.get(), bytes, document)) return true;
  // It may have been ended from outside since: once more, with a new one.
  stop();
  if (start() && send_beside(channel.get(), bytes, document)) return true;
  stop();
  return false;
}

// One document that the process tells of, frame by frame. Each of the functions answers false where
// the process said what it must not.
class DocumentProcess::Reading {
 public:
  Reading(State& state, BodyContext& context, const PartHints& hints, std::uint32_t depth,
          PartStatus& status)
      : state_(state), context_(context), hints_(hints), depth_(depth), status_(status) {}

  bool take(FrameKind kind, ByteReader in) {
    switch (kind) {
      case FrameKind::kPart:
        return on_part(in);
      case FrameKind::kText:
        return on_text(in);
      case FrameKind::kBreak:
        context_.events->on_break();
        return true;
      case FrameKind::kPartEnd:
        return on_part_end(in);
      case FrameKind::kPdf:
        return on_pdf(in.take(in.remaining()));
      case FrameKind::kPdfEnd:
        return on_pdf_end();
      case FrameKind::kDone:
        return on_done(in);
      case FrameKind::kRequest:
        break;
    }
    return false;
  }
  [[nodiscard]] bool done() const { return done_; }
  // The process tells no more: what it began ends here.
  void break_off() {
    while (!open_.empty()) {
      PartEnd part;
      part.depth = open_.back();
      part.file = true;
      part.file_type = "binary";
      part.not_opened = "process-ended";
      open_.pop_back();
      context_.events->on_part_end(part);
    }
    if (status_.not_opened.empty() && !status_.truncated) status_.not_opened = "process-ended";
  }

 private:
  static constexpr std::size_t kOpenMax = 64;

  bool on_part(ByteReader& in) {
    PartFacts part;
    part.file_name = take_text(in);
    part.declared_type = take_text(in);
    part.depth = in.u32();
    part.file = in.u8() != 0;
    if (!in.ok() || open_.size() > kOpenMax) return false;
    open_.push_back(part.depth);
    pdf_status_ = {};
    context_.events->on_part(part);
    return true;
  }

  bool on_text(ByteReader& in) {
    const std::uint8_t role = in.u8();
    const Bytes text = in.take(in.remaining());
    if (!in.ok() || role > static_cast<std::uint8_t>(Role::kAssistant)) return false;
    if (valid_utf8_prefix(text) != text.size()) return false;
    text_bytes_ += text.size();
    if (text_bytes_ > context_.limits.text_bytes_max) return false;  // it knows the limit
    context_.events->on_text(as_text(text), static_cast<Role>(role));
    return true;
  }

  bool on_part_end(ByteReader& in) {
    PartEnd part;
    part.file_name = take_text(in);
    part.declared_type = take_text(in);
    part.file_type = take_text(in);
    part.sha256 = take_text(in);
    part.not_opened = take_text(in);
    part.size = in.u64();
    part.gap_bytes = in.u64();
    part.depth = in.u32();
    part.width = in.u32();
    part.height = in.u32();
    part.duration_ms = in.u32();
    const std::uint8_t flags = in.u8();
    if (!in.ok() || open_.empty()) return false;
    open_.pop_back();
    part.file = (flags & 1) != 0;
    part.complete = (flags & 2) != 0;
    part.truncated = (flags & 4) != 0 || pdf_status_.truncated;
    if (!pdf_status_.not_opened.empty()) part.not_opened = pdf_status_.not_opened;
    context_.events->on_part_end(part);
    pdf_status_ = {};
    return true;
  }

  bool on_pdf(Bytes piece) {
    if (!pdf_status_.not_opened.empty()) return true;  // of the one that was dropped
    if (!pdf_) {
      pdf_ = Descriptor{memfd_create("gnomon-document", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
      pdf_bytes_ = 0;
    }
    pdf_bytes_ += piece.size();
    if (pdf_bytes_ > context_.limits.document_bytes_max) return false;
    if (pdf_ && write_all(pdf_.get(), piece)) return true;
    pdf_.reset();
    pdf_status_.not_opened = "no-memory";
    return true;
  }

  bool on_pdf_end() {
    if (pdf_) {
      ++context_.counters.documents;
      read_pdf(state_.options, context_, pdf_.get(), hints_.role, depth_ + 1, pdf_status_);
    }
    pdf_.reset();
    return true;
  }

  bool on_done(ByteReader& in) {
    status_.not_opened = take_text(in);
    if (in.u8() != 0) status_.truncated = true;
    const bool stopped = in.u8() != 0;
    const std::string_view why = take_text(in);
    context_.parts = in.u32();
    context_.decoded_bytes = in.u64();
    BodyCounters counters;
    counters.parts = in.u64();
    counters.files = in.u64();
    counters.text_bytes = in.u64();
    counters.bombs = in.u64();
    counters.encrypted = in.u64();
    counters.malformed = in.u64();
    counters.truncated = in.u64();
    if (!in.ok() || !open_.empty()) return false;
    context_.counters.add(counters);
    if (stopped && !context_.stopped) {
      context_.stopped = true;
      context_.stop_reason = known_word(why);
    }
    done_ = true;
    return true;
  }

  State& state_;
  BodyContext& context_;
  const PartHints& hints_;
  std::uint32_t depth_;
  PartStatus& status_;
  std::vector<std::uint32_t> open_;  // depths of parts that it has begun
  std::uint64_t text_bytes_ = 0;
  Descriptor pdf_;
  std::uint64_t pdf_bytes_ = 0;
  PartStatus pdf_status_;
  bool done_ = false;
};

void DocumentProcess::read(BodyContext& context, int document, std::uint64_t size, FileType type,
                           const PartHints& hints, std::uint32_t depth, PartStatus& status) {
  State& state = *state_;
  ++context.counters.documents;
  // From here nobody changes the bytes, so the process may read them where they lie.
  fcntl(document, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  if (type.name != "pdf") {
    state.read(context, document, size, type, hints, depth, status);
    return;
  }
  // What stands beside the pages is read first, and they even where that failed.
  PartStatus beside;
  state.read(context, document, size, type, hints, depth, beside);
  read_pdf(state.options, context, document, hints.role, depth, status);
  status.truncated = status.truncated || beside.truncated || !beside.not_opened.empty();
}

void DocumentProcess::State::read(BodyContext& context, int document, std::uint64_t size,
                                  FileType type, const PartHints& hints, std::uint32_t depth,
                                  PartStatus& status) {
  if (!send_request(context, document, size, type, hints, depth)) {
    status.not_opened = "no-process";
    return;
  }
  const Patience patience{child, context.limits.document_seconds_max, options.give_up};
  Reading reading{*this, context, hints, depth, status};
  FrameKind kind{};
  while (!reading.done() && receive_frame(kind, patience) &&
         reading.take(kind, ByteReader{Bytes{frame}})) {
  }
  if (reading.done()) {
    if (!status.not_opened.empty()) ++context.counters.documents_failed;
    return;
  }
  // It died, is late, or talks nonsense: a new one opens the next document.
  stop();
  ++context.counters.process_ended;
  ++context.counters.documents_failed;
  reading.break_off();
}

}  // namespace gnomon::content
