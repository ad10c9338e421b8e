#include "api_walk.h"

#include <algorithm>

#include "gnomon/bytes/ascii.h"

namespace gnomon::identify {

void JsonWalk::begin(const KeyTree& tree, NodeId root) {
  tree_ = &tree;
  root_ = root;
  nodes_[0] = current_ = root;
  depth_ = documents_ = 0;
  state_ = State::kBetween;
  pending_ = keep_ = found_ = false;
  value_.clear();
  high_ = 0;
}

void JsonWalk::open(WalkSink& sink) {
  if (depth_ > 0 && current_ != nodes_[std::min<std::uint64_t>(depth_, kDepthMax)] &&
      current_ != KeyTree::kDead) {
    found_ = true;
    sink.on_key(current_);
  }
  ++depth_;
  if (depth_ <= kDepthMax) nodes_[depth_] = depth_ == 1 ? root_ : current_;
  if (depth_ >= kDepthMax) nodes_[kDepthMax] = KeyTree::kDead;
  current_ = nodes_[std::min<std::uint64_t>(depth_, kDepthMax)];
}

void JsonWalk::close() {
  if (depth_ > 0) {
    --depth_;
    if (depth_ == 0) ++documents_;
  }
  current_ = depth_ >= kDepthMax ? KeyTree::kDead : depth_ == 0 ? root_ : nodes_[depth_];
}

// A text or bare word has ended and was no key: it is a value.
void JsonWalk::settle(WalkSink& sink) {
  if (!pending_) return;
  pending_ = false;
  if (!keep_ || depth_ == 0 || current_ == KeyTree::kDead) return;
  if (current_ != nodes_[std::min<std::uint64_t>(depth_, kDepthMax)]) {
    found_ = true;
    sink.on_key(current_);
  }
  sink.on_value(current_, value_, state_ == State::kBare);
}

// A half that no other half follows is no character.
void JsonWalk::drop_surrogate() {
  if (high_ == 0) return;
  high_ = 0;
  if (value_.size() < kValueMax) value_ += '?';
}

void JsonWalk::put_unicode() {
  std::uint32_t code = unicode_;
  if (high_ != 0 && code >= 0xdc00 && code < 0xe000) {
    code = 0x10000 + ((high_ - 0xd800U) << 10) + (code - 0xdc00U);
    high_ = 0;
  } else {
    drop_surrogate();
    if (code >= 0xd800 && code < 0xdc00) {
      high_ = unicode_;
      return;
    }
  }
  if (value_.size() >= kValueMax) return;
  if (code < 0x80) {
    value_ += static_cast<char>(code);
  } else if (code < 0x800) {
    value_ += static_cast<char>(0xc0 | code >> 6);
    value_ += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code >= 0xd800 && code < 0xe000) {
    value_ += '?';
  } else if (code >= 0x10000) {
    value_ += static_cast<char>(0xf0 | code >> 18);
    value_ += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    value_ += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    value_ += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    value_ += static_cast<char>(0xe0 | code >> 12);
    value_ += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    value_ += static_cast<char>(0x80 | (code & 0x3f));
  }
}

void JsonWalk::feed(std::string_view bytes, WalkSink& sink) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at != end) {
    switch (state_) {
      case State::kText: {
        const char* from = at;
        while (at != end && *at != '"' && *at != '\\') ++at;
        if (at != from) drop_surrogate();
        if (keep_ && value_.size() < kValueMax)
          value_.append(from,
                        std::min(static_cast<std::size_t>(at - from), kValueMax - value_.size()));
        if (at == end) return;
        if (*at++ == '\\') {
          state_ = State::kEscape;
        } else {
          drop_surrogate();
          state_ = State::kBetween;
          pending_ = true;
        }
        break;
      }
      case State::kEscape: {
        const char each = *at++;
        if (each == 'u') {
          state_ = State::kUnicode;
          digits_ = 0;
          unicode_ = 0;
          break;
        }
        state_ = State::kText;
        drop_surrogate();
        if (keep_ && value_.size() < kValueMax)
          value_ += each == '"' || each == '\\' || each == '/' ? each : ' ';
        break;
      }
      case State::kUnicode: {
        const char each = *at;
        const int digit = hex_value(each);
        if (digit < 0) {  // no escape after all
          drop_surrogate();
          state_ = State::kText;
          break;
        }
        ++at;
        unicode_ = static_cast<std::uint16_t>(unicode_ << 4 | digit);
        if (++digits_ < 4) break;
        if (keep_) put_unicode();
        state_ = State::kText;
        break;
      }
      case State::kBare: {
        const char each = *at;
        const bool ends = each == ',' || each == '}' || each == ']' || each == ' ' ||
                          each == '\n' || each == '\r' || each == '\t' || each == '{' ||
                          each == '[' || each == '"' || each == ':' || each == '\0';
        if (!ends) {
          if (keep_ && value_.size() < kValueMax) value_ += each;
          ++at;
          break;
        }
        pending_ = true;
        settle(sink);
        state_ = State::kBetween;
        break;
      }
      case State::kBetween: {
        const char each = *at++;
        switch (each) {
          case '"':
            settle(sink);
            // A key of a dead container, and a dead value, are not worth keeping.
            keep_ = current_ != KeyTree::kDead;
            value_.clear();
            state_ = State::kText;
            break;
          case ':':
            if (pending_) {
              pending_ = false;
              const NodeId parent =
                  depth_ == 0 || depth_ >= kDepthMax ? KeyTree::kDead : nodes_[depth_];
              current_ = tree_->child(parent, value_);
            }
            break;
          case ',':
            settle(sink);
            current_ = depth_ >= kDepthMax ? KeyTree::kDead : depth_ == 0 ? root_ : nodes_[depth_];
            break;
          case '{':
          case '[':
            settle(sink);
            open(sink);
            break;
          case '}':
          case ']':
            settle(sink);
            close();
            break;
          case ' ':
          case '\n':
          case '\r':
          case '\t':
          case '\0':
            break;
          default:
            settle(sink);
            keep_ = current_ != KeyTree::kDead;
            value_.assign(1, each);
            state_ = State::kBare;
        }
        break;
      }
    }
  }
}

void JsonWalk::end_document(WalkSink& sink) {
  if (state_ == State::kBare) pending_ = true;
  settle(sink);
  if (depth_ > 0) ++documents_;
  depth_ = 0;
  current_ = root_;
  state_ = State::kBetween;
  pending_ = false;
  value_.clear();
}

}  // namespace gnomon::identify
