#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"

namespace gnomon {

class YamlCache;
struct YamlMember;

// One YAML document as a tree. Everything is text: no, 2026 and ~ are what they look like. An alias
// is a copy of what its anchor names. Refused are tags, a key written twice in one map, files
// beyond kYamlBytesMax, nesting beyond kYamlDepthMax, and more than kYamlCopiesMax nodes out of
// aliases.
struct YamlNode {
  enum class Kind : unsigned char { kText, kList, kMap };
  Kind kind = Kind::kText;
  std::size_t line = 1;      // from 1
  std::size_t key_line = 1;  // of a map's value: where its key stands
  std::string text;
  std::vector<YamlNode> items;      // of a list
  std::vector<YamlMember> members;  // of a map, as written

  [[nodiscard]] bool is_text() const { return kind == Kind::kText; }
  [[nodiscard]] bool is_list() const { return kind == Kind::kList; }
  [[nodiscard]] bool is_map() const { return kind == Kind::kMap; }
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
};
struct YamlMember {
  std::string key;
  YamlNode node;
};

inline constexpr std::size_t kYamlBytesMax = std::size_t{4} << 20U;
inline constexpr std::size_t kYamlDepthMax = 16;
inline constexpr std::size_t kYamlCopiesMax = 100'000;

// What keeps a text from being such a document.
struct YamlFault {
  std::size_t line = 1;
  std::string what;
};

// Reads a text into `root`. `cache` knows what libyaml made of the same text before.
std::optional<YamlFault> read_yaml(std::string_view text, YamlNode& root,
                                   YamlCache* cache = nullptr);

// The same; the error says the line and why.
Result<YamlNode> read_yaml(std::string_view text, YamlCache* cache = nullptr);

}  // namespace gnomon
