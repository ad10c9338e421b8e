#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gnomon/bytes/descriptor.h"
#include "gnomon/bytes/result.h"

namespace gnomon::report {

// A queue of messages on disk: numbered files of at most some megabytes, each message framed as
// "LENGTH SPACE MESSAGE", and beside them how far it was read. Bounded: when it is full the oldest
// file goes. What was put in survives the process, but not the fall of the machine's power.
// One thread at a time; one process at a time.
class Spool {
 public:
  // Opens or makes the folder. Refuses one that another process uses.
  static Result<Spool> open(const std::filesystem::path& folder, std::uint64_t bytes_max);

  Spool(Spool&&) noexcept = default;
  Spool& operator=(Spool&&) noexcept = default;

  // Nothing when it went well; when the disk refuses, the message is lost and counted.
  std::optional<Error> put(std::string_view message);

  // The next messages, framed, as far as they fit `bytes_max`, at least one when there is any.
  // Asking again gives the same until they are taken.
  struct Batch {
    std::string frames;
    std::uint64_t messages = 0;
    std::uint64_t file = 0;        // to tell whether it is still there when it is taken
    std::uint64_t end_offset = 0;
  };
  Result<Batch> peek(std::size_t bytes_max);
  // The batch is done: it is not given again, also not to a later process.
  std::optional<Error> take(const Batch& batch);

  [[nodiscard]] std::uint64_t waiting() const { return waiting_; }  // messages
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  struct File {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    std::uint64_t messages = 0;  // that are not taken
  };

  Spool() = default;
  [[nodiscard]] std::filesystem::path path_of(std::uint64_t number) const;
  std::optional<Error> read_folder();
  std::optional<Error> remember();
  std::optional<Error> start_file();
  void drop_oldest();

  std::filesystem::path folder_;
  std::uint64_t bytes_max_ = 0;
  Descriptor lock_;
  Descriptor writing_;      // the newest file
  std::deque<File> files_;  // oldest first
  std::uint64_t offset_ = 0;  // in the oldest: what is before it is taken
  std::uint64_t bytes_ = 0;
  std::uint64_t waiting_ = 0;
  std::uint64_t dropped_ = 0;
};

// The length of the first frame in `text` with its head, and where the message in it begins;
// nothing when it is cut or no frame.
struct Frame {
  std::size_t head = 0;
  std::size_t whole = 0;
};
std::optional<Frame> first_frame(std::string_view text);

}  // namespace gnomon::report
