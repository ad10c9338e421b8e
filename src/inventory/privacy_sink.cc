#include "gnomon/inventory/privacy.h"

namespace gnomon::inventory {
namespace {

// A client's pseudonym is the same whenever it is made: what is forgotten costs time alone.
constexpr std::size_t kAddressesMax = 262'144;
constexpr std::size_t kMadeMax = 500'000;
// Nothing is removed from an inventory that is younger than a day.
constexpr std::chrono::hours kTellEvery{1};

}  // namespace

PseudonymSink::PseudonymSink(const PseudonymKey& key, GroupMap groups,
                             std::vector<observation::Sink*> sinks)
    : key_(key), groups_(std::move(groups)), sinks_(std::move(sinks)) {}

void PseudonymSink::remember(const std::string& pseudonym, const char* kind,
                             std::string_view original, std::string_view group) {
  const std::lock_guard lock{mutex_};
  // Beyond the limit a pseudonym stays one for ever: the safe way to fail.
  if (const auto made = made_.find(pseudonym); made != made_.end()) {
    if (!group.empty()) made->second.client_group = group;
    return;
  }
  if (made_.size() >= kMadeMax) return;
  made_.emplace(pseudonym,
                MadePseudonym{pseudonym, kind, key_.seal(pseudonym, original), std::string{group}});
}

IpAddress PseudonymSink::stand_in(const IpAddress& address) {
  if (address == IpAddress{} || address.is_multicast_or_broadcast()) return address;
  const auto at = addresses_.find(address);
  if (at != addresses_.end()) {
    Known& known = at->second;
    if (clock_ - known.told >= kTellEvery || clock_ < known.told ||
        known.round != round_.load(std::memory_order_relaxed))
      tell(address, known);
    return known.pseudonym;
  }
  if (addresses_.size() >= kAddressesMax) addresses_.clear();
  Known fresh{key_.of_address(address), std::string{groups_.group_of(address, {})}, {}, 0};
  tell(address, fresh);
  return addresses_.emplace(address, std::move(fresh)).first->second.pseudonym;
}

void PseudonymSink::tell(const IpAddress& address, Known& known) {
  known.told = clock_;
  known.round = round_.load(std::memory_order_relaxed);
  remember(known.pseudonym.to_string(), "address", address.to_string(), known.client_group);
}

std::string PseudonymSink::stand_in_name(std::string_view name) {
  if (name.empty()) return {};
  std::string pseudonym = key_.of_name(name);
  remember(pseudonym, "name", name, {});
  return pseudonym;
}

// Flow and community ids are made from addresses: whoever tries all of them would find the client.
template <class Record>
Record PseudonymSink::hidden(const Record& record) {
  Record copy = record;
  copy.conversation.client = stand_in(record.conversation.client);
  copy.conversation.flow_id = key_.of_number(record.conversation.flow_id);
  copy.conversation.community_id = {};
  return copy;
}

void PseudonymSink::on_flow(const observation::FlowRecord& record) {
  const auto copy = hidden(record);
  for (observation::Sink* sink : sinks_) sink->on_flow(copy);
}

void PseudonymSink::on_dns(const observation::DnsRecord& record) {
  auto copy = hidden(record);
  if (!record.multicast) {
    for (observation::Sink* sink : sinks_) sink->on_dns(copy);
    return;
  }
  // Clients tell one another their names and addresses.
  const std::string name = stand_in_name(record.rrname);
  std::vector<observation::DnsAnswer> answers{record.answers.begin(), record.answers.end()};
  std::vector<std::string> texts;
  texts.reserve(answers.size() * 2);
  for (observation::DnsAnswer& answer : answers) {
    answer.rrname = texts.emplace_back(stand_in_name(answer.rrname));
    if (answer.address != IpAddress{}) {
      answer.address = stand_in(answer.address);
      answer.rdata = texts.emplace_back(answer.address.to_string());
    } else {
      answer.rdata = texts.emplace_back(stand_in_name(answer.rdata));
    }
  }
  copy.rrname = name;
  copy.answers = answers;
  for (observation::Sink* sink : sinks_) sink->on_dns(copy);
}

void PseudonymSink::on_http(const observation::HttpRecord& record) {
  const auto copy = hidden(record);
  for (observation::Sink* sink : sinks_) sink->on_http(copy);
}

void PseudonymSink::on_client_name(const observation::ClientNameRecord& record) {
  observation::ClientNameRecord copy = record;
  copy.client = stand_in(record.client);
  const std::string name = stand_in_name(record.name);
  std::string mac;
  if (!record.mac.empty()) {
    mac = key_.of_mac(record.mac);
    remember(mac, "mac", record.mac, {});
  }
  // A group that names clients can be told only now.
  const auto known = addresses_.find(record.client);
  if (const auto group = groups_.group_of(record.client, record.name);
      known != addresses_.end() && !group.empty() && known->second.client_group != group) {
    known->second.client_group = group;
    tell(record.client, known->second);
  }
  copy.name = name;
  copy.mac = mac;
  for (observation::Sink* sink : sinks_) sink->on_client_name(copy);
}

void PseudonymSink::on_stats(const observation::StatsRecord& record) {
  for (observation::Sink* sink : sinks_) sink->on_stats(record);
}

void PseudonymSink::on_finding(const observation::FindingRecord& record) {
  const auto copy = hidden(record);
  for (observation::Sink* sink : sinks_) sink->on_finding(copy);
}

void PseudonymSink::on_file(const observation::FileRecord& record) {
  const auto copy = hidden(record);
  for (observation::Sink* sink : sinks_) sink->on_file(copy);
}

void PseudonymSink::on_asset(const observation::AssetRecord& record) {
  const auto copy = hidden(record);
  for (observation::Sink* sink : sinks_) sink->on_asset(copy);
}

void PseudonymSink::on_model_call(const observation::ModelCallRecord& record) {
  const auto copy = hidden(record);
  for (observation::Sink* sink : sinks_) sink->on_model_call(copy);
}

void PseudonymSink::on_artifact(const observation::ArtifactRecord& record) {
  const auto copy = hidden(record);
  for (observation::Sink* sink : sinks_) sink->on_artifact(copy);
}

void PseudonymSink::on_candidate(const observation::CandidateRecord& record) {
  const auto copy = hidden(record);
  for (observation::Sink* sink : sinks_) sink->on_candidate(copy);
}

void PseudonymSink::on_health(const observation::HealthRecord& record) {
  for (observation::Sink* sink : sinks_) sink->on_health(record);
}

void PseudonymSink::on_tick(Time clock) {
  clock_ = clock;
  for (observation::Sink* sink : sinks_) sink->on_tick(clock);
}

std::vector<MadePseudonym> PseudonymSink::taken() {
  const std::lock_guard lock{mutex_};
  std::vector<MadePseudonym> all;
  for (auto& [name, made] : made_) all.push_back(std::move(made));
  made_.clear();
  return all;
}

}  // namespace gnomon::inventory
