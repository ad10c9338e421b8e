#include "batch_writer.h"

#include <algorithm>
#include <span>
#include <vector>

namespace gnomon::inventory {
namespace {

// As Tally::proves_more says it.
#define GNOMON_BETTER_PROOF                                                  \
  "(excluded.grade > grade OR (excluded.grade = grade AND "                  \
  "(excluded.proof_time_ns, excluded.proof_number, excluded.proof_flow_id, " \
  "excluded.proof_frame, excluded.proof_host_source, excluded.proof_why) < " \
  "(proof_time_ns, proof_number, proof_flow_id, proof_frame, proof_host_source, proof_why)))"
#define GNOMON_KEEP_BETTER(column) \
  column " = CASE WHEN " GNOMON_BETTER_PROOF " THEN excluded." column " ELSE " column " END, "

constexpr std::string_view kSighting =
    "INSERT INTO sighting (app, run, client, host, role, port, protocol, app_proto, usage, "
    "client_kind, grade, first_seen_ns, last_seen_ns, flows, sessions, lookups, requests, "
    "upload_events, upload_bytes, bytes_to_server, bytes_to_client, proof_time_ns, proof_number, "
    "proof_flow_id, proof_frame, proof_file, proof_host_source, proof_why) "
    "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
    "ON CONFLICT DO UPDATE SET "  //
    GNOMON_KEEP_BETTER("proof_time_ns") GNOMON_KEEP_BETTER("proof_number")
        GNOMON_KEEP_BETTER("proof_flow_id") GNOMON_KEEP_BETTER("proof_frame")
            GNOMON_KEEP_BETTER("proof_file") GNOMON_KEEP_BETTER("proof_host_source")
                GNOMON_KEEP_BETTER("proof_why")  //
    "grade = max(grade, excluded.grade), "
    "first_seen_ns = min(first_seen_ns, excluded.first_seen_ns), "
    "last_seen_ns = max(last_seen_ns, excluded.last_seen_ns), "
    "flows = flows + excluded.flows, sessions = sessions + excluded.sessions, "
    "lookups = lookups + excluded.lookups, requests = requests + excluded.requests, "
    "upload_events = upload_events + excluded.upload_events, "
    "upload_bytes = upload_bytes + excluded.upload_bytes, "
    "bytes_to_server = bytes_to_server + excluded.bytes_to_server, "
    "bytes_to_client = bytes_to_client + excluded.bytes_to_client";

#undef GNOMON_KEEP_BETTER
#undef GNOMON_BETTER_PROOF

constexpr std::string_view kHour =
    "INSERT INTO app_hour (app, run, client, hour, flows, sessions, upload_events, upload_bytes, "
    "bytes_to_server, bytes_to_client) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET "
    "flows = flows + excluded.flows, sessions = sessions + excluded.sessions, "
    "upload_events = upload_events + excluded.upload_events, "
    "upload_bytes = upload_bytes + excluded.upload_bytes, "
    "bytes_to_server = bytes_to_server + excluded.bytes_to_server, "
    "bytes_to_client = bytes_to_client + excluded.bytes_to_client";

constexpr std::string_view kName =
    "INSERT INTO client_name (client, run, source, name, mac, first_seen_ns, last_seen_ns) "
    "VALUES (?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET "
    "first_seen_ns = min(first_seen_ns, excluded.first_seen_ns), "
    "last_seen_ns = max(last_seen_ns, excluded.last_seen_ns)";

#define GNOMON_BETTER_PROOF                                            \
  "(excluded.proof_weight > proof_weight OR (excluded.proof_weight = " \
  "proof_weight AND (excluded.proof_time_ns, excluded.proof_number, "  \
  "excluded.proof_flow_id, excluded.proof_frame) < (proof_time_ns, "   \
  "proof_number, proof_flow_id, proof_frame)))"
#define GNOMON_KEEP_BETTER(column) \
  column " = CASE WHEN " GNOMON_BETTER_PROOF " THEN excluded." column " ELSE " column " END, "

constexpr std::string_view kUnknown =
    "INSERT INTO host_unknown (host, run, client, flows, sessions, bytes_to_server, "
    "bytes_to_client, first_seen_ns, last_seen_ns, proof_weight, proof_time_ns, proof_number, "
    "proof_flow_id, proof_frame, proof_file, proof_host_source, proof_ech, proof_quic, proof_port, "
    "proof_protocol, proof_app_proto, proof_hello_bytes, proof_payload_to_server, "
    "proof_payload_to_client) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
    "ON CONFLICT DO UPDATE SET "  //
    GNOMON_KEEP_BETTER("proof_weight") GNOMON_KEEP_BETTER("proof_time_ns")
        GNOMON_KEEP_BETTER("proof_number") GNOMON_KEEP_BETTER("proof_flow_id")
            GNOMON_KEEP_BETTER("proof_frame") GNOMON_KEEP_BETTER("proof_file")
                GNOMON_KEEP_BETTER("proof_host_source") GNOMON_KEEP_BETTER("proof_ech")
                    GNOMON_KEEP_BETTER("proof_quic") GNOMON_KEEP_BETTER("proof_port")
                        GNOMON_KEEP_BETTER("proof_protocol") GNOMON_KEEP_BETTER("proof_app_proto")
                            GNOMON_KEEP_BETTER("proof_hello_bytes")
                                GNOMON_KEEP_BETTER("proof_payload_to_server")
                                    GNOMON_KEEP_BETTER("proof_payload_to_client")  //
    "flows = flows + excluded.flows, sessions = sessions + excluded.sessions, "
    "bytes_to_server = bytes_to_server + excluded.bytes_to_server, "
    "bytes_to_client = bytes_to_client + excluded.bytes_to_client, "
    "first_seen_ns = min(first_seen_ns, excluded.first_seen_ns), "
    "last_seen_ns = max(last_seen_ns, excluded.last_seen_ns)";

#undef GNOMON_KEEP_BETTER
#undef GNOMON_BETTER_PROOF

constexpr std::string_view kApp =
    "INSERT INTO app (id, name, vendor, vendor_country, category) VALUES (?,?,?,?,?) "
    "ON CONFLICT DO UPDATE SET name = excluded.name, vendor = excluded.vendor, "
    "vendor_country = excluded.vendor_country, category = excluded.category";

// The rows that are to be written, in the order of the table's key as far as that is cheap to tell:
// rows that go in one after another cost SQLite a third of what scattered ones cost.
template <class Row, class Wanted, class Less>
std::vector<const Row*> ordered(std::span<const Row> rows, Wanted wanted, Less less) {
  std::vector<const Row*> chosen;
  for (const Row& row : rows)
    if (wanted(row)) chosen.push_back(&row);
  std::sort(chosen.begin(), chosen.end(), [&](const Row* a, const Row* b) { return less(*a, *b); });
  return chosen;
}

}  // namespace

std::string protocol_text(std::uint16_t protocol) {
  switch (protocol) {
    case 6:
      return "tcp";
    case 17:
      return "udp";
    case Tally::kDnsProtocol:
      return "dns";
    default:
      return std::to_string(protocol);
  }
}

Result<BatchWriter> BatchWriter::prepare(Database& database) {
  auto sighting = database.prepare(kSighting);
  if (!sighting) return sighting.error();
  auto hour = database.prepare(kHour);
  if (!hour) return hour.error();
  auto name = database.prepare(kName);
  if (!name) return name.error();
  auto unknown = database.prepare(kUnknown);
  if (!unknown) return unknown.error();
  auto app = database.prepare(kApp);
  if (!app) return app.error();
  auto unknown_app = database.prepare("INSERT OR IGNORE INTO app VALUES (?1, ?1, '', '', '')");
  if (!unknown_app) return unknown_app.error();
  auto forget = database.prepare("DELETE FROM app_attribute WHERE app = ?");
  if (!forget) return forget.error();
  auto attribute = database.prepare("INSERT OR REPLACE INTO app_attribute VALUES (?,?,?)");
  if (!attribute) return attribute.error();
  return BatchWriter{std::move(*sighting), std::move(*hour),     std::move(*name),
                     std::move(*unknown),  std::move(*app),      std::move(*unknown_app),
                     std::move(*forget),   std::move(*attribute)};
}

bool BatchWriter::write(std::int64_t run, const Tally::Rows& tally, const ClientNames& names) {
  return write_sightings(run, tally) && write_hours(run, tally) && write_names(run, names) &&
         write_unknown(run, tally);
}

bool BatchWriter::write_sightings(std::int64_t run, const Tally::Rows& tally) {
  const Texts& texts = *tally.texts;
  const auto rows = ordered(
      tally.sightings, [](const auto& row) { return row.changed; },
      [&](const auto& a, const auto& b) {
        if (a.app != b.app) return texts[a.app] < texts[b.app];
        if (a.client != b.client) return a.client < b.client;
        return texts[a.host] < texts[b.host];
      });
  for (const Tally::SightingRow* row : rows) {
    const std::string client = row->client.text();
    const std::string protocol = protocol_text(row->protocol);
    const Counts& counts = row->counts;
    const Tally::Proof& proof = row->proof;
    sighting_.bind_all(texts[row->app], run, client, texts[row->host], texts[row->role],
                       std::uint32_t{row->port}, protocol, texts[row->app_proto], texts[row->usage],
                       texts[row->client_kind], static_cast<std::uint32_t>(row->grade), row->first,
                       row->last, counts.flows, counts.sessions, counts.lookups, counts.requests,
                       counts.upload_events, counts.upload_bytes, counts.bytes_to_server,
                       counts.bytes_to_client, proof.time, proof.number, proof.flow_id, proof.frame,
                       texts[proof.file], texts[proof.host_source], texts[proof.why]);
    if (!sighting_.run()) return false;
  }
  return true;
}

bool BatchWriter::write_hours(std::int64_t run, const Tally::Rows& tally) {
  const Texts& texts = *tally.texts;
  const auto rows = ordered(
      tally.hours, [](const auto&) { return true; },
      [&](const auto& a, const auto& b) {
        if (a.app != b.app) return texts[a.app] < texts[b.app];
        if (a.client != b.client) return a.client < b.client;
        return a.hour < b.hour;
      });
  for (const Tally::HourRow* row : rows) {
    const std::string client = row->client.text();
    const Counts& counts = row->counts;
    hour_.bind_all(texts[row->app], run, client, row->hour, counts.flows, counts.sessions,
                   counts.upload_events, counts.upload_bytes, counts.bytes_to_server,
                   counts.bytes_to_client);
    if (!hour_.run()) return false;
  }
  return true;
}

bool BatchWriter::write_names(std::int64_t run, const ClientNames& names) {
  for (const auto& [key, seen] : names) {
    const auto& [address, source, name, mac] = key;
    const std::string client = address.to_string();
    name_.bind_all(client, run, source, name, mac, seen.first, seen.second);
    if (!name_.run()) return false;
  }
  return true;
}

bool BatchWriter::write_unknown(std::int64_t run, const Tally::Rows& tally) {
  const Texts& texts = *tally.texts;
  const auto rows = ordered(
      tally.unknown, [](const auto& row) { return row.changed; },
      [&](const auto& a, const auto& b) {
        if (a.host != b.host) return tally.unknown_host(a) < tally.unknown_host(b);
        return a.client < b.client;
      });
  for (const Tally::UnknownRow* row : rows) {
    const std::string client = row->client.text();
    const Tally::UnknownProof& proof = row->proof;
    unknown_.bind_all(tally.unknown_host(*row), run, client, row->flows, row->sessions,
                      row->bytes_to_server, row->bytes_to_client, row->first, row->last,
                      proof.weight, proof.time, proof.number, proof.flow_id, proof.frame,
                      texts[proof.file], texts[proof.host_source], std::uint32_t{proof.ech},
                      std::uint32_t{proof.quic}, std::uint32_t{proof.port},
                      std::uint32_t{proof.protocol}, texts[proof.app_proto], proof.hello_bytes,
                      proof.payload_to_server, proof.payload_to_client);
    if (!unknown_.run()) return false;
  }
  return true;
}

bool BatchWriter::write_facts(const AppFacts& facts) {
  app_.bind_all(facts.id, facts.name.empty() ? facts.id : facts.name, facts.vendor,
                facts.vendor_country, facts.category);
  if (!app_.run() || !forget_attributes_.bind_all(facts.id).run()) return false;
  for (const auto& [key, value] : facts.attributes)
    if (!attribute_.bind_all(facts.id, key, value).run()) return false;
  return true;
}

bool BatchWriter::write_unknown_app(std::string_view id) { return unknown_app_.bind_all(id).run(); }

}  // namespace gnomon::inventory
