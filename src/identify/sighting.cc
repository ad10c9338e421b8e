#include "gnomon/identify/sighting.h"

#include "gnomon/identify/api_reader.h"

namespace gnomon::identify {
namespace {

using observation::Ech;
using observation::Grade;
using observation::HostSource;
using observation::Identity;

// What a handshake alone may take, beyond which payload is somebody's data. To the server that is
// the hello, what closes the handshake and, where nothing follows, the connection (TLS 1.2: some
// 160 bytes, TLS 1.3: 110; RFC 5246, 8446), and over HTTP/2 the preface and settings that browsers
// send on connections opened in advance (RFC 9113, 3.4: some 140). A QUIC client fills the
// datagrams of its Initials (RFC 9000, 14.1), those that carry the hello and one to acknowledge.
// To the client a resumed handshake is the shortest; what tells a request is the other direction,
// unless more comes than any certificates take.
constexpr std::uint64_t kUsualHello = 600;
constexpr std::uint64_t kUsualQuicHello = 1800;
constexpr std::uint64_t kClosingHttp1 = 160;
constexpr std::uint64_t kClosingHttp2 = 300;
constexpr std::uint64_t kHandshakeToClient = 300;
constexpr std::uint64_t kHandshakeToClientMax = 16 * 1024;
constexpr std::uint64_t kInitialDatagram = 1250;
constexpr std::uint64_t kInitialHello = 1100;  // of it left for the hello
constexpr std::uint64_t kQuicToClient = 2400;
constexpr std::uint64_t kConnectToServer = 200;  // CONNECT and its answer (RFC 9110, 9.3.6)
constexpr std::uint64_t kConnectToClient = 60;

bool is_sni(HostSource source) {
  return source == HostSource::kTlsSni || source == HostSource::kQuicSni ||
         source == HostSource::kTlsSniPartial;
}

// A request we could read, to the host itself.
bool is_request(const FlowFacts& facts) {
  return facts.source == HostSource::kHttpHost && !facts.method.empty();
}

bool beyond_front_page(std::string_view path) {
  if (const std::size_t query = path.find('?'); query != std::string_view::npos)
    path = path.substr(0, query);
  return path.size() > 1 && path != "/index.html" && path != "/favicon.ico" &&
         path != "/robots.txt";
}

bool both_ways(const FlowFacts& facts) {
  if (facts.payload_to_server > 0 && facts.payload_to_client > kHandshakeToClientMax) return true;
  std::uint64_t to_server = 0;
  std::uint64_t to_client = 0;
  if (facts.source == HostSource::kHttpHost) {
    if (facts.status != 0) return true;  // answered
  } else if (facts.quic) {
    const std::uint64_t hello = facts.hello_bytes != 0 ? facts.hello_bytes : kUsualQuicHello;
    const std::uint64_t datagrams = (hello + kInitialHello - 1) / kInitialHello + 1;
    to_server = datagrams * kInitialDatagram + kClosingHttp2;
    to_client = kQuicToClient;
  } else {
    const bool may_be_http2 = facts.alpn != "http/1.1" && !facts.alpn.empty();
    to_server = (facts.hello_bytes != 0 ? facts.hello_bytes : kUsualHello) +
                (may_be_http2 ? kClosingHttp2 : kClosingHttp1);
    to_client = kHandshakeToClient;
    if (facts.source == HostSource::kHttpConnect) {
      to_server += kConnectToServer;
      to_client += kConnectToClient;
    }
  }
  return facts.payload_to_server > to_server && facts.payload_to_client > to_client;
}

// Hosts that are there for the app's own purposes: reaching them is a trace of it, not a use.
bool is_supporting(Role role) {
  return role == Role::kCdn || role == Role::kAuth || role == Role::kTelemetry;
}

const PathRole* path_role(const Match& match, const FlowFacts& facts) {
  if (match.endpoint == nullptr || !is_request(facts)) return nullptr;
  for (const PathRole& each : match.endpoint->paths)
    if (facts.path.starts_with(each.prefix)) return &each;
  return nullptr;
}

struct Verdict {
  Grade grade;
  std::string_view why;
};

Verdict grade_of(const FlowFacts& facts, Role role, bool proves) {
  if (facts.lookup) return {Grade::kDns, "its name was looked up"};
  if (!proves)
    return {Grade::kName,
            "reached, but the service has other uses: only a request seen in clear would tell"};
  if (!both_ways(facts))
    return {Grade::kName, "a connection asked for it; no payload both ways beyond the handshake"};
  if (is_supporting(role))
    return {Grade::kSession, "data both ways with a host that only supports the app"};
  if (is_request(facts)) {
    if (is_redirect(facts.status))
      return {Grade::kSession, "a request was answered by sending it elsewhere"};
    if (facts.request_read && facts.request_bytes > 0)
      return {Grade::kContent, "a request's body was read"};
    if (facts.request_bytes > 0 || facts.uploads > 0)
      return {Grade::kUse, "a request with a body was seen"};
    if (beyond_front_page(facts.path)) return {Grade::kUse, "a request's path was seen"};
    return {Grade::kSession, "the front page was fetched"};
  }
  if (facts.uploads > 0) return {Grade::kUse, "data both ways, with an upload"};
  if (facts.streamed_answer) return {Grade::kUse, "data both ways, with a streamed answer"};
  return {Grade::kSession, "data both ways beyond the handshake"};
}

Grade one_less(Grade grade) {
  switch (grade) {
    case Grade::kContent:
      return Grade::kUse;
    case Grade::kUse:
      return Grade::kSession;
    case Grade::kSession:
      return Grade::kName;
    case Grade::kName:
    case Grade::kDns:
      return Grade::kDns;
    case Grade::kNone:
      return Grade::kNone;
  }
  return Grade::kNone;
}

bool is_program(const Client& client) {
  return !client.hint && (client.kind == "sdk" || client.kind == "library" || client.kind == "cli");
}

std::string_view usage_of(std::string_view usage, Role role, const FlowFacts& facts) {
  if (is_supporting(role) || role == Role::kModelDownload) return usage;
  if (!facts.client.usage.empty()) return facts.client.usage;
  // A program talking to a chat's own host is no person chatting.
  const bool program = is_program(facts.client) || facts.alpn.starts_with("grpc");
  return program && usage == "web-chat" ? "api" : usage;
}

}  // namespace

Identity judge(const Match& match, const FlowFacts& facts) {
  Identity identity;
  if (match.app == nullptr) {
    if (match.shared) identity.why = "many services share the host: it names no app";
    return identity;
  }
  if (is_sni(facts.source) && facts.ech == Ech::kReal) {
    identity.why = "the hello is encrypted: the name in clear is not the one asked for";
    return identity;
  }
  Role role = match.role;
  std::string_view usage = match.usage;
  bool proves = match.proof == Proof::kAi || role == Role::kMcp;
  if (const PathRole* const path = path_role(match, facts); path != nullptr) {
    role = path->role;
    usage = path->usage;
    proves = true;
  } else if (match.endpoint != nullptr && !match.endpoint->browser_usage.empty() &&
             facts.client.kind == "browser") {
    role = Role::kWebUi;
    usage = match.endpoint->browser_usage;
  }
  Verdict verdict = grade_of(facts, role, proves);
  if (facts.source == HostSource::kDnsAnswer && !facts.lookup) {
    if (facts.ambiguous) {
      verdict = {Grade::kDns, "named from the client's DNS answers; other names had the address"};
    } else {
      verdict = {one_less(verdict.grade),
                 "named from the client's own DNS answer: one grade less than with a name"};
    }
  } else if (facts.source == HostSource::kCertificate) {
    verdict = {one_less(verdict.grade),
               "named from the server's certificate: one grade less than with a name asked for"};
  } else if (is_sni(facts.source) && facts.ech == Ech::kUndecided && verdict.grade > Grade::kName) {
    verdict = {Grade::kName, "the hello may be encrypted, and the name in clear another's"};
  }
  identity.app = match.app->id;
  identity.category = match.app->category;
  identity.role = to_string(role);
  identity.usage = usage_of(usage, role, facts);
  identity.grade = verdict.grade;
  identity.why = verdict.why;
  return identity;
}

Identity judge(const Match& match, const Client& client, const observation::FlowRecord& flow,
               bool ambiguous) {
  FlowFacts facts;
  facts.source = flow.host_source;
  facts.ech = flow.tls.ech;
  facts.ambiguous = ambiguous;
  facts.quic = flow.has_quic;
  facts.payload_to_server = flow.payload_to_server;
  facts.payload_to_client = flow.payload_to_client;
  facts.hello_bytes = flow.tls.hello_bytes;
  facts.uploads = flow.upload_events;
  facts.streamed_answer = flow.shape.streamed > 0;
  if (!flow.tls.alpns.empty()) facts.alpn = flow.tls.alpns.front();
  facts.client = client;
  return judge(match, facts);
}

}  // namespace gnomon::identify
