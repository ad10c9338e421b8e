#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gnomon::content {

// A stage that reads UTF-8: the end of the chain, which makes text of its format.
class TextSink {
 public:
  virtual ~TextSink() = default;
  virtual void write(std::string_view utf8) = 0;
  // Something is missing here.
  virtual void gap() {}
  virtual void next_message() {}
  virtual void finish() = 0;
  [[nodiscard]] virtual std::size_t memory_bytes() const { return 0; }
};

}  // namespace gnomon::content
