#include "gnomon/message/json_rpc.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace gnomon::message {
namespace {

// Of a document of which nothing is known yet so much is looked at before asking again.
constexpr std::size_t kFirstBytes = 64;

}  // namespace

void JsonRpcReader::reset() {
  dismissed_ = true;  // what is still open is nobody's
  stream_.finish();
  forget();
  invalid_ = 0;
}

void JsonRpcReader::forget() {
  depth_ = 0;
  batch_ = dismissed_ = known_ = ending_ = false;
  want_ = inner_ = Want::kNothing;
}

void JsonRpcReader::feed(std::string_view bytes, JsonRpcMessages& out) {
  out_ = &out;
  while (!bytes.empty() && !dismissed_) {
    const std::string_view piece = known_ ? bytes : bytes.substr(0, kFirstBytes);
    bytes.remove_prefix(piece.size());
    stream_.write(piece);
  }
}

void JsonRpcReader::finish(JsonRpcMessages& out) {
  out_ = &out;
  ending_ = true;
  stream_.finish();
  forget();
}

void JsonRpcReader::begin_message() {
  method_.clear();
  id_.clear();
  name_.clear();
  code_ = 0;
  key_ = Key::kOther;
  inner_ = Want::kNothing;
  version_ = has_id_ = has_method_ = has_result_ = has_error_ = false;
}

void JsonRpcReader::end_message(bool complete) {
  // 4 and 5 of the specification: a method, or one of result and error, which have an id.
  const bool asks = has_method_ && !has_result_ && !has_error_;
  const bool answers = !has_method_ && has_result_ != has_error_ && has_id_;
  if (!version_ || !(asks || answers)) {
    ++invalid_;
    return;
  }
  using Kind = JsonRpcMessage::Kind;
  out_->on_json_rpc({.kind = asks          ? (has_id_ ? Kind::kRequest : Kind::kNotification)
                             : has_result_ ? Kind::kResult
                                           : Kind::kError,
                     .method = method_,
                     .id = id_,
                     .name = name_,
                     .error_code = code_,
                     .batch = batch_,
                     .complete = complete});
}

void JsonRpcReader::on_open(bool object) {
  if (dismissed_) return;
  if (depth_ == 0) {
    batch_ = !object;
    if (object) begin_message();
  } else if (depth_ == 1 && batch_) {
    if (object)
      begin_message();
    else
      dismissed_ = !known_;
  }
  ++depth_;
}

void JsonRpcReader::on_close(bool object) {
  if (dismissed_ || depth_ == 0) return;
  --depth_;
  if (object && known_ && depth_ == (batch_ ? 1U : 0U)) end_message(!ending_);
  inner_ = Want::kNothing;
}

void JsonRpcReader::on_key(std::string_view key) {
  if (dismissed_) return;
  const std::size_t base = batch_ ? 2 : 1;
  if (depth_ == base) {
    inner_ = Want::kNothing;
    key_ = key == "jsonrpc"  ? Key::kVersion
           : key == "id"     ? Key::kId
           : key == "method" ? Key::kMethod
           : key == "params" ? Key::kParams
           : key == "result" ? Key::kResult
           : key == "error"  ? Key::kError
                             : Key::kOther;
    has_result_ = has_result_ || key_ == Key::kResult;
    has_error_ = has_error_ || key_ == Key::kError;
    // The first key tells whether the rest is worth reading. Extensions may add members, but
    // libraries write none before those of the protocol.
    dismissed_ = !known_ && key_ == Key::kOther;
    known_ = true;
  } else if (depth_ == base + 1) {
    inner_ = key_ == Key::kParams && key == "name"  ? Want::kName
             : key_ == Key::kError && key == "code" ? Want::kCode
                                                    : Want::kNothing;
  }
}

JsonRpcReader::Want JsonRpcReader::wanted() const {
  const std::size_t base = batch_ ? 2 : 1;
  if (depth_ == base + 1) return inner_;
  if (depth_ != base) return Want::kNothing;
  switch (key_) {
    case Key::kVersion:
      return Want::kVersion;
    case Key::kId:
      return Want::kId;
    case Key::kMethod:
      return Want::kMethod;
    case Key::kOther:
    case Key::kParams:
    case Key::kResult:
    case Key::kError:
      break;
  }
  return Want::kNothing;
}

void JsonRpcReader::on_string_begin() {
  // A list of texts, or a text alone, is no message.
  if (!known_) dismissed_ = true;
  text_.clear();
  want_ = dismissed_ ? Want::kNothing : wanted();
}

void JsonRpcReader::on_string(std::string_view piece) {
  if (want_ != Want::kNothing)
    text_.append(piece.substr(0, std::min(piece.size(), kTextBytesMax - text_.size())));
}

void JsonRpcReader::on_string_end(bool whole) {
  const Want want = std::exchange(want_, Want::kNothing);
  if (want == Want::kVersion) {
    version_ = text_ == "2.0";
  } else if (want == Want::kId) {
    id_ = text_;
    has_id_ = true;
  } else if (want == Want::kMethod) {
    method_ = text_;
    has_method_ = whole && !text_.empty();
  } else if (want == Want::kName) {
    name_ = text_;
  }
}

void JsonRpcReader::on_scalar(std::string_view token) {
  if (!known_) dismissed_ = true;
  if (dismissed_) return;
  const Want want = wanted();
  if (want == Want::kId) {
    id_ = token.substr(0, kTextBytesMax);
    has_id_ = true;
  } else if (want == Want::kCode) {
    std::from_chars(token.data(), token.data() + token.size(), code_);
  }
}

}  // namespace gnomon::message
