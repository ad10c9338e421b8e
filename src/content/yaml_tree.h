#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"

namespace gnomon::content {

// One YAML document as a tree. Everything is text. Anchors, aliases and tags are refused, as are
// files beyond kYamlBytesMax and nesting beyond kYamlDepthMax.
struct YamlMember;
struct YamlNode {
  enum class Kind : unsigned char { kText, kList, kMap };
  Kind kind = Kind::kText;
  std::size_t line = 0;
  std::string text;
  std::vector<YamlNode> items;                            // of a list
  std::vector<YamlMember> members;  // of a map, as written

  [[nodiscard]] const YamlNode* find(std::string_view key) const;
};
struct YamlMember {
  std::string key;
  YamlNode node;
};

inline constexpr std::size_t kYamlBytesMax = 4U << 20U;
inline constexpr std::size_t kYamlDepthMax = 16;

Result<YamlNode> read_yaml(std::string_view text);

}  // namespace gnomon::content
