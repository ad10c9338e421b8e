#include "json_text.h"

#include <algorithm>
#include <iterator>

#include "gnomon/bytes/ascii.h"
#include "gnomon/content/file_type.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kFramesMax = 128;
constexpr std::size_t kHeadBytes = 256;
constexpr std::size_t kShortBytes = 256;
constexpr std::uint32_t kNestingMax = 4;
constexpr std::size_t kRowNumbersMax = 256;
// Arrays under these name the columns of rows that follow.
constexpr std::string_view kColumnKeys[] = {"columns",      "fields",      "header",  "headers",
                                            "column_names", "columnNames", "colnames"};

std::uint64_t mix(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  return hash;
}

bool begins_json(std::string_view text) {
  if (text.size() < 3 || (text[0] != '{' && text[0] != '[')) return false;
  std::size_t at = 1;
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) {
    ++at;
  }
  if (at == text.size()) return false;
  if (text[0] == '{') return text[at] == '"' && text.find("\":", at) != text.npos;
  return text[at] == '"' || text[at] == '{' || text.substr(at, 4) == "null" ||
         (text[at] == '[' && begins_json(text.substr(at)));
}

bool is_number(std::string_view token) {
  return !token.empty() && (token[0] == '-' || is_digit(token[0]));
}

}  // namespace

JsonText::JsonText(BodyContext& context, std::uint32_t depth, Role role, bool deltas,
                   std::uint32_t nesting)
    : context_(context),
      writer_(context, depth),
      role_(role),
      depth_(depth),
      nesting_(nesting),
      deltas_(deltas) {
  frames_.reserve(16);
  frames_.emplace_back().role = role;
}

JsonText::~JsonText() = default;

std::size_t JsonText::memory_bytes() const {
  std::size_t bytes = sizeof(*this) + frames_.capacity() * sizeof(Frame) + head_.capacity() +
                      held_.capacity() + row_numbers_.capacity() + bytes_.capacity() +
                      stream_.memory_bytes() + writer_.memory_bytes();
  for (const Stream& stream : streams_) bytes += sizeof(stream) + stream.text.capacity();
  if (blob_) bytes += blob_->memory_bytes();
  if (plain_part_) bytes += plain_part_->memory_bytes();
  if (nested_) bytes += nested_->memory_bytes();
  return bytes;
}

// Who speaks under the last key of `frame`.
Role JsonText::role_under(const Frame& frame) const {
  if (frame.key == nullptr) return frame.role;
  const Role said = context_.to_server ? frame.key->to_server : frame.key->to_client;
  if (said == Role::kNone) return frame.role;
  const bool decides = frame.key->kind == KeyKind::kOther || said == Role::kSystem;
  return decides || frame.role == Role::kNone ? said : frame.role;
}

std::uint64_t JsonText::path_of_value() const {
  std::uint64_t hash = frames_.back().path;
  for (const Frame& frame : frames_) hash = hash * 31 + frame.index;
  return frames_.back().object ? mix(hash, key_) : hash;
}

void JsonText::on_open(bool object) {
  if (frames_.size() >= kFramesMax) {
    ++beyond_;
    return;
  }
  const Frame& around = top();
  Frame frame;
  frame.object = object;
  frame.role = role_under(around);
  frame.path = around.object ? mix(around.path, key_) : around.path * 31 + 7;
  if (object) {
    frame.message = around.messages;
    frame.author = around.object && around.key != nullptr && around.key->kind == KeyKind::kAuthor;
    media_type_.clear();
    if (around.key == nullptr || around.key->kind != KeyKind::kOther) file_name_.clear();
  } else {
    frame.key = around.key;
    frame.messages =
        around.object && around.key != nullptr && around.key->kind == KeyKind::kMessages;
    const bool other = frame.key == nullptr || frame.key->kind == KeyKind::kOther;
    const bool names_columns =
        around.object &&
        std::find(std::begin(kColumnKeys), std::end(kColumnKeys), key_) != std::end(kColumnKeys);
    frame.row = other && frames_.size() > 1 && (!around.object || names_columns);
  }
  end_row();  // of the array around
  frames_.push_back(frame);
}

void JsonText::on_close(bool) {
  if (beyond_ > 0) {
    --beyond_;
    return;
  }
  if (frames_.size() <= 1) return;
  end_row();
  if (holder_ == frames_.size()) release_held(top().role);
  frames_.pop_back();
}

void JsonText::on_key(std::string_view key) {
  key_ = key;
  if (beyond_ == 0) top().key = &key_named(key);
}

void JsonText::on_string_begin() {
  head_.clear();
  value_role_ = role_under(top());
  const KeyKind kind = top().key == nullptr ? KeyKind::kOther : top().key->kind;
  const bool shorts = top().object && (kind == KeyKind::kRole || kind == KeyKind::kType ||
                                       kind == KeyKind::kFileName || kind == KeyKind::kMediaType);
  mode_ = shorts ? Mode::kShort : Mode::kUndecided;
}

