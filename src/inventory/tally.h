#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "gnomon/bytes/ip_address.h"
#include "gnomon/bytes/time.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/inventory/recorder.h"
#include "gnomon/observation/observation.h"
#include "hash_index.h"

namespace gnomon::inventory {

// Every text once, by number. One thread may read texts whose numbers it was given while another
// adds further ones: what is there never moves.
class Texts {
 public:
  using Id = std::uint32_t;

  Id id_of(std::string_view text);
  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  [[nodiscard]] std::string_view operator[](Id id) const {
    return chunks_[id >> kChunkBits][id & kChunkMask];
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
  };
  static constexpr std::uint32_t kChunkBits = 12;
  static constexpr std::uint32_t kChunkMask = (1U << kChunkBits) - 1;
  static constexpr std::uint32_t kChunksMax = 4096;

  std::unordered_map<std::string, Id, Hash, std::equal_to<>> ids_;  // its keys never move
  // Room for all of them from the start, so that nothing moves.
  std::unique_ptr<std::unique_ptr<std::string_view[]>[]> chunks_ =
      std::make_unique<std::unique_ptr<std::string_view[]>[]>(kChunksMax);
};

// A client, or all those beyond a limit.
struct ClientKey {
  IpAddress address;
  bool folded = false;

  [[nodiscard]] std::string text() const { return folded ? std::string{} : address.to_string(); }
  bool operator==(const ClientKey&) const = default;
  auto operator<=>(const ClientKey&) const = default;
};

// What is added up in memory between two batches. Rows keep their key when they are written, and
// start again from zero; hours are forgotten whole.
class Tally {
 public:
  // Stands among the numbers of IP protocols for what came from the DNS.
  static constexpr std::uint16_t kDnsProtocol = 256;

  struct Proof {
    Time time;
    std::uint64_t number = 0;
    std::uint64_t flow_id = 0;
    std::uint64_t frame = 0;
    Texts::Id file = 0;
    Texts::Id host_source = 0;
    Texts::Id why = 0;
  };
  struct SightingRow {
    std::uint64_t hash = 0;
    std::string key;  // as write_key() writes it
    ClientKey client;
    Texts::Id app = 0, host = 0, role = 0, usage = 0, client_kind = 0, app_proto = 0;
    std::uint16_t port = 0;
    std::uint16_t protocol = 0;
    Grade grade = Grade::kNone;
    bool seen = false;     // first, last, grade and proof are of some record
    bool changed = false;  // since it was last written
    Time first, last;
    Counts counts;
    Proof proof;
    // Where its latest flow was put among the hours.
    std::int64_t hour = 0;
    std::uint32_t hour_row = HashIndex::kNone;
    std::uint32_t hour_epoch = 0;
  };
  struct HourRow {
    std::uint64_t hash = 0;
    ClientKey client;
    Texts::Id app = 0;
    std::int64_t hour = 0;
    Counts counts;
  };
  // The flow with most payload both ways, of those the earliest: by it a later catalogue judges.
  struct UnknownProof {
    std::uint64_t weight = 0;  // payload of the direction that had less
    Time time;
    std::uint64_t number = 0, flow_id = 0, frame = 0;
    std::uint64_t payload_to_server = 0, payload_to_client = 0;
    std::uint32_t hello_bytes = 0;
    std::uint16_t port = 0;
    std::uint8_t protocol = 0;
    std::uint8_t ech = 0;
    bool quic = false;
    Texts::Id file = 0, host_source = 0, app_proto = 0;
  };
  struct UnknownRow {
    std::uint64_t hash = 0;
    ClientKey client;
    std::uint32_t host = 0;  // in unknown_hosts_
    bool changed = false;
    std::uint64_t flows = 0, sessions = 0, bytes_to_server = 0, bytes_to_client = 0;
    Time first, last;
    UnknownProof proof;
  };
  struct UnknownHostRow {
    std::uint64_t hash = 0;
    Texts::Id host = 0;
    std::uint32_t clients = 0;
    std::uint32_t folded_row = HashIndex::kNone;  // of all clients that have none of their own
  };
  // Limits that were felt.
  struct Felt {
    std::uint64_t sightings_folded = 0;        // records that went to an app's row without client
    std::uint64_t unknown_hosts_dropped = 0;   // flows to hosts that found no place
    std::uint64_t unknown_clients_folded = 0;  // flows that went to a host's row without client
    std::uint64_t hours_dropped = 0;  // flows that are in no hour, as none could be written
  };
  // What is to be written, wherever it lies. Valid as long as that is.
  struct Rows {
    const Texts* texts = nullptr;
    std::span<const SightingRow> sightings;
    std::span<const HourRow> hours;
    std::span<const UnknownRow> unknown;
    const std::vector<UnknownHostRow>* unknown_hosts = nullptr;  // null: a row's host is a text
    [[nodiscard]] std::string_view unknown_host(const UnknownRow& row) const {
      return (*texts)[unknown_hosts == nullptr ? row.host : (*unknown_hosts)[row.host].host];
    }
  };
  // A copy of what changed, for another thread to write, with the texts that it points to.
  struct Changes {
    std::shared_ptr<const Texts> texts;
    std::vector<SightingRow> sightings;
    std::vector<HourRow> hours;
    std::vector<UnknownRow> unknown;
    [[nodiscard]] bool empty() const {
      return sightings.empty() && hours.empty() && unknown.empty();
    }
    [[nodiscard]] Rows rows() const {
      return {texts.get(), sightings, hours, unknown, nullptr};
    }
  };

