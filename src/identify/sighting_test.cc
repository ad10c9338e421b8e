#include "gnomon/identify/sighting.h"

#include <catch2/catch.hpp>
#include <string>

using gnomon::identify::App;
using gnomon::identify::Client;
using gnomon::identify::Endpoint;
using gnomon::identify::FlowFacts;
using gnomon::identify::judge;
using gnomon::identify::Match;
using gnomon::identify::Proof;
using gnomon::identify::Role;
using gnomon::observation::Ech;
using gnomon::observation::Grade;
using gnomon::observation::HostSource;

namespace {

App chat_app() {
  App app;
  app.id = "chat";
  app.category = "chat-assistant";
  app.usage = "web-chat";
  return app;
}

Match match_of(const App& app, Role role = Role::kWebUi, std::string_view usage = "web-chat",
               Proof proof = Proof::kAi) {
  Match match;
  match.app = &app;
  match.role = role;
  match.usage = usage;
  match.proof = proof;
  return match;
}

// A TLS connection with an answered request.
FlowFacts tls_session() {
  FlowFacts facts;
  facts.source = HostSource::kTlsSni;
  facts.payload_to_server = 3000;
  facts.payload_to_client = 9000;
  facts.alpn = "h2";
  return facts;
}

FlowFacts request(std::string_view method, std::string_view path) {
  FlowFacts facts;
  facts.source = HostSource::kHttpHost;
  facts.method = method;
  facts.path = path;
  facts.status = 200;
  return facts;
}

struct Case {
  const char* what;
  FlowFacts facts;
  Role role;
  Proof proof;
  Grade expected;
};

template <class Change>
FlowFacts with(FlowFacts facts, Change change) {
  change(facts);
  return facts;
}

}  // namespace

