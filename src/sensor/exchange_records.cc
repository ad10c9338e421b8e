// How a shard tells what its exchanges carried: findings, files, calls of models, downloads, and
// what was seen of servers.
#include <algorithm>

#include "gnomon/identify/sighting.h"
#include "gnomon/sensor/shard.h"
#include "gnomon/sensor/worker.h"

namespace gnomon::sensor {
namespace {

constexpr std::size_t kUrlMax = 4096;  // of where an upload is; no more of it is compared

std::span<const std::string_view> copy_list(Arena& arena, std::span<const std::string_view> list) {
  const auto copies = arena.array<std::string_view>(list.size());
  std::transform(list.begin(), list.end(), copies.begin(),
                 [&arena](std::string_view each) { return arena.copy(each); });
  return copies;
}

template <class T>
std::span<const T> copy_array(Arena& arena, std::span<const T> list) {
  const auto copies = arena.array<T>(list.size());
  std::copy(list.begin(), list.end(), copies.begin());
  return copies;
}

}  // namespace

bool Shard::knows_app(TextPool::Id host) { return match_of(host).app != nullptr; }

bool Shard::is_source(TextPool::Id host) {
  TextPool::Entry& entry = texts_.entry(host);
  if (!entry.source_known) {
    entry.source = knowledge_->api != nullptr && knowledge_->api->is_source(entry.text());
    entry.source_known = true;
  }
  return entry.source;
}

observation::Identity Shard::identity_of(const HttpExchange& exchange) {
  observation::HttpRecord request;
  request.method = exchange.method;
  request.url = exchange.url;
  request.user_agent = exchange.user_agent;
  request.status = exchange.status;
  identify_request(exchange, request);
  return request.identity;
}

void Shard::tell_api(const flow::Flow& flow, const HttpExchange& exchange,
                     const identify::ApiFacts& facts) {
  Batch& batch = *turn_.batch;
  Arena& arena = batch.arena;
  observation::Conversation conversation;
  fill_conversation(flow, conversation);
  const observation::Place place = places_.of(exchange.number);
  const std::string_view host = arena.copy(exchange.hostname);

  if (!facts.family.empty()) {
    observation::ModelCallRecord& record = batch.model_calls.emplace_back();
    record.place = place;
    record.conversation = conversation;
    record.time = exchange.time;
    record.identity = identity_of(exchange);
    record.host = host;
    record.family = arena.copy(facts.family);
    record.operation = arena.copy(facts.operation);
    record.model_requested = arena.copy(facts.model_requested);
    record.model_returned = arena.copy(facts.model_returned);
    record.tools_offered = copy_list(arena, facts.tools_offered);
    record.tools_called = copy_list(arena, facts.tools_called);
    record.tenant = arena.copy(facts.tenant);
    record.user_agent = arena.copy(facts.user_agent);
    record.tokens_in = facts.tokens_in;
    record.tokens_out = facts.tokens_out;
    record.status = exchange.status;
    record.streamed = facts.streamed;
    record.authenticated = facts.credential;
    turn_.note(Batch::Kind::kModelCall, batch.model_calls.size());
  }
  if (!facts.artifact_kind.empty()) {
    observation::ArtifactRecord& record = batch.artifacts.emplace_back();
    record.place = place;
    record.conversation = conversation;
    record.time = exchange.time;
    record.identity = identity_of(exchange);
    record.host = host;
    record.kind = arena.copy(facts.artifact_kind);
    record.repository = arena.copy(facts.repository);
    record.file = arena.copy(facts.file);
    record.revision = arena.copy(facts.revision);
    record.format = arena.copy(facts.format);
    record.bytes = facts.artifact_bytes;
    record.unsafe_format = facts.unsafe_format;
    if (facts.repository.empty()) record.target = copy_url(exchange.url);
    record.moved_to = arena.copy(facts.moved_to);
    record.asked_only = facts.asked_only;
    record.only_joined = facts.only_joined;
    record.only_models = facts.only_models;
    record.model_format = facts.model_format;
    turn_.note(Batch::Kind::kArtifact, batch.artifacts.size());
  }
  identify::AssetSighting sighting;
  sighting.traits = facts.traits;
  sighting.touches = facts.touches;
  sighting.call = facts.call;
  if (!sighting.speaks()) return;
  sighting.place = place;
  sighting.conversation = conversation;
  sighting.time = exchange.time;
  sighting.host = host;
  sighting.traits = copy_array(arena, facts.traits);
  const auto said = arena.array<identify::ApiSaid>(facts.said.size());
  for (std::size_t i = 0; i < said.size(); ++i) {
    said[i] = facts.said[i];
    said[i].text = arena.copy(facts.said[i].text);
  }
  sighting.said = said;
  sighting.touches = copy_array(arena, facts.touches);
  sighting.model_requested = arena.copy(facts.model_requested);
  sighting.model_returned = arena.copy(facts.model_returned);
  sighting.status = exchange.status;
  sighting.credential = facts.credential;
  sighting.prompt = facts.prompt;
  sighting.tls = exchange.decrypted;
  batch.sightings.push_back(sighting);
  turn_.note(Batch::Kind::kSighting, batch.sightings.size());
}

// Which exchange a finding is of is known while its bodies are closed.
FindingOrigin Shard::origin_of(const flow::Flow* flow, const HttpExchange* exchange,
                               std::string_view host) {
  FindingOrigin origin;
  origin.time = turn_.time;
  origin.lossy = places_.lossy();
  if (flow != nullptr) fill_addresses(*flow, origin.conversation);
  if (exchange != nullptr) {
    origin.time = exchange->time;
    origin.identity = identity_of(*exchange);
  } else if (const identify::Match match = knowledge_->catalogue->match(host);
             match.app != nullptr) {
    identify::FlowFacts facts;
    facts.source = observation::HostSource::kHttpHost;
    facts.request_read = true;
    origin.identity = identify::judge(match, facts);
  }
  return origin;
}

template <class Record>
void Shard::place_finding(const FindingOrigin& origin, std::uint64_t number, Record& record) {
  record.place = places_.of(number);
  record.time = origin.time;
  record.conversation = origin.conversation;
  if (origin.conversation.protocol != 0) add_community_id(record.conversation);
  record.identity = origin.identity;
}

void Shard::tell_finding(const flow::Flow* flow, const HttpExchange* exchange, std::uint64_t number,
                         const observation::FindingRecord& finding) {
  tell_finding(origin_of(flow, exchange, finding.host), number, finding);
}

void Shard::tell_file(const flow::Flow* flow, const HttpExchange* exchange, std::uint64_t number,
                      const observation::FileRecord& file) {
  tell_file(origin_of(flow, exchange, file.host), number, file);
}

void Shard::tell_finding(const FindingOrigin& origin, std::uint64_t number,
                         const observation::FindingRecord& finding) {
  Batch& batch = *turn_.batch;
  Arena& arena = batch.arena;
  observation::FindingRecord& record = batch.findings.emplace_back(finding);
  for (std::string_view* text : {&record.host, &record.role, &record.detector, &record.category,
                                 &record.severity, &record.confidence, &record.sample,
                                 &record.value_hash, &record.file_name, &record.file_type})
    *text = arena.copy(*text);
  record.references = copy_list(arena, finding.references);
  record.reasons = copy_list(arena, finding.reasons);
  place_finding(origin, number, record);
  record.lossy = origin.lossy;
  turn_.note(Batch::Kind::kFinding, batch.findings.size());
}

void Shard::tell_file(const FindingOrigin& origin, std::uint64_t number,
                      const observation::FileRecord& file) {
  Batch& batch = *turn_.batch;
  Arena& arena = batch.arena;
  observation::FileRecord& record = batch.files.emplace_back(file);
  for (std::string_view* text : {&record.host, &record.file_name, &record.file_type,
                                 &record.declared_type, &record.sha256, &record.not_opened})
    *text = arena.copy(*text);
  place_finding(origin, number, record);
  turn_.note(Batch::Kind::kFile, batch.files.size());
}

// Told when all of an upload's pieces meet, in the collector.
UploadStep& Shard::tell_piece(std::uint64_t piece, UploadStep::Kind kind) {
  UploadStep& step = turn_.batch->uploads.emplace_back();
  turn_.note(Batch::Kind::kUpload, turn_.batch->uploads.size());
  step.piece = piece;
  step.kind = kind;
  step.place = places_.of(turn_.frame);
  step.time = turn_.time;
  return step;
}

std::uint64_t Shard::begin_piece(const flow::Flow& flow, const content::ExchangeFacts& facts) {
  Arena& arena = turn_.batch->arena;
  const std::uint64_t piece = ++last_piece_ * kShards + number_;
  UploadRequest& request = arena.array<UploadRequest>(1).front();
  request.facts = facts;
  for (std::string_view* text :
       {&request.facts.method, &request.facts.host, &request.facts.target,
        &request.facts.content_type, &request.facts.content_encoding,
        &request.facts.content_disposition, &request.facts.content_range,
        &request.facts.upload_offset, &request.facts.upload_command, &request.facts.upload_complete,
        &request.facts.upload_length, &request.facts.upload_metadata, &request.facts.upload_name,
        &request.facts.upload_type, &request.facts.upload_concat})
    *text = arena.copy(*text);
  fill_conversation(flow, request.conversation);
  UploadStep& step = tell_piece(piece, UploadStep::Kind::kBegin);
  step.request = &request;
  step.lossy = places_.lossy();
  return piece;
}

void Shard::place_piece(std::uint64_t piece, std::string_view url) {
  tell_piece(piece, UploadStep::Kind::kPlace).url = turn_.batch->arena.copy(url.substr(0, kUrlMax));
}

void Shard::piece_bytes(std::uint64_t piece, Bytes bytes) {
  const std::string_view kept =
      turn_.batch->arena.copy({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  tell_piece(piece, UploadStep::Kind::kBytes).bytes = {
      reinterpret_cast<const std::uint8_t*>(kept.data()), kept.size()};
}

void Shard::piece_gap(std::uint64_t piece, std::uint64_t bytes) {
  tell_piece(piece, UploadStep::Kind::kGap).gap = bytes;
}

void Shard::end_piece(std::uint64_t piece, const HttpExchange& exchange, bool complete) {
  UploadStep& step = tell_piece(piece, UploadStep::Kind::kEnd);
  step.complete = complete;
  step.identity = identity_of(exchange);
}

}  // namespace gnomon::sensor
