#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <utility>

#include "gnomon/bytes/folder_owner.h"
#include "gnomon/report/event_writer.h"

namespace gnomon::report {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

// As that of a process which was killed while it wrote.
bool ends_within_line(const std::string& path) {
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
  std::optional<Error> reopen() override {
    if (file_ == nullptr || file_ == stdout) return std::nullopt;
    if (!buffer_.empty()) write_out();
    std::FILE* const fresh = std::fopen(path_.c_str(), "abe");
    if (fresh == nullptr) return Error{std::strerror(errno)}.in(path_);
    give_to_folder_owner(::fileno(fresh), path_);
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
  bool torn_;  // the last write may have ended within a line
  std::atomic<std::uint64_t> dropped_{0};
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
