#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "database.h"
#include "gnomon/bytes/ip_address.h"
#include "gnomon/bytes/time.h"
#include "gnomon/observation/observation.h"
#include "hash_index.h"

namespace gnomon::inventory {

// At which addresses hosts were reached, and which the DNS answered for those of apps: block lists
// of addresses rest on it, and what else such an address serves. Added up between two batches like
// the tally; the order of the records does not matter while the limit is not felt.
class HostAddresses {
 public:
  explicit HostAddresses(std::uint32_t rows_max) : rows_max_(rows_max) {}

  void add(const observation::FlowRecord& record);
  void add(const observation::DnsRecord& record);

  struct Row {
    std::uint64_t hash = 0;
    std::string host;
    IpAddress address;
    std::uint64_t flows = 0;
    std::uint64_t answers = 0;
    Time first, last;
    bool changed = false;
  };
  // Writes the rows that changed; the statement is prepare_writer()'s. False when it failed.
  bool write(std::int64_t run, Statement& writer) const { return write(run, rows_, writer); }
  static bool write(std::int64_t run, std::span<const Row> rows, Statement& writer);
  static Result<Statement> prepare_writer(Database& database);
  // All of it has been written: counts start from zero.
  void written();
  // What was written; the database adds up.
  void forget() {
    rows_.clear();
    index_.clear();
  }
  // What changed since, for somebody else to write; counts start from zero.
  std::vector<Row> take_changes();

  // Flows and answers that found no place.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  Row* see(std::string_view host, const IpAddress& address, Time first, Time last);

  std::uint32_t rows_max_;
  std::vector<Row> rows_;
  HashIndex index_;
  std::uint64_t dropped_ = 0;
};

}  // namespace gnomon::inventory
