// The process that opens documents: what runs behind DocumentProcess. It trusts neither what it
// reads nor, once the filter is on, itself.
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstring>
#include <string_view>

#include "document_reader.h"
#include "document_wire.h"
#include "gnomon/content/document_process.h"

namespace gnomon::content {
namespace {

constexpr int kChannel = 0;  // standard input: a socket

bool send_all(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(kChannel, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

void send_frame(FrameWriter& frame) {
  if (!send_all(frame.done())) _exit(0);  // nobody listens any more
}

// The text's beginning of at most so many bytes; no character is cut.
std::string_view whole_characters(std::string_view utf8, std::size_t bytes_max) {
  std::size_t some = std::min(utf8.size(), bytes_max);
  while (some > 0 && some < utf8.size() && (static_cast<std::uint8_t>(utf8[some]) & 0xc0) == 0x80)
    --some;
  return utf8.substr(0, some);
}

// Tells the other process what is told here.
class Forwarder final : public PartEvents, public HandOver {
 public:
  explicit Forwarder(BodyContext& context) : context_(context) {}

  void on_part(const PartFacts& part) override {
    flush();
    send_frame(FrameWriter{FrameKind::kPart}
                   .text(part.file_name)
                   .text(part.declared_type)
                   .u32(part.depth)
                   .u8(part.file ? 1 : 0));
  }
  void on_text(std::string_view utf8, Role role) override {
    if (full_) return;
    if (role != role_) flush();
    role_ = role;
    if (utf8.size() > context_.limits.text_bytes_max - told_) {
      utf8 = whole_characters(utf8, context_.limits.text_bytes_max - told_);
      full_ = true;
      context_.stopped = true;  // there is no use in what is behind
    }
    told_ += utf8.size();
    while (!utf8.empty()) {
      const std::string_view some = whole_characters(utf8, kTextBytes - text_.size());
      text_.append(some);
      utf8.remove_prefix(some.size());
      if (!utf8.empty()) flush();
    }
  }
  void on_break() override {
    flush();
    send_frame(FrameWriter{FrameKind::kBreak}.u8(0));
  }
  void on_part_end(const PartEnd& part) override {
    flush();
    send_frame(FrameWriter{FrameKind::kPartEnd}
                   .text(part.file_name)
                   .text(part.declared_type)
                   .text(part.file_type)
                   .text(part.sha256)
                   .text(part.not_opened)
                   .u64(part.size)
                   .u64(part.gap_bytes)
                   .u32(part.depth)
                   .u32(part.width)
                   .u32(part.height)
                   .u32(part.duration_ms)
                   .u8(static_cast<std::uint8_t>((part.file ? 1 : 0) | (part.complete ? 2 : 0) |
                                                 (part.truncated ? 4 : 0))));
  }
  void on_document(Bytes bytes) override {
    flush();
    while (!bytes.empty()) {
      const Bytes piece = bytes.first(std::min(kTextBytes, bytes.size()));
      bytes = bytes.subspan(piece.size());
      send_frame(FrameWriter{FrameKind::kPdf}.bytes(piece));
    }
    send_frame(FrameWriter{FrameKind::kPdfEnd}.u8(0));
  }
  void flush() {
    if (text_.empty()) return;
    send_frame(
        FrameWriter{FrameKind::kText}.u8(static_cast<std::uint8_t>(role_)).bytes(as_bytes(text_)));
    text_.clear();
  }
  // As much text was told as is wanted of one document.
  [[nodiscard]] bool full() const { return full_; }

 private:
  static constexpr std::size_t kTextBytes = std::size_t{32} * 1024;
  BodyContext& context_;
  std::string text_;
  std::size_t told_ = 0;
  bool full_ = false;
  Role role_ = Role::kNone;
};

void limit(int what, rlim_t value) {
  const rlimit both{value, value};
  setrlimit(static_cast<__rlimit_resource>(what), &both);
}

// What both processes of this kind may never do. `documents`: reads memory alone, so may do next
// to nothing; otherwise becomes pdftotext, which reads its libraries and fonts.
bool confine(bool documents) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  scmp_filter_ctx filter = seccomp_init(documents ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
  if (filter == nullptr) return false;
  const auto allow = [&](const char* name) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number != __NR_SCMP_ERROR) seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
  };
  for (const char* name :
       {"read",        "write",         "recvmsg",         "sendto",         "close",
        "mmap",        "munmap",        "mremap",          "madvise",        "brk",
        "mprotect",    "fstat",         "newfstatat",      "lseek",          "exit",
        "exit_group",  "futex",         "rt_sigreturn",    "rt_sigprocmask", "rt_sigaction",
        "sigaltstack", "clock_gettime", "gettimeofday",    "getpid",         "gettid",
        "getrandom",   "tgkill",        "restart_syscall", "sched_yield",    "set_robust_list",
        "rseq",        "time"}) {
    allow(name);
  }
#if defined(__SANITIZE_ADDRESS__)
  allow("pipe2");  // how the sanitizers look whether memory can be read
  allow("pipe");
#endif
  if (documents) {
    // libarchive looks for names of users and files nowhere; a refused open is enough.
    for (const char* name :
         {"openat", "open", "access", "readlink", "socket", "connect", "ioctl"}) {
      const int number = seccomp_syscall_resolve_name(name);
      if (number != __NR_SCMP_ERROR) {
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), number, 0);
      }
    }
  } else {
    for (const char* name : {"execve",
                             "openat",
                             "open",
                             "access",
                             "faccessat",
                             "faccessat2",
                             "readlink",
                             "readlinkat",
                             "stat",
                             "lstat",
                             "statx",
                             "pread64",
                             "readv",
                             "writev",
                             "getdents64",
                             "getdents",
                             "arch_prctl",
                             "set_tid_address",
                             "prlimit64",
                             "fcntl",
                             "dup",
                             "dup2",
                             "getcwd",
                             "uname",
                             "getuid",
                             "geteuid",
                             "getgid",
                             "getegid",
                             "statfs",
                             "fstatfs",
                             "fadvise64",
                             "ioctl",
                             "pipe2",
                             "sysinfo",
                             "sched_getaffinity",
                             "getrusage",
                             "membarrier",
                             "getppid",
                             "umask",
                             "clock_nanosleep",
                             "nanosleep",
                             "poll",
                             "select"}) {
      allow(name);
    }
  }
  const bool loaded = seccomp_load(filter) == 0;
  seccomp_release(filter);
  return loaded;
}

