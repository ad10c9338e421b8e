#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "gnomon/report/event_writer.h"

namespace gnomon::report {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

class LineFile final : public LineOutput {
 public:
  LineFile(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {
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
  std::optional<Error> reopen() override {
    if (file_ == nullptr || file_ == stdout) return std::nullopt;
    if (!buffer_.empty()) write_out();
    std::FILE* const fresh = std::fopen(path_.c_str(), "abe");
    if (fresh == nullptr) return Error{std::strerror(errno)}.in(path_);
    std::fclose(std::exchange(file_, fresh));
    torn_ = false;
    if (keeps_going_) std::setvbuf(file_, nullptr, _IONBF, 0);
    return std::nullopt;
  }

 private:
  void write_out() {
    if (!error_) {
      bool whole = !torn_ || std::fputc('\n', file_) != EOF;
      whole = whole && std::fwrite(buffer_.data(), 1, buffer_.size(), file_) == buffer_.size();
      torn_ = !whole;
      if (!whole && !keeps_going_) error_ = Error{std::strerror(errno)}.in(path_);
      if (!whole && keeps_going_) {
        dropped_.fetch_add(lines_, std::memory_order_relaxed);
        std::clearerr(file_);
      }
    }
    buffer_.clear();
    lines_ = 0;
  }

  std::FILE* file_;
  std::string path_;
  std::string buffer_;
  std::optional<Error> error_;
  std::uint64_t lines_ = 0;  // in the buffer
  bool keeps_going_ = false;
  bool torn_ = false;  // the last write may have ended within a line
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace

Result<std::unique_ptr<LineOutput>> open_line_file(const std::string& path) {
  std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "wbe");
  if (file == nullptr) return Error{std::strerror(errno)}.in(path);
  return std::unique_ptr<LineOutput>{new LineFile{file, path}};
}

}  // namespace gnomon::report
