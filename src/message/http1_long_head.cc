// The part of Http1Connection that reads heads longer than are kept: cookies of single sign-on,
// targets that hold a whole document.
#include <algorithm>
#include <array>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/free_room.h"
#include "http1_lines.h"

namespace gnomon::message {
namespace {

constexpr std::size_t kLateLineBytesMax = 512;          // of a line behind the limit
constexpr std::uint64_t kLongLineBytesMax = 64 * 1024;  // a longer request line is none
constexpr std::size_t kVersionBytes = 8;                // HTTP/1.1
constexpr std::size_t kLineEndBytes = 16;  // holds the version, and a line end before it

// Fields without which a message is not found or not understood.
bool is_wanted_late(Bytes line) {
  constexpr std::string_view kWanted[] = {"host",         "content-length",   "transfer-encoding",
                                          "content-type", "content-encoding", "authorization",
                                          "user-agent",   "upgrade",          "connection"};
  const std::string_view text = as_text(line);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view name = text.substr(0, colon);
  return std::any_of(std::begin(kWanted), std::end(kWanted),
                     [&](std::string_view wanted) { return same_ignoring_case(name, wanted); });
}

}  // namespace

// The buffer holds the first part of a request line, and at most its last kLineEndBytes behind
// that.
void Http1Connection::feed_long_line(Direction direction, ByteReader& in, Http1Events& events) {
  Side& from = side(direction);
  const Bytes rest = peek(in);
  const std::size_t line_size = find_line_feed(rest);
  const bool ended = line_size < rest.size();
  const Bytes piece = in.take(line_size);
  if (ended) in.take(1);
  from.line_bytes += line_size + (ended ? 1 : 0);
  append(from.buffer, piece.last(std::min(piece.size(), kLineEndBytes)));
  if (from.buffer.size() > kHttp1StartLineBytesMax + kLineEndBytes)
    from.buffer.erase(from.buffer.begin() + kHttp1StartLineBytesMax,
                      from.buffer.end() - kLineEndBytes);
  const bool too_long = from.line_bytes > kLongLineBytesMax;
  if (!ended && !too_long) return;

  std::string_view line = as_text(from.buffer);
  while (line.ends_with('\r')) line.remove_suffix(1);
  std::array<std::uint8_t, kVersionBytes> version{};
  if (line.size() >= kVersionBytes)
    std::copy(line.end() - kVersionBytes, line.end(), version.begin());
  if (too_long || !as_text(version).starts_with("HTTP/1.")) {
    free_room(from.buffer);
    from.lost = true;
    from.state = ended ? State::kBoundary : State::kSkipLine;
    count_sought(direction, from.line_bytes, events);
    return;
  }
  // What is left of the target is told with the version that stood behind it.
  from.buffer.resize(kHttp1StartLineBytesMax - kLineEndBytes);
  from.buffer.push_back(' ');
  from.buffer.insert(from.buffer.end(), version.begin(), version.end());
  from.buffer.push_back('\r');
  from.buffer.push_back('\n');
  from.scanned = from.buffer.size();
  from.line_shortened = true;
  from.state = State::kHead;
}

// The buffer is as long as a head may be. Its whole lines stay, and of the line that has not ended
// as much as is kept of late ones.
void Http1Connection::skip_from(Direction direction) {
  Side& from = side(direction);
  from.late_left = kHttp1LateFieldBytesMax - kLateLineBytesMax;
  from.late_lost = false;
  from.buffer.resize(std::min(from.buffer.size(), from.scanned + kLateLineBytesMax));
  from.state = State::kSkipHead;
}

// Of the lines behind the limit those are kept that the message cannot be read without.
void Http1Connection::feed_skip_head(Direction direction, ByteReader& in, Http1Events& events) {
  Side& from = side(direction);
  const Bytes rest = peek(in);
  const std::size_t line_size = find_line_feed(rest);
  const Bytes piece = in.take(line_size);
  const std::size_t had = from.buffer.size() - from.scanned;
  append(from.buffer, piece.first(std::min(piece.size(), kLateLineBytesMax - had)));
  if (line_size == rest.size()) return;
  in.take(1);

  const Bytes line = Bytes{from.buffer}.subspan(from.scanned);
  if (is_blank(line)) {
    from.buffer.resize(from.scanned);
    end_head(direction, from.buffer, from.late_lost ? Told::kCut : Told::kShortened, events);
    return;
  }
  const bool wanted = is_wanted_late(line);
  if (wanted && line.size() < from.late_left) {
    from.late_left -= line.size() + 1;
    from.buffer.push_back('\n');
    from.scanned = from.buffer.size();
    return;
  }
  from.late_lost |= wanted;
  from.buffer.resize(from.scanned);
}

}  // namespace gnomon::message
