#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gnomon::identify {

bool glob_match_all(std::string_view pattern, std::string_view text, bool ignore_case);

// `*` stands for any run of bytes, the empty one too. Never slower than pattern times text.
inline bool glob_match(std::string_view pattern, std::string_view text, bool ignore_case) {
  // Most globs are told from most texts by the first letter, whose case is one bit.
  if (!pattern.empty() && pattern.front() != '*' &&
      (text.empty() || ((pattern.front() ^ text.front()) & ~0x20) != 0))
    return false;
  return glob_match_all(pattern, text, ignore_case);
}

// Puts back what was percent-encoded (RFC 3986, 2.1) into `room` and gives a view of it; `text`
// itself when there is nothing to put back.
std::string_view percent_decoded(std::string_view text, std::string& room);

// What a path may name.
enum class PathName : std::uint8_t { kModel, kRepository, kFile, kRevision, kTool, kCount };

using PathNames = std::array<std::string_view, static_cast<std::size_t>(PathName::kCount)>;

// A pattern of paths, by segments: "/api/tags", "**/chat/completions", "/collections/*/points",
// "**/models/{model}:generateContent", "/{repository:2}/resolve/{revision}/{file...}".
// `*` and {name} stand for one segment or a part of one, {name:2} for two, {name:3} for three,
// {name...} for all that are left (one at least), `**` for any number, also none; it stands first
// or last.
class PathPattern {
 public:
  static constexpr std::size_t kSegmentsMax = 32;  // of a path that is looked at

  // What is wrong with it; empty when nothing is. `text` must outlive the pattern.
  std::string parse(std::string_view text);

  // Splits the path of a target, query and trailing slash left off, into `segments`; how many.
  static std::size_t split(std::string_view path,
                           std::array<std::string_view, kSegmentsMax>& segments);

  // Fills in what the path names, when it fits.
  bool match(std::span<const std::string_view> segments, PathNames& names) const;

  [[nodiscard]] std::string_view text() const { return text_; }
  // A segment that must be there as it is; empty when every one of them has a wildcard.
  [[nodiscard]] std::string_view anchor() const { return anchor_; }

 private:
  struct Segment {
    std::string_view before, after;  // literal parts around the wildcard, or the whole in `before`
    std::uint8_t count = 1;          // segments it takes; 0: all that are left
    PathName name = PathName::kCount;
    bool wild = false;
  };

  bool match_here(std::span<const std::string_view> segments, PathNames& names) const;

  std::string_view text_;
  std::string_view anchor_;
  std::vector<Segment> segments_;
  bool any_before_ = false;
  bool any_after_ = false;
};

}  // namespace gnomon::identify
