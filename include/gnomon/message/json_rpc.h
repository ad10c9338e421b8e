#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gnomon/message/json_stream.h"

namespace gnomon::message {

// A message of JSON-RPC 2.0. Views are valid while it is told.
struct JsonRpcMessage {
  enum class Kind : std::uint8_t { kRequest, kNotification, kResult, kError };
  Kind kind = Kind::kRequest;
  std::string_view method;  // of requests and notifications
  std::string_view id;      // a text's characters, a number's digits; "null" in answers to nothing
  std::string_view name;    // params.name: the tool or prompt that is asked for
  std::int64_t error_code = 0;
  bool batch = false;     // one of several sent together
  bool complete = true;   // false: the end of the bytes cut it
};

// Who is told of the messages.
class JsonRpcMessages {
 public:
  virtual ~JsonRpcMessages() = default;
  // Text is valid during the call.
  virtual void on_json_rpc(const JsonRpcMessage& message) = 0;
};

// Reads JSON-RPC 2.0 (as MCP and A2A speak it) out of JSON that comes in pieces of any size: requests,
// notifications, results and errors, alone, in batches or one after another. Members may stand in
// any order. What is not JSON-RPC is let go of at its first key, so that other bodies cost nothing;
// of parameters and results nothing is kept but a name. One thread.
class JsonRpcReader final : private JsonEvents {
 public:
  static constexpr std::size_t kTextBytesMax = 128;  // of a method, an id, a name

  JsonRpcReader() = default;
  JsonRpcReader(const JsonRpcReader&) = delete;
  JsonRpcReader& operator=(const JsonRpcReader&) = delete;
  ~JsonRpcReader() override = default;

  void reset();
  void feed(std::string_view bytes, JsonRpcMessages& out);
  // The document ends here (an event, a message of a WebSocket, a body): the next may begin.
  void finish(JsonRpcMessages& out);

  // Objects that resemble messages and are none: no version, a method beside a result, neither.
  [[nodiscard]] std::uint64_t invalid() const { return invalid_; }

 private:
  enum class Key : std::uint8_t { kOther, kVersion, kId, kMethod, kParams, kResult, kError };
  enum class Want : std::uint8_t { kNothing, kVersion, kId, kMethod, kName, kCode };

  void on_open(bool object) override;
  void on_close(bool object) override;
  void on_key(std::string_view key) override;
  void on_string_begin() override;
  void on_string(std::string_view piece) override;
  void on_string_end(bool whole) override;
  void on_scalar(std::string_view token) override;

  void forget();
  void begin_message();
  void end_message(bool complete);
  [[nodiscard]] Want wanted() const;

  JsonStream stream_{*this};
  JsonRpcMessages* out_ = nullptr;  // while feed() or finish() runs
  std::string method_, id_, name_, text_;
  std::uint64_t invalid_ = 0;
  std::int64_t code_ = 0;
  std::size_t depth_ = 0;
  Key key_ = Key::kOther;  // of the message's members, the one in hand
  Want inner_ = Want::kNothing;  // what the value in hand within it is
  Want want_ = Want::kNothing;   // of the text in hand
  bool batch_ = false;
  bool dismissed_ = false;  // the document is no JSON-RPC
  bool known_ = false;      // it is: a key of a message was its first
  bool version_ = false, has_id_ = false, has_method_ = false, has_result_ = false, has_error_ = false;
  bool ending_ = false;
};

}  // namespace gnomon::message
