#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gnomon::message {

// Told the tokens of JSON text in order. Strings come in pieces, escapes undone.
class JsonEvents {
 public:
  virtual ~JsonEvents() = default;
  virtual void on_open(bool object) = 0;
  virtual void on_close(bool object) = 0;
  virtual void on_key(std::string_view key) = 0;  // its first kJsonKeyBytesMax bytes
  virtual void on_string_begin() = 0;
  virtual void on_string(std::string_view piece) = 0;
  virtual void on_string_end(bool whole) = 0;
  virtual void on_scalar(std::string_view token) = 0;  // number, true, null, or what is no JSON
};

inline constexpr std::size_t kJsonKeyBytesMax = 128;
inline constexpr std::size_t kJsonScalarBytesMax = 256;
// Beyond it brackets are counted but not told.
inline constexpr std::size_t kJsonDepthMax = 16384;

// Reads JSON from valid UTF-8 that comes in pieces. It is no validator: whatever is between quotes
// is a string, whatever is not is a scalar, several values may follow one another, and brackets
// that do not match are passed over; so nothing of broken JSON is lost. Iterative, bounded.
class JsonStream {
 public:
  explicit JsonStream(JsonEvents& events) : events_(events) {}

  void write(std::string_view utf8);
  // Ends what is open; the next document may begin.
  void finish();
  [[nodiscard]] std::size_t depth() const { return objects_.size() + beyond_; }
  [[nodiscard]] bool malformed() const { return malformed_; }
  [[nodiscard]] std::size_t memory_bytes() const {
    return key_.capacity() + scalar_.capacity() + objects_.capacity() / 8;
  }

 private:
  enum class State : std::uint8_t { kBetween, kString, kEscape, kUnicode, kScalar };

  void open(bool object);
  void close(bool object);
  void piece(std::string_view text);
  void unit(std::uint32_t code);
  void end_string(bool whole);
  void end_scalar();
  void drop_surrogate();

  JsonEvents& events_;
  std::string key_;
  std::string scalar_;
  std::vector<bool> objects_;  // one per open bracket: is it an object
  std::uint64_t beyond_ = 0;   // brackets open below kJsonDepthMax
  std::uint32_t code_ = 0;
  std::uint32_t high_ = 0;  // a high surrogate waits for its low one
  State state_ = State::kBetween;
  std::uint8_t digits_ = 0;
  bool key_next_ = false;  // the next string is a key
  bool in_key_ = false;
  bool key_full_ = false;
  bool malformed_ = false;
};

}  // namespace gnomon::message
