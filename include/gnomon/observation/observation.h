#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "gnomon/bytes/ip_address.h"
#include "gnomon/bytes/time.h"

// The records that leave the packet path. Text is a view into the arena of the batch that carries
// the record: whoever keeps it beyond the call copies it. Text from the network is bytes, not
// UTF-8: it is escaped where it is written.
namespace gnomon::observation {

struct Coverage;  // coverage.h

// How strong the evidence is, weakest first. Nothing below kSession is ever reported as use.
enum class Grade : std::uint8_t {
  kNone,
  kDns,      // a name was looked up
  kName,     // a connection asked for it
  kSession,  // bytes flowed both ways
  kUse,      // a path, an upload or a streamed answer was seen
  kContent,  // the request itself was read
};

enum class HostSource : std::uint8_t {
  kNone,
  kTlsSni,
  kQuicSni,
  kHttpHost,
  kHttpConnect,
  kTlsSniPartial,  // read from a hello of which the end is missing: not reported as tls.sni
  kDnsAnswer,      // the client's own earlier answer named the server's address: lower grade
  kCertificate,    // the server's certificate, where the client named nobody: lower grade
};

// Encrypted Client Hello (RFC 9849): what the extension was.
enum class Ech : std::uint8_t { kNone, kGrease, kReal, kUndecided };

enum class FlowState : std::uint8_t { kNew, kEstablished, kClosed };
enum class EndReason : std::uint8_t { kFinished, kTimeout, kEvicted, kShutdown };

std::string_view to_string(Grade grade);        // "dns", "name", ...
std::string_view to_string(HostSource source);  // "tls_sni", "quic_sni", "http_host", ...
std::string_view to_string(Ech ech);            // "none", "grease", "real", "undecided"
std::string_view to_string(FlowState state);    // EVE: "new", "established", "closed"
std::string_view to_string(EndReason reason);   // EVE: "finished" ... as flow.reason

// Where a record was seen, for pcap_filename and pcap_cnt.
struct Place {
  std::uint64_t number = 0;  // of the frame over the whole run, from 1
  std::uint64_t frame = 0;   // of the frame in its file, from 1
  std::string_view file;     // or the interface, or the peer
  bool live = false;         // nobody has the frame in a file
};

// The conversation a record belongs to: client first, as decided by SYN, ClientHello or port.
struct Conversation {
  std::uint64_t flow_id = 0;
  std::string_view community_id;  // made only when events are wanted
  IpAddress client;
  IpAddress server;
  std::uint16_t client_port = 0;
  std::uint16_t server_port = 0;
  std::uint8_t protocol = 0;
  std::uint16_t vlan = 0;
  std::uint16_t inner_vlan = 0;
  std::string_view tunnel;  // "vxlan", "gre" ...; empty when not tunnelled
  std::uint8_t tunnel_depth = 0;
  IpAddress tunnel_source;
  IpAddress tunnel_destination;
};

// What the catalogue says of a host, and how sure the sighting is.
struct Identity {
  std::string_view app;       // catalogue id; empty when no app is known for the host
  std::string_view role;      // "web-ui", "api", "upload", "cdn", "auth", "telemetry" ...
  std::string_view category;  // "chat-assistant" ...
  std::string_view usage;     // "web-chat", "api", "coding-assistant", "model-download" ...
  std::string_view why;       // one sentence: what decided grade and usage
  Grade grade = Grade::kNone;
};

// What the hellos of a flow, over TCP or QUIC, said in clear.
struct TlsFacts {
  std::string_view sni;
  std::span<const std::string_view> more_sni;  // further hellos of the flow, distinct, in order
  std::span<const std::string_view> ja4;       // of every hello, distinct, in order
  std::span<const std::string_view> alpns;     // offered by the first hello
  std::string_view version;                    // "TLS 1.3": server's choice, else client's best
  // Host names in the server's certificate, read up to TLS 1.2 of hosts that no list knows.
  std::span<const std::string_view> certificate_names;
  Ech ech = Ech::kNone;
  std::uint32_t hello_bytes = 0;  // of all the client's hellos; 0 when not known
};

// How the answers of a connection came, from sizes and times alone; never what they said.
struct StreamShape {
  std::uint32_t requests = 0;     // that could be told from the packets' sizes
  std::uint32_t responses = 0;    // long enough to be judged
  std::uint32_t streamed = 0;     // of those: came in small pieces at the pace of a model
  std::uint32_t pieces = 0;       // of the longest streamed one,
  std::uint32_t cadence_ms = 0;   // its median between pieces, coarse
  std::uint32_t piece_bytes = 0;  // and its mean bytes, encryption included
  double score = 0;               // 0 to 1: 0 when nothing streamed, else from 0.5
};

// A flow that has ended, or gave way to others.
struct FlowRecord {
  Place place;  // of the flow's first packet
  Conversation conversation;
  std::uint64_t packets_to_server = 0;
  std::uint64_t packets_to_client = 0;
  std::uint64_t bytes_to_server = 0;  // of whole frames
  std::uint64_t bytes_to_client = 0;
  // Of TCP or UDP payload; of TCP that was seen from SYN to FIN each byte once, with those lost.
  std::uint64_t payload_to_server = 0;
  std::uint64_t payload_to_client = 0;
  std::uint64_t duplicates = 0;  // SPAN duplicates, not counted above
  std::uint64_t gap_bytes = 0;   // payload known missing while it was being read
  std::uint64_t lost_bytes = 0;  // payload missing by sequence numbers, from SYN to FIN
  Time start;
  Time end;
  FlowState state = FlowState::kNew;
  EndReason reason = EndReason::kTimeout;
  bool midstream = false;    // its beginning was not seen
  bool truncated = false;    // frames were cut by the snap length
  bool one_sided = false;    // only one direction was ever seen
  bool reassembled = false;  // IP fragments among its packets
  bool loss_known = false;   // of one direction at least SYN and FIN were seen
  bool carries_ip = false;   // UDP that looks like a tunnel that is not decoded
  bool vlan_split = false;   // the two directions came in different VLANs
  bool given_up = false;     // read in part, as too many others were being read
  bool has_tls = false;      // tls holds a hello over TCP
  bool has_quic = false;     // tls holds a hello over QUIC
  TlsFacts tls;
  std::string_view quic_version;  // "1", "2", "draft-29", "Q050" ...
  std::string_view app_proto;     // EVE's word: "tls", "quic", "http", "dns", "failed" ...
  std::string_view host;
  HostSource host_source = HostSource::kNone;
  std::string_view ndpi_protocol;  // nDPI's name, "TLS", "DNS", "Unknown"
  std::string_view ndpi_category;
  std::span<const std::string_view> ndpi_risks;
  std::string_view user_agent;      // of its first visible HTTP request
  std::uint32_t upload_events = 0;  // requests with a body, or bursts of client data that look so
  std::uint64_t upload_bytes = 0;
  std::uint32_t http_requests = 0;
  StreamShape shape;
  Identity identity;
  std::string_view client_kind;  // "browser", "cli", "sdk" ... where it can be told
};

struct DnsAnswer {
  std::string_view rrname;
  std::string_view rrtype;  // "A", "AAAA", "CNAME", "HTTPS" ..., "TYPE65535"
  std::string_view rdata;   // address or name as text
  std::uint32_t ttl = 0;
  IpAddress address;  // of A and AAAA
  std::string_view
      ech_public_name;      // of HTTPS and SVCB records that publish Encrypted Client Hello
  bool additional = false;  // from another section than the answers: about some other name
};

// One answered question, or a question that nobody answered.
struct DnsRecord {
  Place place;
  Conversation conversation;
  Time time;
  std::string_view rrname;
  std::string_view rrtype;
  std::string_view rcode;  // "NOERROR", "NXDOMAIN" ...; empty when unanswered
  std::uint16_t id = 0;
  bool answered = false;
  bool multicast = false;  // mDNS or LLMNR
  std::span<const DnsAnswer> answers;
  Identity identity;  // of rrname; grade kDns at most
};

// A request of HTTP, with its response where there was one.
struct HttpRecord {
  Place place;  // of the packet that ended the request, or its response where seen
  Conversation conversation;
  Time time;                  // of the request
  std::string_view hostname;  // Host header, lower case, without port
  std::string_view url;
  std::string_view method;
  std::string_view user_agent;
  std::string_view content_type;  // of the response, else of the request
  std::string_view request_content_type;
  std::string_view protocol;         // "HTTP/1.1"
  std::string_view request_sha256;   // hex, of a whole request body; empty when there is none
  std::uint16_t status = 0;          // 0 when no response was seen
  std::uint64_t request_length = 0;  // of bodies, after transfer-decoding
  std::uint64_t response_length = 0;
  bool request_complete = false;
  bool response_complete = false;
  bool decrypted = false;
  Identity identity;
};

// How a client calls itself: DHCP option 12, an mDNS name.
struct ClientNameRecord {
  Place place;
  Time time;
  IpAddress client;
  std::string_view mac;  // "00:11:22:33:44:55", empty when not known
  std::string_view name;
  std::string_view source;  // "dhcp", "mdns"
};

// What one detector found in one body, file or message, added up. Holds no text that was on the
// wire but `sample`, which is masked.
struct FindingRecord {
  Place place;  // of the packet with the first match
  Conversation conversation;
  Time time;
  Identity identity;  // of the server; may be empty
  std::string_view host;
  bool to_server = true;
  std::string_view role;      // who speaks: "user", "system", "tool", "assistant"; empty elsewhere
  std::string_view detector;  // id in signatures/detectors
  std::string_view category;  // "secret", "pii", "financial", "prompt-attack" ...
  std::string_view severity;  // "low", "medium", "high", "critical"
  std::string_view confidence;  // "high", "low"
  std::uint32_t count = 0;
  std::uint32_t unique_count = 0;
  std::string_view sample;      // masked
  std::string_view value_hash;  // keyed: the same value again gives the same hash in one inventory
  std::string_view file_name;
  std::string_view file_type;                    // by content: "pdf", "csv", "json" ...
  std::span<const std::string_view> references;  // "AML.T0051.000", "LLM01" ...
  std::span<const std::string_view>
      reasons;  // "checksum", "label" ...: what speaks for it and against it
  bool partial = false;                          // not all of the body was there, or read
  bool lossy = false;  // packets were lost at about this time: more may have been there
};

// A file or body part that was sent or received in clear.
struct FileRecord {
  Place place;
  Conversation conversation;
  Time time;
  Identity identity;
  std::string_view host;
  bool to_server = true;
  std::string_view file_name;
  std::string_view file_type;      // by content
  std::string_view declared_type;  // by its sender
  std::string_view sha256;         // hex; empty when it is not whole
  std::uint64_t size = 0;
  std::uint64_t gap_bytes = 0;
  bool complete = false;
  bool truncated = false;       // larger than what is read
  std::string_view not_opened;  // why its inside was not read: "encrypted", "too-deep" ...
};

enum class Authenticated : std::uint8_t { kUnknown, kNo, kYes };

// A self-hosted AI server that was seen answering, or being asked.
struct AssetRecord {
  Place place;
  Conversation conversation;
  Time time;
  std::string_view host;  // the name it was asked for; empty for an address
  std::string_view
      product;  // id in signatures/self-hosted; "openai-compatible" where only the API is known
  std::string_view kind;  // "inference", "gateway", "ui", "vector-database", "mcp" ...
  std::string_view version;
  std::span<const std::string_view> models;   // served or asked for
  std::span<const std::string_view> reasons;  // the traits that decided it
  std::span<const std::string_view>
      exposures;  // "unauthenticated", "cleartext-prompt", "admin-api"
  Authenticated authenticated = Authenticated::kUnknown;
  bool tls = false;
};

// One request to a model or tool whose content was read: what was called, never what was said.
struct ModelCallRecord {
  Place place;
  Conversation conversation;
  Time time;
  Identity identity;
  std::string_view host;
  std::string_view family;     // of signatures/api: "openai-chat", "anthropic-messages", "mcp" ...
  std::string_view operation;  // "chat", "embeddings", "tools/call" ...
  std::string_view model_requested;
  std::string_view model_returned;
  std::span<const std::string_view> tools_offered;
  std::span<const std::string_view> tools_called;
  std::string_view tenant;  // kind of account: "corporate", "personal"; empty when not told
  std::string_view user_agent;
  std::uint64_t tokens_in = 0;  // 0 when not told
  std::uint64_t tokens_out = 0;
  bool streamed = false;
  bool authenticated = false;  // the request carried a credential
  std::uint16_t status = 0;    // of the answer; 0: none was seen
};

// A model, data set, package or tool server that was fetched.
struct ArtifactRecord {
  Place place;
  Conversation conversation;
  Time time;
  Identity identity;
  std::string_view host;
  std::string_view kind;        // "model", "dataset", "package", "mcp-server"
  std::string_view repository;  // "org/name"; empty when it is not visible
  std::string_view file;
  std::string_view revision;
  std::string_view format;  // "safetensors", "gguf", "pickle" ...
  std::uint64_t bytes = 0;
  bool unsafe_format = false;  // opening it can run code
  // The storage that gave it, where `host` is the hub that had sent the client there; else empty.
  std::string_view fetched_from;
  // For whoever joins the two: what was asked for (as sent) where nothing else names it, where a
  // redirect led (Location), and as identify::ApiFacts has them. Sinks get only what stands by
  // itself (identify::RedirectMemory::stands).
  std::string_view target;
  std::string_view moved_to;
  bool asked_only = false;
  bool only_joined = false;
  bool only_models = false;
  bool model_format = false;
};

// A host in no list that behaves like AI.
struct CandidateRecord {
  Place place;
  Conversation conversation;
  Time time;
  std::string_view host;
  double score = 0;  // 0 to 1
  std::span<const std::string_view> reasons;
};

// Counters at an interval's end and once more at the end of the run; names such as
// "decode.vlan", sorted.
struct StatsRecord {
  Time time;
  std::span<const std::pair<std::string_view, std::uint64_t>> counters;
  const Coverage* coverage = nullptr;  // so far; for the time of the call
  bool final = false;
};

// How bad a fault of what the sensor is shown is.
enum class HealthSeverity : std::uint8_t {
  kNone,
  kNotice,    // worth knowing; the inventory is right
  kWarning,   // the inventory is incomplete
  kCritical,  // the inventory cannot be relied upon
};
enum class HealthState : std::uint8_t { kBegan, kGoesOn, kEnded, kFinal };

std::string_view to_string(HealthSeverity severity);  // "none", "notice", "warning", "critical"
std::string_view to_string(HealthState state);        // "began", "goes-on", "ended", "final"

// A fault of what the sensor is shown (observation/health.h). Told at the end of every interval that
// has it, and once more at the end of the run; each time with all that is known so far, so that the
// last record of a check stands for those before it.
struct HealthRecord {
  Time first;              // beginning of the first interval that had it
  Time last;               // end of the last one
  std::string_view check;  // "one-sided", "kernel-drops" ...
  std::string_view title;
  HealthSeverity severity = HealthSeverity::kNone;  // at its worst
  HealthState state = HealthState::kBegan;
  std::uint32_t intervals = 0;  // that had it; 0 when only all of the run together shows it
  std::string_view evidence;    // at its worst
  std::string_view meaning;
  std::string_view remedy;
  std::string_view command;
  std::uint64_t part = 0;  // the numbers that decided it
  std::uint64_t whole = 0;
};

// Takes the records of a run in order. Called from one thread at a time.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void on_flow(const FlowRecord& record) = 0;
  virtual void on_dns(const DnsRecord& record) = 0;
  virtual void on_http(const HttpRecord& record) = 0;
  virtual void on_client_name(const ClientNameRecord& record) = 0;
  virtual void on_stats(const StatsRecord& record) = 0;
  virtual void on_finding(const FindingRecord&) {}
  virtual void on_file(const FileRecord&) {}
  virtual void on_asset(const AssetRecord&) {}
  virtual void on_model_call(const ModelCallRecord&) {}
  virtual void on_artifact(const ArtifactRecord&) {}
  virtual void on_candidate(const CandidateRecord&) {}
  virtual void on_health(const HealthRecord&) {}
  // About a second has passed, whether or not packets came: what waits to be written is written.
  virtual void on_tick(Time) {}
};

}  // namespace gnomon::observation
