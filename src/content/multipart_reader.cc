#include "multipart_reader.h"

#include <algorithm>
#include <string>
#include <utility>

namespace gnomon::content {
namespace {

constexpr std::size_t kBoundaryBytesMax = 200;   // RFC 2046 allows 70
constexpr std::size_t kPreambleBytesMax = 1024;  // looked through for a boundary of its own

class MultipartReader final : public ByteSink {
 public:
  MultipartReader(BodyContext& context, std::string_view boundary, std::uint32_t depth, Role role,
                  EntityKind kind)
      : context_(context), depth_(depth), role_(role), kind_(kind) {
    if (!boundary.empty() && boundary.size() <= kBoundaryBytesMax) {
      mark_ = "--";
      mark_ += boundary;
    }
  }

  void write(Bytes bytes) override {
    // The text searched is what was held back and the new bytes; nothing is copied twice.
    while (!bytes.empty()) {
      constexpr std::size_t kPiece = std::size_t{8} * 1024;
      const Bytes piece = bytes.first(std::min(kPiece, bytes.size()));
      held_.append(as_text(piece));
      bytes = bytes.subspan(piece.size());
      run(false);
    }
  }
  void gap(std::uint64_t bytes) override {
    run(true);
    if (part_) part_->gap(bytes);
  }
  void finish(bool complete) override {
    run(true);
    end_part(complete && ended_);
    if (!ended_ && complete) ++context_.counters.malformed;
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return held_.capacity() + (part_ ? part_->memory_bytes() : 0);
  }

 private:
  // Finds the next line that begins with the mark. The line end before it belongs to it.
  struct Found {
    std::size_t begin = std::string::npos;  // of the line end before
    std::size_t after = 0;                  // behind the mark
  };
  [[nodiscard]] Found find_mark(std::size_t from) const {
    Found found;
    std::size_t at = from;
    while ((at = held_.find(mark_, at)) != std::string::npos) {
      const bool line_start = at == 0 ? at_line_start_ : held_[at - 1] == '\n';
      // A longer boundary that begins like this one is another's.
      const std::size_t after = at + mark_.size();
      const bool whole = after >= held_.size() || held_[after] == '-' || held_[after] == '\r' ||
                         held_[after] == '\n' || held_[after] == ' ' || held_[after] == '\t';
      if (line_start && whole) {
        found.begin = at;
        if (at > 0) --found.begin;
        if (found.begin > 0 && at > 0 && held_[found.begin - 1] == '\r') --found.begin;
        found.after = at + mark_.size();
        return found;
      }
      at += 1;
    }
    return found;
  }

  void adopt_mark() {
    if (!mark_.empty() && held_.find(mark_) != std::string::npos) return;
    const std::size_t dashes = held_.compare(0, 2, "--") == 0 ? 0 : held_.find("\n--");
    if (dashes == std::string::npos) return;
    const std::size_t begin = dashes == 0 && held_[0] == '-' ? 0 : dashes + 1;
    const std::size_t end = held_.find_first_of("\r\n", begin);
    if (end == std::string::npos || end - begin < 3 || end - begin > kBoundaryBytesMax) return;
    ++context_.counters.malformed;
    mark_ = held_.substr(begin, end - begin);
  }

  void run(bool at_end) {
    while (true) {
      if (ended_) {
        held_.clear();
        return;
      }
      if (!started_ && !adopted_) {
        // What the field says, unless the body does not know it.
        if (!at_end && held_.size() < kPreambleBytesMax &&
            (mark_.empty() || held_.find(mark_) == std::string::npos)) {
          return;
        }
        adopt_mark();
        adopted_ = true;
        if (mark_.empty()) mark_ = "--";
      }
      if (in_mark_line_) {
        // Behind the mark: "--" ends the whole, else the line ends and a part begins.
        if (held_.size() < 2 && !at_end) return;
        if (held_.compare(0, 2, "--") == 0) {
          ended_ = true;
          end_part(true);
          continue;
        }
        const std::size_t end = held_.find('\n');
        if (end == std::string::npos && held_.size() < kBoundaryBytesMax && !at_end) return;
        held_.erase(0, end == std::string::npos ? held_.size() : end + 1);
        in_mark_line_ = false;
        at_line_start_ = true;
        part_ = make_entity_reader(context_, depth_, role_, kind_);
        continue;
      }
      const Found found = find_mark(0);
      if (found.begin != std::string::npos) {
        if (found.after >= held_.size() && !at_end) return pass(found.begin);
        pass(found.begin);
        end_part(true);
        held_.erase(0, found.after - found.begin);
        started_ = true;
        in_mark_line_ = true;
        continue;
      }
      // Keep what may be the beginning of a mark, with the line end before it.
      const std::size_t keep = at_end ? 0 : std::min(held_.size(), mark_.size() + 2);
      pass(held_.size() - keep);
      return;
    }
  }
  // Gives the first `count` bytes held to the part, if there is one.
  void pass(std::size_t count) {
    if (count == 0) return;
    if (part_) part_->write(as_bytes(std::string_view{held_}.substr(0, count)));
    at_line_start_ = held_[count - 1] == '\n';
    held_.erase(0, count);
  }
  void end_part(bool complete) {
    if (part_) part_->finish(complete);
    part_.reset();
  }

  BodyContext& context_;
  std::string mark_;  // "--" and the boundary
  std::string held_;
  std::unique_ptr<ByteSink> part_;
  std::uint32_t depth_;
  Role role_;
  EntityKind kind_;
  bool started_ = false;
  bool adopted_ = false;
  bool in_mark_line_ = false;
  bool at_line_start_ = true;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ByteSink> make_multipart_reader(BodyContext& context, std::string_view media_type,
                                                std::string_view boundary, std::uint32_t depth,
                                                Role role) {
  return std::make_unique<MultipartReader>(
      context, boundary, depth, role,
      media_type == "multipart/form-data" ? EntityKind::kFormPart : EntityKind::kMailPart);
}

}  // namespace gnomon::content
