#include "form_frame.h"

#include <utility>

namespace gnomon::content {

bool FormFrame::step(std::size_t& content) {
  content = 0;
  switch (state_) {
    case State::kBefore: {
      const std::size_t mark = held_.find(mark_);
      if (mark != std::string::npos) {
        held_.erase(0, mark + mark_.size());
        state_ = State::kMarkLine;
        return true;
      }
      if (held_.size() <= kLookedThroughMax) return false;
      held_.erase(0, 1);  // the line end that never came
      state_ = State::kContent;
      return true;
    }
    case State::kMarkLine: {
      if (held_.size() < 2) return false;
      if (held_.compare(0, 2, "--") == 0) {
        state_ = State::kOver;
        return true;
      }
      const std::size_t end = held_.find('\n');
      if (end == std::string::npos && held_.size() <= kLookedThroughMax) return false;
      // The line's end may be the head's as well.
      if (end != std::string::npos) held_.erase(0, end);
      state_ = State::kHead;
      return true;
    }
    case State::kHead: {
      const std::size_t line = held_.find("\n\r\n");
      const std::size_t bare = held_.find("\n\n");
      const std::size_t end = std::min(line, bare);
      if (end == std::string::npos && held_.size() <= kLookedThroughMax) return false;
      if (end != std::string::npos) held_.erase(0, end + (end == line ? 3 : 2));
      state_ = State::kContent;
      return true;
    }
    case State::kContent: {
      const std::size_t mark = held_.find(mark_);
      if (mark != std::string::npos) {
        // The line end before a mark is the mark's.
        content = mark - (mark > 0 && held_[mark - 1] == '\r' ? 1 : 0);
        if (content > 0) return true;
        held_.erase(0, mark + mark_.size());
        state_ = State::kMarkLine;
        return true;
      }
      if (held_.size() <= mark_.size()) return false;
      content = held_.size() - mark_.size();
      return true;
    }
    case State::kOver:
      held_.clear();
      return false;
  }
  return false;
}

std::string FormFrame::rest() {
  std::string rest;
  if (state_ == State::kBefore) {
    rest = held_.substr(std::min<std::size_t>(held_.size(), 1));
    state_ = State::kContent;
    held_.clear();
  } else if (state_ == State::kContent) {
    rest = std::exchange(held_, {});
  }
  return rest;
}

}  // namespace gnomon::content