  explicit Tally(const RecorderLimits& limits) : limits_(limits) {}

  void add(const observation::FlowRecord& record);
  void add(const observation::DnsRecord& record);
  void add(const observation::HttpRecord& record);

  // Too many hours for another record: write them and forget them.
  [[nodiscard]] bool hours_full() const { return hours_.size() >= limits_.hours_max; }

  [[nodiscard]] const Texts& texts() const { return *texts_; }
  [[nodiscard]] const std::vector<SightingRow>& sightings() const { return sightings_; }
  [[nodiscard]] const std::vector<HourRow>& hours() const { return hours_; }
  [[nodiscard]] const std::vector<UnknownRow>& unknown() const { return unknown_; }
  [[nodiscard]] std::string_view unknown_host(const UnknownRow& row) const {
    return texts()[unknown_hosts_[row.host].host];
  }
  [[nodiscard]] const Felt& felt() const { return felt_; }
  [[nodiscard]] const std::unordered_set<Texts::Id>& apps() const { return apps_; }

  [[nodiscard]] Rows rows() const {
    return {texts_.get(), sightings_, hours_, unknown_, &unknown_hosts_};
  }
  // Of what was written: sightings begin anew, as rows that the database adds up, and their texts go.
  // Limits are of those that are remembered.
  void forget_sightings();
  // All of it has been written: counts start from zero.
  void written();
  // What has changed since it was last written or taken; counts start from zero.
  Changes take_changes();

  // Whether `better` proves more than `other`: the better grade, then the earlier packet. No two
  // different proofs are equal, so that the one that is kept does not depend on their order.
  [[nodiscard]] bool proves_more(Grade grade, const Proof& better, Grade other_grade,
                                 const Proof& other) const;

 private:
  struct Key {
    const observation::Identity& identity;
    IpAddress client;
    std::string_view host, client_kind, app_proto;
    std::uint16_t port = 0;
    std::uint16_t protocol = 0;
  };
  struct Sight {
    Time first, last, time;
    const observation::Place& place;
    std::uint64_t flow_id;
    std::string_view host_source;
  };
  void write_key(const Key& key);  // into key_text_
  SightingRow& row_of(const Key& key);
  SightingRow& folded_row_of(std::string_view app);
  SightingRow& append(const Key& key, std::uint64_t hash, bool folded);
  void see(SightingRow& row, const observation::Identity& identity, const Sight& sight);
  void add_hour(SightingRow& row, const observation::FlowRecord& record, bool session);
  void add_unknown(const observation::FlowRecord& record);
  void prove_unknown(UnknownRow& row, const observation::FlowRecord& record);
  std::uint32_t unknown_host_of(std::string_view host);
  UnknownRow* unknown_row_of(const observation::FlowRecord& record);
  UnknownRow& append_unknown(std::uint64_t hash, std::uint32_t host, const ClientKey& client,
                             const observation::FlowRecord& record);

  RecorderLimits limits_;
  std::shared_ptr<Texts> texts_ = std::make_shared<Texts>();
  std::unordered_set<Texts::Id> apps_;
  std::vector<SightingRow> sightings_;
  HashIndex sighting_index_;
  std::string key_text_;  // of the record at hand, kept for its memory
  std::unordered_map<Texts::Id, std::uint32_t> folded_;  // app to its row without client
  std::vector<HourRow> hours_;
  HashIndex hour_index_;
  std::uint32_t hour_epoch_ = 1;
  std::vector<UnknownHostRow> unknown_hosts_;
  HashIndex unknown_host_index_;
  std::vector<UnknownRow> unknown_;
  HashIndex unknown_index_;  // by host and client
  Felt felt_;
};

}  // namespace gnomon::inventory
