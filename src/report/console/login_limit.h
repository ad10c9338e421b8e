#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace gnomon::report::console {

// How often somebody may be wrong about a password: a few times at once, then one try a while. Keys
// are accounts and addresses. Any thread.
class LoginLimit {
 public:
  using TimePoint = std::chrono::system_clock::time_point;
  struct Rule {
    double tries = 5;                   // at once
    std::chrono::seconds regained{60};  // one more each
  };
  static constexpr std::size_t kKeysMax = 10'000;

  explicit LoginLimit(Rule rule) : rule_(rule) {}

  // Takes one try; when none is left, how long until there is. Zero: go on.
  std::chrono::seconds take(std::string_view key, TimePoint now);
  // It was the right password: all tries are back.
  void forgive(std::string_view key);

 private:
  struct Bucket {
    double left = 0;
    TimePoint at;
  };
  [[nodiscard]] double left_of(const Bucket& bucket, TimePoint now) const;

  Rule rule_;
  std::mutex mutex_;
  std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace gnomon::report::console