TEST_CASE("grades follow what was seen", "[sighting]") {
  const App app = chat_app();
  const FlowFacts session = tls_session();
  const FlowFacts post = with(request("POST", "/api/chat"), [](auto& f) { f.request_bytes = 900; });
  const auto each = GENERATE_COPY(values<Case>({
      {"a lookup", with({}, [](auto& f) { f.lookup = true; }), Role::kWebUi, Proof::kAi,
       Grade::kDns},
      {"a hello alone", with(session, [](auto& f) { f.payload_to_client = 0; }), Role::kWebUi,
       Proof::kAi, Grade::kName},
      {"a handshake and nothing else",
       with(session,
            [](auto& f) {
              f.hello_bytes = 517;
              f.payload_to_server = 680;
            }),
       Role::kWebUi, Proof::kAi, Grade::kName},
      {"a long hello and nothing else",
       with(session,
            [](auto& f) {
              f.hello_bytes = 1900;
              f.payload_to_server = 2000;
            }),
       Role::kWebUi, Proof::kAi, Grade::kName},
      {"no answer beyond an alert", with(session, [](auto& f) { f.payload_to_client = 7; }),
       Role::kWebUi, Proof::kAi, Grade::kName},
      {"one direction only", with(session, [](auto& f) { f.payload_to_server = 0; }), Role::kWebUi,
       Proof::kAi, Grade::kName},
      {"a connection opened in advance",
       with(session,
            [](auto& f) {
              f.hello_bytes = 1780;
              f.payload_to_server = 1780 + 250;
              f.payload_to_client = 4800;
            }),
       Role::kWebUi, Proof::kAi, Grade::kName},
      {"a short request of HTTP/1",
       with(session,
            [](auto& f) {
              f.alpn = "http/1.1";
              f.hello_bytes = 517;
              f.payload_to_server = 517 + 185;
              f.payload_to_client = 1200;
            }),
       Role::kApi, Proof::kAi, Grade::kSession},
      {"a short handshake of HTTP/1",
       with(session,
            [](auto& f) {
              f.alpn = "http/1.1";
              f.hello_bytes = 517;
              f.payload_to_server = 517 + 157;
            }),
       Role::kApi, Proof::kAi, Grade::kName},
      {"more than certificates take",
       with(session,
            [](auto& f) {
              f.payload_to_server = 700;
              f.payload_to_client = 60'000;
            }),
       Role::kModelDownload, Proof::kAi, Grade::kSession},
      {"much of one direction only",
       with(session,
            [](auto& f) {
              f.payload_to_server = 0;
              f.payload_to_client = 60'000;
            }),
       Role::kModelDownload, Proof::kAi, Grade::kName},
      {"QUIC, a short hello",
       with(session,
            [](auto& f) {
              f.source = HostSource::kQuicSni;
              f.quic = true;
              f.hello_bytes = 560;
              f.payload_to_server = 3000;
            }),
       Role::kWebUi, Proof::kAi, Grade::kSession},
      {"a name from a cut hello",
       with(session, [](auto& f) { f.source = HostSource::kTlsSniPartial; }), Role::kWebUi,
       Proof::kAi, Grade::kSession},
      {"data both ways", session, Role::kWebUi, Proof::kAi, Grade::kSession},
      {"QUIC, a handshake",
       with(session,
            [](auto& f) {
              f.source = HostSource::kQuicSni;
              f.quic = true;
              f.payload_to_server = 4000;
            }),
       Role::kWebUi, Proof::kAi, Grade::kName},
      {"QUIC, data both ways",
       with(session,
            [](auto& f) {
              f.source = HostSource::kQuicSni;
              f.quic = true;
              f.payload_to_server = 5000;
            }),
       Role::kWebUi, Proof::kAi, Grade::kSession},
      {"an upload", with(session, [](auto& f) { f.uploads = 1; }), Role::kWebUi, Proof::kAi,
       Grade::kUse},
      {"a streamed answer", with(session, [](auto& f) { f.streamed_answer = true; }), Role::kApi,
       Proof::kAi, Grade::kUse},
      {"an upload to nobody",
       with(session,
            [](auto& f) {
              f.uploads = 1;
              f.payload_to_client = 0;
            }),
       Role::kWebUi, Proof::kAi, Grade::kName},
      {"uploads of telemetry", with(session, [](auto& f) { f.uploads = 5; }), Role::kTelemetry,
       Proof::kAi, Grade::kSession},
      {"static files", session, Role::kCdn, Proof::kAi, Grade::kSession},
      {"sign-in", with(session, [](auto& f) { f.streamed_answer = true; }), Role::kAuth, Proof::kAi,
       Grade::kSession},
      {"a front page", request("GET", "/"), Role::kWebUi, Proof::kAi, Grade::kSession},
      {"a front page with a query", request("GET", "/?utm=1"), Role::kWebUi, Proof::kAi,
       Grade::kSession},
      {"a redirect", with(request("GET", "/chat"), [](auto& f) { f.status = 301; }), Role::kWebUi,
       Proof::kAi, Grade::kSession},
      {"a path", request("GET", "/chat/17"), Role::kWebUi, Proof::kAi, Grade::kUse},
      {"an unanswered request", with(request("GET", "/chat/17"), [](auto& f) { f.status = 0; }),
       Role::kWebUi, Proof::kAi, Grade::kName},
      {"a path of static files", request("GET", "/app.js"), Role::kCdn, Proof::kAi,
       Grade::kSession},
      {"a body seen", post, Role::kApi, Proof::kAi, Grade::kUse},
      {"a body read", with(post, [](auto& f) { f.request_read = true; }), Role::kApi, Proof::kAi,
       Grade::kContent},
      {"an empty body read", with(request("POST", "/x"), [](auto& f) { f.request_read = true; }),
       Role::kApi, Proof::kAi, Grade::kUse},
      {"CONNECT alone",
       with(request("CONNECT", "chat.example:443"),
            [](auto& f) {
              f.source = HostSource::kHttpConnect;
              f.payload_to_server = 900;
              f.payload_to_client = 5000;
            }),
       Role::kWebUi, Proof::kAi, Grade::kName},
      {"data through a proxy", with(session, [](auto& f) { f.source = HostSource::kHttpConnect; }),
       Role::kWebUi, Proof::kAi, Grade::kSession},
      {"an embedding service", session, Role::kWebUi, Proof::kEmbedded, Grade::kName},
      {"an upload to an embedding service", with(session, [](auto& f) { f.uploads = 3; }),
       Role::kUpload, Proof::kEmbedded, Grade::kName},
      {"a widget", session, Role::kWebUi, Proof::kWidget, Grade::kName},
      {"a tool server of an embedding service", session, Role::kMcp, Proof::kEmbedded,
       Grade::kSession},
      {"the outer name of an encrypted hello", with(session, [](auto& f) { f.ech = Ech::kReal; }),
       Role::kWebUi, Proof::kAi, Grade::kNone},
      {"GREASE", with(session, [](auto& f) { f.ech = Ech::kGrease; }), Role::kWebUi, Proof::kAi,
       Grade::kSession},
      {"perhaps an outer name", with(session, [](auto& f) { f.ech = Ech::kUndecided; }),
       Role::kWebUi, Proof::kAi, Grade::kName},
      {"named from DNS", with(session, [](auto& f) { f.source = HostSource::kDnsAnswer; }),
       Role::kWebUi, Proof::kAi, Grade::kName},
      {"named from DNS, encrypted hello",
       with(session,
            [](auto& f) {
              f.source = HostSource::kDnsAnswer;
              f.ech = Ech::kReal;
            }),
       Role::kWebUi, Proof::kAi, Grade::kName},
      {"named from DNS, an upload",
       with(session,
            [](auto& f) {
              f.source = HostSource::kDnsAnswer;
              f.uploads = 1;
            }),
       Role::kWebUi, Proof::kAi, Grade::kSession},
      {"named from DNS, no data", with({}, [](auto& f) { f.source = HostSource::kDnsAnswer; }),
       Role::kWebUi, Proof::kAi, Grade::kDns},
      {"named by the certificate", with(session, [](auto& f) { f.source = HostSource::kCertificate; }),
       Role::kWebUi, Proof::kAi, Grade::kName},
      {"named by the certificate, an upload",
       with(session,
            [](auto& f) {
              f.source = HostSource::kCertificate;
              f.uploads = 1;
            }),
       Role::kWebUi, Proof::kAi, Grade::kSession},
      {"named by the certificate, no data",
       with({}, [](auto& f) { f.source = HostSource::kCertificate; }), Role::kWebUi, Proof::kAi,
       Grade::kDns},
      {"one of several names",
       with(session,
            [](auto& f) {
              f.source = HostSource::kDnsAnswer;
              f.ambiguous = true;
              f.uploads = 1;
            }),
       Role::kWebUi, Proof::kAi, Grade::kDns},
  }));
  CAPTURE(each.what);
  const auto identity = judge(match_of(app, each.role, "web-chat", each.proof), each.facts);
  CHECK(identity.grade == each.expected);
  CHECK_FALSE(identity.why.empty());
  CHECK(identity.app == (each.expected == Grade::kNone ? "" : "chat"));
  CHECK(identity.category == (each.expected == Grade::kNone ? "" : "chat-assistant"));
}

