#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "gnomon/content/inspector.h"

namespace gnomon::content {

// Takes what is found, and when an upload is over.
class UploadEvents : public InspectionEvents {
 public:
  // Nothing more is told of it but what waits for its documents, if on_waiting() said so.
  virtual void on_upload_over(std::uint64_t upload) = 0;
  // Bytes of `part` are read as those of `whole` from now on: what their mark is there.
  virtual std::uint64_t mark_in_whole(std::uint64_t /*part*/, std::uint64_t /*whole*/,
                                      std::uint64_t mark) {
    return mark;
  }
};

// Reads the pieces of uploads, which come in any order over any connections, as one body each. What
// is next in order is read as it comes; what came before its turn waits, bounded over all uploads:
// without room the hole before it is not awaited any longer, and the upload is told as partial.
// What is sent again is read once. Azure's blocks wait for the list of their order, parts of tus
// for the request that makes them one; where it does not come, each is read for itself. One thread.
class UploadJoiner {
 public:
  static constexpr std::uint64_t kRefused = 0;

  UploadJoiner(const DetectorSet& detectors, const InspectorOptions& options);
  ~UploadJoiner();

  // A piece begins, by whatever number. `facts` are of its request, `client` tells apart uploads to
  // the same place. Returns the upload, whose number comes back as owner of all that is found in it;
  // kRefused of a request that is no piece, or when nothing is known of what it would complete.
  std::uint64_t begin(std::uint64_t piece, std::string_view client, const ExchangeFacts& facts,
                      UploadEvents& events);
  // Whether the request brings a piece of an upload that has begun here.
  [[nodiscard]] bool knows(std::string_view client, const ExchangeFacts& facts) const;
  // The answer to what began `piece` says where the upload's other pieces go: a URL, or one relative
  // to the request's.
  void place(std::uint64_t piece, std::string_view url, UploadEvents& events);
  // Of a piece that is not known (any more) they do nothing. Marks are those of Inspector::feed().
  void feed(std::uint64_t piece, Bytes bytes, std::uint64_t mark);
  void gap(std::uint64_t piece, std::uint64_t bytes, std::uint64_t mark);
  // `complete`: the piece came to the end it announced. What is found is told with the piece that
  // makes the upload whole.
  void end(std::uint64_t piece, bool complete, Time time, UploadEvents& events);

  // Ends uploads of which no piece is open and none came since `before`.
  void expire(Time before, UploadEvents& events);
  // As those of Inspector.
  void collect(UploadEvents& events);
  void flush(UploadEvents& events);
  void wait(UploadEvents& events);

  [[nodiscard]] std::size_t uploads() const;  // unfinished
  [[nodiscard]] std::size_t waiting() const;  // over, but for their documents
  [[nodiscard]] InspectorCounters counters() const;
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gnomon::content