void JsonText::on_string(std::string_view piece) {
  while (!piece.empty()) {
    if (mode_ != Mode::kUndecided && mode_ != Mode::kShort) return give(piece);
    const std::size_t some =
        std::min(piece.size(), kHeadBytes - std::min(kHeadBytes, head_.size()));
    // Never cut a character: a piece holds whole ones, so go on to the end of this one.
    std::size_t end = some;
    while (end < piece.size() && (static_cast<std::uint8_t>(piece[end]) & 0xc0) == 0x80) ++end;
    head_.append(piece.substr(0, end));
    piece.remove_prefix(end);
    if (head_.size() < kHeadBytes) continue;
    if (mode_ == Mode::kShort) {
      begin_text();  // too long for what its key says
    } else {
      decide(false);
    }
  }
}

PartHints JsonText::attachment_hints() const {
  PartHints hints;
  hints.declared_type = media_type_;
  hints.file_name = file_name_;
  hints.role = value_role_;
  hints.file = true;
  hints.attachment = true;
  return hints;
}

bool JsonText::decide_blob(bool whole) {
  // Where the media type is told too, zeros are data as well: "AAAA...".
  const bool told = !media_type_.empty() && top().key != nullptr &&
                    top().key->kind == KeyKind::kBlob && head_.size() >= 64 &&
                    std::all_of(head_.begin(), head_.end(), [](char c) {
                      return base64_digit(c) != 0xff || c == '=' || c == '\n' || c == '\r';
                    });
  if (!told && !looks_like_base64(head_, whole)) return false;
  Base64Decoder decoder;
  bytes_.clear();
  decoder.write(head_, bytes_);
  const FileType type = file_type_of(Bytes{bytes_}, file_name_, media_type_);
  const KeyKind kind = top().key == nullptr ? KeyKind::kOther : top().key->kind;
  const bool known = type.family != FileFamily::kBinary && type.name != "mp3" && type.name != "bmp";
  if (kind == KeyKind::kBlob) {
    // An identifier or a short random value under such a key is told as text.
    if (whole && !known && head_.size() < 64 && media_type_.empty()) return false;
  } else if (!known || head_.size() < 64) {
    return false;
  }
  if (whole) {
    // Short enough to be a secret itself: tell it as it stands too.
    labelled_ = true;
    emit("\"" + key_ + "\": \"" + head_ + "\"\n", value_role_);
  }
  release_held(frames_[holder_ > 0 ? holder_ - 1 : 0].role);
  blob_ = std::make_unique<Base64Part>(context_, attachment_hints(), depth_ + 1);
  mode_ = Mode::kBase64;
  blob_->write(head_);
  return true;
}

void JsonText::decide(bool whole) {
  if (head_.size() > 5 &&
      (head_.compare(0, 5, "data:") == 0 || head_.compare(0, 5, "DATA:") == 0)) {
    if (const std::size_t comma = head_.find(','); comma != std::string::npos) {
      const std::string_view before = std::string_view{head_}.substr(5, comma - 5);
      const bool base64 = before.size() >= 7 && before.substr(before.size() - 7) == ";base64";
      media_type_ = before.substr(0, std::min(before.find(';'), before.size()));
      if (const std::size_t name = before.find("name="); name != before.npos) {
        const std::string_view rest = before.substr(name + 5);
        file_name_ = rest.substr(0, std::min(rest.find(';'), rest.size()));
      }
      release_held(frames_[holder_ > 0 ? holder_ - 1 : 0].role);
      const std::string body = head_.substr(comma + 1);
      if (base64) {
        blob_ = std::make_unique<Base64Part>(context_, attachment_hints(), depth_ + 1);
        mode_ = Mode::kBase64;
      } else {
        plain_part_ = make_part_reader(context_, attachment_hints(), depth_ + 1);
        percent_ = std::make_unique<PercentDecoder>(false);
        mode_ = Mode::kPercent;
      }
      return give(body);
    }
  }
  const bool may_be_delta = deltas_ && whole;
  if (decide_blob(whole)) return;
  if (!may_be_delta && nesting_ < kNestingMax && begins_json(head_)) {
    release_held(frames_[holder_ > 0 ? holder_ - 1 : 0].role);
    nested_ = std::make_unique<JsonText>(context_, depth_, value_role_, false, nesting_ + 1);
    mode_ = Mode::kNested;
    return give(head_);
  }
  const KeyKind kind = top().key == nullptr ? KeyKind::kContent : top().key->kind;
  if (deltas_ && (kind == KeyKind::kContent || kind == KeyKind::kMessages || frames_.size() == 1)) {
    Stream& stream = stream_for(path_of_value(), value_role_);
    stream_in_hand_ = static_cast<std::size_t>(&stream - streams_.data());
    mode_ = Mode::kDelta;
    return give(head_);
  }
  begin_text();
}

