#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"

namespace gnomon {

enum class YamlKind : std::uint8_t {
  kNone,  // behind the last event
  kPlain,
  kQuoted,
  kMapping,
  kMappingEnd,
  kSequence,
  kSequenceEnd,
  kDocument,
  kDocumentEnd,
  kWrong,   // the last event: its text says why there is no more
  kAnchor,  // names the value that comes next
  kAlias,   // stands for the value of that name
};

inline constexpr std::string_view kYamlNotPlain =
    "uses an anchor, an alias or a tag: write the value out";

struct YamlEvent {
  YamlKind kind = YamlKind::kNone;
  unsigned line = 0;      // from 1
  std::string_view text;  // what it says or names; a view into the row of events

  [[nodiscard]] bool is_text() const {
    return kind == YamlKind::kPlain || kind == YamlKind::kQuoted;
  }
};

// Appends what libyaml makes of a text: one event after the other as kind (1 byte), line (3), and
// of text its length (3) and bytes. At most 16 MiB of text. False when it ends in kWrong: not YAML,
// or an anchor, an alias or a tag.
bool record_yaml(std::string_view text, std::string& events);

// Reads such a row, which may come from a file: whatever does not fit ends it.
class YamlEventReader {
 public:
  YamlEventReader() = default;
  explicit YamlEventReader(Bytes events) : in_(events) {}

  // kNone when there are no more.
  YamlEvent next();

 private:
  ByteReader in_{Bytes{}};
};

}  // namespace gnomon
