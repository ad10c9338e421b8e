#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/time.h"
#include "gnomon/content/body.h"
#include "gnomon/content/tally.h"
#include "gnomon/observation/observation.h"

namespace gnomon::content {

class DocumentDesk;

// What is known of a body when it begins: of a request, a response, or the messages of one
// direction of a WebSocket. Views are needed during open() only.
struct ExchangeFacts {
  std::string_view method;
  std::string_view host;
  std::string_view target;  // path with query
  std::string_view content_type;
  std::string_view content_encoding;
  std::string_view content_disposition;
  std::string_view content_range;   // "bytes 0-99/200": a piece of an upload
  // Of uploads in pieces: see note_upload_field().
  std::string_view upload_offset;
  std::string_view upload_command;   // Google: X-Goog-Upload-Command
  std::string_view upload_complete;  // IETF: Upload-Complete, "?1" with the last piece
  std::string_view upload_length;    // of the whole; "deferred" when it will be told later
  std::string_view upload_metadata;  // tus: names, each with its value in base64
  std::string_view upload_concat;    // tus: "partial", or "final;" and the places of the parts
  std::string_view upload_name;      // of the file
  std::string_view upload_type;      // of the whole, where the request's own is another
  bool to_server = true;
  bool messages = false;  // a WebSocket's messages: see next_message()
  // Of a response: the body of its request as open() named it, 0 where there is none.
  std::uint32_t answers = 0;
  Time time;
  std::uint64_t mark = 0;  // opaque, as in feed()
};

struct InspectorCounters {
  BodyCounters bodies;
  std::uint64_t refused = 0;  // bodies beyond the number that may be open at once
  std::uint64_t findings = 0;
  std::uint64_t findings_dropped = 0;   // beyond the number told per body, the least sure first
  std::uint64_t files_dropped = 0;      // beyond theirs
  std::uint64_t documents_refused = 0;  // bodies whose documents found no room on the desk
  // Of UploadJoiner.
  std::uint64_t uploads_joined = 0;   // pieces that were added to others
  std::uint64_t uploads_partial = 0;  // uploads that were not seen whole
  std::uint64_t uploads_not_awaited = 0;  // pieces read though others before them were missing

  void add(const InspectorCounters& other);
};

// Takes what was found. `owner` is what open() was told; `mark` is that of the feed() which brought
// the first match, or of a file's last byte. Place, conversation, identity and time of the records
// are not set, host and direction are. Views are valid during the call only.
class InspectionEvents {
 public:
  virtual ~InspectionEvents() = default;
  virtual void on_finding(std::uint64_t owner, std::uint64_t mark,
                          const observation::FindingRecord& finding) = 0;
  virtual void on_file(std::uint64_t owner, std::uint64_t mark,
                       const observation::FileRecord& file) = 0;
  // What is in the body will be told later, when its documents have been opened.
  virtual void on_waiting(std::uint64_t /*owner*/, std::string_view /*host*/) {}
  // All of such a body was told.
  virtual void on_told(std::uint64_t /*owner*/) {}
};

struct InspectorOptions {
  BodyLimits limits;
  std::uint32_t open_max = 256;  // bodies read at once
  std::uint32_t files_per_body_max = 100;
  std::uint32_t findings_per_body_max = 200;
  // Of UploadJoiner: unfinished uploads at once, bytes that wait for pieces before them, over all
  // uploads, and how long an upload may be silent.
  std::uint32_t uploads_max = 256;
  std::size_t upload_bytes_max = std::size_t{128} << 20;
  std::chrono::seconds upload_silence{60};
  std::uint32_t documents_per_body_max = 100;
  std::uint64_t documents_per_body_bytes_max = std::uint64_t{128} << 20;
  InventoryKey hash_key{};         // of value_hash: one per inventory
  // The program that opens documents when run with the argument "extract" (gnomon itself); empty
  // opens them in this process, PDFs excepted.
  std::string helper;
  // Where they are opened while this thread goes on; null: this thread waits. Outlives the inspector.
  DocumentDesk* desk = nullptr;
};

// Reads bodies and tells what is in them: one thread. Nothing of a body is kept
// beyond its end but what InspectionEvents is told.
class Inspector {
 public:
  using Handle = std::uint32_t;
  static constexpr Handle kRefused = 0;

  Inspector(const DetectorSet& detectors, const InspectorOptions& options);
  ~Inspector();
  Inspector(Inspector&&) noexcept;

  // Whether kRefused is what a body that begins now gets.
  [[nodiscard]] bool full() const;
  // `owner` comes back with everything that is found. kRefused when too many bodies are open;
  // every other call may be made with it and does nothing.
  Handle open(const ExchangeFacts& facts, std::uint64_t owner);
  // Bytes after transfer-decoding, before content-decoding. `mark` tells where they were seen: any
  // number, such as the frame's.
  void feed(Handle body, Bytes bytes, std::uint64_t mark);
  void gap(Handle body, std::uint64_t bytes, std::uint64_t mark);
  // A message of a WebSocket has ended; another may follow.
  void next_message(Handle body);
  // `complete`: the body came to the end it announced. Findings are told here.
  void close(Handle body, bool complete, InspectionEvents& events);
  // Ends a body of which nothing is to be told.
  void discard(Handle body);
  // Tells what is in bodies whose documents have been opened meanwhile.
  void collect(InspectionEvents& events);
  [[nodiscard]] std::size_t waiting() const;  // bodies of which the documents are not yet
  // Ends everything. What then waits for documents is told by collect(), or by wait().
  void flush(InspectionEvents& events);
  void wait(InspectionEvents& events);

  [[nodiscard]] InspectorCounters counters() const;
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gnomon::content
