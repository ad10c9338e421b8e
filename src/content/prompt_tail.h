#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/yaml/yaml_tree.h"

namespace gnomon::content {

// Tells a request that ends in what a search over a model's tokens made (GCG and its like): glued
// words and marks that no one writes. Pairs of neighbouring bytes are weighed by their classes, as
// signatures/prompt-attacks/tails.yaml has it. Immutable, may be shared.
class PromptTails {
 public:
  static constexpr std::size_t kTailBytesMax = 300;

  // Errors name file and line.
  static Result<PromptTails> load(const std::filesystem::path& file, YamlCache* cache = nullptr);

  struct Tail {
    std::size_t begin = 0;  // bytes in the text
    std::size_t end = 0;
    float weight = 0;
  };
  // Of the text's last line; nothing where what stands before is no request in words.
  [[nodiscard]] std::optional<Tail> find(std::string_view text) const;

  [[nodiscard]] std::string_view detector() const { return detector_; }

 private:
  [[nodiscard]] std::uint8_t class_of(char c) const {
    return classes_[static_cast<unsigned char>(c)];
  }
  [[nodiscard]] bool is_request(std::string_view head) const;

  std::string detector_;
  std::array<std::uint8_t, 256> classes_{};
  std::size_t class_count_ = 0;
  std::vector<float> pairs_;  // of a class and the next, row by row
  float unmatched_ = 0;
  std::size_t unmatched_max_ = 0;
  float least_ = 0;
};

}  // namespace gnomon::content
