#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/content/role.h"

// Bodies as they are packed: what comes in are the bytes of one request, response or message after
// transfer-decoding; what comes out are its parts and their text.
namespace gnomon::content {

class DocumentKeeper;
class DocumentProcess;
struct KeptDocument;

// What is known of a body before its first byte. Views are needed during begin() only.
struct BodyFacts {
  std::string_view content_type;
  std::string_view content_encoding;
  std::string_view content_disposition;
  std::string_view file_name;  // where it is known otherwise: a file on disk
  std::string_view method;
  std::string_view target;
  std::string_view host;
  bool to_server = true;
  bool messages = false;  // a WebSocket's: next_message() comes between them
};

struct BodyLimits {
  std::size_t body_bytes_max = std::size_t{256} << 20;     // of one body as sent; 0: no limit
  std::size_t decoded_bytes_max = std::size_t{1} << 30;    // of one body, all decoded bytes
  std::size_t decoded_ratio_max = 1000;                    // decoded to sent, beyond the first MiB
  std::size_t document_bytes_max = std::size_t{32} << 20;  // kept to open a document or archive
  std::size_t text_bytes_max = std::size_t{64} << 20;      // of text from one document
  std::size_t window_bytes_max = std::size_t{16} << 20;    // of a br or zstd window
  std::uint32_t parts_max = 1000;                          // of one body, nested ones included
  std::uint32_t depth_max = 8;                             // of parts in parts
  std::uint32_t document_seconds_max = 10;                 // to open one document
};

// A part begins: the body itself, a part of a multipart body, an attachment inside JSON, an entry
// of an archive. Parts nest.
struct PartFacts {
  std::string_view file_name;      // as the sender says, without folders; may be empty
  std::string_view declared_type;  // as the sender says
  std::uint32_t depth = 0;         // 0: the body itself
  bool file = false;               // a file rather than a field or the message
};

// What a part was, known at its end.
struct PartEnd {
  std::string_view file_name;
  std::string_view declared_type;
  std::string_view file_type;   // by content: see file_type.h
  std::string_view sha256;      // hex, of a whole file after content-decoding; else empty
  std::string_view not_opened;  // why its inside was not read: "encrypted", "too-deep", "bomb" ...
  std::uint64_t size = 0;       // decoded bytes seen
  std::uint64_t gap_bytes = 0;
  std::uint32_t depth = 0;
  std::uint32_t width = 0;  // of images, in pixels
  std::uint32_t height = 0;
  std::uint32_t duration_ms = 0;  // of sound and video, where the header tells
  bool file = false;
  bool complete = false;
  bool truncated = false;  // a limit was met
};

// Told what a body holds, in order. Views are valid during the call only.
class PartEvents {
 public:
  virtual ~PartEvents() = default;

  virtual void on_part(const PartFacts& part) = 0;
  // Text of the innermost part that is open. It continues the last text of that part unless
  // on_break() or a part came in between. Always UTF-8; any length, never cut inside a character.
  virtual void on_text(std::string_view utf8, Role role) = 0;
  // The next text is another value: nothing reaches across.
  virtual void on_break() {}
  virtual void on_part_end(const PartEnd& part) = 0;
};

// How much of what the reader did not do as asked. Names are those of the counters.
struct BodyCounters {
  std::uint64_t bodies = 0;
  std::uint64_t parts = 0;
  std::uint64_t files = 0;
  std::uint64_t text_bytes = 0;
  std::uint64_t documents = 0;         // opened in the separate process
  std::uint64_t documents_failed = 0;  // which could not be read whole
  std::uint64_t process_ended = 0;     // the process died, or its deadline passed
  std::uint64_t bombs = 0;             // ratio, size, count or depth
  std::uint64_t encrypted = 0;
  std::uint64_t malformed = 0;  // encodings, multipart, JSON that are not what they say
  std::uint64_t truncated = 0;  // a limit was met
  std::uint64_t gaps = 0;

  void add(const BodyCounters& other);
};

// Reads one body after another. Keeps at most 256 KiB per body besides the window that br and zstd
// demand and documents, which are kept whole to be opened. One thread.
class BodyReader {
 public:
  // `documents` opens hostile formats in a process of its own and may serve many readers of one
  // thread; with a `keeper` they are left to it, and without either opened in this process (tests,
  // and that process itself).
  BodyReader(const BodyLimits& limits, PartEvents& events, DocumentProcess* documents = nullptr,
             DocumentKeeper* keeper = nullptr);
  ~BodyReader();
  BodyReader(BodyReader&&) noexcept;

  void begin(const BodyFacts& facts);
  void feed(Bytes bytes);
  // `bytes` of the body will never come.
  void gap(std::uint64_t bytes);
  // Message streams (WebSocket): what follows is the next message of the same kind. Text that is
  // told in deltas is joined across messages.
  void next_message();
  // Nothing more will come; `complete`: all that was announced came.
  void end(bool complete);

  struct Opened {
    std::string not_opened;  // why its inside was not read
    bool truncated = false;
  };
  // Tells what is in a document that the keeper took of the body that ended last.
  Opened open_document(const KeptDocument& document, DocumentProcess& documents);

  [[nodiscard]] bool open() const;
  [[nodiscard]] std::size_t memory_bytes() const;
  [[nodiscard]] const BodyCounters& counters() const;
  // They begin at zero again.
  BodyCounters take_counters();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads a whole file: `gnomon classify`.
void read_file(Bytes bytes, std::string_view file_name, const BodyLimits& limits,
               DocumentProcess* documents, PartEvents& events);

}  // namespace gnomon::content