TEST_CASE("a name of no app, or of many, makes no claim", "[sighting]") {
  const auto unknown = judge(Match{}, tls_session());
  CHECK(unknown.grade == Grade::kNone);
  CHECK(unknown.app.empty());
  CHECK(unknown.role.empty());
  CHECK(unknown.why.empty());

  Match shared;
  shared.shared = true;
  shared.pattern = "*.example.net";
  const auto many = judge(shared, tls_session());
  CHECK(many.grade == Grade::kNone);
  CHECK(many.app.empty());
  CHECK_FALSE(many.why.empty());
}

TEST_CASE("who asks decides what for, where the host leaves it open", "[sighting]") {
  const App app = chat_app();
  const Client coder{"cli", "Claude Code", "coding-assistant"};
  const Client library{"library", "Python library", {}};
  const Client hint{"library", "Python library", {}, true};
  const Client browser{"browser", "Firefox", {}};
  const auto usage = [&](const Match& match, const Client& client, std::string_view alpn = "h2") {
    FlowFacts facts = tls_session();
    facts.client = client;
    facts.alpn = alpn;
    return std::string{judge(match, facts).usage};
  };
  const Match web = match_of(app);
  const Match api = match_of(app, Role::kApi, "api");
  CHECK(usage(web, browser) == "web-chat");
  CHECK(usage(web, Client{}) == "web-chat");
  CHECK(usage(web, hint) == "web-chat");
  CHECK(usage(web, library) == "api");
  CHECK(usage(web, Client{}, "grpc-exp") == "api");
  CHECK(usage(api, browser) == "api");
  CHECK(usage(api, coder) == "coding-assistant");
  CHECK(usage(match_of(app, Role::kTelemetry, "telemetry"), coder) == "telemetry");
  CHECK(usage(match_of(app, Role::kModelDownload, "model-download"), library) == "model-download");
}

