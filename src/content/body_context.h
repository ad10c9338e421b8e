#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gnomon/content/body.h"

// What the readers of one body share, and the interface between them: bytes are pushed from the
// content-decoders through multipart, archives and JSON down to text.
namespace gnomon::content {

// One stage. finish() is called once, unless the stage is thrown away.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void write(Bytes bytes) = 0;
  virtual void gap(std::uint64_t /*bytes*/) {}
  virtual void next_message() {}
  virtual void finish(bool complete) = 0;
  [[nodiscard]] virtual std::size_t memory_bytes() const { return 0; }
};

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Takes a document that this process must not open itself.
class HandOver {
 public:
  virtual ~HandOver() = default;
  virtual void on_document(Bytes bytes) = 0;
};

struct BodyContext {
  BodyLimits limits;
  PartEvents* events = nullptr;
  DocumentProcess* documents = nullptr;
  DocumentKeeper* keeper = nullptr;  // takes documents, which are opened later
  BodyCounters counters;
  std::string target;  // without query
  std::uint64_t sent_bytes = 0;
  std::uint64_t decoded_bytes = 0;
  std::uint32_t parts = 0;
  std::uint32_t multiparts = 0;  // that are open: they make no part deeper
  bool to_server = true;
  bool messages = false;          // a WebSocket's: text told in deltas goes on
  bool stopped = false;           // a bomb: nothing further is decoded
  HandOver* hand_over = nullptr;  // set in the process that opens documents: takes PDFs
  std::string_view stop_reason;

  // Takes `bytes` more of decoded content into account; false: stop.
  bool admit(std::uint64_t bytes) {
    decoded_bytes += bytes;
    if (stopped) return false;
    if (decoded_bytes > limits.decoded_bytes_max) {
      stop("size");
    } else if (decoded_bytes > (1U << 20) &&
               decoded_bytes / limits.decoded_ratio_max > sent_bytes) {
      stop("bomb");
    }
    return !stopped;
  }
  void stop(std::string_view why) {
    if (stopped) return;
    stopped = true;
    stop_reason = why;
    ++counters.bombs;
  }
  void text(std::string_view utf8, Role role) {
    if (utf8.empty()) return;
    counters.text_bytes += utf8.size();
    events->on_text(utf8, role);
  }
  void brk() { events->on_break(); }
};

// How a part was announced.
struct PartHints {
  std::string file_name;
  std::string declared_type;  // media type with parameters
  std::string label;          // a form's field: told before its value
  std::string coding;         // content-coding of a part; empty for none
  Role role = Role::kNone;
  bool file = false;
  bool attachment = false;  // inside JSON or mail: never a form's field
};

// What the readers of one part's inside find out about the part.
struct PartStatus {
  std::string not_opened;  // why its inside was not read
  bool truncated = false;
};

// Reads one part of any kind: tells it, finds out what it is by its first bytes, reads its inside.
std::unique_ptr<ByteSink> make_part_reader(BodyContext& context, const PartHints& hints,
                                           std::uint32_t depth);

}  // namespace gnomon::content
