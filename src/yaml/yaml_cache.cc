#include "gnomon/yaml/yaml_cache.h"

#include <algorithm>

#include "gnomon/bytes/hash.h"
#include "gnomon/bytes/private_file.h"
#include "gnomon/yaml/yaml_events.h"

namespace gnomon {
namespace {

// magic, hash of what follows (8), then of each text: SHA-256 (32), length (4), events.
constexpr std::string_view kMagic = "gnomon yaml 2\n";
constexpr std::size_t kFileBytesMax = std::size_t{256} * 1024 * 1024;
constexpr std::size_t kWorthwhile = 16;  // files

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void put_big_endian(std::string& to, std::uint64_t value, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
    to += static_cast<char>(value >> shift & 0xff);
}

}  // namespace

YamlCache::YamlCache(const std::filesystem::path& folder, const char* kind) {
  if (folder.empty()) return;
  file_ = folder / (std::string{"signatures-"} + kind + ".events");
  auto stored = read_private_file(file_, kFileBytesMax);
  if (!stored || !stored->starts_with(kMagic)) return;
  stored_ = std::move(*stored);
  ByteReader in{bytes_of(stored_).subspan(kMagic.size())};
  const std::uint64_t hash = in.u64();
  const std::string_view rest = std::string_view{stored_}.substr(stored_.size() - in.remaining());
  if (!in.ok() || hash_text(rest) != hash) return;
  while (!in.at_end()) {
    const Bytes digest = in.take(sizeof(Sha256Digest));
    const Bytes events = in.take(in.u32());
    if (!in.ok()) break;
    Sha256Digest key;
    std::copy(digest.begin(), digest.end(), key.begin());
    known_.emplace(key, events);
  }
}

Bytes YamlCache::events_of(std::string_view text) {
  Sha256Digest key{};
  was_kept_ = false;
  if (!file_.empty()) {
    sha256_.start();
    sha256_.add(bytes_of(text));
    key = sha256_.finish();
    if (const auto known = known_.find(key); known != known_.end()) {
      asked_.push_back(key);
      was_kept_ = true;
      return known->second;
    }
  }
  std::string& events = fresh_.emplace_back();
  const bool good = record_yaml(text, events);
  if (good && !file_.empty()) {
    known_.emplace(key, bytes_of(events));
    asked_.push_back(key);
    has_news_ = true;
  }
  return bytes_of(events);
}

void YamlCache::save() {
  if (file_.empty() || !has_news_ || asked_.size() < kWorthwhile) return;
  std::sort(asked_.begin(), asked_.end());
  asked_.erase(std::unique(asked_.begin(), asked_.end()), asked_.end());
  std::string rest;
  for (const Sha256Digest& key : asked_) {
    const Bytes events = known_.at(key);
    rest.append(reinterpret_cast<const char*>(key.data()), key.size());
    put_big_endian(rest, events.size(), 4);
    rest.append(reinterpret_cast<const char*>(events.data()), events.size());
  }
  if (rest.size() > kFileBytesMax / 2) return;
  std::string whole{kMagic};
  put_big_endian(whole, hash_text(rest), 8);
  whole += rest;
  write_private_file(file_, whole);
  has_news_ = false;
}

}  // namespace gnomon
