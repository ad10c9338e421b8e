#include <algorithm>
#include <string>

#include "json_text.h"

// How what JSON says is told: in whose name, text by text, rows of tables as lines.
namespace gnomon::content {
namespace {

constexpr std::size_t kHeldBytesMax = std::size_t{16} * 1024;
constexpr std::size_t kStreamsMax = 8;
constexpr std::size_t kDeltaBytesMax = 1024;  // longer texts are whole ones
constexpr char kBreak = '\x01';
constexpr std::uint64_t kFloatsMax = 16;  // in one array: more are a vector

}  // namespace

// Rows of tables ("values": [["name", "passport"], ["Ada", "C01"]]) are lines with tabs between
// cells, as heads name what stands below them. Vectors of numbers are no rows.
void JsonText::begin_cell() {
  Frame& row = top();
  emit(row_numbers_, value_role_);
  row_numbers_.clear();
  row.row_told = true;
}

void JsonText::end_row() {
  Frame& row = top();
  if (row.row_told) {
    emit("\n", row.role);
    row.row_told = false;
  }
  for (std::string_view rest = row_numbers_; !rest.empty();) {
    const std::size_t tab = rest.find('\t');
    number_in_array(rest.substr(0, tab));
    rest.remove_prefix(tab + 1);
  }
  row_numbers_.clear();
}

// Vectors and token ids say nothing that can be read.
void JsonText::number_in_array(std::string_view token) {
  Frame& frame = top();
  if (is_float(token) && ++frame.numbers > kFloatsMax) return;
  if (!is_float(token) && token.size() < 7) return;
  const Role role = role_under(frame);
  emit(token, role);
  emit("\n", role);
}

void JsonText::emit(std::string_view text, Role role) {
  for (std::size_t at = frames_.size(); at-- > 1;) {
    if (!frames_[at].message) continue;
    if (frames_[at].role_known) break;
    if (holder_ != 0 && holder_ != at + 1) release_held(frames_[holder_ - 1].role);
    if (held_.size() + text.size() > kHeldBytesMax) {
      frames_[at].role_known = true;  // as known as it will be
      release_held(frames_[at].role);
      break;
    }
    holder_ = at + 1;
    for (const char c : text) held_ += c == kBreak ? ' ' : c;
    return;
  }
  writer_.write(text, role);
}

void JsonText::emit_break() {
  if (holder_ != 0) {
    held_ += kBreak;
  } else {
    writer_.brk();
  }
}

void JsonText::release_held(Role role) {
  if (holder_ == 0) return;
  holder_ = 0;
  std::string_view rest = held_;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(kBreak), rest.size());
    writer_.write(rest.substr(0, end), role);
    rest.remove_prefix(end);
    if (!rest.empty()) {
      writer_.brk();
      rest.remove_prefix(1);
    }
  }
  held_.clear();
}

JsonText::Stream& JsonText::stream_for(std::uint64_t path, Role role) {
  for (Stream& stream : streams_) {
    if (stream.path != path) continue;
    if (stream.role != role) flush_stream(stream, true);
    stream.role = role;
    return stream;
  }
  if (streams_.size() < kStreamsMax) {
    return streams_.emplace_back(Stream{{}, path, role});
  }
  // The oldest is told and its place taken.
  flush_stream(streams_.front(), true);
  std::rotate(streams_.begin(), streams_.begin() + 1, streams_.end());
  streams_.back().path = path;
  streams_.back().role = role;
  return streams_.back();
}

void JsonText::add_delta(Stream& stream, std::string_view text) {
  if (text.size() > kDeltaBytesMax && stream.text.empty()) {
    writer_.brk();
    writer_.write(text, stream.role);
    return;
  }
  stream.text += text;
  if (stream.text.size() > 2 * kStreamBytesMax) flush_stream(stream, false);
}

// Tells what has been joined; unless `all`, up to the last line or word that is surely whole.
void JsonText::flush_stream(Stream& stream, bool all) {
  std::size_t end = stream.text.size();
  if (!all) {
    std::size_t at = stream.text.rfind('\n');
    if (at == std::string::npos || at < stream.text.size() / 2) at = stream.text.rfind(". ");
    if (at == std::string::npos || at < stream.text.size() / 2) at = stream.text.rfind(' ');
    if (at != std::string::npos && at >= stream.text.size() / 2) end = at + 1;
  }
  if (end == 0) return;
  writer_.brk();
  writer_.write(std::string_view{stream.text}.substr(0, end), stream.role);
  writer_.brk();
  stream.text.erase(0, end);
}

void JsonText::plain_delta(std::string_view text) { add_delta(stream_for(1, role_), text); }

}  // namespace gnomon::content