// A frame with the descriptor that came beside it; false at the end.
bool receive(std::vector<std::uint8_t>& frame, int& descriptor) {
  frame.assign(kFrameBytesMax, 0);
  std::size_t have = 0;
  std::size_t wanted = kFrameHeaderBytes;
  descriptor = -1;
  while (have < wanted) {
    iovec part{frame.data() + have, wanted - have};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = recvmsg(kChannel, &message, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr;
         each = CMSG_NXTHDR(&message, each)) {
      if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SCM_RIGHTS) {
        if (descriptor >= 0) close(descriptor);
        std::memcpy(&descriptor, CMSG_DATA(each), sizeof descriptor);
      }
    }
    have += static_cast<std::size_t>(got);
    if (have == kFrameHeaderBytes && wanted == kFrameHeaderBytes) {
      const std::size_t size = ByteReader{Bytes{frame}.subspan(1)}.u32();
      if (size > kFrameBytesMax - kFrameHeaderBytes) return false;
      wanted += size;
    }
  }
  frame.resize(wanted);
  return true;
}

int serve() {
  // Some libraries look at the locale when first used: before the door closes.
  setlocale(LC_CTYPE, "C.UTF-8");
  if (!confine(true)) return 1;
  std::vector<std::uint8_t> frame;
  int descriptor = -1;
  while (receive(frame, descriptor)) {
    ByteReader in{Bytes{frame}};
    in.take(kFrameHeaderBytes);
    BodyContext context;
    const std::uint64_t size = in.u64();
    PartHints hints;
    const std::string type{take_text(in)};
    hints.file_name = take_text(in);
    hints.role = static_cast<Role>(in.u8());
    const std::uint32_t depth = in.u32();
    context.parts = in.u32();
    context.multiparts = in.u32();
    context.sent_bytes = in.u64();
    context.decoded_bytes = in.u64();
    context.to_server = in.u8() != 0;
    BodyLimits& limits = context.limits;
    limits.decoded_bytes_max = in.u64();
    limits.decoded_ratio_max = in.u64();
    limits.document_bytes_max = in.u64();
    limits.text_bytes_max = in.u64();
    limits.window_bytes_max = in.u64();
    limits.parts_max = in.u32();
    limits.depth_max = in.u32();
    limits.document_seconds_max = in.u32();
    if (!in.ok() || descriptor < 0) return 1;
    Forwarder out{context};
    context.events = &out;
    context.hand_over = &out;
    PartStatus status;
    void* memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    close(descriptor);
    if (memory == MAP_FAILED) return 1;
    const Bytes bytes{static_cast<const std::uint8_t*>(memory), static_cast<std::size_t>(size)};
    read_document(context, bytes, {type, FileFamily::kDocument}, hints, depth, status);
    munmap(memory, size);
    out.flush();
    const BodyCounters& c = context.counters;
    send_frame(FrameWriter{FrameKind::kDone}
                   .text(status.not_opened)
                   .u8(status.truncated || out.full() ? 1 : 0)
                   .u8(context.stopped && !out.full() ? 1 : 0)  // of the body, else of this alone
                   .text(context.stop_reason)
                   .u32(context.parts)
                   .u64(context.decoded_bytes)
                   .u64(c.parts)
                   .u64(c.files)
                   .u64(c.text_bytes)
                   .u64(c.bombs)
                   .u64(c.encrypted)
                   .u64(c.malformed)
                   .u64(c.truncated));
  }
  return 0;
}

}  // namespace

int run_document_process(int argument_count, const char* const* arguments) {
  const std::string_view kind = argument_count > 0 ? arguments[0] : "";
  const auto number = [&](int index, rlim_t otherwise) {
    rlim_t value = 0;
    if (index >= argument_count) return otherwise;
    for (const char* c = arguments[index]; *c >= '0' && *c <= '9'; ++c) {
      value = value * 10 + static_cast<rlim_t>(*c - '0');
    }
    return value == 0 ? otherwise : value;
  };
  // gnomon extract documents MEMORY | gnomon extract pdf MEMORY SECONDS PDFTOTEXT
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
#if !defined(__SANITIZE_ADDRESS__)
  limit(RLIMIT_AS, number(1, rlim_t{1} << 30));
#endif
  if (kind == "documents") {
    limit(RLIMIT_NOFILE, 16);
    limit(RLIMIT_NPROC, 0);
    return serve();
  }
  if (kind == "pdf" && argument_count >= 4) {
    limit(RLIMIT_NOFILE, 64);
    limit(RLIMIT_CPU, number(2, 10));
    if (!confine(false)) return 1;
    const char* const command[] = {arguments[3], "-q", "-enc", "UTF-8", "-", "-", nullptr};
    const char* const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", nullptr};
    execve(arguments[3], const_cast<char* const*>(command), const_cast<char* const*>(environment));
    return 127;
  }
  return 1;
}

}  // namespace gnomon::content
