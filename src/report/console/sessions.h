#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/report/console_accounts.h"

namespace gnomon::report::console {

using Clock = std::chrono::system_clock;

struct Session {
  std::string handle;  // names it to people: a part of its hash, not of its id
  std::string account;
  Role role = Role::kViewer;
  std::string csrf_token;
  std::string peer;
  std::uint64_t account_stamp = 0;  // Account::stamp when it began
  Clock::time_point began;
  Clock::time_point last_seen;
};

// Who is signed in. Ids are 256 random bits; only their SHA-256 is kept, so that nobody who reads
// this memory, or a dump of it, can sign in with it. Gone when the console ends. Any thread.
class SessionTable {
 public:
  static constexpr std::chrono::minutes kIdleMax{60};
  static constexpr std::chrono::hours kAgeMax{12};
  static constexpr std::size_t kPerAccountMax = 20;  // beyond, the one idle longest ends
  static constexpr std::size_t kSessionsMax = 5'000;

  // The id, for the cookie; it is told this once.
  std::string begin(const Account& account, std::string_view peer, Clock::time_point now);
  // Nothing when the id is none, or its session is over.
  std::optional<Session> find(std::string_view id, Clock::time_point now);
  void end(std::string_view id);
  bool end_by_handle(std::string_view handle);
  void end_of_account(std::string_view account);
  std::vector<Session> list(Clock::time_point now);

 private:
  void sweep(Clock::time_point now);

  std::mutex mutex_;
  std::map<std::string, Session> by_hash_;
};

// `bytes` random bytes as lower-case hex.
std::string random_hex(std::size_t bytes);
// Takes as long whatever differs.
bool same_secret(std::string_view a, std::string_view b);
std::string sha256_hex(std::string_view text);

}  // namespace gnomon::report::console
