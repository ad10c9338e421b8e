#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gnomon::report {

// Writes one JSON text (RFC 8259) into a string that the caller owns and may use again. Knows
// where commas go; nesting is the caller's business. Text from the network may hold any bytes:
// what is not UTF-8 is written as the code point of the byte, so nothing is lost and the result
// is valid.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  void key(std::string_view name);
  void value(std::string_view text);
  void value(const char* text) { value(std::string_view{text}); }
  void value(std::uint64_t number);
  void value(std::int64_t number);
  void value(int number) { value(static_cast<std::int64_t>(number)); }
  void value(unsigned number) { value(static_cast<std::uint64_t>(number)); }
  void value(double number);  // finite; as few digits as tell it apart
  void value(bool flag);
  void null();

  template <class T>
  void member(std::string_view name, const T& held) {
    key(name);
    value(held);
  }
  // Leaves empty text out.
  void member_if(std::string_view name, std::string_view text) {
    if (!text.empty()) member(name, text);
  }

 private:
  void separate() {
    if (comma_) out_ += ',';
    comma_ = true;
  }
  void open(char bracket) {
    separate();
    out_ += bracket;
    comma_ = false;
  }
  void close(char bracket) {
    out_ += bracket;
    comma_ = true;
  }

  std::string& out_;
  bool comma_ = false;
};

// Appends `text` as a JSON string with its quotes.
void append_json_text(std::string& out, std::string_view text);

}  // namespace gnomon::report
