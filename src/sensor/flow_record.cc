// How a shard tells what it knows: records of flows and requests.
#include <array>

#include "gnomon/bytes/hash.h"
#include "gnomon/flow/community_id.h"
#include "gnomon/identify/sighting.h"
#include "gnomon/sensor/shard.h"

namespace gnomon::sensor {
namespace {

std::string_view app_proto_of(const FlowNotes& notes, const flow::Flow& flow) {
  switch (notes.mode) {
    case Mode::kTls:
      return "tls";
    case Mode::kQuic:
      return "quic";
    case Mode::kHttp:
      return notes.http2 ? "http2" : "http";
    case Mode::kDns:
      return "dns";
    case Mode::kMdns:
      return "mdns";
    case Mode::kLlmnr:
      return "llmnr";
    case Mode::kDhcp:
      return "dhcp";
    case Mode::kDhcp6:
      return "dhcp6";
    case Mode::kUndecided:
    case Mode::kPlain:
      break;
  }
  if (notes.http_seen) return "http";
  return flow.payload[0] + flow.payload[1] == 0 ? "" : "failed";
}

// Spread over 53 bits, which is what a number of JSON holds everywhere; the same for the same
// capture.
std::uint64_t flow_id_of(const flow::Flow& flow) {
  const auto start = static_cast<std::uint64_t>(flow.start.time_since_epoch().count());
  std::uint64_t hash = hash_bytes(flow.lower.data(), flow.lower.size(), start);
  hash = hash_bytes(flow.higher.data(), flow.higher.size(), hash);
  const std::uint64_t ports = static_cast<std::uint64_t>(flow.lower_port) << 32 |
                              static_cast<std::uint64_t>(flow.higher_port) << 16 | flow.protocol;
  return mix(hash ^ ports, kHashStep ^ flow.first_number) >> 11;
}

observation::EndReason reason_of(flow::Ending ending) {
  switch (ending) {
    case flow::Ending::kFinished:
      return observation::EndReason::kFinished;
    case flow::Ending::kTimeout:
      return observation::EndReason::kTimeout;
    case flow::Ending::kEvicted:
      return observation::EndReason::kEvicted;
    case flow::Ending::kShutdown:
      return observation::EndReason::kShutdown;
  }
  return observation::EndReason::kShutdown;
}

// What a zero byte joins.
std::span<const std::string_view> split(Arena& arena, std::string_view joined) {
  if (joined.empty()) return {};
  const auto count = static_cast<std::size_t>(std::count(joined.begin(), joined.end(), '\0')) + 1;
  const auto parts = arena.array<std::string_view>(count);
  std::size_t from = 0;
  for (std::string_view& each : parts) {
    const std::size_t to = std::min(joined.find('\0', from), joined.size());
    each = joined.substr(from, to - from);
    from = to + 1;
  }
  return parts;
}

observation::FlowState state_of(const flow::Flow& flow) {
  if (flow.state == flow::TcpState::kClosed) return observation::FlowState::kClosed;
  return flow.established_seen ? observation::FlowState::kEstablished
                               : observation::FlowState::kNew;
}

}  // namespace

void Shard::fill_conversation(const flow::Flow& flow, observation::Conversation& conversation) {
  fill_addresses(flow, conversation);
  add_community_id(conversation);
}

void Shard::fill_addresses(const flow::Flow& flow, observation::Conversation& conversation) {
  const flow::Side client = flow.client;
  const flow::Side server = flow::other(client);
  conversation.flow_id = flow_id_of(flow);
  conversation.client = flow.address(client);
  conversation.server = flow.address(server);
  conversation.client_port = flow.port(client);
  conversation.server_port = flow.port(server);
  conversation.protocol = flow.protocol;
  conversation.vlan = flow.vlan;
  conversation.inner_vlan = flow.inner_vlan;
  conversation.tunnel = flow::tunnel_name(flow.tunnel);
  conversation.tunnel_depth = flow.tunnel_depth;
  if (flow.outer != flow::kNoFlow) {
    const flow::OuterAddresses outer = table_.outer(flow);
    conversation.tunnel_source = outer.source;
    conversation.tunnel_destination = outer.destination;
  }
}

void Shard::add_community_id(observation::Conversation& conversation) {
  if (options_.events) {
    conversation.community_id = turn_.batch->arena.copy(
        flow::community_id(conversation.client, conversation.client_port, conversation.server,
                           conversation.server_port, conversation.protocol));
  }
}

void Shard::tell_flow(const flow::Flow& flow, FlowNotes& notes, flow::Ending ending) {
  Arena& arena = turn_.batch->arena;
  turn_.batch->flows.emplace_back();
  observation::FlowRecord& record = turn_.batch->flows.back();
  fill_conversation(flow, record.conversation);
  record.place = places_.of(flow.first_number);
  const std::size_t to_server = flow::index_of(flow.client);
  const std::size_t to_client = 1 - to_server;
  record.packets_to_server = flow.packets[to_server];
  record.packets_to_client = flow.packets[to_client];
  record.bytes_to_server = flow.bytes[to_server];
  record.bytes_to_client = flow.bytes[to_client];
  record.payload_to_server = flow.sent_bytes(flow.client);
  record.payload_to_client = flow.sent_bytes(flow::other(flow.client));
  record.duplicates = flow.duplicates;
  record.gap_bytes = notes.gap_bytes;
  record.lost_bytes = std::uint64_t{flow.lost_bytes(flow::Side::kLower)} +
                      flow.lost_bytes(flow::Side::kHigher);
  record.loss_known = flow.lengths_known != 0;
  record.start = flow.start;
  record.end = flow.last;
  record.state = state_of(flow);
  record.reason = reason_of(ending);
  record.midstream = flow.midstream;
  record.truncated = flow.truncated;
  record.one_sided = flow.one_sided();
  record.reassembled = flow.reassembled;
  record.vlan_split = flow.vlan_split;
  record.carries_ip = notes.carries_ip;
  record.given_up = notes.given_up;
  record.app_proto = app_proto_of(notes, flow);
  if (notes.tls != FlowNotes::kNone) fill_tls(tls_[notes.tls], record);
  record.host = arena.copy(texts_.text(notes.host));
  record.host_source = notes.host_source;

  const flow::NdpiVerdict verdict = verdict_of(flow, notes);
  record.ndpi_protocol = verdict.protocol();
  record.ndpi_category = verdict.category();
  if (verdict.risks != 0) {
    risk_names_.clear();
    flow::NdpiEngine::append_risk_names(verdict.risks, risk_names_);
    const auto risks = arena.array<std::string_view>(risk_names_.size());
    std::copy(risk_names_.begin(), risk_names_.end(), risks.begin());
    record.ndpi_risks = risks;
  }
  if (notes.http_notes != FlowNotes::kNone) {
    const HttpNotes& http = http_notes_[notes.http_notes];
    record.user_agent = arena.copy(texts_.text(http.user_agent));
    record.upload_events = http.uploads;
    record.upload_bytes = http.upload_bytes;
    record.http_requests = http.requests;
  }
  tell_shape(flow, record);
  identify_flow(notes, record);
  turn_.note(Batch::Kind::kFlow, turn_.batch->flows.size());
  tell_all_unanswered(flow, notes);
}

void Shard::fill_tls(const TlsNotes& tls, observation::FlowRecord& record) {
  Arena& arena = turn_.batch->arena;
  record.has_quic = tls.over_quic;
  record.has_tls = !tls.over_quic;
  record.tls.sni = arena.copy(texts_.text(tls.sni));
  const auto more = arena.array<std::string_view>(tls.more_sni_count);
  for (std::size_t i = 0; i < more.size(); ++i) more[i] = arena.copy(texts_.text(tls.more_sni[i]));
  record.tls.more_sni = more;
  const auto ja4 = arena.array<std::string_view>(tls.ja4_count);
  for (std::size_t i = 0; i < ja4.size(); ++i) ja4[i] = arena.copy(texts_.text(tls.ja4[i]));
  record.tls.ja4 = ja4;
  record.tls.alpns = split(arena, arena.copy(texts_.text(tls.alpns)));
  record.tls.certificate_names = split(arena, arena.copy(texts_.text(tls.certificate)));
  record.tls.version =
      message::tls_version_name(tls.server_version != 0 ? tls.server_version : tls.client_version);
  record.tls.ech = tls.ech;
  record.tls.hello_bytes = tls.hello_bytes;
  if (tls.over_quic) {
    record.tls.version = "TLS 1.3";
    record.quic_version = arena.copy(message::quic_version_name(tls.quic_version));
  }
}

void Shard::identify_flow(const FlowNotes& notes, observation::FlowRecord& record) {
  const std::string_view ja4 = record.tls.ja4.empty() ? std::string_view{} : record.tls.ja4.front();
  identify::Client client;
  if (!record.user_agent.empty() || !ja4.empty())
    client = knowledge_->catalogue->client(record.user_agent, ja4);
  record.client_kind = client.kind;
  const identify::Match match =
      notes.host == TextPool::kNone ? identify::Match{} : match_of(notes.host);
  if (match.app != nullptr) {
    record.identity = identify::judge(match, client, record);
  } else if (client.kind == "crawler" && !client.hint) {
    // Whoever's host it is: what is collected there goes to an AI.
    record.identity.usage = client.usage;
    record.identity.why = "a robot that collects pages for AI says so in its user agent";
  }

  // What a request itself says of its purpose counts more than what its host is there for; "api"
  // says the least.
  if (notes.http_notes == FlowNotes::kNone) return;
  const std::string_view usage = http_notes_[notes.http_notes].api_usage;
  if (usage.empty() || (match.app != nullptr && usage == "api")) return;
  if (usage == "api" && !client.usage.empty() && !client.hint) {
    // A gateway of one's own is asked by whom it is there for.
    record.identity.usage = client.usage;
    record.identity.why = "a call of this kind of API by a program that names itself";
    return;
  }
  record.identity.usage = usage;
  record.identity.why = "a request was read whose path, fields and body are of this kind of API";
}

void Shard::identify_request(const HttpExchange& exchange, observation::HttpRecord& record) {
  if (exchange.host == TextPool::kNone) return;
  const identify::Match& match = match_of(exchange.host);
  if (match.app == nullptr) return;
  identify::FlowFacts facts;
  facts.source = observation::HostSource::kHttpHost;
  const std::uint64_t uploaded = exchange.request_length + exchange.messages_length;
  facts.payload_to_server = uploaded;
  facts.payload_to_client = exchange.response_length;
  facts.method = record.method;
  facts.path = record.url;
  facts.status = record.status;
  facts.request_bytes = uploaded;
  facts.request_read = exchange.request_complete && uploaded > 0;
  facts.uploads = uploaded > 0 ? 1 : 0;
  facts.client = knowledge_->catalogue->client(record.user_agent, {});
  record.identity = identify::judge(match, facts);
}

// Of credentials nothing but that they are there leaves the reader.
std::string_view Shard::copy_url(std::string_view url) {
  Arena& arena = turn_.batch->arena;
  if (knowledge_->api != nullptr)
    if (const auto hidden = knowledge_->api->without_credentials(url)) return arena.copy(*hidden);
  return arena.copy(url);
}

void Shard::emit(const flow::Flow& flow, const HttpExchange& exchange) {
  Arena& arena = turn_.batch->arena;
  turn_.batch->http.emplace_back();
  observation::HttpRecord& record = turn_.batch->http.back();
  fill_conversation(flow, record.conversation);
  record.place = places_.of(exchange.number);
  record.time = exchange.time;
  record.hostname = arena.copy(exchange.hostname);
  record.url = copy_url(exchange.url);
  record.method = arena.copy(exchange.method);
  record.user_agent = arena.copy(exchange.user_agent);
  record.request_content_type = arena.copy(exchange.request_type);
  record.content_type =
      arena.copy(exchange.response_type.empty() ? exchange.request_type : exchange.response_type);
  record.protocol = arena.copy(exchange.protocol);
  if (exchange.has_sha)
    record.request_sha256 = arena.copy({exchange.sha_text.data(), exchange.sha_text.size()});
  record.status = exchange.status;
  record.request_length = exchange.request_length;
  record.response_length = exchange.response_length;
  record.request_complete = exchange.request_complete;
  record.response_complete = exchange.response_complete;
  record.decrypted = exchange.decrypted;
  identify_request(exchange, record);
  turn_.note(Batch::Kind::kHttp, turn_.batch->http.size());
}

}  // namespace gnomon::sensor
