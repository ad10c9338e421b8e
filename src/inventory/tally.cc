#include "tally.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <iterator>
#include <tuple>
#include <type_traits>
#include <utility>

#include "gnomon/bytes/hash.h"
#include "gnomon/bytes/slot_hash.h"

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

std::size_t Texts::Hash::operator()(std::string_view text) const { return slot_hash(text); }

Texts::Id Texts::id_of(std::string_view text) {
  if (const auto known = ids_.find(text); known != ids_.end()) return known->second;
  const auto id = static_cast<Id>(ids_.size());
  assert((id >> kChunkBits) < kChunksMax);  // rows are bounded, and so are their texts
  auto& chunk = chunks_[id >> kChunkBits];
  if (!chunk) chunk = std::make_unique<std::string_view[]>(std::size_t{1} << kChunkBits);
  chunk[id & kChunkMask] = ids_.emplace(std::string{text}, id).first->first;
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
                      texts()[proof.host_source],
                      texts()[proof.why]};
  };
  return order(better) < order(other);
}

Tally::SightingRow& Tally::append(const Key& key, std::uint64_t hash, bool folded) {
  SightingRow& row = sightings_.emplace_back();
  row.hash = hash;
  if (!folded) row.key = key_text_;
  row.client = folded ? ClientKey{{}, true} : ClientKey{key.client, false};
  row.app = texts_->id_of(key.identity.app);
  row.host = texts_->id_of(key.host);
  row.role = texts_->id_of(key.identity.role);
  row.usage = texts_->id_of(key.identity.usage);
  row.client_kind = texts_->id_of(key.client_kind);
  row.app_proto = texts_->id_of(key.app_proto);
  row.port = key.port;
  row.protocol = key.protocol;
  apps_.insert(row.app);
  return row;
}

Tally::SightingRow& Tally::folded_row_of(std::string_view app) {
  ++felt_.sightings_folded;
  const Texts::Id id = texts_->id_of(app);
  if (const auto known = folded_.find(id); known != folded_.end()) return sightings_[known->second];
  folded_.emplace(id, static_cast<std::uint32_t>(sightings_.size()));
  Identity identity;
  identity.app = app;
  return append({identity, {}, {}, {}, {}, 0, 0}, 0, true);
}

void Tally::write_key(const Key& key) {
  const Identity& identity = key.identity;
  constexpr std::size_t kTexts = 6;
  const std::string_view texts[kTexts] = {key.host,       identity.app,    identity.role,
                                          identity.usage, key.client_kind, key.app_proto};
  // Lengths too, for texts from the network may hold any byte.
  struct Head {
    std::array<std::uint8_t, 16> client;
    std::uint32_t sizes[kTexts];
    std::uint16_t port;
    std::uint16_t protocol;
  };
  static_assert(std::has_unique_object_representations_v<Head>, "no padding in the key");
  Head head{key.client.bytes(), {}, key.port, key.protocol};
  std::size_t size = sizeof head;
  for (std::size_t i = 0; i < std::size(texts); ++i) {
    head.sizes[i] = static_cast<std::uint32_t>(texts[i].size());
    size += texts[i].size();
  }
  key_text_.resize(size);
  char* to = key_text_.data();
  std::memcpy(to, &head, sizeof head);
  to += sizeof head;
  for (const std::string_view text : texts) to = std::copy(text.begin(), text.end(), to);
}

