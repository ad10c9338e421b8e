#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/content/body.h"
#include "gnomon/content/text_decoder.h"
#include "gnomon/content/utf8.h"

// For tests and fuzz targets: what a reader told, as one text that does not depend on the pieces.
//   <name:declared  a part begins     >type  it ends; then its size, '!' and why it was not opened,
//   {user}          who speaks        | a break                    '~' when it is not complete
namespace gnomon::content {

class PartLog final : public PartEvents {
 public:
  void on_part(const PartFacts& part) override {
    settle();
    text += "<" + std::string{part.file_name} + ":" + std::string{part.declared_type} + "\n";
    open.push_back(part.depth);
    depth_max = std::max(depth_max, open.size());
  }
  void on_text(std::string_view utf8, Role role) override {
    if (valid_utf8_prefix(Bytes{reinterpret_cast<const std::uint8_t*>(utf8.data()), utf8.size()}) !=
        utf8.size()) {
      valid = false;
    }
    if (role != role_) {
      settle();
      text += "{" + std::string{to_string(role)} + "}";
      role_ = role;
    } else if (broken_) {
      settle();
    }
    text += utf8;
    said += utf8;
    broken_ = false;
    texts_ = true;
  }
  void on_break() override { broken_ = texts_; }
  void on_part_end(const PartEnd& part) override {
    settle();
    text += "\n>" + std::string{part.file_type};
    if (part.file_type != "multipart") text += " " + std::to_string(part.size);
    if (!part.not_opened.empty()) text += "!" + std::string{part.not_opened};
    if (!part.complete) text += "~";
    if (part.truncated) text += "^";
    text += "\n";
    if (open.empty() || open.back() != part.depth) {
      nested = false;
    } else {
      open.pop_back();
    }
    ends.push_back(std::string{part.file_type});
    names.push_back(std::string{part.file_name});
    hashes.push_back(std::string{part.sha256});
    if (part.width != 0) width = part.width;
  }

  std::string text;
  std::string said;  // the text alone
  std::vector<std::uint32_t> open;
  std::vector<std::string> ends;
  std::vector<std::string> names;
  std::vector<std::string> hashes;
  std::size_t depth_max = 0;
  std::uint32_t width = 0;
  bool valid = true;
  bool nested = true;

 private:
  void settle() {
    if (broken_) text += "|";
    broken_ = false;
    texts_ = false;
  }
  Role role_ = Role::kNone;
  bool broken_ = false;
  bool texts_ = false;
};

inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Reading {
  PartLog log;
  BodyCounters counters;
  std::size_t memory = 0;
};

// Reads `body` in pieces of `step` bytes, each in memory of its own size.
inline Reading read_in_pieces(const BodyFacts& facts, Bytes body, std::size_t step,
                              const BodyLimits& limits = {}, bool complete = true) {
  Reading reading;
  BodyReader reader{limits, reading.log};
  reader.begin(facts);
  for (std::size_t at = 0; at < body.size(); at += step) {
    const Bytes piece = body.subspan(at, std::min(step, body.size() - at));
    const std::vector<std::uint8_t> copy(piece.begin(), piece.end());
    reader.feed(Bytes{copy});
    reading.memory = std::max(reading.memory, reader.memory_bytes());
  }
  reader.end(complete);
  reading.counters = reader.counters();
  return reading;
}

// For fuzz targets: told the same however it comes, always UTF-8, parts closed, memory bounded.
inline void fuzz_body(const BodyFacts& facts, Bytes body, bool is_document = false) {
  BodyLimits limits;
  limits.decoded_bytes_max = std::size_t{4} << 20;
  limits.document_bytes_max = std::size_t{1} << 20;
  limits.window_bytes_max = std::size_t{1} << 20;
  limits.parts_max = 50;
  const Reading whole = read_in_pieces(facts, body, std::size_t{1} << 20, limits);
  if (!whole.log.valid || !whole.log.nested || !whole.log.open.empty()) __builtin_trap();
  if (!is_document && whole.memory > std::size_t{256} * 1024 + 2 * body.size()) __builtin_trap();
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}}) {
    if (is_document || body.size() > 8192 || whole.counters.bombs > 0) break;
    // Which charset other bytes are taken for may depend on how many of them have come.
    if (!is_utf8({reinterpret_cast<const char*>(body.data()), body.size()})) break;
    if (read_in_pieces(facts, body, step, limits).log.text != whole.log.text) __builtin_trap();
  }
}

}  // namespace gnomon::content
