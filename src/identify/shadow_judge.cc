#include "gnomon/identify/shadow_judge.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "gnomon/bytes/slot_hash.h"
#include "gnomon/identify/api_reader.h"

namespace gnomon::identify {
namespace {

using observation::CandidateRecord;

// Log-odds. What is unknown to the catalogue and is AI is rare; the name's own model counts from a
// threshold at which one ordinary name in some 250 passes.
constexpr double kStart = -2.5;
constexpr double kNameMin = -2.5;
constexpr double kNameMax = 5;
constexpr double kNameAlone = 3.0;  // where nothing but the name speaks for AI
constexpr double kAliasOfApp = 3.5;
constexpr double kAddressOfApp = 1.0;
constexpr double kCertificateOfApp = 3.0;
constexpr double kCertificateNameMax = 1.5;
constexpr double kStreamed = 3.0;       // one answer of some length
constexpr double kStreamedShort = 1.8;  // of few pieces
constexpr double kStreamedAgain = 1.2;  // each further connection
constexpr double kStreamMax = 5.5;
constexpr std::uint32_t kPiecesLong = 30;
constexpr double kApi = 6;

std::string with_weight(std::string text, double weight) {
  char number[24];
  std::snprintf(number, sizeof number, " (%+.1f)", weight);
  return std::move(text) + number;
}

}  // namespace

std::size_t ShadowJudge::Hash::operator()(std::string_view text) const { return slot_hash(text); }

std::size_t ShadowJudge::Hash::operator()(const IpAddress& address) const {
  return slot_hash(address.bytes().data(), address.bytes().size());
}

ShadowJudge::Evidence* ShadowJudge::evidence_of(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty()) return nullptr;
  if (const auto known = hosts_.find(host); known != hosts_.end())
    return known->second.unknown ? &known->second : nullptr;
  if (hosts_.size() >= kHostsMax) {
    hosts_.erase(hosts_.find(*order_.front()));
    order_.pop_front();
    ++counters_.evicted;
  }
  const auto added = hosts_.emplace(std::string{host}, Evidence{}).first;
  order_.push_back(&added->first);
  Evidence& evidence = added->second;
  const Match match = catalogue_->match(host);
  if (match.app != nullptr || match.shared) return nullptr;
  const NameScore score = names_->score(host);
  if (score.score == 0 && !names_->empty()) return nullptr;  // an address, or no name
  evidence.unknown = true;
  evidence.name = std::clamp(score.odds, kNameMin, kNameMax);
  ++counters_.hosts;
  return &evidence;
}

void ShadowJudge::weigh_dns(Evidence& evidence, double weight, std::string why) {
  if (weight <= evidence.dns) return;
  evidence.dns = weight;
  evidence.dns_why = std::move(why);
}

void ShadowJudge::change(const Catalogue& catalogue, const ShadowName& names) {
  catalogue_ = &catalogue;
  names_ = &names;
  for (auto& [host, evidence] : hosts_) {
    const Match match = catalogue.match(host);
    if (match.app != nullptr || match.shared) evidence.unknown = false;
    evidence.certificate_seen = 0;
  }
}

void ShadowJudge::see_dns(const observation::DnsRecord& record) {
  if (!record.answered || record.multicast || record.rcode != "NOERROR") return;
  const Match asked = catalogue_->match(record.rrname);
  Evidence* const evidence = asked.app == nullptr ? evidence_of(record.rrname) : nullptr;
  for (const observation::DnsAnswer& answer : record.answers) {
    if (answer.additional) continue;
    if (answer.rrtype == "CNAME" && evidence != nullptr) {
      const Match target = catalogue_->match(answer.rdata);
      std::string_view why;
      if (target.app != nullptr && target.proof == Proof::kAi && !target.shared &&
          target.role != Role::kCdn && target.role != Role::kTelemetry) {
        weigh_dns(*evidence, kAliasOfApp,
                  "dns: an alias of " + std::string{answer.rdata} + ", a host of " +
                      std::string{target.app->name});
      } else if (const double weight = names_->platform_weight(answer.rdata, &why); weight > 0) {
        weigh_dns(*evidence, weight, "dns: an alias " + std::string{why});
      }
    }
    if (answer.rrtype != "A" && answer.rrtype != "AAAA") continue;
    auto at = addresses_.find(answer.address);
    if (at == addresses_.end()) {
      if (addresses_.size() >= kAddressesMax) {
        addresses_.erase(addresses_.find(*address_order_.front()));
        address_order_.pop_front();
      }
      at = addresses_.emplace(answer.address, Tenants{}).first;
      address_order_.push_back(&at->first);
    }
    Tenants& tenants = at->second;
    if (asked.app != nullptr && asked.proof == Proof::kAi && asked.role != Role::kCdn) {
      if (tenants.app.empty()) tenants.app = asked.app->name;
      if (tenants.app != asked.app->name) tenants.others = true;  // an address of many
    } else if (evidence == nullptr) {
      tenants.others = true;
    } else if (!tenants.app.empty() && !tenants.others) {
      weigh_dns(*evidence, kAddressOfApp, "dns: at an address of " + tenants.app);
    }
  }
}

