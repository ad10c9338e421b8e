#include "spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "gnomon/bytes/ascii.h"

namespace gnomon::report {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFileBytesMax = 4'000'000;
constexpr std::size_t kMessageBytesMax = 1'000'000;
constexpr std::size_t kHeadBytesMax = 8;  // digits and the space
constexpr std::string_view kSuffix = ".spool";
constexpr std::string_view kPosition = "position";

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// As much of the file from `offset` as `most` allows.
Result<std::string> read_from(const fs::path& path, std::uint64_t offset, std::size_t most) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return system_error(path.string());
  std::string text(most, '\0');
  std::size_t got = 0;
  while (got < most) {
    const ssize_t count = ::pread(descriptor, text.data() + got, most - got,
                                  static_cast<off_t>(offset + got));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      Error error = system_error(path.string());
      ::close(descriptor);
      return error;
    }
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  ::close(descriptor);
  text.resize(got);
  return text;
}

}  // namespace

std::optional<Frame> first_frame(std::string_view text) {
  std::size_t length = 0;
  std::size_t at = 0;
  while (at < text.size() && at < kHeadBytesMax && is_digit(text[at]))
    length = length * 10 + static_cast<std::size_t>(text[at++] - '0');
  if (at == 0 || at == text.size() || text[at] != ' ' || length > kMessageBytesMax)
    return std::nullopt;
  ++at;
  if (length > text.size() - at) return std::nullopt;
  return Frame{at, at + length};
}

fs::path Spool::path_of(std::uint64_t number) const {
  char name[32];
  std::snprintf(name, sizeof name, "%012llu", static_cast<unsigned long long>(number));
  return folder_ / (std::string{name} + std::string{kSuffix});
}

Result<Spool> Spool::open(const fs::path& folder, std::uint64_t bytes_max) {
  Spool spool;
  spool.folder_ = folder;
  spool.bytes_max_ = std::max(bytes_max, 2 * kFileBytesMax);
  std::error_code error;
  if (fs::create_directories(folder, error); error)
    return Error{error.message()}.in(folder.string());
  fs::permissions(folder, fs::perms::owner_all, error);  // events name people's addresses
  const fs::path lock = folder / "lock";
  const int descriptor = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return system_error(lock.string());
  spool.lock_ = Descriptor{descriptor};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
    return Error{"another process sends from this spool"}.in(folder.string());
  if (auto failed = spool.read_folder()) return *failed;
  return spool;
}

std::optional<Error> Spool::read_folder() {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (fs::directory_iterator at{folder_, error}; !error && at != fs::directory_iterator{};
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!name.ends_with(kSuffix) || name.size() != 12 + kSuffix.size()) continue;
    if (!std::all_of(name.begin(), name.begin() + 12, is_digit)) continue;
    numbers.push_back(std::stoull(name.substr(0, 12)));
  }
  if (error) return Error{error.message()}.in(folder_.string());
  std::sort(numbers.begin(), numbers.end());

  std::uint64_t read_file = 0;
  if (std::FILE* file = std::fopen((folder_ / kPosition).c_str(), "re")) {
    unsigned long long number = 0;
    unsigned long long offset = 0;
    if (std::fscanf(file, "%llu %llu", &number, &offset) == 2) {
      read_file = number;
      offset_ = offset;
    }
    std::fclose(file);
  }
  for (const std::uint64_t number : numbers) {
    if (number < read_file) {
      fs::remove(path_of(number), error);
      continue;
    }
    if (number > read_file && files_.empty()) offset_ = 0;
    auto text = read_from(path_of(number), 0, kFileBytesMax + kMessageBytesMax + kHeadBytesMax);
    if (!text) return text.error();
    File file{number, 0, 0};
    // Up to the first thing that is no whole message: a process that fell may have left half a one.
    while (const auto frame = first_frame(std::string_view{*text}.substr(file.bytes))) {
      if (!files_.empty() || file.bytes >= offset_) ++file.messages;
      file.bytes += frame->whole;
    }
    if (file.bytes < text->size() && ::truncate(path_of(number).c_str(),
                                                static_cast<off_t>(file.bytes)) != 0)
      return system_error(path_of(number).string());
    if (files_.empty()) offset_ = std::min(offset_, file.bytes);
    bytes_ += file.bytes;
    waiting_ += file.messages;
    files_.push_back(file);
  }
  if (files_.empty()) {
    files_.push_back({read_file, 0, 0});
    offset_ = 0;
  }
  return start_file();
}

