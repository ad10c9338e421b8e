#include "gnomon/sensor/collector.h"

#include <algorithm>
#include <utility>

#include "gnomon/identify/sighting.h"
#include "gnomon/message/tls_certificate.h"
#include "gnomon/sensor/shard.h"

namespace gnomon::sensor {

using observation::HostSource;

namespace {

std::chrono::sys_days day_of(Time time) { return std::chrono::floor<std::chrono::days>(time); }

}  // namespace

Collector::Collector(const identify::Catalogue& catalogue, const identify::ApiKnowledge* api,
                     std::span<observation::Sink* const> sinks, const identify::ShadowName* shadow,
                     const HealthOptions& health)
    : catalogue_(&catalogue),
      sinks_(sinks.begin(), sinks.end()),
      uploads_(sinks),
      shadow_judge_(catalogue, shadow != nullptr ? *shadow : no_names_),
      health_(health.own),
      health_monitor_(health.place) {
  if (api != nullptr) assets_.emplace(*api);
}

void Collector::change(const KnowledgePointer& knowledge) {
  tell_assets(true);
  assets_.reset();
  catalogue_ = knowledge->catalogue;
  shadow_judge_.change(*knowledge->catalogue,
                       knowledge->shadow != nullptr ? *knowledge->shadow : no_names_);
  if (knowledge->api != nullptr) assets_.emplace(*knowledge->api);
  uploads_.change(knowledge);
  knowledge_ = knowledge;
}

void Collector::take(const BlockFacts& facts, std::vector<Batch>& batches) {
  decode_ += facts.counters;
  health_.see_decode(facts.counters);
  health_.see_block(facts.health);
  frames_ += facts.frames;
  // A day that ends is told of before what the next one brings, however many come at once.
  const bool new_day = clock_ != Time{} && day_of(facts.clock) > day_of(clock_);
  if (new_day) tell_tick();
  clock_ = facts.clock_stepped ? facts.clock : std::max(clock_, facts.clock);
  if (facts.clock_stepped) step_clock(facts.clock_step);
  if (facts.frames > 0) {
    if (first_time_ == Time::max()) interval_start_ = facts.first_time;
    first_time_ = std::min(first_time_, facts.first_time);
    packets_since_ = std::min(packets_since_, facts.first_time);
    last_time_ = std::max(last_time_, facts.last_time);
  } else if (interval_start_ == Time{}) {
    interval_start_ = began_ = facts.clock;  // nothing has come yet
  }
  if (new_day) tell_tick();

  // Each batch is in order; the least head of all is next.
  heads_.assign(batches.size(), 0);
  for (;;) {
    std::size_t least = batches.size();
    for (std::size_t i = 0; i < batches.size(); ++i) {
      if (heads_[i] == batches[i].order.size()) continue;
      if (least == batches.size()) {
        least = i;
        continue;
      }
      const Batch::Entry& one = batches[i].order[heads_[i]];
      const Batch::Entry& two = batches[least].order[heads_[least]];
      if (one.number != two.number ? one.number < two.number : one.rank < two.rank) least = i;
    }
    if (least == batches.size()) break;
    Batch& batch = batches[least];
    const Batch::Entry& entry = batch.order[heads_[least]++];
    switch (entry.kind) {
      case Batch::Kind::kFlow:
        on_flow(batch.flows[entry.index]);
        break;
      case Batch::Kind::kDns:
        on_dns(batch.dns[entry.index]);
        break;
      case Batch::Kind::kHttp:
        for (observation::Sink* sink : sinks_) sink->on_http(batch.http[entry.index]);
        break;
      case Batch::Kind::kClientName:
        for (observation::Sink* sink : sinks_)
          sink->on_client_name(batch.client_names[entry.index]);
        break;
      case Batch::Kind::kLease:
        if (leases_.see(batch.leases[entry.index]))
          for (observation::Sink* sink : sinks_)
            sink->on_client_name(batch.leases[entry.index].record);
        break;
      case Batch::Kind::kFinding:
        for (observation::Sink* sink : sinks_) sink->on_finding(batch.findings[entry.index]);
        break;
      case Batch::Kind::kFile:
        for (observation::Sink* sink : sinks_) sink->on_file(batch.files[entry.index]);
        break;
      case Batch::Kind::kModelCall:
        on_model_call(batch.model_calls[entry.index]);
        break;
      case Batch::Kind::kArtifact:
        on_artifact(batch.artifacts[entry.index]);
        break;
      case Batch::Kind::kSighting:
        if (assets_) assets_->see(batch.sightings[entry.index]);
        break;
      case Batch::Kind::kUpload:
        uploads_.see(batch.uploads[entry.index]);
        break;
    }
  }

  leases_.advance(clock_, facts.last, [this](const observation::ClientNameRecord& record) {
    for (observation::Sink* sink : sinks_) sink->on_client_name(record);
  });
  if (facts.last)
    uploads_.finish();
  else
    uploads_.advance(clock_);
  tell_assets(facts.last);
  if (watcher_) watcher_(frames_, clock_);
  if (facts.tick) tell_tick();

  if (!facts.stats_due && !facts.health_due) return;
  shard_counters_.assign(Shard::counter_names().size(), 0);
  for (const Batch& batch : batches)
    for (std::size_t i = 0; i < batch.counters.size(); ++i) shard_counters_[i] += batch.counters[i];
  Shard::add_content(uploads_.counters(), uploads_.memory_bytes(), shard_counters_);
  set_health_table();
  if (losses_) health_.set_capture_losses(losses_());
  if (facts.last) return;
  if (facts.health_due) tell_health(false);
  if (facts.stats_due) tell(counters(), false);
}

// What is going on keeps its age, as open flows do.
void Collector::step_clock(std::chrono::nanoseconds by) {
  if (interval_start_ != Time{}) interval_start_ += by;
  if (began_ != Time{}) began_ += by;
  health_monitor_.step_clock(by);
}

void Collector::tell_tick() {
  const Time since = std::exchange(packets_since_, Time::max());
  if (since != Time::max() && packets_) packets_(since);
  for (observation::Sink* sink : sinks_) sink->on_tick(clock_);
}

// What the shards count for the health checks.
void Collector::set_health_table() {
  std::uint64_t duplicates = 0;
  std::uint64_t refused = 0;
  const auto names = Shard::counter_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == "flow.duplicates") duplicates = shard_counters_[i];
    if (names[i] == "tcp.segments_refused") refused = shard_counters_[i];
  }
  health_.set_table(duplicates, refused);
}