void ShadowJudge::see_certificate(std::string_view host, std::span<const std::string_view> names) {
  if (names.empty()) return;
  Evidence* const evidence = evidence_of(host);
  if (evidence == nullptr) return;
  // Most connections to a host show the same one again.
  std::size_t seen = names.size();
  for (const std::string_view name : names)
    seen = seen * 31 + std::hash<std::string_view>{}(name);
  if (seen == evidence->certificate_seen) return;
  evidence->certificate_seen = seen;
  for (const std::string_view name : names) weigh_certificate(*evidence, host, name);
}

void ShadowJudge::weigh_certificate(Evidence& evidence, std::string_view host,
                                    std::string_view certificate_name) {
  if (certificate_name.starts_with("*.")) certificate_name.remove_prefix(2);
  if (certificate_name == host) return;
  const Match match = catalogue_->match(certificate_name);
  double weight = 0;
  std::string why;
  if (match.app != nullptr && match.proof == Proof::kAi && !match.shared) {
    weight = kCertificateOfApp;
    why = "certificate: also for " + std::string{certificate_name} + ", a host of " +
          std::string{match.app->name};
  } else if (const double odds = names_->score(certificate_name).odds; odds > 0) {
    weight = std::min(odds, kCertificateNameMax);
    why = "certificate: also for " + std::string{certificate_name};
  }
  if (weight <= evidence.certificate) return;
  evidence.certificate = weight;
  evidence.certificate_why = std::move(why);
}

bool ShadowJudge::see_flow(const observation::FlowRecord& record, CandidateRecord& candidate) {
  if (record.host.empty() || !record.identity.app.empty()) return false;
  Evidence* const evidence = evidence_of(record.host);
  if (evidence == nullptr) return false;
  if (record.shape.streamed > 0) {
    evidence->streamed += record.shape.streamed;
    ++evidence->connections_streamed;
    evidence->pieces = std::max(evidence->pieces, record.shape.pieces);
    const double again = std::min(evidence->connections_streamed + evidence->streamed, 6U) - 2;
    evidence->stream =
        std::min(kStreamMax, (evidence->pieces >= kPiecesLong ? kStreamed : kStreamedShort) +
                                 kStreamedAgain * again / 2);
    char text[128];
    std::snprintf(text, sizeof text,
                  "stream: %u %s in small pieces at an even pace, the longest of %u pieces, one "
                  "each %u ms",
                  evidence->streamed, evidence->streamed == 1 ? "answer" : "answers",
                  evidence->pieces, record.shape.cadence_ms);
    evidence->stream_why = text;
  }
  // Reached, not only asked for.
  if (record.payload_to_server == 0 || record.payload_to_client == 0) return false;
  if (!decide(record.host, record.end, *evidence, candidate)) return false;
  candidate.place = record.place;
  candidate.conversation = record.conversation;
  candidate.time = record.end;
  return true;
}

bool ShadowJudge::see_model_call(const observation::ModelCallRecord& record,
                                 CandidateRecord& candidate) {
  // What was asked of a server that has nothing of the kind speaks for the client alone.
  if (!record.identity.app.empty() || nothing_there(record.status)) return false;
  Evidence* const evidence = evidence_of(record.host);
  if (evidence == nullptr) return false;
  if (evidence->api == 0) {
    evidence->api = kApi;
    evidence->api_why = "api: spoke " + std::string{record.family};
  }
  if (!decide(record.host, record.time, *evidence, candidate)) return false;
  candidate.place = record.place;
  candidate.conversation = record.conversation;
  candidate.time = record.time;
  return true;
}

bool ShadowJudge::decide(std::string_view host, Time at, Evidence& evidence,
                         CandidateRecord& candidate) {
  const double beside = evidence.dns + evidence.certificate + evidence.stream + evidence.api;
  const double sum = kStart + evidence.name + beside;
  if (sum < 0 || (beside == 0 && evidence.name < kNameAlone)) return false;
  const std::int64_t day = std::chrono::floor<std::chrono::days>(at).time_since_epoch().count();
  const std::uint8_t kinds = evidence.kinds();
  const bool has_news = (kinds & ~evidence.told_kinds) != 0 && day != evidence.told_on;
  if (evidence.told && !has_news) return false;
  evidence.told = true;
  evidence.told_on = day;
  evidence.told_kinds = kinds;
  ++counters_.candidates;

  struct Part {
    double weight;
    std::string text;
  };
  std::vector<Part> parts;
  parts.push_back({evidence.api, evidence.api_why});
  parts.push_back({evidence.stream, evidence.stream_why});
  parts.push_back({evidence.dns, evidence.dns_why});
  parts.push_back({evidence.certificate, evidence.certificate_why});
  const NameScore score = names_->score(host);
  std::string name = evidence.name >= 0 ? "name: " : "name: little in it says AI";
  for (std::size_t i = 0; evidence.name >= 0 && i < std::min<std::size_t>(score.count, 3); ++i)
    name += (i > 0 ? ", " : "") + std::string{score.found[i].text};
  if (evidence.name >= 0 && score.count == 0) name += "as a whole";
  if (!names_->empty()) parts.push_back({evidence.name, std::move(name)});
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.weight > b.weight; });

  reason_texts_.clear();
  for (Part& part : parts)
    if (part.weight != 0 && !part.text.empty())
      reason_texts_.push_back(with_weight(std::move(part.text), part.weight));
  reasons_.assign(reason_texts_.begin(), reason_texts_.end());
  host_.assign(host);
  candidate.host = host_;
  candidate.score = std::round(1000 / (1 + std::exp(-sum))) / 1000;
  candidate.reasons = reasons_;
  return true;
}

}  // namespace gnomon::identify