TEST_CASE("a visible path decides where the endpoint says so", "[sighting]") {
  const App app = chat_app();
  Endpoint endpoint;
  endpoint.paths = {{"/mcp", Role::kMcp, "mcp"}, {"/t", Role::kTelemetry, "telemetry"}};
  Match match = match_of(app, Role::kApi, "api", Proof::kEmbedded);
  match.endpoint = &endpoint;

  const auto mcp = judge(match, request("GET", "/mcp/x"));
  CHECK(mcp.role == "mcp");
  CHECK(mcp.usage == "mcp");
  CHECK(mcp.grade == Grade::kUse);
  const auto telemetry = judge(match, request("POST", "/telemetry"));
  CHECK(telemetry.role == "telemetry");
  CHECK(telemetry.grade == Grade::kSession);
  const auto other = judge(match, request("GET", "/other"));
  CHECK(other.role == "api");
  CHECK(other.grade == Grade::kName);
  FlowFacts hidden = request("GET", "/mcp");
  hidden.source = HostSource::kTlsSni;  // a path that is not of this host
  CHECK(judge(match, hidden).role == "api");
}

TEST_CASE("a host of pages and programs is pages to a browser", "[sighting]") {
  const App app = chat_app();
  Endpoint endpoint;
  endpoint.browser_usage = "model-hub";
  endpoint.paths = {{"/api", Role::kApi, "api"}};
  Match match = match_of(app, Role::kModelDownload, "model-download");
  match.endpoint = &endpoint;
  const auto by = [&](std::string_view kind, FlowFacts facts) {
    facts.client.kind = kind;
    const auto identity = judge(match, facts);
    return std::string{identity.role} + " " + std::string{identity.usage};
  };
  CHECK(by("browser", tls_session()) == "web-ui model-hub");
  CHECK(by("sdk", tls_session()) == "model-download model-download");
  CHECK(by("", tls_session()) == "model-download model-download");
  CHECK(by("browser", request("GET", "/models")) == "web-ui model-hub");
  CHECK(by("browser", request("GET", "/api/x")) == "api api");
}

TEST_CASE("a flow's record is judged by its own facts", "[sighting]") {
  const App app = chat_app();
  gnomon::observation::FlowRecord flow;
  flow.host_source = HostSource::kTlsSni;
  flow.payload_to_server = 3000;
  flow.payload_to_client = 9000;
  CHECK(judge(match_of(app), Client{}, flow).grade == Grade::kSession);
  flow.upload_events = 1;
  CHECK(judge(match_of(app), Client{}, flow).grade == Grade::kUse);
  flow.tls.ech = Ech::kReal;
  CHECK(judge(match_of(app), Client{}, flow).grade == Grade::kNone);
  flow.host_source = HostSource::kDnsAnswer;
  CHECK(judge(match_of(app), Client{}, flow).grade == Grade::kSession);
  CHECK(judge(match_of(app), Client{}, flow, true).grade == Grade::kDns);
  flow.has_quic = true;
  CHECK(judge(match_of(app), Client{}, flow).grade == Grade::kDns);
}
