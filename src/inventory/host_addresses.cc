#include "host_addresses.h"

#include <algorithm>

#include "gnomon/bytes/hash.h"

namespace gnomon::inventory {
namespace {

using observation::HostSource;

// Whether the server's own address is the host's: that of a proxy is not, and what the DNS or half
// a hello told is no proof.
bool is_own_address(HostSource source) {
  return source == HostSource::kTlsSni || source == HostSource::kQuicSni ||
         source == HostSource::kHttpHost;
}

}  // namespace

HostAddresses::Row* HostAddresses::see(std::string_view host, const IpAddress& address, Time first,
                                       Time last) {
  const std::uint64_t hash =
      hash_bytes(address.bytes().data(), address.bytes().size(), hash_text(host));
  const std::uint32_t found = index_.find(hash, [&](std::uint32_t at) {
    return rows_[at].hash == hash && rows_[at].address == address && rows_[at].host == host;
  });
  if (found != HashIndex::kNone) {
    Row& row = rows_[found];
    row.first = std::min(row.first, first);
    row.last = std::max(row.last, last);
    row.changed = true;
    return &row;
  }
  const auto at = static_cast<std::uint32_t>(rows_.size());
  if (at >= rows_max_ ||
      !index_.insert(hash, at, [this](std::uint32_t row) { return rows_[row].hash; })) {
    ++dropped_;
    return nullptr;
  }
  return &rows_.emplace_back(Row{hash, std::string{host}, address, 0, 0, first, last, true});
}

void HostAddresses::add(const observation::FlowRecord& record) {
  if (record.host.empty() || !is_own_address(record.host_source)) return;
  if (Row* row = see(record.host, record.conversation.server, record.start, record.end))
    row->flows += 1;
}

void HostAddresses::add(const observation::DnsRecord& record) {
  if (record.identity.app.empty() || record.multicast) return;
  for (const observation::DnsAnswer& answer : record.answers) {
    if (answer.additional || answer.address == IpAddress{}) continue;
    if (Row* row = see(record.rrname, answer.address, record.time, record.time)) row->answers += 1;
  }
}

Result<Statement> HostAddresses::prepare_writer(Database& database) {
  return database.prepare(
      "INSERT INTO host_address (host, address, run, flows, answers, first_seen_ns, last_seen_ns) "
      "VALUES (?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET flows = flows + excluded.flows, "
      "answers = answers + excluded.answers, "
      "first_seen_ns = min(first_seen_ns, excluded.first_seen_ns), "
      "last_seen_ns = max(last_seen_ns, excluded.last_seen_ns)");
}

bool HostAddresses::write(std::int64_t run, std::span<const Row> rows, Statement& writer) {
  for (const Row& row : rows) {
    if (!row.changed) continue;
    const std::string address = row.address.to_string();
    writer.bind_all(row.host, address, run, row.flows, row.answers, row.first, row.last);
    if (!writer.run()) return false;
  }
  return true;
}

std::vector<HostAddresses::Row> HostAddresses::take_changes() {
  std::vector<Row> changes;
  for (const Row& row : rows_)
    if (row.changed) changes.push_back(row);
  written();
  return changes;
}

void HostAddresses::written() {
  for (Row& row : rows_) {
    row.flows = row.answers = 0;
    row.changed = false;
  }
}

}  // namespace gnomon::inventory
