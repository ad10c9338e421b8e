#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/message/http_events.h"

namespace gnomon::message {

// The fields of one decoded header or trailer section of HTTP/2 or HTTP/3, copied out of the
// decoder's tables. Bounded, because a few bytes of HPACK or QPACK may stand for many long fields:
// what does not fit is not kept, and the block is partial. Keeps its room when cleared.
class HttpFieldBlock {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{64} * 1024;
  static constexpr std::size_t kFieldsMax = 256;

  void clear();
  // As clear(); what is more than most blocks need goes back to the system.
  void let_go();
  void add(std::string_view name, std::string_view value);
  // The block is broken, or was cut.
  void mark_partial() { partial_ = broken_ = true; }
  // A field refers to what was missed before: the block itself is whole.
  void mark_unknown() { partial_ = true; }

  [[nodiscard]] bool partial() const { return partial_; }
  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] bool overflowed() const { return overflowed_; }
  [[nodiscard]] std::size_t memory_bytes() const {
    return text_.capacity() + spans_.capacity() * sizeof(Span) +
           views_.capacity() * sizeof(HttpField);
  }

  // What the fields say as the head of a request or a response. False when they are none: nothing
  // names a method, a path or an authority; no status. Views last until the block changes.
  bool read_request(HttpRequest& request);
  bool read_response(HttpResponse& response);
  // As trailers: what is not a pseudo-header field.
  HttpFields read_fields();

 private:
  struct Span {
    std::uint32_t name_size;
    std::uint32_t value_size;
  };
  // Calls `pseudo(name, value)` for those with a colon, and gathers the others in views_.
  template <class Pseudo>
  void split(Pseudo pseudo);

  std::string text_;  // names and values one after the other
  std::vector<Span> spans_;
  std::vector<HttpField> views_;
  bool partial_ = false;
  bool broken_ = false;
  bool overflowed_ = false;
};

}  // namespace gnomon::message