void JsonText::begin_text() {
  const KeyKind kind = top().key == nullptr ? KeyKind::kContent : top().key->kind;
  const bool said = kind == KeyKind::kContent || kind == KeyKind::kMessages;
  mode_ = Mode::kText;
  if (top().row) {
    begin_cell();
    labelled_ = false;
  } else if (said) {
    emit_break();
    labelled_ = false;
  } else {
    labelled_ = true;
    emit("\"", value_role_);
    emit(key_, value_role_);
    emit("\": \"", value_role_);
  }
  give(head_);
}

void JsonText::give(std::string_view text) {
  switch (mode_) {
    case Mode::kUndecided:
    case Mode::kShort:
      break;
    case Mode::kText:
      emit(text, value_role_);
      break;
    case Mode::kDelta:
      add_delta(streams_[stream_in_hand_], text);
      break;
    case Mode::kBase64:
      blob_->write(text);
      break;
    case Mode::kPercent:
      bytes_.clear();
      percent_->write(text, bytes_);
      plain_part_->write(Bytes{bytes_});
      break;
    case Mode::kNested:
      nested_->write(text);
      break;
  }
}

void JsonText::on_string_end(bool whole) {
  if (mode_ == Mode::kUndecided) decide(true);
  switch (mode_) {
    case Mode::kUndecided:
      break;
    case Mode::kShort:
      end_short();
      break;
    case Mode::kText:
      if (labelled_) {
        emit("\"\n", value_role_);
      } else if (top().row) {
        emit("\t", value_role_);
      } else {
        emit_break();
      }
      break;
    case Mode::kDelta: {
      Stream& stream = streams_[stream_in_hand_];
      if (stream.text.size() > kStreamBytesMax) flush_stream(stream, false);
      break;
    }
    case Mode::kBase64:
      blob_->finish(whole);
      blob_.reset();
      break;
    case Mode::kPercent:
      bytes_.clear();
      percent_->finish(bytes_);
      if (!bytes_.empty()) plain_part_->write(Bytes{bytes_});
      plain_part_->finish(whole);
      plain_part_.reset();
      percent_.reset();
      break;
    case Mode::kNested:
      nested_->finish();
      nested_.reset();
      break;
  }
  mode_ = Mode::kUndecided;
}

// A string that was short as its key promised.
void JsonText::end_short() {
  Frame& frame = top();
  const KeyKind kind = frame.key->kind;
  if (kind == KeyKind::kRole) {
    const Role role = role_named(head_);
    if (role != Role::kNone) {
      const std::size_t of =
          frame.author && frames_.size() > 2 ? frames_.size() - 2 : frames_.size() - 1;
      frames_[of].role = role;
      frames_[of].role_known = true;
      if (holder_ == of + 1) release_held(role);
      return;
    }
  } else if (kind == KeyKind::kType) {
    if (const Role role = role_of_type(head_); role != Role::kNone) {
      frame.role = role;
      frame.role_known = true;
      if (holder_ == frames_.size()) release_held(role);
      return;
    }
    if (head_.size() < 40) return;
  } else if (kind == KeyKind::kFileName) {
    file_name_ = head_;
  } else if (kind == KeyKind::kMediaType) {
    media_type_ = head_;
    if (head_.size() < 80 && head_.find('/') != std::string::npos) return;
  }
  begin_text();
  if (labelled_) emit("\"\n", value_role_);
}

void JsonText::on_scalar(std::string_view token) {
  Frame& frame = top();
  if (token == "true" || token == "false" || token == "null") {
    if (frame.row_told)
      emit("\t", frame.role);
    else if (frame.row)
      row_numbers_ += '\t';  // an empty cell
    return;
  }
  const Role role = role_under(frame);
  if (!is_number(token)) {
    emit(token, role);
    emit(" ", role);
    return;
  }
  if (frame.object && frame.key != nullptr && frame.key->kind == KeyKind::kIndex) {
    std::uint32_t index = 0;
    for (const char c : token.substr(0, 9)) {
      if (is_digit(c)) index = index * 10 + static_cast<std::uint32_t>(c - '0');
    }
    frame.index = index;
    return;
  }
  if (frame.object) {
    if (is_float(token) && token.size() > 12) return;
    emit("\"", role);
    emit(key_, role);
    emit("\": ", role);
    emit(token, role);
    emit("\n", role);
    return;
  }
  if (!frame.row) return number_in_array(token);
  if (frame.row_told) {
    emit(token, role);
    emit("\t", role);
    return;
  }
  row_numbers_ += token;
  row_numbers_ += '\t';
  if (row_numbers_.size() <= kRowNumbersMax) return;
  end_row();
  frame.row = false;
}

void JsonText::end_document() {
  stream_.finish();
  release_held(frames_[holder_ > 0 ? holder_ - 1 : 0].role);
  frames_.resize(1);
  beyond_ = 0;
  frames_[0].key = nullptr;
  key_.clear();
}

void JsonText::finish() {
  end_document();
  if (stream_.malformed() && nesting_ == 0) ++context_.counters.malformed;
  for (Stream& stream : streams_) flush_stream(stream, true);
  writer_.finish();
}

}  // namespace gnomon::content
