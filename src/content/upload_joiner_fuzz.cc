#include <algorithm>
#include <cstdlib>
#include <string>

#include "fuzzed_detectors.h"
#include "gnomon/content/scanner.h"
#include "gnomon/content/upload_joiner.h"
#include "gnomon/content/upload_pieces.h"

namespace {

struct Quiet final : gnomon::content::UploadEvents {
  void on_finding(std::uint64_t, std::uint64_t,
                  const gnomon::observation::FindingRecord&) override {}
  void on_file(std::uint64_t, std::uint64_t, const gnomon::observation::FileRecord&) override {}
  void on_upload_over(std::uint64_t) override {}
};

}  // namespace

// Lines of steps: "b PIECE KIND VALUE" begins a piece by Content-Range (r), Upload-Offset (o), part
// number (p), framed part (f), part in a form (u), block (k), or ends the parts (c, v) or the
// blocks (l), or creates an upload by its length (n), by metadata (m), by a command (s) or as a
// part of another (t), which a list of places makes (z); "w PIECE URL" says where that is, "d PIECE
// TEXT", "g PIECE COUNT", "e PIECE" and "x" (everything silent ends).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gnomon;
  using namespace gnomon::content;
  InspectorOptions options;
  options.uploads_max = 4;
  options.upload_bytes_max = 64 * 1024;
  UploadJoiner joiner{fuzzed_detectors(), options};
  Quiet events;
  std::string_view text{reinterpret_cast<const char*>(data), size};
  std::uint64_t mark = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.size() < 3) {
      if (line == "x") joiner.expire(Time::max(), events);
      continue;
    }
    const auto piece = static_cast<std::uint64_t>(line[2]);
    const std::string_view rest = line.substr(3);
    switch (line[0]) {
      case 'b': {
        if (rest.size() < 2) break;
        ExchangeFacts facts;
        facts.method = "PUT";
        facts.target = "/u";
        std::string target = "/b?uploadId=1";
        const std::string value{rest.substr(rest.substr(2, 1) == " " ? 3 : 2)};
        if (rest[1] == 'r') facts.content_range = value;
        if (rest[1] == 'o') facts.upload_offset = value;
        if (rest[1] == 'c') facts.method = "POST";
        if (rest[1] == 'f') facts.content_encoding = "aws-chunked";
        if (rest[1] == 'p' || rest[1] == 'f') target += "&partNumber=" + value;
        if (rest[1] == 'p' || rest[1] == 'f' || rest[1] == 'c') facts.target = target;
        if (rest[1] == 'k') target = "/a?comp=block&blockid=" + value;
        if (rest[1] == 'l') target = "/a?comp=blocklist";
        if (rest[1] == 'k' || rest[1] == 'l') facts.target = target;
        if (rest[1] == 'u' || rest[1] == 'v') {
          facts.method = "POST";
          facts.target = rest[1] == 'u' ? "/uploads/upload_1/parts" : "/uploads/upload_1/complete";
          target = "multipart/form-data; boundary=" + value;
          facts.content_type = target;
        }
        if (rest[1] == 'n') note_upload_field(facts, "Upload-Length", value);
        if (rest[1] == 's') note_upload_field(facts, "X-Goog-Upload-Command", value);
        if (rest[1] == 't') {
          note_upload_field(facts, "Upload-Length", value);
          note_upload_field(facts, "Upload-Concat", "partial");
        }
        if (rest[1] == 'z') {
          facts.method = "POST";
          target = "final;" + value;
          note_upload_field(facts, "Upload-Concat", target);
        }
        if (rest[1] == 'm') {
          note_upload_field(facts, "Upload-Complete", "?0");
          note_upload_field(facts, "Upload-Metadata", value);
        }
        joiner.begin(piece, "client", facts, events);
        break;
      }
      case 'd':
        joiner.feed(piece, {reinterpret_cast<const std::uint8_t*>(rest.data()), rest.size()},
                    ++mark);
        break;
      case 'w':
        joiner.place(piece, rest, events);
        break;
      case 'g':
        joiner.gap(piece, rest.size(), ++mark);
        break;
      case 'e':
        joiner.end(piece, rest.empty(), Time{}, events);
        break;
      default:
        break;
    }
    // What waits never takes much more than it may.
    if (joiner.memory_bytes() > (std::size_t{4} << 20)) std::abort();
  }
  joiner.flush(events);
  if (joiner.uploads() != 0) std::abort();
  return 0;
}
