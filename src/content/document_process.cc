#include "gnomon/content/document_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <utility>
#include <vector>

#include "document_wire.h"
#include "gnomon/bytes/descriptor.h"
#include "gnomon/content/text_decoder.h"
#include "text_guess.h"
#include "text_writer.h"

namespace gnomon::content {
namespace {

using Clock = std::chrono::steady_clock;

// A program of ours at work. Ended and waited for when this goes.
class Child {
 public:
  Child() = default;
  Child(Child&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Child& operator=(Child&& other) noexcept {
    end();
    id_ = std::exchange(other.id_, -1);
    return *this;
  }
  ~Child() { end(); }

  bool start(const std::vector<std::string>& command, int input, int output) {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    char locale[] = "LC_ALL=C.UTF-8";
    char* environment[] = {locale, nullptr};
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) return false;
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    if (output >= 0) {
      posix_spawn_file_actions_adddup2(&actions, output, 1);
    } else {
      posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    }
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    const int result = posix_spawn(&id_, command.front().c_str(), &actions, nullptr,
                                   arguments.data(), environment);
    posix_spawn_file_actions_destroy(&actions);
    if (result != 0) id_ = -1;
    return result == 0;
  }
  [[nodiscard]] bool running() const { return id_ > 0; }
  // Processor time it has had so far.
  [[nodiscard]] std::chrono::nanoseconds worked() const {
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(id_, &clock) != 0 || clock_gettime(clock, &time) != 0) return {};
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
  }
  void end() {
    if (id_ <= 0) return;
    kill(id_, SIGKILL);
    wait();
  }
  // Its exit status, or 255 when it was ended by a signal.
  int wait() {
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
  }

 private:
  pid_t id_ = -1;
};

// How long a document may take: so much processor time, which a document takes anywhere, so that what
// is told of it does not depend on what else the machine does. One that only waits is ended as well.
class Patience {
 public:
  Patience(const Child& child, std::uint32_t seconds, const std::atomic<bool>* give_up)
      : child_(child),
        give_up_(give_up),
        work_until_(child.worked() + std::chrono::seconds{seconds}),
        wait_until_(Clock::now() + std::chrono::seconds{seconds} * kWaitFactor) {}

  // Waits until `descriptor` can be read; false when there was enough of it.
  bool wait_readable(int descriptor) const {
    while (true) {
      pollfd one{descriptor, POLLIN, 0};
      const int ready = poll(&one, 1, kLookMs);
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
      if (child_.worked() >= work_until_ || Clock::now() >= wait_until_) return false;
      if (give_up_ != nullptr && *give_up_) return false;
    }
  }

 private:
  static constexpr int kWaitFactor = 5;
  static constexpr int kLookMs = 50;
  const Child& child_;
  const std::atomic<bool>* give_up_;
  std::chrono::nanoseconds work_until_;
  Clock::time_point wait_until_;
};

bool file_has(int file, std::uint64_t size, std::string_view what) {
  void* memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (memory == MAP_FAILED) return false;
  const std::string_view text{static_cast<const char*>(memory), static_cast<std::size_t>(size)};
  const bool found = text.find(what) != std::string_view::npos;
  munmap(memory, size);
  return found;
}

}  // namespace

