#include "tally.h"

#include <algorithm>
#include <tuple>

#include "gnomon/bytes/hash.h"

namespace gnomon::inventory {
namespace {

using observation::DnsRecord;
using observation::FlowRecord;
using observation::HostSource;
using observation::HttpRecord;
using observation::Identity;

constexpr std::chrono::hours kHour{1};

std::uint64_t hash_address(const IpAddress& address, std::uint64_t seed) {
  return hash_bytes(address.bytes().data(), address.bytes().size(), seed);
}

std::int64_t hour_of(Time time) {
  return std::chrono::floor<std::chrono::hours>(time).time_since_epoch() / kHour;
}

// Bytes flowed both ways: what a session is, when nobody has graded the flow.
bool is_session(const FlowRecord& record) {
  return record.payload_to_server > 0 && record.payload_to_client > 0;
}

}  // namespace

std::size_t Texts::Hash::operator()(std::string_view text) const { return hash_text(text); }

Texts::Id Texts::id_of(std::string_view text) {
  if (const auto known = ids_.find(text); known != ids_.end()) return known->second;
  const auto id = static_cast<Id>(texts_.size());
  texts_.push_back(ids_.emplace(std::string{text}, id).first->first);
  return id;
}

bool Tally::proves_more(Grade grade, const Proof& better, Grade other_grade,
                        const Proof& other) const {
  if (grade != other_grade) return grade > other_grade;
  // Signed, as the database compares them.
  const auto order = [this](const Proof& proof) {
    return std::tuple{proof.time,
                      static_cast<std::int64_t>(proof.number),
                      static_cast<std::int64_t>(proof.flow_id),
                      static_cast<std::int64_t>(proof.frame),
                      texts_[proof.host_source],
                      texts_[proof.why]};
  };
  return order(better) < order(other);
}

Tally::SightingRow& Tally::append(const Key& key, std::uint64_t hash, bool folded) {
  SightingRow& row = sightings_.emplace_back();
  row.hash = hash;
  row.client = folded ? ClientKey{{}, true} : ClientKey{key.client, false};
  row.app = texts_.id_of(key.identity.app);
  row.host = texts_.id_of(key.host);
  row.role = texts_.id_of(key.identity.role);
  row.usage = texts_.id_of(key.identity.usage);
  row.client_kind = texts_.id_of(key.client_kind);
  row.app_proto = texts_.id_of(key.app_proto);
  row.port = key.port;
  row.protocol = key.protocol;
  apps_.insert(row.app);
  return row;
}

Tally::SightingRow& Tally::folded_row_of(std::string_view app) {
  ++felt_.sightings_folded;
  const Texts::Id id = texts_.id_of(app);
  if (const auto known = folded_.find(id); known != folded_.end()) return sightings_[known->second];
  folded_.emplace(id, static_cast<std::uint32_t>(sightings_.size()));
  Identity identity;
  identity.app = app;
  return append({identity, {}, {}, {}, {}, 0, 0}, 0, true);
}

Tally::SightingRow& Tally::row_of(const Key& key) {
  const Identity& identity = key.identity;
  // One look-up by the texts themselves: numbering each of them first would cost six.
  std::uint64_t hash = hash_text(key.host, (std::uint64_t{key.port} << 16) | key.protocol);
  hash = hash_text(identity.app, hash);
  hash = hash_text(identity.role, hash);
  hash = hash_text(identity.usage, hash);
  hash = hash_text(key.client_kind, hash);
  hash = hash_text(key.app_proto, hash);
  hash = hash_address(key.client, hash);
  const std::uint32_t found = sighting_index_.find(hash, [&](std::uint32_t at) {
    const SightingRow& row = sightings_[at];
    return row.hash == hash && row.client.address == key.client && row.port == key.port &&
           row.protocol == key.protocol && texts_[row.host] == key.host &&
           texts_[row.app] == identity.app && texts_[row.role] == identity.role &&
           texts_[row.usage] == identity.usage && texts_[row.client_kind] == key.client_kind &&
           texts_[row.app_proto] == key.app_proto;
  });
  if (found != HashIndex::kNone) return sightings_[found];

  if (sightings_.size() - folded_.size() >= limits_.sightings_max)
    return folded_row_of(identity.app);
  const auto at = static_cast<std::uint32_t>(sightings_.size());
  if (!sighting_index_.insert(hash, at, [this](std::uint32_t row) { return sightings_[row].hash; }))
    return folded_row_of(identity.app);
  return append(key, hash, false);
}

void Tally::see(SightingRow& row, const Identity& identity, const Sight& sight) {
  const bool is_new = !row.seen;
  row.first = is_new ? sight.first : std::min(row.first, sight.first);
  row.last = is_new ? sight.last : std::max(row.last, sight.last);
  row.seen = row.changed = true;

  // Numbering the texts costs: only when the proof may really be a better one.
  if (!is_new) {
    if (identity.grade < row.grade) return;
    if (identity.grade == row.grade && sight.time > row.proof.time) return;
  }
  const Proof proof{sight.time,
                    sight.place.number,
                    sight.flow_id,
                    sight.place.frame,
                    texts_.id_of(sight.place.file),
                    texts_.id_of(sight.host_source),
                    texts_.id_of(identity.why)};
  if (is_new || proves_more(identity.grade, proof, row.grade, row.proof)) row.proof = proof;
  row.grade = std::max(row.grade, identity.grade);
}

void Tally::add(const FlowRecord& record) {
  if (record.identity.app.empty()) {
    if (!record.host.empty()) add_unknown(record);
    return;
  }
  SightingRow& row = row_of({.identity = record.identity,
                             .client = record.conversation.client,
                             .host = record.host,
                             .client_kind = record.client_kind,
                             .app_proto = record.app_proto,
                             .port = record.conversation.server_port,
                             .protocol = record.conversation.protocol});
  see(row, record.identity,
      {record.start, record.end, record.start, record.place, record.conversation.flow_id,
       observation::to_string(record.host_source)});
  const bool session = record.identity.grade >= Grade::kSession;
  row.counts.flows += 1;
  row.counts.sessions += session ? 1 : 0;
  row.counts.upload_events += record.upload_events;
  row.counts.upload_bytes += record.upload_bytes;
  row.counts.bytes_to_server += record.bytes_to_server;
  row.counts.bytes_to_client += record.bytes_to_client;
  add_hour(row, record, session);
}

void Tally::add_hour(SightingRow& row, const FlowRecord& record, bool session) {
  const std::int64_t hour = hour_of(record.start);
  if (row.hour_epoch != hour_epoch_ || row.hour != hour || row.hour_row == HashIndex::kNone) {
    const std::uint64_t seed = mix(row.app + 1ULL, static_cast<std::uint64_t>(hour) ^ kHashStep);
    const std::uint64_t hash = hash_address(row.client.address, seed);
    std::uint32_t at = hour_index_.find(hash, [&](std::uint32_t candidate) {
      const HourRow& other = hours_[candidate];
      return other.app == row.app && other.hour == hour && other.client == row.client;
    });
    if (at == HashIndex::kNone) {
      at = static_cast<std::uint32_t>(hours_.size());
      hours_.push_back({hash, row.client, row.app, hour, {}});
      // One that finds no slot is written as a row of its own, and added up there.
      (void)hour_index_.insert(hash, at,
                               [this](std::uint32_t candidate) { return hours_[candidate].hash; });
    }
    row.hour = hour;
    row.hour_row = at;
    row.hour_epoch = hour_epoch_;
  }
  Counts& counts = hours_[row.hour_row].counts;
  counts.flows += 1;
  counts.sessions += session ? 1 : 0;
  counts.upload_events += record.upload_events;
  counts.upload_bytes += record.upload_bytes;
  counts.bytes_to_server += record.bytes_to_server;
  counts.bytes_to_client += record.bytes_to_client;
}

void Tally::add(const DnsRecord& record) {
  if (record.identity.app.empty() || record.multicast) return;
  SightingRow& row = row_of({.identity = record.identity,
                             .client = record.conversation.client,
                             .host = record.rrname,
                             .client_kind = {},
                             .app_proto = "dns",
                             .port = 0,
                             .protocol = kDnsProtocol});
  see(row, record.identity,
      {record.time, record.time, record.time, record.place, record.conversation.flow_id, "dns"});
  row.counts.lookups += 1;
}

void Tally::add(const HttpRecord& record) {
  if (record.identity.app.empty()) return;
  SightingRow& row = row_of({.identity = record.identity,
                             .client = record.conversation.client,
                             .host = record.hostname,
                             .client_kind = {},
                             .app_proto = "http",
                             .port = record.conversation.server_port,
                             .protocol = record.conversation.protocol});
  see(row, record.identity,
      {record.time, record.time, record.time, record.place, record.conversation.flow_id,
       observation::to_string(HostSource::kHttpHost)});
  row.counts.requests += 1;
}

std::uint32_t Tally::unknown_host_of(std::string_view host) {
  const std::uint64_t hash = hash_text(host);
  const std::uint32_t found = unknown_index_.find(hash, [&](std::uint32_t at) {
    return unknown_hosts_[at].hash == hash && texts_[unknown_hosts_[at].host] == host;
  });
  if (found != HashIndex::kNone) return found;
  const auto at = static_cast<std::uint32_t>(unknown_hosts_.size());
  if (at >= limits_.unknown_hosts_max ||
      !unknown_index_.insert(hash, at,
                             [this](std::uint32_t row) { return unknown_hosts_[row].hash; }))
    return HashIndex::kNone;
  unknown_hosts_.push_back({hash, texts_.id_of(host), HashIndex::kNone, 0});
  return at;
}

Tally::UnknownRow* Tally::unknown_row_of(const FlowRecord& record) {
  const std::uint32_t host_at = unknown_host_of(record.host);
  if (host_at == HashIndex::kNone) {
    ++felt_.unknown_hosts_dropped;
    return nullptr;
  }
  UnknownHostRow& host = unknown_hosts_[host_at];
  const IpAddress& client = record.conversation.client;
  std::uint32_t folded = HashIndex::kNone;
  for (std::uint32_t at = host.first_row; at != HashIndex::kNone; at = unknown_[at].next) {
    if (unknown_[at].client.folded) {
      folded = at;
    } else if (unknown_[at].client.address == client) {
      return &unknown_[at];
    }
  }
  const bool fold = host.clients >= limits_.clients_per_unknown_host_max;
  if (fold) {
    ++felt_.unknown_clients_folded;
    if (folded != HashIndex::kNone) return &unknown_[folded];
  } else {
    ++host.clients;
  }
  UnknownRow& row = unknown_.emplace_back();
  row.client = fold ? ClientKey{{}, true} : ClientKey{client, false};
  row.host = host_at;
  row.next = host.first_row;
  row.first = record.start;
  row.last = record.end;
  host.first_row = static_cast<std::uint32_t>(unknown_.size() - 1);
  return &row;
}

void Tally::add_unknown(const FlowRecord& record) {
  UnknownRow* row = unknown_row_of(record);
  if (!row) return;
  row->changed = true;
  row->flows += 1;
  row->sessions += is_session(record) ? 1 : 0;
  row->bytes_to_server += record.bytes_to_server;
  row->bytes_to_client += record.bytes_to_client;
  row->first = std::min(row->first, record.start);
  row->last = std::max(row->last, record.end);
}

void Tally::written() {
  for (SightingRow& row : sightings_) {
    row.counts = {};
    row.changed = false;
  }
  for (UnknownRow& row : unknown_) {
    row.flows = row.sessions = row.bytes_to_server = row.bytes_to_client = 0;
    row.changed = false;
  }
  hours_.clear();
  hour_index_.clear();
  ++hour_epoch_;
}

}  // namespace gnomon::inventory
