#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gnomon/bytes/result.h"
#include "gnomon/content/scanner.h"

namespace gnomon::content {

// One line of `gnomon classify --jsonl`: {"id": ..., "text": "..."}, and if wanted "role" and
// "direction" ("request" or "response").
struct LabelledText {
  std::string_view id_json;  // as it was written
  std::string text;          // UTF-8; half surrogates are what a decoder makes of them
  TextContext context;
};

// Reads lines of JSON, each a text with what its labels say of it.
class JsonLineReader {
 public:
  JsonLineReader();
  ~JsonLineReader();
  // The id is a view that lives until the next call.
  Result<LabelledText> read(std::string_view line);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace gnomon::content
