#include "sessions.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>

#include "gnomon/bytes/hex.h"
#include "gnomon/bytes/sha256.h"

namespace gnomon::report::console {
namespace {

constexpr std::size_t kIdBytes = 32;
constexpr std::size_t kHandleDigits = 12;

bool is_over(const Session& session, Clock::time_point now) {
  return now - session.last_seen > SessionTable::kIdleMax ||
         now - session.began > SessionTable::kAgeMax;
}

}  // namespace

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> random(bytes);
  // Without randomness there is no secret: better no console than one that can be guessed.
  if (RAND_bytes(random.data(), static_cast<int>(bytes)) != 1) std::abort();
  return hex_of(random);
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string sha256_hex(std::string_view text) {
  Sha256 hash;
  hash.start();
  hash.add(Bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  const auto digits = to_hex(hash.finish());
  return {digits.begin(), digits.end()};
}

std::string SessionTable::begin(const Account& account, std::string_view peer,
                                Clock::time_point now) {
  const std::string id = random_hex(kIdBytes);
  Session session;
  const std::string hash = sha256_hex(id);
  session.handle = hash.substr(0, kHandleDigits);
  session.account = account.name;
  session.role = account.role;
  session.csrf_token = random_hex(kIdBytes);
  session.peer = peer;
  session.account_stamp = account.stamp;
  session.began = session.last_seen = now;

  const std::lock_guard lock{mutex_};
  sweep(now);
  const auto idlest = [&](bool of_account) {
    auto chosen = by_hash_.end();
    std::size_t count = 0;
    for (auto at = by_hash_.begin(); at != by_hash_.end(); ++at) {
      if (of_account && at->second.account != account.name) continue;
      ++count;
      if (chosen == by_hash_.end() || at->second.last_seen < chosen->second.last_seen) chosen = at;
    }
    return std::pair{chosen, count};
  };
  if (const auto [at, count] = idlest(true); count >= kPerAccountMax) by_hash_.erase(at);
  if (const auto [at, count] = idlest(false); count >= kSessionsMax) by_hash_.erase(at);
  by_hash_.emplace(hash, std::move(session));
  return id;
}

std::optional<Session> SessionTable::find(std::string_view id, Clock::time_point now) {
  if (id.size() != kIdBytes * 2) return std::nullopt;
  const std::string hash = sha256_hex(id);
  const std::lock_guard lock{mutex_};
  const auto at = by_hash_.find(hash);
  if (at == by_hash_.end()) return std::nullopt;
  if (is_over(at->second, now)) {
    by_hash_.erase(at);
    return std::nullopt;
  }
  at->second.last_seen = std::max(at->second.last_seen, now);
  return at->second;
}

void SessionTable::end(std::string_view id) {
  const std::string hash = sha256_hex(id);
  const std::lock_guard lock{mutex_};
  by_hash_.erase(hash);
}

bool SessionTable::end_by_handle(std::string_view handle) {
  const std::lock_guard lock{mutex_};
  return std::erase_if(by_hash_, [&](const auto& each) { return each.second.handle == handle; }) >
         0;
}

void SessionTable::end_of_account(std::string_view account) {
  const std::lock_guard lock{mutex_};
  std::erase_if(by_hash_, [&](const auto& each) { return each.second.account == account; });
}

std::vector<Session> SessionTable::list(Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  sweep(now);
  std::vector<Session> sessions;
  for (const auto& [hash, session] : by_hash_) sessions.push_back(session);
  std::sort(sessions.begin(), sessions.end(),
            [](const Session& a, const Session& b) { return a.began > b.began; });
  return sessions;
}

void SessionTable::sweep(Clock::time_point now) {
  std::erase_if(by_hash_, [&](const auto& each) { return is_over(each.second, now); });
}

}  // namespace gnomon::report::console
