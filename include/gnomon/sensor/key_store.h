#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"
#include "gnomon/message/key_log.h"

namespace gnomon::sensor {

// What the key logs of a run held when it began. Not changed afterwards: shared by all workers.
struct KeyLogs {
  struct File {
    std::string path;
    std::uint64_t read_bytes = 0;
    std::uint64_t secrets = 0;
    std::uint64_t bad_lines = 0;
    std::vector<message::KeyLogReader::BadLine> first_bad_lines;
  };
  static Result<std::unique_ptr<const KeyLogs>> load(const std::vector<std::string>& paths);

  message::KeyLog log;
  std::vector<File> files;
};

// Where one worker's decryptors ask for secrets: in the key logs, in what they have grown by since,
// and in what the capture itself carries. Files are looked at again when a secret is missing, at
// most kLooksMax times a second of packet time, and besides when a connection would be given up for
// want of it, kLastLooksMax times.
class KeyStore final : public message::KeySource {
 public:
  static constexpr unsigned kLooksMax = 50;
  static constexpr unsigned kLastLooksMax = 100;

  explicit KeyStore(const KeyLogs& logs) : logs_(&logs) {}

  // Whether there may be any secret at all.
  [[nodiscard]] bool enabled() const {
    return !logs_->files.empty() || embedded_ || own_.size() > 0;
  }
  // The text of a key log that the capture carries.
  void add(std::string_view text);
  void set_now(Time now) { now_ = now; }

  bool find_key(message::KeyLabel label, Bytes id, message::Secret& secret) override;
  void look_now() override;

 private:
  struct Growth {
    std::uint64_t read_bytes = 0;
    message::KeyLogReader reader;
  };
  bool read_growth();
  bool read_files();

  const KeyLogs* logs_;
  message::KeyLog own_;
  std::vector<std::unique_ptr<Growth>> growth_;
  Time now_;
  Time looked_;
  Time last_looks_since_;  // the second that `last_looks_` were in
  unsigned last_looks_ = 0;
  bool embedded_ = false;
};

}  // namespace gnomon::sensor
