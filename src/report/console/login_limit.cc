#include "login_limit.h"

#include <algorithm>
#include <cmath>

namespace gnomon::report::console {

double LoginLimit::left_of(const Bucket& bucket, TimePoint now) const {
  const std::chrono::duration<double> passed = std::max(now, bucket.at) - bucket.at;
  return std::min(rule_.tries, bucket.left + passed / rule_.regained);
}

std::chrono::seconds LoginLimit::take(std::string_view key, TimePoint now) {
  const std::lock_guard lock{mutex_};
  if (buckets_.size() >= kKeysMax) {
    std::erase_if(buckets_,
                  [&](const auto& each) { return left_of(each.second, now) >= rule_.tries; });
    // All of them are being tried at this moment: begin anew rather than grow.
    if (buckets_.size() >= kKeysMax) buckets_.clear();
  }
  auto at = buckets_.find(key);
  if (at == buckets_.end()) at = buckets_.emplace(std::string{key}, Bucket{rule_.tries, now}).first;
  Bucket& bucket = at->second;
  bucket = {left_of(bucket, now), std::max(now, bucket.at)};
  if (bucket.left < 1) {
    const double wait = (1 - bucket.left) * static_cast<double>(rule_.regained.count());
    return std::chrono::seconds{std::max(1L, std::lround(std::ceil(wait)))};
  }
  bucket.left -= 1;
  return std::chrono::seconds{0};
}

void LoginLimit::forgive(std::string_view key) {
  const std::lock_guard lock{mutex_};
  const auto at = buckets_.find(key);
  if (at != buckets_.end()) buckets_.erase(at);
}

}  // namespace gnomon::report::console