std::string_view known_word(std::string_view word) {
  for (const std::string_view known : {"bomb", "size", "too-many", "too-deep"}) {
    if (word == known) return known;
  }
  return "damaged";
}

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

  bool send(Bytes bytes, int descriptor) {
    iovec part{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    // A request is far smaller than the socket's buffer, which is empty.
    return sendmsg(channel.get(), &message, MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
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

  void read_pdf(BodyContext& context, int file, std::uint64_t size, Role role, std::uint32_t depth,
                PartStatus& status);
};

DocumentProcess::DocumentProcess(const DocumentProcessOptions& options)
    : state_(std::make_unique<State>()) {
  state_->options = options;
}

DocumentProcess::~DocumentProcess() = default;
DocumentProcess::DocumentProcess(DocumentProcess&&) noexcept = default;

// One pdftotext for one PDF: it serves no second.
void DocumentProcess::State::read_pdf(BodyContext& context, int file, std::uint64_t size, Role role,
                                      std::uint32_t depth, PartStatus& status) {
  int pipe_ends[2];
  if (lseek(file, 0, SEEK_SET) != 0 || pipe2(pipe_ends, O_CLOEXEC) != 0) {
    status.not_opened = "no-process";
    return;
  }
  const Descriptor output{pipe_ends[0]};
  Descriptor theirs{pipe_ends[1]};
  Child pdf;
  if (access(options.pdftotext.c_str(), X_OK) != 0 ||
      !pdf.start({options.program, "extract", "pdf", std::to_string(options.memory_bytes_max),
                  std::to_string(context.limits.document_seconds_max), options.pdftotext},
                 file, theirs.get())) {
    status.not_opened = "no-process";
    return;
  }
  theirs.reset();
  const Patience patience{pdf, context.limits.document_seconds_max, options.give_up};
  TextWriter writer{context, depth};
  TextDecoder decoder{charset_named("utf-8")};
  std::string text;
  std::uint64_t total = 0;
  std::array<std::uint8_t, 16384> buffer;
  bool late = false;
  while (true) {
    if (!patience.wait_readable(output.get())) {
      late = true;
      break;
    }
    const ssize_t got = ::read(output.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    total += static_cast<std::uint64_t>(got);
    if (total > context.limits.text_bytes_max) {
      status.truncated = true;
      late = true;  // ended below
      break;
    }
    text.clear();
    decoder.write(Bytes{buffer.data(), static_cast<std::size_t>(got)}, text);
    std::replace(text.begin(), text.end(), '\f', '\n');
    writer.write(text, role);
  }
  writer.finish();
  int exit_status = 0;
  if (late) {
    pdf.end();
    ++context.counters.process_ended;
    status.truncated = true;
  } else {
    exit_status = pdf.wait();
  }
  if (exit_status == 0) return;
  ++context.counters.documents_failed;
  if (exit_status == 255) ++context.counters.process_ended;
  if (total == 0) {
    status.not_opened = exit_status == 255 || exit_status == 127 ? "process-ended"
                        : file_has(file, size, "/Encrypt")       ? "encrypted"
                                                                 : "damaged";
  } else {
    status.truncated = true;
  }
}

void DocumentProcess::read(BodyContext& context, int document, std::uint64_t size, FileType type,
                           const PartHints& hints, std::uint32_t depth, PartStatus& status) {
  State& state = *state_;
  ++context.counters.documents;
  // From here nobody changes the bytes, so the process may read them where they lie.
  fcntl(document, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  if (type.name == "pdf") {
    state.read_pdf(context, document, size, hints.role, depth, status);
    return;
  }
  const BodyLimits& limits = context.limits;
  FrameWriter request{FrameKind::kRequest};
  request.u64(size)
      .text(type.name)
      .text(hints.file_name)
      .u8(static_cast<std::uint8_t>(hints.role))
      .u32(depth)
      .u32(context.parts)
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
  bool sent = state.start() && state.send(bytes, document);
  if (!sent) {
    // It may have been ended from outside since: once more, with a new one.
    state.stop();
    sent = state.start() && state.send(bytes, document);
  }
  if (!sent) {
    state.stop();
    status.not_opened = "no-process";
    return;
  }
  const Patience patience{state.child, limits.document_seconds_max, state.options.give_up};
  std::vector<std::uint32_t> open;  // depths of parts that it has begun
  std::uint64_t text_bytes = 0;
  Descriptor pdf;
  std::uint64_t pdf_bytes = 0;
  PartStatus pdf_status;
  bool done = false;
  while (!done) {
    FrameKind kind{};
    if (!state.receive_frame(kind, patience)) break;
    ByteReader in{Bytes{state.frame}};
    switch (kind) {
      case FrameKind::kPart: {
        PartFacts part;
        part.file_name = take_text(in);
        part.declared_type = take_text(in);
        part.depth = in.u32();
        part.file = in.u8() != 0;
        if (!in.ok() || open.size() > 64) break;
        open.push_back(part.depth);
        pdf_status = {};
        context.events->on_part(part);
        continue;
      }
      case FrameKind::kText: {
        const std::uint8_t role = in.u8();
        const Bytes text = in.take(in.remaining());
        if (!in.ok() || role > static_cast<std::uint8_t>(Role::kAssistant)) break;
        if (valid_utf8_prefix(text) != text.size()) break;
        text_bytes += text.size();
        if (text_bytes > limits.text_bytes_max) {
          status.truncated = true;
          break;
        }
        context.events->on_text(as_text(text), static_cast<Role>(role));
        continue;
      }
      case FrameKind::kBreak:
        context.events->on_break();
        continue;
      case FrameKind::kPartEnd: {
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
        if (!in.ok() || open.empty()) break;
        open.pop_back();
        part.file = (flags & 1) != 0;
        part.complete = (flags & 2) != 0;
        part.truncated = (flags & 4) != 0 || pdf_status.truncated;
        if (!pdf_status.not_opened.empty()) part.not_opened = pdf_status.not_opened;
        context.events->on_part_end(part);
        pdf_status = {};
        continue;
      }
      case FrameKind::kPdf: {
        if (pdf.get() < 0) {
          pdf = Descriptor{memfd_create("gnomon-document", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
          pdf_bytes = 0;
        }
        Bytes rest = in.take(in.remaining());
        pdf_bytes += rest.size();
        if (pdf_bytes > limits.document_bytes_max) break;
        while (!rest.empty()) {
          const ssize_t written = ::write(pdf.get(), rest.data(), rest.size());
          if (written <= 0) break;
          rest = rest.subspan(static_cast<std::size_t>(written));
        }
        continue;
      }
      case FrameKind::kPdfEnd:
        if (pdf.get() >= 0) {
          ++context.counters.documents;
          state.read_pdf(context, pdf.get(), pdf_bytes, hints.role, depth + 1, pdf_status);
        }
        pdf.reset();
        continue;
      case FrameKind::kDone: {
        status.not_opened = take_text(in);
        if (in.u8() != 0) status.truncated = true;
        const bool stopped = in.u8() != 0;
        const std::string_view why = take_text(in);
        context.parts = in.u32();
        context.decoded_bytes = in.u64();
        BodyCounters counters;
        counters.parts = in.u64();
        counters.files = in.u64();
        counters.text_bytes = in.u64();
        counters.bombs = in.u64();
        counters.encrypted = in.u64();
        counters.malformed = in.u64();
        counters.truncated = in.u64();
        if (!in.ok() || !open.empty()) break;
        context.counters.add(counters);
        if (stopped && !context.stopped) {
          context.stopped = true;
          context.stop_reason = known_word(why);
        }
        done = true;
        continue;
      }
      case FrameKind::kRequest:
        break;
    }
    break;  // it said what it must not
  }
  if (done) {
    if (!status.not_opened.empty()) ++context.counters.documents_failed;
    return;
  }
  // It died, is late, or talks nonsense: a new one opens the next document.
  state.stop();
  ++context.counters.process_ended;
  ++context.counters.documents_failed;
  while (!open.empty()) {
    PartEnd part;
    part.depth = open.back();
    part.file = true;
    part.file_type = "binary";
    part.not_opened = "process-ended";
    open.pop_back();
    context.events->on_part_end(part);
  }
  if (status.not_opened.empty() && !status.truncated) status.not_opened = "process-ended";
}

}  // namespace gnomon::content
