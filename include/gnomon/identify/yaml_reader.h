#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/hash.h"
#include "gnomon/identify/catalogue.h"

namespace gnomon {
class YamlCache;
}

namespace gnomon::identify {

// Reads one YAML document of mappings, sequences and text straight through, without building a
// tree. At most 16 MiB. Everything is text: no, 2026 and ~ are what they look like. Anchors,
// aliases and tags are refused.
//
// Whatever is wrong becomes a Problem with file, line and key. A syntax error ends the reading:
// every loop finishes and every value is empty from then on.
class YamlReader {
 public:
  // All must outlive the reader. `cache` knows what libyaml made of the same text before.
  YamlReader(std::string_view text, std::string_view file, std::vector<Problem>& problems,
             YamlCache* cache = nullptr);
  ~YamlReader();
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;

  // The whole file. `entry` as in mapping().
  template <class Entry>
  void document(Entry&& entry) {
    if (!begin_document()) return;
    mapping(entry);
    end_document();
  }

  // Calls entry(key) for every key; it must read the value, or return false when it does not know
  // the key. A key written twice is a problem. `key` is valid until the value is read.
  template <class Entry>
  void mapping(Entry&& entry) {
    if (!open(Shape::kMapping)) return;
    const std::string outer = key_;
    std::vector<std::uint64_t> seen;
    while (next_key()) {
      const std::uint64_t hash = hash_text(key_);
      if (std::find(seen.begin(), seen.end(), hash) != seen.end()) {
        problem("is there twice");
        skip();
        continue;
      }
      seen.push_back(hash);
      if (!entry(std::string_view{key_})) {
        problem("is not a key that is known here");
        skip();
      }
    }
    key_ = outer;
  }

  // Calls item() for every item; it must read it.
  template <class Item>
  void sequence(Item&& item) {
    if (!open(Shape::kSequence)) return;
    while (!at_sequence_end()) item();
  }

  // Takes the next value when nothing is written there ("key:" and no more).
  bool nothing();

  // Calls item() for every item of a list, or once for a value that is none: it reads text.
  template <class Item>
  void one_or_more(Item&& item) {
    if (next_is_list()) {
      sequence(item);
    } else {
      item();
    }
  }

  // A value that must be text; empty, with a problem, when it is not or has nothing in it. Valid
  // until the next value is read.
  std::string_view scalar();
  // The same, but what is written as '' may be empty.
  std::string_view text();

  void skip();  // the next value, whatever it is

  // About the value last read, or the key when that is yet to be read.
  void problem(std::string what);
  [[nodiscard]] unsigned line() const { return line_; }
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] std::string_view file() const { return file_; }

 private:
  enum class Shape : std::uint8_t { kText, kMapping, kSequence };
  struct Parser;  // where in the events it is

  bool begin_document();
  void end_document();
  bool open(Shape shape);
  bool next_key();
  bool at_sequence_end();
  bool expect(Shape shape);
  void advance();
  [[nodiscard]] bool next_is_list() const;

  std::unique_ptr<Parser> parser_;
  std::string_view file_;
  std::vector<Problem>& problems_;
  std::string key_;
  std::string value_;
  unsigned line_ = 1;
  bool failed_ = false;
};

}  // namespace gnomon::identify