void Collector::tell_health(bool all) {
  const auto tell = [this](const observation::HealthRecord& record) {
    for (observation::Sink* sink : sinks_) sink->on_health(record);
  };
  if (all)
    health_monitor_.finish(health_.counters(), interval_start_, clock_, first_time_, tell);
  else
    health_monitor_.end_interval(health_.counters(), interval_start_, clock_, tell);
  interval_start_ = clock_;
}

void Collector::on_flow(observation::FlowRecord& record) {
  judge_ech(record);
  if (record.host.empty()) name_from_dns(record);
  if (record.host.empty()) name_from_certificate(record);
  cover(record);
  health_.see_flow(record);
  for (observation::Sink* sink : sinks_) sink->on_flow(record);
  if (!record.host.empty() && record.identity.app.empty())
    shadow_judge_.see_certificate(record.host, record.tls.certificate_names);
  observation::CandidateRecord candidate;
  if (!shadow_judge_.see_flow(record, candidate)) return;
  for (observation::Sink* sink : sinks_) sink->on_candidate(candidate);
}

void Collector::on_model_call(const observation::ModelCallRecord& record) {
  for (observation::Sink* sink : sinks_) sink->on_model_call(record);
  observation::CandidateRecord candidate;
  if (!shadow_judge_.see_model_call(record, candidate)) return;
  for (observation::Sink* sink : sinks_) sink->on_candidate(candidate);
}

// Storage that a hub sent the client to does not say what it gives: the hub did.
void Collector::on_artifact(observation::ArtifactRecord& record) {
  redirects_.name(record);
  redirects_.remember(record);
  if (!identify::RedirectMemory::stands(record)) return;
  for (observation::Sink* sink : sinks_) sink->on_artifact(record);
}

void Collector::on_dns(const observation::DnsRecord& record) {
  if (record.answered) dns_memory_.remember(record);
  shadow_judge_.see_dns(record);
  health_.see_dns(record);
  for (const observation::DnsAnswer& answer : record.answers) {
    if (!answer.ech_public_name.empty() && ech_public_names_.size() < kEchPublicNamesMax)
      ech_public_names_.emplace(answer.ech_public_name);
  }
  for (observation::Sink* sink : sinks_) sink->on_dns(record);
}

// An extension whose form looks meaningless is real all the same when the name in the open is one
// that DNS publishes for the purpose: that name is the provider's, not the app's.
void Collector::judge_ech(observation::FlowRecord& record) const {
  if (record.tls.ech == observation::Ech::kNone || record.tls.ech == observation::Ech::kReal)
    return;
  if (ech_public_names_.find(record.tls.sni) == ech_public_names_.end()) return;
  record.tls.ech = observation::Ech::kReal;
  if (record.host_source != HostSource::kTlsSni && record.host_source != HostSource::kQuicSni)
    return;
  record.host = {};
  record.host_source = HostSource::kNone;
  record.identity = {};
}

// Servers of one's own are told of when nothing new has come of them for a while, and at the end.
void Collector::tell_assets(bool all) {
  if (!assets_) return;
  assets_->tell(clock_, all, [this](const observation::AssetRecord& record) {
    for (observation::Sink* sink : sinks_) sink->on_asset(record);
  });
}

