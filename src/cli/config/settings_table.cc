// The table of all settings: the only place where a name, a default, a range or a help text stands.
#include "settings.h"

namespace gnomon::cli {
namespace {

constexpr double kKiB = 1024;
constexpr double kMiB = 1024 * kKiB;
constexpr double kGiB = 1024 * kMiB;
constexpr double kTiB = 1024 * kGiB;
constexpr double kHour = 3600;
constexpr double kDay = 24 * kHour;
constexpr double kKeepMax = 36500 * kDay;
constexpr bool kReloads = true;
constexpr bool kRestart = false;
using C = Config;

// clang-format off
constexpr Setting kSettings[] = {
// name                          member                            unit              min      max          default       reloads   flag   choices  help
{"inventory.database",           &C::database,                     Unit::kFile,      0, 0, "/var/lib/gnomon/gnomon.db", kRestart, "db", "",
 "The inventory; made when it does not exist."},
{"inventory.sightings_max",      &C::sightings_max,                Unit::kNone,      1000,    100e6,       "500000",     kRestart, "", "",
 "Rows of app, client, host and role held in memory. What has no row of its own is added to one without client and host, and counted."},
{"inventory.hours_max",          &C::hours_max,                    Unit::kNone,      1000,    100e6,       "100000",     kRestart, "", "",
 "Rows of app, client and hour held in memory before they are written."},
{"inventory.unknown_hosts_max",  &C::unknown_hosts_max,            Unit::kNone,      0,       100e6,       "32768",      kRestart, "", "",
 "Hosts that no app is known for and that are kept, so that signatures to come can be asked about them."},
{"inventory.clients_per_unknown_host_max", &C::clients_per_unknown_host_max, Unit::kNone, 1, 100000,       "64",         kRestart, "", "",
 "Clients kept of each of these hosts."},
{"inventory.unknown_rows_max",   &C::unknown_rows_max,             Unit::kNone,      0,       100e6,       "100000",     kRestart, "", "",
 "Rows of such a host and a client; beyond, one row for each host."},
{"inventory.client_names_max",   &C::client_names_max,             Unit::kNone,      0,       100e6,       "65536",      kRestart, "", "",
 "Names of clients (DHCP, mDNS) held in memory."},
{"inventory.ledger_rows_max",    &C::ledger_rows_max,              Unit::kNone,      100,     100e6,       "50000",      kRestart, "", "",
 "Rows of each of findings, files, servers, calls, artifacts and candidates held in memory."},

{"keep.sightings",               &C::keep_sightings,                Unit::kNone,      0,       kKeepMax,    "800 d",      kRestart, "keep-sightings", "",
 "Who used what: apps, self-hosted servers, model calls, tools, downloads; since it was last seen, as all of these. 0: for ever."},
{"keep.hours",                   &C::keep_hours,                    Unit::kNone,      0,       kKeepMax,    "400 d",      kRestart, "keep-hours", "",
 "Hourly sums; at most as long as sightings, at least 30 days, as alerts compare with the weeks before."},
{"keep.findings",                &C::keep_findings,                 Unit::kNone,      0,       kKeepMax,    "400 d",      kRestart, "keep-findings", "",
 "Sensitive items."},
{"keep.files",                   &C::keep_files,                    Unit::kNone,      0,       kKeepMax,    "180 d",      kRestart, "keep-files", "",
 "Files and body parts."},
{"keep.alerts",                  &C::keep_alerts,                   Unit::kNone,      0,       kKeepMax,    "400 d",      kRestart, "keep-alerts", "",
 "Alerts."},
{"keep.lookups",                 &C::keep_lookups,                  Unit::kNone,      0,       kKeepMax,    "90 d",       kRestart, "keep-lookups", "",
 "Names that were only looked up."},
{"keep.unknown_hosts",           &C::keep_unknown_hosts,            Unit::kNone,      0,       kKeepMax,    "180 d",      kRestart, "keep-unknown-hosts", "",
 "Hosts that no app is known for: how far back a new signature can tell who used it."},
{"keep.candidates",              &C::keep_candidates,               Unit::kNone,      0,       kKeepMax,    "180 d",      kRestart, "keep-candidates", "",
 "Hosts that behave like AI."},
{"keep.client_names",            &C::keep_client_names,             Unit::kNone,      0,       kKeepMax,    "400 d",      kRestart, "keep-client-names", "",
 "Names that clients gave themselves."},
{"keep.health",                  &C::keep_health,                   Unit::kNone,      0,       kKeepMax,    "90 d",       kRestart, "keep-health", "",
 "What the sensor said of its own view."},
{"keep.size_max",                &C::keep_bytes_max,               Unit::kBytes,     0,       kTiB,        "10 GiB",     kRestart, "max-size", "",
 "When the inventory is larger, the oldest days go: first what is least missed. 0: no limit."},
{"keep.interval",                &C::tidy_interval,                Unit::kNone,      60,      kDay,        "6 h",        kRestart, "", "",
 "Time between two looks at what is old."},

{"capture.interfaces",           &C::interfaces,                   Unit::kName,      0, 64,  "",           kRestart, "interface", "",
 "Interfaces that the mirrored traffic arrives at."},
{"capture.folder",               &C::folder,                       Unit::kFolder,    0, 0, "",             kRestart, "read-folder", "",
 "In place of interfaces: reads every capture in the folder once it is finished, and those that come."},
{"capture.pcap_over_ip",         &C::peers,                        Unit::kAddress,   0, 64,  "",           kRestart, "pcap-over-ip", "",
 "In place of interfaces: connects to these (HOST:PORT) and reads a capture from each; again when it ends."},
{"capture.pcap_over_ip_listen",  &C::listen,                       Unit::kAddress,   0, 64,  "",           kRestart, "pcap-over-ip-listen", "",
 "In place of interfaces: reads captures from whoever connects to these (ADDRESS:PORT)."},
{"capture.filter",               &C::filter,                       Unit::kFilter,    0, 0, "",             kRestart, "filter", "",
 "Reads only packets that this capture filter (BPF) lets pass, such as 'tcp port 443'. Empty lets everything pass."},
{"capture.workers",              &C::workers,                      Unit::kNone,      0,       16,          "0",          kRestart, "workers", "",
 "Threads that read flows; the inventory is the same for any number. 0: one for each processor, in a capture for"
 " every second one; 4 at most."},

{"capture.cpus",                 &C::cpus,                         Unit::kName,      0, 0, "",             kRestart, "cpus", "",
 "Processors that workers are bound to in turn, such as 0,2-3. Empty: none."},
{"capture.snap_length",          &C::snap_length,                  Unit::kNone,      64,      262144,      "262144",     kRestart, "snaplen", "",
 "Bytes of a packet that are captured at most."},
{"capture.buffer_mib",           &C::buffer_mib,                   Unit::kNone,      2,       1024,        "64",         kRestart, "buffer", "",
 "Size of each ring in MiB; every worker has one of each interface."},
{"capture.promiscuous",          &C::promiscuous,                  Unit::kNone,      0, 0, "yes",          kRestart, "no-promisc", "",
 "Puts interfaces into promiscuous mode, without which a card hears little of a mirror."},

{"flows.max",                    &C::flows_max,                    Unit::kNone,      1024,    100e6,       "2000000",    kRestart, "flows-max", "",
 "Flows held at once, at about 200 bytes each; at the limit the one nearest its timeout is ended, and counted."},
{"flows.reassembly_max",         &C::reassembly_bytes_max,         Unit::kBytes,     kMiB,    64 * kGiB,   "128 MiB",    kRestart, "", "",
 "Memory for TCP segments that came early; at the limit the hole before them becomes a gap."},
{"flows.timeout_tcp_new",        &C::tcp_new,                      Unit::kNone,      1,       kHour,       "60 s",       kRestart, "", "",
 "Ends a TCP flow that was silent so long and of which no handshake was complete."},
{"flows.timeout_tcp",            &C::tcp_established,              Unit::kNone,      1,       kDay,        "30 min",     kRestart, "", "",
 "Ends an open TCP flow that was silent so long."},
{"flows.timeout_tcp_closed",     &C::tcp_closed,                   Unit::kNone,      1,       kHour,       "10 s",       kRestart, "", "",
 "Waits so long for late packets of a TCP flow that was closed."},
{"flows.timeout_udp_one_way",    &C::udp_one_way,                  Unit::kNone,      1,       kHour,       "60 s",       kRestart, "", "",
 "Ends a UDP flow that nobody answered and that was silent so long."},
{"flows.timeout_udp",            &C::udp_two_way,                  Unit::kNone,      1,       kDay,        "5 min",      kRestart, "", "",
 "Ends a UDP flow that was silent so long."},
{"flows.timeout_other",          &C::other,                        Unit::kNone,      1,       kHour,       "60 s",       kRestart, "", "",
 "Ends flows of other protocols that were silent so long."},
{"flows.fragments_max",          &C::fragment_bytes_max,           Unit::kBytes,     64 * kKiB, 16 * kGiB, "16 MiB",     kRestart, "", "",
 "Memory for fragments of IP datagrams; at the limit the oldest datagram is given up."},
{"flows.fragmented_datagrams_max", &C::fragment_datagrams_max,     Unit::kNone,      16,      10e6,        "8192",       kRestart, "", "",
 "Datagrams that wait for fragments at once."},
{"flows.timeout_fragments",      &C::fragment_timeout,             Unit::kNone,      1,       300,         "30 s",       kRestart, "", "",
 "Gives up a datagram of which no fragment came for so long."},

{"content.read",                 &C::content,                      Unit::kNone,      0, 0, "yes",          kRestart, "no-content", "",
 "Reads what requests and answers carry where it is visible. No text is kept: findings hold a masked sample."},
{"content.open_max",             &C::bodies_max,                   Unit::kNone,      1,       100000,      "256",        kReloads, "", "",
 "Bodies that each of the 16 shards looks through at once; further ones are refused, and counted."},
{"content.body_max",             &C::body_bytes_max,               Unit::kBytes,     kKiB,    kTiB,        "256 MiB",    kReloads, "", "",
 "Reads a body no further than this, as it was sent."},
{"content.decoded_max",          &C::decoded_bytes_max,            Unit::kBytes,     kKiB,    kTiB,        "1 GiB",      kReloads, "", "",
 "Reads a body no further than this, decompressed."},
{"content.decoded_ratio_max",    &C::decoded_ratio_max,            Unit::kNone,      2,       1e6,         "1000",       kReloads, "", "",
 "Calls a body a bomb when it is this many times larger decompressed, beyond the first MiB."},
{"content.document_max",         &C::document_bytes_max,           Unit::kBytes,     kKiB,    4 * kGiB,    "32 MiB",     kReloads, "", "",
 "The largest document or archive that is opened."},
{"content.document_text_max",    &C::document_text_max,            Unit::kBytes,     kKiB,    16 * kGiB,   "64 MiB",     kReloads, "", "",
 "Text read from one document."},
{"content.document_time_max",    &C::document_time_max,            Unit::kNone,      1,       300,         "10 s",       kReloads, "", "",
 "Gives up a document that takes more processor time to open. In a capture, whose packets wait meanwhile, "
 "2 s unless this is set."},
{"content.parts_max",            &C::parts_max,                    Unit::kNone,      1,       1e6,         "1000",       kReloads, "", "",
 "Parts read of one body: of a form, of an archive, attachments."},
{"content.depth_max",            &C::depth_max,                    Unit::kNone,      1,       64,          "8",          kReloads, "", "",
 "Opens archives in archives no deeper than this."},
{"content.files_per_body_max",   &C::files_per_body_max,           Unit::kNone,      1,       100000,      "100",        kReloads, "", "",
 "Files told of one body."},
{"content.findings_per_body_max", &C::findings_per_body_max,       Unit::kNone,      1,       100000,      "200",        kReloads, "", "",
 "Findings told of one body."},
{"content.uploads_max",          &C::uploads_max,                  Unit::kNone,      1,       100000,      "32",         kReloads, "", "",
 "Unfinished uploads in pieces that each shard remembers."},
{"content.local_detectors",      &C::local_detectors,              Unit::kFolder,    0, 0, "/etc/gnomon/detectors.d", kReloads, "", "",
 "Folder with detectors of this network, in the form of signatures/detectors; need not exist."},
{"content.markings",             &C::markings,                     Unit::kNone,      0, 200, "",           kReloads, "", "",
 "Words that this organisation marks its documents with, such as 'Acme Internal'."},
{"content.key_logs",             &C::key_logs,                     Unit::kFile,      0, 64,  "",           kRestart, "keylog", "",
 "Key logs with secrets of TLS and QUIC connections (SSLKEYLOGFILE), to read what they say. Key logs inside pcapng captures are used without."},

{"signatures.folder",            &C::signatures,                   Unit::kFolder,    0, 0, "",             kReloads, "signatures", "",
 "Folder of signatures. Empty: the ones that came with the program."},
{"signatures.local",             &C::local_signatures,             Unit::kFolder,    0, 0, "/etc/gnomon/signatures.d", kReloads, "local-signatures", "",
 "What this network adds: files of apps, and packs in folders below; need not exist."},
{"signatures.trusted_keys",      &C::trusted_keys,                 Unit::kFolder,    0, 0, "/etc/gnomon/trusted-keys.d", kReloads, "trusted-keys", "",
 "Public keys (Ed25519, PEM) of those who may sign packs."},
{"signatures.require_signed",    &C::require_signed,               Unit::kNone,      0, 0, "no",           kReloads, "require-signed", "",
 "Refuses signatures that came from elsewhere unless they are signed."},
{"signatures.age_max",           &C::signatures_age_max,           Unit::kNone,      0,       3650 * kDay, "180 d",      kReloads, "", "",
 "Warns when the newest signature is older. 0: never."},

{"events.file",                  &C::events,                       Unit::kFile,      0, 0, "",             kRestart, "events", "",
 "Also writes events (flow, dns, http, finding, asset, alert ...) as JSON lines in the shape of Suricata's EVE; - for standard output. Empty: none."},
{"events.stats_interval",        &C::stats_interval,               Unit::kNone,      1,       kDay,        "60 s",       kRestart, "", "",
 "Time between two stats events."},

{"privacy.pseudonyms",           &C::pseudonyms,                   Unit::kNone,      0, 0, "no",           kRestart, "pseudonyms", "",
 "Keeps and tells clients under pseudonyms; 'gnomon reveal' tells whom one stands for."},
{"privacy.key_file",             &C::key_file,                     Unit::kFile,      0, 0, "",             kRestart, "key-file", "",
 "Key of the pseudonyms, made when there is none. Empty: the inventory's path and .key."},

{"log.level",                    &C::log_level,                    Unit::kChoice,    0, 0, "info",         kReloads, "log-level", "debug|info|warning|error",
 "Leaves out log messages that matter less."},
{"log.format",                   &C::log_format,                   Unit::kChoice,    0, 0, "logfmt",       kReloads, "", "logfmt|json",
 "How log lines are written to standard error (the journal, for the service)."},
{"log.per_minute_max",           &C::log_per_minute_max,           Unit::kNone,      1,       10000,       "10",         kReloads, "", "",
 "Lines of one kind of message in a minute; the next line says how many were left out."},

{"service.metrics",              &C::metrics_listen,               Unit::kAddress,   0, 0, "127.0.0.1:9310", kRestart, "", "",
 "Address that Prometheus reads metrics from, at /metrics. Empty: none."},
{"service.status_socket",        &C::status_socket,                Unit::kFile,      0, 0, "/run/gnomon/status.sock", kRestart, "", "",
 "Socket that 'gnomon status' asks. Empty: none."},
{"service.user",                 &C::user,                         Unit::kName,      0, 0, "gnomon",       kRestart, "", "",
 "User that the sensor becomes, once capture is open, when it was started as root. Empty: stays root."},
{"service.sandbox",              &C::sandbox,                      Unit::kNone,      0, 0, "yes",          kRestart, "", "",
 "Gives up, once capture is open, all capabilities, system calls (seccomp) and files (Landlock) that the sensor has no use for."},

{"console.listen",               &C::console_listen,               Unit::kAddress,   0, 0, "127.0.0.1:8787", kRestart, "", "",
 "Where 'gnomon serve' offers the web console; anything but this machine itself needs TLS."},
{"console.tls_certificate",      &C::console_certificate,          Unit::kFile,      0, 0, "",             kRestart, "", "",
 "Certificate chain of the console, PEM. Empty: no TLS."},
{"console.tls_key",              &C::console_key,                  Unit::kFile,      0, 0, "",             kRestart, "", "",
 "Its private key, PEM."},
{"console.host_names",           &C::console_names,                Unit::kName,      0, 64,  "",           kRestart, "", "",
 "Names under which browsers may ask for the console, besides addresses and localhost."},

{"alerts.loss_max",              &C::loss_percent_max,             Unit::kPercent,   0,       100,         "1",          kReloads, "", "",
 "Alerts when more of the packets of an interval were lost. 100: never."},
{"alerts.stall_max",             &C::stall_max,                    Unit::kNone,      0,       kDay,        "5 min",      kReloads, "", "",
 "Alerts when no packet came for so long. 0: never."},
{"alerts.disk_free_min",         &C::disk_free_min,                Unit::kBytes,     0,       kTiB,        "500 MiB",    kReloads, "", "",
 "Alerts when the disk of the inventory has less room. 0: never."},
};
// clang-format on

}  // namespace

std::span<const Setting> settings() { return kSettings; }

}  // namespace gnomon::cli
