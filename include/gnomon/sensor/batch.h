#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "gnomon/identify/asset_book.h"
#include "gnomon/identify/lease_memory.h"
#include "gnomon/observation/observation.h"
#include "gnomon/sensor/arena.h"
#include "gnomon/sensor/upload_step.h"

namespace gnomon::sensor {

// What one worker made of one block of packets: records, the text they point to, and the order in
// which they arose. Sorted by (number, rank), batches of several workers merge into one stream that
// is the same whatever the number of workers.
struct Batch {
  enum class Kind : std::uint8_t {
    kFlow,
    kDns,
    kHttp,
    kClientName,
    kLease,
    kFinding,
    kFile,
    kModelCall,
    kArtifact,
    kSighting,
    kUpload,
  };

  struct Entry {
    std::uint64_t number;  // of the frame that gave rise to the record
    std::uint64_t rank;    // among those of one frame; unique over all shards
    Kind kind;
    std::uint32_t index;
  };

  std::vector<observation::FlowRecord> flows;
  std::vector<observation::DnsRecord> dns;
  std::vector<observation::HttpRecord> http;
  std::vector<observation::ClientNameRecord> client_names;
  std::vector<identify::LeaseStep> leases;
  std::vector<observation::FindingRecord> findings;
  std::vector<observation::FileRecord> files;
  std::vector<observation::ModelCallRecord> model_calls;
  std::vector<observation::ArtifactRecord> artifacts;
  std::vector<identify::AssetSighting> sightings;  // of servers that may be AI's
  std::vector<UploadStep> uploads;
  std::vector<Entry> order;
  Arena arena;
  // Sums over the worker's shards, in the order of Shard::counter_names(); filled only where due.
  std::vector<std::uint64_t> counters;
  // What the records' text may point into and nobody else needs any more.
  std::vector<std::shared_ptr<const void>> holds;

  void clear() {
    empty(flows);
    empty(dns);
    empty(http);
    empty(client_names);
    empty(leases);
    empty(findings);
    empty(files);
    empty(model_calls);
    empty(artifacts);
    empty(sightings);
    empty(uploads);
    empty(order);
    arena.clear();
    counters.clear();
    holds.clear();
  }

 private:
  static constexpr std::size_t kAlwaysKeptBytes = 256 * 1024;

  // Keeps its room for the next block. After a silence hundreds of thousands of flows end in one
  // moment: what that took goes back as soon as a block needs less than an eighth of it.
  template <class Record>
  static void empty(std::vector<Record>& records) {
    if (records.capacity() * sizeof(Record) > kAlwaysKeptBytes &&
        records.size() < records.capacity() / 8) {
      std::vector<Record>{}.swap(records);
    } else {
      records.clear();
    }
  }
};

}  // namespace gnomon::sensor