// A flow that named nobody, or only a provider, goes by what its client had looked up before.
void Collector::name_from_dns(observation::FlowRecord& record) {
  if (record.conversation.protocol != packet::kTcp && record.conversation.protocol != packet::kUdp)
    return;
  if (record.app_proto == "dns" || record.payload_to_server + record.payload_to_client == 0) return;
  const auto found =
      dns_memory_.lookup(record.conversation.client, record.conversation.server, record.start);
  if (!found) return;
  // Where an address has several names, the server says itself which is its own.
  const auto& names = record.tls.certificate_names;
  const bool confirmed = std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return message::certificate_covers(name, found->name);
  });
  if (found->ambiguous && !names.empty() && !confirmed) return;
  host_.assign(found->name);
  record.host = host_;
  record.host_source = HostSource::kDnsAnswer;
  const std::string_view ja4 = record.tls.ja4.empty() ? std::string_view{} : record.tls.ja4.front();
  const identify::Match match = catalogue_->match(host_);
  if (match.app == nullptr) return;
  record.identity = identify::judge(match, catalogue_->client(record.user_agent, ja4), record,
                                    found->ambiguous && !confirmed);
}

void Collector::name_from_certificate(observation::FlowRecord& record) {
  if (record.tls.ech == observation::Ech::kReal) return;
  const std::string_view host = message::certificate_host(record.tls.certificate_names, host_);
  if (host.empty()) return;
  record.host = host;
  record.host_source = HostSource::kCertificate;
  const std::string_view ja4 = record.tls.ja4.empty() ? std::string_view{} : record.tls.ja4.front();
  const identify::Match match = catalogue_->match(host);
  if (match.app == nullptr) return;
  record.identity =
      identify::judge(match, catalogue_->client(record.user_agent, ja4), record, false);
}

Collector::Counters Collector::counters() const {
  Counters all;
  for (const packet::DecodeCounterName& each : packet::kDecodeCounterNames)
    all.emplace_back("decode." + std::string{each.name}, decode_.*each.member);
  const auto names = Shard::counter_names();
  for (std::size_t i = 0; i < names.size() && i < shard_counters_.size(); ++i)
    all.emplace_back(names[i], shard_counters_[i]);
  const identify::DnsMemory::Counters& dns = dns_memory_.counters();
  if (assets_) {
    all.emplace_back("asset.servers", assets_->counters().servers);
    all.emplace_back("asset.refused", assets_->counters().refused);
  }
  // 0 healthy, 1 notice, 2 warning, 3 critical.
  const auto rules = observation::health_rules();
  for (std::size_t i = 0; i < rules.size(); ++i)
    all.emplace_back("health." + std::string{rules[i].id},
                     static_cast<std::uint64_t>(health_monitor_.now(i)));
  all.emplace_back("dns_memory.answers", dns.answers);
  all.emplace_back("dns_memory.evicted", dns.evicted);
  all.emplace_back("dns_memory.pairs", dns.pairs);
  all.emplace_back("leases.evicted", leases_.counters().evicted);
  all.emplace_back("leases.named", leases_.counters().named);
  all.emplace_back("leases.refused", leases_.counters().refused);
  all.emplace_back("leases.wishes", leases_.counters().wishes);
  all.emplace_back("redirects.remembered", redirects_.counters().remembered);
  all.emplace_back("redirects.evicted", redirects_.counters().evicted);
  all.emplace_back("redirects.joined", redirects_.counters().joined);
  if (more_counters_) more_counters_(all);
  return all;
}

void Collector::tell(Counters counters, bool final) {
  std::sort(counters.begin(), counters.end());
  observation::StatsRecord record;
  record.time = clock_;
  record.final = final;
  std::vector<std::pair<std::string_view, std::uint64_t>> views(counters.begin(), counters.end());
  record.counters = views;
  const observation::Coverage coverage = coverage_so_far();
  record.coverage = &coverage;
  for (observation::Sink* sink : sinks_) sink->on_stats(record);
  if (final) final_counters_ = std::move(counters);
}

ReplayResult Collector::finish(const packet::ReassemblyCounters& reassembly, InputFacts inputs) {
  ReplayResult result;
  result.problems = std::move(inputs.problems);
  result.files = std::move(inputs.files);
  result.file_had_frames = std::move(inputs.had_frames);

  std::vector<std::string> damaged;
  for (const packet::InputProblem& problem : result.problems)
    if (!problem.foreign) damaged.push_back(problem.file);
  std::sort(damaged.begin(), damaged.end());
  coverage_.damaged_inputs =
      static_cast<std::uint64_t>(std::unique(damaged.begin(), damaged.end()) - damaged.begin());
  health_.set_capture_losses(inputs.losses);
  coverage_ = coverage_so_far();

  if (first_time_ == Time::max()) first_time_ = began_;
  tell_health(true);
  result.health = health_monitor_.named();
  result.health_counters = health_.counters();

  if (clock_ != Time{}) tell_tick();
  auto all = counters();
  for (const packet::ReassemblyCounterName& each : packet::kReassemblyCounterNames)
    all.emplace_back("reassembly." + std::string{each.name}, reassembly.*each.member);
  for (const observation::CoverageCounterName& each : observation::kCoverageCounterNames)
    all.emplace_back("coverage." + std::string{each.name}, coverage_.*each.member);
  tell(std::move(all), true);

  result.coverage = coverage_;
  result.counters = std::move(final_counters_);
  result.frames = frames_;
  if (frames_ > 0) {
    result.first_packet = first_time_;
    result.last_packet = last_time_;
  }
  return result;
}

}  // namespace gnomon::sensor
