#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "body_context.h"
#include "gnomon/message/json_stream.h"
#include "json_keys.h"
#include "text_sink.h"
#include "text_writer.h"

namespace gnomon::content {

// What JSON says, and who says it: texts of LLM APIs with their roles, other values with their
// keys, base64 and data URIs as parts of their own, JSON inside strings read as JSON. In streamed
// answers the deltas of one text are joined, so that a value cut over deltas comes whole.
class JsonText final : public TextSink, private message::JsonEvents {
 public:
  // `deltas`: several documents tell one text bit by bit.
  JsonText(BodyContext& context, std::uint32_t depth, Role role, bool deltas,
           std::uint32_t nesting = 0);
  ~JsonText() override;

  void write(std::string_view utf8) override { stream_.write(utf8); }
  void gap() override { end_document(); }
  void next_message() override { end_document(); }
  void finish() override;
  void end_document();
  // A delta that is no JSON.
  void plain_delta(std::string_view text);
  [[nodiscard]] std::size_t memory_bytes() const override;

 private:
  struct Frame {
    const Key* key = nullptr;  // the last key of an object; that of an array
    std::uint64_t path = 0;    // hash of the keys that lead here
    std::uint64_t numbers = 0;
    std::uint32_t index = 0;
    Role role = Role::kNone;
    bool object = false;
    bool messages = false;    // an array of messages
    bool message = false;     // one of them
    bool role_known = false;  // of a message
    bool author = false;      // its role is that of the object around it
    bool row = false;         // of a table: an array in an array, or the names of its columns
    bool row_told = false;    // a cell of it
  };
  enum class Mode : std::uint8_t {
    kUndecided,  // head_ holds what came
    kShort,      // kept to its end, up to a limit: roles, names, types
    kText,
    kDelta,
    kBase64,
    kPercent,
    kNested,
  };
  static constexpr std::size_t kStreamBytesMax = 4096;
  static bool is_float(std::string_view token) {
    return token.find_first_of(".eE") != std::string_view::npos;
  }
  struct Stream {
    std::string text;
    std::uint64_t path = 0;
    Role role = Role::kNone;
  };

  void on_open(bool object) override;
  void on_close(bool object) override;
  void on_key(std::string_view key) override;
  void on_string_begin() override;
  void on_string(std::string_view piece) override;
  void on_string_end(bool whole) override;
  void on_scalar(std::string_view token) override;

  [[nodiscard]] Frame& top() { return frames_.back(); }
  [[nodiscard]] Role role_under(const Frame& frame) const;
  [[nodiscard]] std::uint64_t path_of_value() const;
  void decide(bool whole);
  bool decide_blob(bool whole);
  void begin_text();
  void begin_cell();
  void number_in_array(std::string_view token);
  void end_row();
  void give(std::string_view text);
  void emit(std::string_view text, Role role);
  void emit_break();
  void release_held(Role role);
  void end_short();
  Stream& stream_for(std::uint64_t path, Role role);
  void add_delta(Stream& stream, std::string_view text);
  void flush_stream(Stream& stream, bool all);
  PartHints attachment_hints() const;

  BodyContext& context_;
  TextWriter writer_;
  message::JsonStream stream_{*this};
  std::vector<Frame> frames_;
  std::uint64_t beyond_ = 0;  // brackets open that have no frame
  std::vector<Stream> streams_;
  std::string key_;          // the last key as written
  std::string head_;         // of the string in hand
  std::string held_;         // text of a message whose role has not come yet; \x01 is a break
  std::string row_numbers_;  // cells of the row in hand that no text came before, each with a tab
  std::string media_type_;
  std::string file_name_;
  std::unique_ptr<Base64Part> blob_;
  std::unique_ptr<ByteSink> plain_part_;
  std::unique_ptr<PercentDecoder> percent_;
  std::vector<std::uint8_t> bytes_;
  std::unique_ptr<JsonText> nested_;
  std::size_t stream_in_hand_ = 0;
  std::size_t holder_ = 0;  // 1 + the frame whose role held_ waits for; 0: none
  Role role_ = Role::kNone;
  Role value_role_ = Role::kNone;
  std::uint32_t depth_;
  std::uint32_t nesting_;
  Mode mode_ = Mode::kUndecided;
  bool deltas_;
  bool labelled_ = false;
};

}  // namespace gnomon::content
