#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "gnomon/bytes/blocks.h"
#include "gnomon/flow/ndpi_engine.h"
#include "gnomon/identify/catalogue.h"

namespace gnomon::sensor {

// Host names, fingerprints and protocol lists of living flows, each once and counted. What nobody
// refers to any more stays a while (kIdleMax), because the next flow often asks for the same host,
// and is then freed: memory follows the living flows, not the length of the capture.
class TextPool {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNone = 0xffffffff;
  static constexpr std::size_t kIdleMax = 1024;

  struct Entry {
    std::unique_ptr<char[]> bytes;
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;
    std::uint32_t hash = 0;
    std::uint32_t users = 0;
    std::uint32_t idle_turn = 0;  // which stay in the idle ring is the current one
    // What is known of the text as a host name: worked out once, by whoever first wants it.
    bool matched = false;
    bool source_known = false;
    bool source = false;  // hub or registry
    std::uint8_t settled_as = 0xff;
    identify::Match match;
    flow::NdpiVerdict verdict;

    [[nodiscard]] std::string_view text() const { return {bytes.get(), size}; }
  };

  // Adds a user.
  Id intern(std::string_view text);
  void add_user(Id id) {
    if (id != kNone) ++entries_[id].users;
  }
  // Forgets what was worked out of all texts.
  void forget_matches() {
    for (Entry& each : entries_) each.matched = each.source_known = false;
  }
  // Takes one away; kNone is allowed.
  void release(Id id);

  [[nodiscard]] Entry& entry(Id id) { return entries_[id]; }
  [[nodiscard]] std::string_view text(Id id) const {
    return id == kNone ? std::string_view{} : entries_[id].text();
  }
  [[nodiscard]] std::size_t size() const { return living_; }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  void erase(Id id);
  void grow();

  struct Idle {
    Id id;
    std::uint32_t turn;
  };

  std::vector<Entry, HugePageAllocator<Entry>> entries_;
  std::vector<Id> free_;
  std::vector<Id> slots_ = std::vector<Id>(64, kNone);
  std::vector<Idle> idle_;
  std::size_t idle_at_ = 0;
  std::size_t living_ = 0;
};

}  // namespace gnomon::sensor
