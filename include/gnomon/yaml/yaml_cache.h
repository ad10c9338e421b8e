#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/sha256.h"

namespace gnomon {

// What libyaml made of many files of signatures, kept for the next start in one file. The key is
// the content of each, so a cache is never out of date; it only knows some files and not others.
//
// Not for several threads at once.
class YamlCache {
 public:
  YamlCache() = default;  // keeps nothing
  // The file of a kind of signatures in a folder of caches, if one is named. A file that is not
  // there, not whole, or writable by others is as good as none.
  YamlCache(const std::filesystem::path& folder, const char* kind);

  // The events of a text (yaml_events.h). Valid as long as the cache.
  Bytes events_of(std::string_view text);
  // Whether the last of them were read before, by this start or an earlier one.
  [[nodiscard]] bool was_kept() const { return was_kept_; }

  // Writes what was asked for since, when any of it was new; a set of a few files is not worth it.
  // Failing costs the next start some milliseconds, no more.
  void save();

 private:
  struct HashDigest {
    std::size_t operator()(const Sha256Digest& digest) const {
      std::size_t hash;
      std::memcpy(&hash, digest.data(), sizeof hash);
      return hash;
    }
  };

  std::filesystem::path file_;
  std::string stored_;
  std::unordered_map<Sha256Digest, Bytes, HashDigest> known_;  // views into stored_ and fresh_
  std::deque<std::string> fresh_;
  std::vector<Sha256Digest> asked_;
  bool has_news_ = false;
  bool was_kept_ = false;
  Sha256 sha256_;
};

}  // namespace gnomon
