#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnomon/bytes/result.h"

// What a request line says after the path, and the path itself, taken apart. Strict: whoever sends
// what cannot be meant is told, not guessed at.
namespace gnomon::report::console {

// "%41" as "A"; nothing when an escape is broken or stands for a control character, or the text is
// not UTF-8. `plus_is_space` as in queries.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

struct Target {
  std::vector<std::string> segments;  // of the path, decoded; none of them "." or ".."
  std::vector<std::pair<std::string, std::string>> query;  // in the order sent
};
// Refuses: what does not begin with '/', broken escapes, dot segments, escaped slashes, too many
// parts, and a parameter that is given twice.
Result<Target> parse_target(std::string_view target);

// The query's parameters by name. Every one that was sent must be asked for: what is left at the
// end is unknown, and refused.
class Parameters {
 public:
  explicit Parameters(const Target& target) : query_(target.query), asked_(query_.size()) {}

  // Empty when it was not sent.
  std::string text(std::string_view name);
  // One of `words`; the first when it was not sent.
  std::string word(std::string_view name, std::span<const std::string_view> words);
  std::uint64_t number(std::string_view name, std::uint64_t otherwise, std::uint64_t least,
                       std::uint64_t most);

  // The first thing that was wrong; to be asked last.
  [[nodiscard]] std::optional<Error> error() const;

 private:
  const std::string* find(std::string_view name);
  void fail(std::string message);

  const std::vector<std::pair<std::string, std::string>>& query_;
  std::vector<bool> asked_;
  std::optional<Error> error_;
};

// A flat JSON object of texts, as all writes send it: {"name": "text"}. Refuses what is no JSON,
// what is nested, keys that are not in `keys` or come twice, and texts longer than `bytes_max`.
class TextObject {
 public:
  static Result<TextObject> parse(std::string_view json, std::span<const std::string_view> keys,
                                  std::size_t bytes_max = 4'000);
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;  // empty when it is not there

 private:
  std::vector<std::pair<std::string, std::string>> members_;
};

bool is_utf8(std::string_view text);

}  // namespace gnomon::report::console
