#include "rematch.h"

#include <algorithm>
#include <set>

#include "batch_writer.h"

namespace gnomon::inventory {
namespace {

using observation::FlowRecord;
using observation::HostSource;

HostSource host_source_of(std::string_view word) {
  for (const HostSource source :
       {HostSource::kTlsSni, HostSource::kQuicSni, HostSource::kHttpHost, HostSource::kHttpConnect,
        HostSource::kTlsSniPartial, HostSource::kDnsAnswer, HostSource::kCertificate})
    if (observation::to_string(source) == word) return source;
  return HostSource::kNone;
}

// A row of host_unknown, the flow that proves it as far as it was kept.
struct UnknownUse {
  std::string host, client, file, app_proto, host_source;
  std::int64_t run = 0;
  std::uint64_t flows = 0, sessions = 0, bytes_to_server = 0, bytes_to_client = 0;
  Time first, last;
  std::uint64_t number = 0;
  FlowRecord flow;
};

constexpr std::string_view kUses =
    "SELECT u.client, u.run, u.flows, u.sessions, u.bytes_to_server, u.bytes_to_client, "
    "u.first_seen_ns, u.last_seen_ns, u.proof_time_ns, u.proof_number, u.proof_flow_id, "
    "u.proof_frame, u.proof_file, u.proof_host_source, u.proof_ech, u.proof_quic, u.proof_port, "
    "u.proof_protocol, u.proof_app_proto, u.proof_hello_bytes, u.proof_payload_to_server, "
    "u.proof_payload_to_client FROM host_unknown u JOIN capture_run r ON r.id = u.run "
    "AND r.state = 'finished' WHERE u.host = ? ORDER BY u.run, u.client";

void read_use(const Statement& row, UnknownUse& use) {
  use.client = row.text(0);
  use.run = row.integer(1);
  use.flows = row.number(2);
  use.sessions = row.number(3);
  use.bytes_to_server = row.number(4);
  use.bytes_to_client = row.number(5);
  use.first = row.time(6);
  use.last = row.time(7);
  use.number = row.number(9);
  use.file = row.text(12);
  use.host_source = row.text(13);
  use.app_proto = row.text(18);
  FlowRecord& flow = use.flow;
  flow.start = row.time(8);
  flow.place = {row.number(9), row.number(11), use.file};
  flow.conversation.flow_id = row.number(10);
  flow.conversation.server_port = static_cast<std::uint16_t>(row.integer(16));
  flow.conversation.protocol = static_cast<std::uint8_t>(row.integer(17));
  flow.host = use.host;
  flow.host_source = host_source_of(use.host_source);
  flow.app_proto = use.app_proto;
  flow.has_quic = row.integer(15) != 0;
  flow.tls.ech = static_cast<observation::Ech>(std::clamp<std::int64_t>(row.integer(14), 0, 3));
  flow.tls.hello_bytes = static_cast<std::uint32_t>(row.integer(19));
  flow.payload_to_server = row.number(20);
  flow.payload_to_client = row.number(21);
}

}  // namespace

Result<std::vector<std::string>> hosts_known_now(Database& database, const HostJudge& judge) {
  auto query = database.prepare("SELECT DISTINCT host FROM host_unknown ORDER BY host");
  if (!query) return query.error();
  std::vector<std::string> hosts;
  while (query->step()) {
    std::string host = query->text(0);
    FlowRecord asked;
    asked.host = host;
    if (!judge(asked).app.empty()) hosts.push_back(std::move(host));
  }
  if (!query->ok()) return database.error();
  return hosts;
}

Result<std::vector<RetroMatch>> rematch_hosts(
    Database& database, std::span<const std::string> hosts, const HostJudge& judge, Time at,
    const std::function<bool(const std::string& app)>& write_app) {
  std::vector<RetroMatch> matches;
  auto uses = database.prepare(kUses);
  if (!uses) return uses.error();
  auto sighting = database.prepare(
      "INSERT INTO sighting (app, run, client, host, role, port, protocol, app_proto, usage, "
      "client_kind, grade, first_seen_ns, last_seen_ns, flows, sessions, lookups, requests, "
      "upload_events, upload_bytes, bytes_to_server, bytes_to_client, proof_time_ns, "
      "proof_number, proof_flow_id, proof_frame, proof_file, proof_host_source, proof_why, retro) "
      "VALUES (?,?,?,?,?,?,?,?,?,'',?,?,?,?,?,0,0,0,0,?,?,?,?,?,?,?,?,?,1) "
      "ON CONFLICT DO UPDATE SET grade = max(grade, excluded.grade), "
      "first_seen_ns = min(first_seen_ns, excluded.first_seen_ns), "
      "last_seen_ns = max(last_seen_ns, excluded.last_seen_ns), flows = flows + excluded.flows, "
      "sessions = sessions + excluded.sessions, "
      "bytes_to_server = bytes_to_server + excluded.bytes_to_server, "
      "bytes_to_client = bytes_to_client + excluded.bytes_to_client");
  if (!sighting) return sighting.error();
  auto forget =
      database.prepare("DELETE FROM host_unknown WHERE host = ? AND run = ? AND client = ?");
  if (!forget) return forget.error();
  auto remember = database.prepare("INSERT OR IGNORE INTO retro_match VALUES (?, ?, ?)");
  if (!remember) return remember.error();

  for (const std::string& host : hosts) {
    std::vector<UnknownUse> all;
    uses->bind(1, host);
    while (uses->step()) {
      UnknownUse& use = all.emplace_back();
      use.host = host;
      read_use(*uses, use);
    }
    if (!uses->ok()) return database.error();
    uses->reset();

    RetroMatch match;
    std::set<std::string> clients;
    for (UnknownUse& use : all) {
      // Its texts have moved with the vector.
      use.flow.host = use.host;
      use.flow.place.file = use.file;
      use.flow.app_proto = use.app_proto;
      const observation::Identity identity = judge(use.flow);
      if (identity.app.empty()) continue;  // the name in clear was not the one asked for
      const std::string app{identity.app};
      if (match.app != app && !write_app(app)) return database.error();
      const bool session = identity.grade >= Grade::kSession;
      const std::string protocol = use.flow.conversation.protocol == 0
                                       ? std::string{}
                                       : protocol_text(use.flow.conversation.protocol);
      const std::string why =
          "known only since a later update of the signatures: " + std::string{identity.why};
      sighting->bind_all(app, use.run, use.client, host, identity.role,
                         std::uint32_t{use.flow.conversation.server_port}, protocol, use.app_proto,
                         identity.usage, static_cast<std::uint32_t>(identity.grade), use.first,
                         use.last, use.flows, session ? use.sessions : std::uint64_t{0},
                         use.bytes_to_server, use.bytes_to_client, use.flow.start, use.number,
                         use.flow.conversation.flow_id, use.flow.place.frame, use.file,
                         use.host_source, why);
      if (!sighting->run()) return database.error();
      if (!forget->bind_all(host, use.run, use.client).run()) return database.error();
      if (match.app.empty()) {
        match.host = host;
        match.app = app;
        match.first_seen = use.first;
        match.last_seen = use.last;
        if (!remember->bind_all(host, app, at).run()) return database.error();
      }
      match.first_seen = std::min(match.first_seen, use.first);
      match.last_seen = std::max(match.last_seen, use.last);
      if (!use.client.empty()) clients.insert(use.client);
    }
    if (match.app.empty()) continue;
    match.clients.assign(clients.begin(), clients.end());
    matches.push_back(std::move(match));
  }
  return matches;
}

}  // namespace gnomon::inventory
