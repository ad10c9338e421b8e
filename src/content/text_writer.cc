#include "text_writer.h"

#include <algorithm>
#include <cstring>

namespace gnomon::content {
namespace {

constexpr std::string_view kMark = ";base64,";
constexpr std::size_t kDataHead = 48;  // digits that must follow before it is believed

}  // namespace

void Base64Part::write(std::string_view text) {
  constexpr std::size_t kPiece = 8192;
  while (!text.empty()) {
    bytes_.clear();
    decoder_.write(text.substr(0, kPiece), bytes_);
    text.remove_prefix(std::min(kPiece, text.size()));
    if (!bytes_.empty()) part_->write(Bytes{bytes_});
  }
}

void TextWriter::remember(std::string_view text) {
  if (text.size() >= recent_.size()) {
    text = text.substr(text.size() - recent_.size());
    recent_size_ = 0;
  } else if (recent_size_ + text.size() > recent_.size()) {
    const std::size_t drop = recent_size_ + text.size() - recent_.size();
    std::memmove(recent_.data(), recent_.data() + drop, recent_size_ - drop);
    recent_size_ = static_cast<std::uint8_t>(recent_size_ - drop);
  }
  std::memcpy(recent_.data() + recent_size_, text.data(), text.size());
  recent_size_ = static_cast<std::uint8_t>(recent_size_ + text.size());
}

void TextWriter::begin_data(Role role) {
  PartHints hints;
  const std::string_view before{recent_.data(), recent_size_};
  if (const std::size_t at = before.rfind("data:"); at != std::string_view::npos) {
    std::string_view type = before.substr(at + 5);
    hints.declared_type = type.substr(0, std::min(type.find(';'), type.size()));
  }
  hints.role = role;
  hints.file = true;
  hints.attachment = true;
  part_ = std::make_unique<Base64Part>(context_, hints, depth_ + 1);
  state_ = State::kData;
}

// Few digits: told as they stand, and as what they encode.
void TextWriter::short_data() {
  context_.text(head_, role_);
  if (head_.size() < 8) return;
  begin_data(role_);
  if (!part_) return;
  part_->write(head_);
  part_->finish(true);
  part_.reset();
}

void TextWriter::write(std::string_view text, Role role) {
  role_ = role;
  while (!text.empty()) {
    switch (state_) {
      case State::kText: {
        std::size_t at = 0;
        bool found = false;
        while (at < text.size()) {
          if (matched_ == 0) {
            const void* mark = std::memchr(text.data() + at, ';', text.size() - at);
            if (mark == nullptr) {
              at = text.size();
              break;
            }
            at = static_cast<std::size_t>(static_cast<const char*>(mark) - text.data());
          }
          if (text[at] == kMark[matched_]) {
            ++at;
            if (++matched_ == kMark.size()) {
              matched_ = 0;
              found = true;
              break;
            }
          } else if (matched_ == 0) {
            ++at;
          } else {
            matched_ = 0;  // this byte may be a mark's first
          }
        }
        context_.text(text.substr(0, at), role);
        remember(text.substr(0, at));
        text.remove_prefix(at);
        if (found) {
          state_ = State::kHead;
          head_.clear();
        }
        break;
      }
      case State::kHead: {
        std::size_t at = 0;
        while (at < text.size() && base64_digit(text[at]) != 0xff &&
               head_.size() + at < kDataHead) {
          ++at;
        }
        head_.append(text.substr(0, at));
        text.remove_prefix(at);
        if (head_.size() == kDataHead) {
          begin_data(role);
          if (part_) part_->write(head_);
        } else if (!text.empty()) {
          short_data();
          state_ = State::kText;
        }
        break;
      }
      case State::kData: {
        std::size_t at = 0;
        while (at < text.size() && (base64_digit(text[at]) != 0xff || text[at] == '=')) ++at;
        if (part_) part_->write(text.substr(0, at));
        text.remove_prefix(at);
        if (!text.empty()) finish();
        break;
      }
    }
  }
}

void TextWriter::brk() {
  finish();
  matched_ = 0;
  recent_size_ = 0;
  context_.brk();
}

void TextWriter::finish() {
  if (state_ == State::kHead) short_data();
  if (state_ == State::kData && part_) {
    part_->finish(true);
    part_.reset();
  }
  state_ = State::kText;
}

}  // namespace gnomon::content
