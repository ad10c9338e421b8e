#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnomon/bytes/ip_address.h"
#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"
#include "gnomon/inventory/groups.h"
#include "gnomon/observation/observation.h"

namespace gnomon::inventory {

// The secret that pseudonyms are made with. Whoever has it can tell whom they stand for.
class PseudonymKey {
 public:
  // Reads the key file, or makes it (mode 0600) when `make` and there is none. Refuses one that
  // others may read, and one that is no key.
  static Result<PseudonymKey> load(const std::filesystem::path& path, bool make);

  [[nodiscard]] std::string id() const;  // which key it is, not what

  // A client's address as an IPv6 address that stands for it: fd67:6e6f:... for one of the house,
  // 2001:db8:676e:... for one of the internet.
  [[nodiscard]] IpAddress of_address(const IpAddress& address) const;
  [[nodiscard]] std::string of_name(std::string_view name) const;  // "client-5f2b0c9a1d3e"
  [[nodiscard]] std::string of_mac(std::string_view mac) const;    // "02:..."
  [[nodiscard]] std::uint64_t of_number(std::uint64_t number) const;

  // What a pseudonym stands for, as it is kept; unseal() gives nothing when it was not sealed with
  // this key for this pseudonym.
  [[nodiscard]] std::string seal(std::string_view pseudonym, std::string_view original) const;
  [[nodiscard]] std::optional<std::string> unseal(std::string_view pseudonym,
                                                  std::string_view sealed) const;

 private:
  using Secret = std::array<std::uint8_t, 32>;
  [[nodiscard]] Secret mac_of(std::string_view purpose, std::string_view text) const;
  Secret secret_{};
};

bool is_pseudonym(const IpAddress& address);

// A pseudonym that was made, to be kept.
struct MadePseudonym {
  std::string pseudonym;
  std::string kind;  // "address", "name", "mac"
  std::string sealed;
  std::string client_group;  // of an address: what it is in by its network
};

// Stands between the sensor and those who keep or send its records: what comes out names clients by
// pseudonyms alone. Servers keep their addresses. The pseudonyms it made wait in taken() to be
// kept.
class PseudonymSink final : public observation::Sink {
 public:
  // `groups` may be empty. What is pointed to must outlive the sink.
  PseudonymSink(const PseudonymKey& key, GroupMap groups, std::vector<observation::Sink*> sinks);

  void on_flow(const observation::FlowRecord& record) override;
  void on_dns(const observation::DnsRecord& record) override;
  void on_http(const observation::HttpRecord& record) override;
  void on_client_name(const observation::ClientNameRecord& record) override;
  void on_stats(const observation::StatsRecord& record) override;
  void on_finding(const observation::FindingRecord& record) override;
  void on_file(const observation::FileRecord& record) override;
  void on_asset(const observation::AssetRecord& record) override;
  void on_model_call(const observation::ModelCallRecord& record) override;
  void on_artifact(const observation::ArtifactRecord& record) override;
  void on_candidate(const observation::CandidateRecord& record) override;
  void on_health(const observation::HealthRecord& record) override;
  void on_tick(Time clock) override;

  // Since the last call; sorted. May be asked from another thread than the one that gives records.
  std::vector<MadePseudonym> taken();
  // Whoever is seen from now on is told again by taken(): what it told went into an inventory that
  // is gone. From any thread.
  void tell_again() { round_.fetch_add(1, std::memory_order_relaxed); }

 private:
  // What stands for an address. It is told again after a while, as an inventory forgets those of
  // whom it keeps nothing any more.
  struct Known {
    IpAddress pseudonym;
    std::string client_group;
    Time told;
    std::uint32_t round = 0;
  };
  IpAddress stand_in(const IpAddress& address);
  void tell(const IpAddress& address, Known& known);
  std::string stand_in_name(std::string_view name);
  void remember(const std::string& pseudonym, const char* kind, std::string_view original,
                std::string_view group);
  template <class Record>
  Record hidden(const Record& record);

  const PseudonymKey& key_;
  GroupMap groups_;
  std::vector<observation::Sink*> sinks_;
  std::map<IpAddress, Known> addresses_;  // bounded: emptied when full
  Time clock_;
  std::atomic<std::uint32_t> round_{0};
  std::mutex mutex_;  // of what follows
  std::map<std::string, MadePseudonym> made_;
};

// Beside the inventory: "gnomon.db.key".
std::filesystem::path default_key_path(const std::filesystem::path& database);

struct Revealed {
  std::string pseudonym;
  std::string kind;
  std::string original;
};
// Tells whom a pseudonym stands for, after it has been written into the audit who wanted to know
// and why. Refuses an empty reason; nothing when the inventory has no such pseudonym, or it was
// sealed with another key. Who may ask is the caller's to judge: on the command line whoever can
// read the key, in the console an administrator.
Result<std::optional<Revealed>> reveal(const std::filesystem::path& database,
                                       const PseudonymKey& key, std::string_view pseudonym,
                                       std::string_view reason, std::string_view actor, Time at);

// Whether the inventory keeps pseudonyms, and how far back it goes.
struct PrivacyState {
  bool pseudonyms = false;
  std::string key_id;
  std::uint64_t mapped = 0;  // pseudonyms that can be revealed
  Time oldest;               // first packet that is still held
  Time newest;
  std::uint64_t runs = 0;
  // What retention removed ("findings" ...): nothing that was last seen before is left of it.
  std::vector<std::pair<std::string, Time>> removed_before;
};

// Before a run is recorded: whether it may be, given what the inventory holds. A key: with
// pseudonyms of it; none: in clear. Both kinds in one inventory would make each client two.
std::optional<Error> may_record(const std::filesystem::path& database, const PseudonymKey* key);

Result<PrivacyState> privacy_state(const std::filesystem::path& database);

}  // namespace gnomon::inventory