Tally::SightingRow& Tally::row_of(const Key& key) {
  const Identity& identity = key.identity;
  // One look-up by all of it together: numbering each of six texts first would cost six.
  write_key(key);
  const std::uint64_t hash = hash_text(key_text_);
  const std::uint32_t found = sighting_index_.find(hash, [&](std::uint32_t at) {
    return sightings_[at].hash == hash && sightings_[at].key == key_text_;
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
                    texts_->id_of(sight.place.file),
                    texts_->id_of(sight.host_source),
                    texts_->id_of(identity.why)};
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
    // Full hours are written by whoever owns this; where that cannot be, further ones are not kept.
    if (at == HashIndex::kNone && hours_.size() >= 2 * std::size_t{limits_.hours_max}) {
      ++felt_.hours_dropped;
      return;
    }
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
  const std::uint32_t found = unknown_host_index_.find(hash, [&](std::uint32_t at) {
    return unknown_hosts_[at].hash == hash && texts()[unknown_hosts_[at].host] == host;
  });
  if (found != HashIndex::kNone) return found;
  const auto at = static_cast<std::uint32_t>(unknown_hosts_.size());
  if (at >= limits_.unknown_hosts_max ||
      !unknown_host_index_.insert(hash, at,
                                  [this](std::uint32_t row) { return unknown_hosts_[row].hash; }))
    return HashIndex::kNone;
  unknown_hosts_.push_back({hash, texts_->id_of(host), 0, HashIndex::kNone});
  return at;
}

Tally::UnknownRow& Tally::append_unknown(std::uint64_t hash, std::uint32_t host,
                                         const ClientKey& client, const FlowRecord& record) {
  UnknownRow& row = unknown_.emplace_back();
  row.hash = hash;
  row.host = host;
  row.client = client;
  row.first = record.start;
  row.last = record.end;
  row.proof.time = Time::max();  // whatever comes is earlier
  return row;
}

void Tally::prove_unknown(UnknownRow& row, const FlowRecord& record) {
  const std::uint64_t weight = std::min(record.payload_to_server, record.payload_to_client);
  UnknownProof& proof = row.proof;
  if (weight < proof.weight || (weight == proof.weight && record.start > proof.time)) return;
  const auto order = [](Time time, std::uint64_t number, std::uint64_t flow, std::uint64_t frame) {
    return std::tuple{time, static_cast<std::int64_t>(number), static_cast<std::int64_t>(flow),
                      static_cast<std::int64_t>(frame)};
  };
  if (weight == proof.weight &&
      !(order(record.start, record.place.number, record.conversation.flow_id, record.place.frame) <
        order(proof.time, proof.number, proof.flow_id, proof.frame)))
    return;
  proof = {.weight = weight,
           .time = record.start,
           .number = record.place.number,
           .flow_id = record.conversation.flow_id,
           .frame = record.place.frame,
           .payload_to_server = record.payload_to_server,
           .payload_to_client = record.payload_to_client,
           .hello_bytes = record.tls.hello_bytes,
           .port = record.conversation.server_port,
           .protocol = record.conversation.protocol,
           .ech = static_cast<std::uint8_t>(record.tls.ech),
           .quic = record.has_quic,
           .file = texts_->id_of(record.place.file),
           .host_source = texts_->id_of(observation::to_string(record.host_source)),
           .app_proto = texts_->id_of(record.app_proto)};
}

Tally::UnknownRow* Tally::unknown_row_of(const FlowRecord& record) {
  const IpAddress& client = record.conversation.client;
  const std::uint64_t hash = hash_address(client, hash_text(record.host));
  const std::uint32_t found = unknown_index_.find(hash, [&](std::uint32_t at) {
    const UnknownRow& row = unknown_[at];
    return row.hash == hash && row.client.address == client &&
           texts()[unknown_hosts_[row.host].host] == record.host;
  });
  if (found != HashIndex::kNone) return &unknown_[found];

  const std::uint32_t host_at = unknown_host_of(record.host);
  if (host_at == HashIndex::kNone) {
    ++felt_.unknown_hosts_dropped;
    return nullptr;
  }
  UnknownHostRow& host = unknown_hosts_[host_at];
  const auto at = static_cast<std::uint32_t>(unknown_.size());
  if (host.clients < limits_.clients_per_unknown_host_max && at < limits_.unknown_rows_max &&
      unknown_index_.insert(hash, at, [this](std::uint32_t row) { return unknown_[row].hash; })) {
    ++host.clients;
    return &append_unknown(hash, host_at, {client, false}, record);
  }
  ++felt_.unknown_clients_folded;
  if (host.folded_row != HashIndex::kNone) return &unknown_[host.folded_row];
  host.folded_row = at;
  return &append_unknown(0, host_at, {{}, true}, record);
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
  prove_unknown(*row, record);
}

Tally::Changes Tally::take_changes() {
  Changes changes;
  changes.texts = texts_;
  for (const SightingRow& row : sightings_) {
    if (!row.changed) continue;
    changes.sightings.push_back(row);
    changes.sightings.back().key.clear();
  }
  changes.hours = hours_;
  for (const UnknownRow& row : unknown_) {
    if (!row.changed) continue;
    changes.unknown.push_back(row);
    changes.unknown.back().host = unknown_hosts_[row.host].host;
  }
  written();
  return changes;
}

void Tally::forget_sightings() {
  std::vector<SightingRow>{}.swap(sightings_);
  sighting_index_.clear();
  folded_.clear();
  apps_.clear();
  // Whoever writes what was taken keeps the old ones.
  const auto old = std::exchange(texts_, std::make_shared<Texts>());
  const auto renew = [&](Texts::Id& id) { id = texts_->id_of((*old)[id]); };
  for (UnknownHostRow& host : unknown_hosts_) renew(host.host);
  for (UnknownRow& row : unknown_)
    for (Texts::Id* id : {&row.proof.file, &row.proof.host_source, &row.proof.app_proto})
      renew(*id);
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
