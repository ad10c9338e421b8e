#include "gnomon/identify/dns_memory.h"

#include <algorithm>

#include "gnomon/bytes/slot_hash.h"

namespace gnomon::identify {

DnsMemory::DnsMemory(std::size_t pairs_max)
    : pairs_max_(std::clamp<std::size_t>(pairs_max, 1, kNone - 1)), slots_(64, kNone) {}

std::uint64_t DnsMemory::hash_of(const IpAddress& client, const IpAddress& server) {
  return slot_hash(server.bytes().data(), server.bytes().size(),
                   slot_hash(client.bytes().data(), client.bytes().size()));
}

std::uint32_t DnsMemory::find(const IpAddress& client, const IpAddress& server) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash_of(client, server) & mask; slots_[at] != kNone; at = (at + 1) & mask) {
    const Pair& pair = pairs_[slots_[at]];
    if (pair.client == client && pair.server == server) return slots_[at];
  }
  return kNone;
}

std::uint32_t DnsMemory::find_or_add(const IpAddress& client, const IpAddress& server) {
  if (const std::uint32_t known = find(client, server); known != kNone) {
    unlink(known);
    link_newest(known);
    return known;
  }
  if (counters_.pairs == pairs_max_) evict_oldest();
  if ((counters_.pairs + 1) * 2 > slots_.size()) grow();
  std::uint32_t index;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(pairs_.size());
    pairs_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  pairs_[index].client = client;
  pairs_[index].server = server;
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash_of(client, server) & mask;
  while (slots_[at] != kNone) at = (at + 1) & mask;
  slots_[at] = index;
  link_newest(index);
  ++counters_.pairs;
  return index;
}

void DnsMemory::link_newest(std::uint32_t index) {
  pairs_[index].newer = kNone;
  pairs_[index].older = newest_;
  if (newest_ != kNone) pairs_[newest_].newer = index;
  newest_ = index;
  if (oldest_ == kNone) oldest_ = index;
}

void DnsMemory::unlink(std::uint32_t index) {
  const Pair& pair = pairs_[index];
  (pair.newer == kNone ? newest_ : pairs_[pair.newer].older) = pair.older;
  (pair.older == kNone ? oldest_ : pairs_[pair.older].newer) = pair.newer;
}

void DnsMemory::evict_oldest() {
  const std::uint32_t index = oldest_;
  Pair& pair = pairs_[index];
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash_of(pair.client, pair.server) & mask;
  while (slots_[at] != index) at = (at + 1) & mask;
  // Move up what stands behind and would no longer be found past the gap.
  for (std::size_t next = (at + 1) & mask; slots_[next] != kNone; next = (next + 1) & mask) {
    const Pair& other = pairs_[slots_[next]];
    const std::size_t home = hash_of(other.client, other.server) & mask;
    if (((next - home) & mask) < ((next - at) & mask)) continue;
    slots_[at] = slots_[next];
    at = next;
  }
  slots_[at] = kNone;
  unlink(index);
  pair.answers.clear();
  free_.push_back(index);
  --counters_.pairs;
  ++counters_.evicted;
}

void DnsMemory::grow() {
  std::vector<std::uint32_t> old(slots_.size() * 2, kNone);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const std::uint32_t index : old) {
    if (index == kNone) continue;
    std::size_t at = hash_of(pairs_[index].client, pairs_[index].server) & mask;
    while (slots_[at] != kNone) at = (at + 1) & mask;
    slots_[at] = index;
  }
}

void DnsMemory::remember(const IpAddress& client, std::string_view name,
                         std::span<const IpAddress> addresses, Time time,
                         std::chrono::seconds ttl) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > kNameBytesMax) {
    ++counters_.refused;
    return;
  }
  if (addresses.size() > kAddressesMax) {
    counters_.refused += addresses.size() - kAddressesMax;
    addresses = addresses.first(kAddressesMax);
  }
  const Time until = time + std::clamp(ttl, std::chrono::seconds{0}, kTtlMax) + kGrace;
  for (const IpAddress& server : addresses) {
    std::vector<Answer>& answers = pairs_[find_or_add(client, server)].answers;
    ++counters_.answers;
    const auto same = std::find_if(answers.begin(), answers.end(),
                                   [&](const Answer& each) { return each.name == name; });
    if (same != answers.end()) {
      // Asked again while the last answer held: it was valid since. Else it begins anew.
      if (time > same->until || time < same->first) same->first = time;
      same->last = time;
      same->until = until;
      std::rotate(same, same + 1, answers.end());
      continue;
    }
    if (answers.size() == kNamesMax) {
      answers.erase(answers.begin());
      ++counters_.displaced;
    }
    answers.push_back({std::string{name}, time, time, until});
  }
}

void DnsMemory::remember(const observation::DnsRecord& record) {
  if (!record.answered || record.multicast || record.rcode != "NOERROR") return;
  addresses_.clear();
  std::uint32_t ttl = 0xffffffff;
  for (const observation::DnsAnswer& answer : record.answers) {
    if (answer.additional) continue;  // about a name server, say
    if (answer.rrtype == "CNAME") ttl = std::min(ttl, answer.ttl);
    if (answer.rrtype != "A" && answer.rrtype != "AAAA") continue;
    ttl = std::min(ttl, answer.ttl);
    addresses_.push_back(answer.address);
  }
  if (addresses_.empty()) return;
  remember(record.conversation.client, record.rrname, addresses_, record.time,
           std::chrono::seconds{ttl});
}

std::optional<DnsMemory::Found> DnsMemory::lookup(const IpAddress& client, const IpAddress& server,
                                                  Time start) const {
  const std::uint32_t index = find(client, server);
  if (index == kNone) return std::nullopt;
  std::optional<Found> found;
  std::size_t valid = 0;
  for (const Answer& each : pairs_[index].answers) {
    if (each.first > start || start > each.until) continue;
    ++valid;
    const Time answered = each.last <= start ? each.last : each.first;
    if (!found || answered >= found->answered) found = Found{each.name, false, answered};
  }
  if (found) found->ambiguous = valid > 1;
  return found;
}

}  // namespace gnomon::identify
