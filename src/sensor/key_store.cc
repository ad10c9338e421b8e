#include "gnomon/sensor/key_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "gnomon/bytes/descriptor.h"

namespace gnomon::sensor {
namespace {

// Of packet time. A client writes its secrets while the handshake goes on, and many a connection is
// over in less than a tenth of a second.
constexpr std::chrono::milliseconds kLookAgain{1000 / KeyStore::kLooksMax};

// A key log is not read by anybody else through this process' memory.
class TextBuffer {
 public:
  ~TextBuffer() { message::wipe_bytes(bytes_); }
  std::array<std::uint8_t, 64 * 1024>& bytes() { return bytes_; }

 private:
  std::array<std::uint8_t, 64 * 1024> bytes_;
};

// Reads from `offset` to the end and moves it there. False, with errno, when it cannot be read.
bool read_from(int descriptor, std::uint64_t& offset, message::KeyLogReader& reader,
               message::KeyLog& log) {
  TextBuffer buffer;
  while (true) {
    const ssize_t got = ::pread(descriptor, buffer.bytes().data(), buffer.bytes().size(),
                                static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) return true;
    reader.feed(Bytes{buffer.bytes()}.first(static_cast<std::size_t>(got)), log);
    offset += static_cast<std::uint64_t>(got);
  }
}

}  // namespace

Result<std::unique_ptr<const KeyLogs>> KeyLogs::load(const std::vector<std::string>& paths) {
  auto logs = std::make_unique<KeyLogs>();
  for (const std::string& path : paths) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file) return system_error(path);
    File& facts = logs->files.emplace_back();
    facts.path = path;
    message::KeyLogReader reader;
    if (!read_from(file.get(), facts.read_bytes, reader, logs->log))
      return system_error(path);
    reader.finish(logs->log);
    facts.secrets = reader.secrets();
    facts.bad_lines = reader.bad_lines();
    facts.first_bad_lines = reader.first_bad_lines();
  }
  return std::unique_ptr<const KeyLogs>{std::move(logs)};
}

void KeyStore::add(std::string_view text) {
  embedded_ = true;
  message::KeyLogReader reader;
  reader.feed({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, own_);
  reader.finish(own_);
}

bool KeyStore::find_key(message::KeyLabel label, Bytes id, message::Secret& secret) {
  const auto find = [&](const message::KeyLog& log) {
    const message::Secret* found = log.find(label, id);
    if (found != nullptr) secret = *found;
    return found != nullptr;
  };
  if (find(own_) || find(logs_->log)) return true;
  return read_growth() && find(own_);
}

// True when a file had more to say.
bool KeyStore::read_growth() {
  if (logs_->files.empty() || (now_ - looked_ < kLookAgain && now_ >= looked_)) return false;
  return read_files();
}

void KeyStore::look_now() {
  if (logs_->files.empty()) return;
  if (now_ - last_looks_since_ >= std::chrono::seconds{1} || now_ < last_looks_since_) {
    last_looks_since_ = now_;
    last_looks_ = 0;
  }
  if (last_looks_ == kLastLooksMax) return;
  ++last_looks_;
  read_files();
}

bool KeyStore::read_files() {
  looked_ = now_;
  if (growth_.empty()) {
    for (const KeyLogs::File& file : logs_->files) {
      growth_.push_back(std::make_unique<Growth>());
      growth_.back()->read_bytes = file.read_bytes;
    }
  }
  const std::size_t before = own_.size();
  for (std::size_t i = 0; i < growth_.size(); ++i) {
    struct stat facts {};
    Growth& growth = *growth_[i];
    const std::string& path = logs_->files[i].path;
    if (::stat(path.c_str(), &facts) != 0) continue;
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    if (size == growth.read_bytes) continue;
    if (size < growth.read_bytes) growth.read_bytes = 0;  // begun anew
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    // A file that cannot be read any more is as good as one that does not grow.
    if (file)
      read_from(file.get(), growth.read_bytes, growth.reader, own_);
  }
  return own_.size() != before;
}

}  // namespace gnomon::sensor