// Begins a new file, whatever the last one holds.
std::optional<Error> Spool::start_file() {
  const std::uint64_t number = files_.back().number + 1;
  const fs::path path = path_of(number);
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) return system_error(path.string());
  writing_ = Descriptor{descriptor};
  files_.push_back({number, 0, 0});
  return std::nullopt;
}

void Spool::drop_oldest() {
  std::error_code ignored;
  const File& oldest = files_.front();
  fs::remove(path_of(oldest.number), ignored);
  dropped_ += oldest.messages;
  waiting_ -= oldest.messages;
  bytes_ -= oldest.bytes;
  offset_ = 0;
  files_.pop_front();
}

std::optional<Error> Spool::put(std::string_view message) {
  message = message.substr(0, kMessageBytesMax);
  std::string frame = std::to_string(message.size()) + " ";
  frame += message;
  if (files_.back().bytes + frame.size() > kFileBytesMax)
    if (auto failed = start_file()) {
      ++dropped_;
      return failed;
    }
  while (bytes_ + frame.size() > bytes_max_ && files_.size() > 1) drop_oldest();
  File& file = files_.back();
  if (!write_all(writing_.get(), frame)) {
    Error error = system_error(path_of(file.number).string());
    ++dropped_;
    // Half a message must not stand between whole ones.
    if (::ftruncate(writing_.get(), static_cast<off_t>(file.bytes)) != 0) (void)start_file();
    return error;
  }
  file.bytes += frame.size();
  ++file.messages;
  bytes_ += frame.size();
  ++waiting_;
  return std::nullopt;
}

Result<Spool::Batch> Spool::peek(std::size_t bytes_max) {
  Batch batch;
  // Files that were read to their end.
  while (files_.size() > 1 && offset_ >= files_.front().bytes) drop_oldest();
  const File& file = files_.front();
  batch.file = file.number;
  batch.end_offset = offset_;
  if (offset_ >= file.bytes) return batch;
  const std::uint64_t rest = file.bytes - offset_;
  auto text = read_from(path_of(file.number), offset_, std::min<std::uint64_t>(rest, bytes_max));
  if (!text) return text.error();
  auto frame = first_frame(*text);
  if (!frame && text->size() < rest) {
    text = read_from(path_of(file.number), offset_, static_cast<std::size_t>(rest));
    if (!text) return text.error();
    frame = first_frame(*text);
  }
  std::size_t size = 0;
  while (frame) {
    if (batch.messages > 0 && size + frame->whole > bytes_max) break;
    size += frame->whole;
    ++batch.messages;
    frame = first_frame(std::string_view{*text}.substr(size));
  }
  if (batch.messages == 0)
    return Error{"holds something that is no message"}.in(path_of(file.number).string());
  text->resize(size);
  batch.frames = std::move(*text);
  batch.end_offset = offset_ + size;
  return batch;
}

std::optional<Error> Spool::take(const Batch& batch) {
  // It may have been dropped meanwhile, as the spool was full.
  if (files_.front().number != batch.file || batch.end_offset <= offset_) return std::nullopt;
  offset_ = batch.end_offset;
  File& file = files_.front();
  const std::uint64_t done = std::min(file.messages, batch.messages);
  file.messages -= done;
  waiting_ -= done;
  return remember();
}

std::optional<Error> Spool::remember() {
  const fs::path path = folder_ / kPosition;
  const fs::path part = folder_ / (std::string{kPosition} + ".part");
  const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return system_error(part.string());
  const bool written = write_all(descriptor, std::to_string(files_.front().number) + " " +
                                                 std::to_string(offset_) + "\n");
  ::close(descriptor);
  if (!written || std::rename(part.c_str(), path.c_str()) != 0) return system_error(path.string());
  return std::nullopt;
}

}  // namespace gnomon::report
