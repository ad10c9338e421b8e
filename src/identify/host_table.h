#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text_index.h"

namespace gnomon::identify {

// Where a pattern of host names applies.
enum class Reach : std::uint8_t {
  kExact,  // "api.example.com": this name alone
  kBelow,  // "*.example.com": names below it, at any depth, not the name itself
  kGlob,   // "run.*.example.com", "*-run.example.com": a * stands for one or more characters of
           // one label; the number of labels is fixed
  kTree,   // a domain: the name and everything below it
};

// Host patterns, each with a number. The longest literal suffix that fits wins; on the same suffix
// a glob is longer than kBelow, and kBelow and kExact are more particular than kTree. Globs of the
// same suffix are tried longest first, then in the order of their text.
class HostTable {
 public:
  static constexpr std::uint32_t kNone = TextIndex::kNone;

  // What is wrong with a pattern; empty when nothing is. `tree` for a domain.
  static std::string_view complaint(std::string_view pattern, bool tree);

  // Adds a pattern that has no complaint; its text must outlive the table. Returns the number the
  // same pattern already has, else kNone.
  std::uint32_t add(std::string_view pattern, bool tree, std::uint32_t number);
  // To be called after the last add().
  void finish();

  // The number of the best pattern for the host, or kNone. Does not allocate.
  [[nodiscard]] std::uint32_t find(std::string_view host) const;

  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  struct Node {
    std::uint32_t exact = kNone;
    std::uint32_t below = kNone;
    std::uint32_t tree = kNone;
    std::uint32_t first_glob = kNone;
    std::uint32_t glob_count = 0;
  };
  struct Glob {
    std::string_view pattern;
    std::uint32_t node;
    std::uint32_t number;
  };

  Node& node_of(std::string_view suffix);

  TextIndex index_;
  std::vector<Node> nodes_;
  std::vector<Glob> globs_;
  std::size_t count_ = 0;
};

// Whether `text` fits `pattern`, in which * stands for one or more characters other than the
// separator.
bool fits(std::string_view pattern, std::string_view text, char separator);

}  // namespace gnomon::identify
