#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "gnomon/bytes/folder_owner.h"
#include "gnomon/report/event_writer.h"

namespace gnomon::report {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

// As that of a process which was killed while it wrote.
bool ends_within_line(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  std::ifstream file{path, std::ios::binary | std::ios::ate};
  if (!file || file.tellg() <= 0) return false;
  file.seekg(-1, std::ios::end);
  return file.get() != '\n';
}

class LineFile final : public LineOutput {
 public:
  // `torn`: the file ends within a line.
  LineFile(std::FILE* file, std::string path, bool torn)
      : file_(file), path_(std::move(path)), torn_(torn) {
    buffer_.reserve(kBufferBytes + 4096);
  }
  ~LineFile() override {
    if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  }

  void take(const EventLine&, std::string_view line) override {
    buffer_ += line;
    buffer_ += '\n';
    ++lines_;
    if (buffer_.size() >= kBufferBytes) write_out();
  }
  [[nodiscard]] bool wants_about() const override { return false; }

  std::optional<Error> close() override {
    if (file_ == nullptr) return error_;
    write_out();
    if (!error_ && std::fflush(file_) != 0) error_ = Error{std::strerror(errno)}.in(path_);
    std::FILE* file = std::exchange(file_, nullptr);
    if (file != stdout && std::fclose(file) != 0 && !error_)
      error_ = Error{std::strerror(errno)}.in(path_);
    return error_;
  }

  void flush() override {
    if (!buffer_.empty() && file_ != nullptr) write_out();
  }
  void keep_going() override {
    keeps_going_ = true;
    std::setvbuf(file_, nullptr, _IONBF, 0);  // what could not be written must not come later
  }
  [[nodiscard]] std::uint64_t dropped() const override {
    return dropped_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::optional<Error> failing() const override {
    if (const int why = why_failing_.load(std::memory_order_relaxed); why != 0)
      return Error{std::strerror(why)}.in(path_);
    return not_reopened();
  }
  std::optional<Error> reopen() override {
    if (file_ == nullptr || file_ == stdout) return std::nullopt;
    if (!buffer_.empty()) write_out();
    return open_anew();
  }

 private:
  [[nodiscard]] std::optional<Error> not_reopened() const {
    const int why = why_not_reopened_.load(std::memory_order_relaxed);
    if (why == 0) return std::nullopt;
    if (why == ENXIO)
      return Error{"nobody reads the pipe; the one that was open is written on"}.in(path_);
    return Error{"cannot be opened anew (" + std::string{std::strerror(why)} +
                 "): until it can, what comes goes into the file that was moved away"}
        .in(path_);
  }

  std::optional<Error> open_anew() {
    std::FILE* const fresh = open_at_once();
    why_not_reopened_.store(fresh == nullptr ? errno : 0, std::memory_order_relaxed);
    if (fresh == nullptr) return not_reopened();
    give_to_folder_owner(::fileno(fresh), path_);
    std::fclose(std::exchange(file_, fresh));
    torn_ = false;
    if (keeps_going_) std::setvbuf(file_, nullptr, _IONBF, 0);
    return std::nullopt;
  }

  // Of a pipe that nobody reads, opening it would wait for somebody. Null with errno.
  [[nodiscard]] std::FILE* open_at_once() const {
    const int descriptor =
        ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK,
               S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH);
    if (descriptor < 0) return nullptr;
    const int flags = ::fcntl(descriptor, F_GETFL);
    std::FILE* const fresh = flags >= 0 && ::fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) == 0
                                 ? ::fdopen(descriptor, "ab")
                                 : nullptr;
    if (fresh == nullptr) {
      const int why = errno;
      ::close(descriptor);
      errno = why;
    }
    return fresh;
  }

  void write_out() {
    // Whoever moves files away may put the new one's mode right later.
    const int moved = why_not_reopened_.load(std::memory_order_relaxed);
    if (moved != 0 && open_anew() && is_deleted()) {
      dropped_.fetch_add(lines_, std::memory_order_relaxed);
      why_failing_.store(moved, std::memory_order_relaxed);
    } else if (!error_) {
      const off_t before = keeps_going_ ? size_now() : -1;
      bool whole = !torn_ || std::fputc('\n', file_) != EOF;
      const std::size_t ended = torn_ && whole ? 1 : 0;
      const std::size_t written = whole ? std::fwrite(buffer_.data(), 1, buffer_.size(), file_) : 0;
      whole = whole && written == buffer_.size();
      const int why = whole ? 0 : errno;
      if (!whole && !keeps_going_) error_ = Error{std::strerror(why)}.in(path_);
      if (!whole && keeps_going_) {
        const std::string_view got = std::string_view{buffer_}.substr(0, written);
        const std::size_t lines_end = got.rfind('\n') + 1;  // 0 when there is none
        dropped_.fetch_add(
            lines_ - static_cast<std::uint64_t>(std::count(got.begin(), got.end(), '\n')),
            std::memory_order_relaxed);
        std::clearerr(file_);
        if (ended > 0) torn_ = false;
        if (lines_end < written) torn_ = !cut_to(before, ended + lines_end);
      } else {
        torn_ = !whole;
      }
      why_failing_.store(why, std::memory_order_relaxed);
    }
    buffer_.clear();
    lines_ = 0;
  }

  [[nodiscard]] bool is_deleted() const {
    struct stat info {};
    return ::fstat(::fileno(file_), &info) == 0 && info.st_nlink == 0;
  }
  // -1 when it has none, such as a pipe.
  [[nodiscard]] off_t size_now() const {
    struct stat info {};
    return ::fstat(::fileno(file_), &info) == 0 && S_ISREG(info.st_mode) ? info.st_size : -1;
  }
  // Takes away the beginning of a line at the end: who follows the file reads whole lines alone.
  [[nodiscard]] bool cut_to(off_t before, std::size_t kept) const {
    if (before < 0 || ::ftruncate(::fileno(file_), before + static_cast<off_t>(kept)) != 0)
      return false;
    return std::fseek(file_, 0, SEEK_END) == 0;
  }

  std::FILE* file_;
  std::string path_;
  std::string buffer_;
  std::optional<Error> error_;
  std::uint64_t lines_ = 0;  // in the buffer
  bool keeps_going_ = false;
  bool torn_;  // the last write may have ended within a line
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<int> why_failing_{0};       // errno of the last write
  std::atomic<int> why_not_reopened_{0};  // errno of the last try to open it anew
};

}  // namespace

Result<std::unique_ptr<LineOutput>> open_line_file(const std::string& path, FileStart start) {
  if (path == "-") return std::unique_ptr<LineOutput>{new LineFile{stdout, path, false}};
  const bool anew = start == FileStart::kAnew;
  const bool torn = !anew && ends_within_line(path);
  std::FILE* file = std::fopen(path.c_str(), anew ? "wbe" : "abe");
  if (file == nullptr) return Error{std::strerror(errno)}.in(path);
  give_to_folder_owner(::fileno(file), path);
  return std::unique_ptr<LineOutput>{new LineFile{file, path, torn}};
}

}  // namespace gnomon::report
