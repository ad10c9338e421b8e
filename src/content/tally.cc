#include "gnomon/content/tally.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "gnomon/bytes/hex.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kDistinctMax = 4096;  // values that are told apart, per detector

void keep_distinct(std::vector<std::uint64_t>& sorted, std::uint64_t value) {
  const auto place = std::lower_bound(sorted.begin(), sorted.end(), value);
  if ((place == sorted.end() || *place != value) && sorted.size() < kDistinctMax)
    sorted.insert(place, value);
}

}  // namespace

std::string keyed_hash(const InventoryKey& key, std::string_view value) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(value.data()), value.size(), digest, &length);
  return hex_of({digest, std::min(length, 16U)});
}

void FindingTally::add(std::span<const Match> matches) {
  for (const Match& match : matches) {
    Row& row = rows_[match.detector->id];
    Finding& finding = row.finding;
    const bool first = finding.count++ == 0;
    keep_distinct(row.seen, match.value_hash);
    if (match.confidence == Confidence::kHigh) {
      ++finding.sure_count;
      keep_distinct(row.sure, match.value_hash);
      finding.sure_unique = static_cast<std::uint32_t>(row.sure.size());
    }
    finding.unique_count = static_cast<std::uint32_t>(row.seen.size());
    if (!first && match.confidence <= finding.confidence) continue;
    finding.detector = match.detector;
    finding.confidence = match.confidence;
    finding.severity = match.severity;
    finding.reason = match.reason;
    finding.signs = match.signs;
    finding.sample = match.sample;
    finding.value_hash =
        match.detector->is_document ? std::string{} : keyed_hash(key_, match.value);
  }
}

std::vector<FindingTally::Finding> FindingTally::findings(std::span<const Profile> profiles,
                                                          const TextContext& context) const {
  std::vector<Finding> all;
  std::vector<ProfileInput> inputs;
  for (const auto& each : rows_) {
    const auto& row = each.second;
    if (!profiles.empty())
      inputs.push_back({row.finding.detector, row.finding.count, row.finding.unique_count,
                        row.finding.sure_count, row.finding.sure_unique});
    // A guess of the same category beside something sure of it says nothing more.
    const bool covered = row.finding.confidence == Confidence::kLow &&
                         !row.finding.detector->family.empty() &&
                         std::any_of(rows_.begin(), rows_.end(), [&](const auto& other) {
                           const Finding& sure = other.second.finding;
                           return sure.confidence == Confidence::kHigh &&
                                  sure.detector->category == row.finding.detector->category &&
                                  sure.detector->family == row.finding.detector->family;
                         });
    if (covered) continue;
    Finding finding = row.finding;
    // Ten of one kind weigh one step more, a hundred two, critical at most. Guesses do not make
    // what is sure any worse.
    const std::size_t unique =
        finding.confidence == Confidence::kHigh ? row.sure.size() : row.seen.size();
    const int steps = unique >= 100 ? 2 : unique >= 10 ? 1 : 0;
    finding.severity = static_cast<Severity>(std::min(static_cast<int>(Severity::kCritical),
                                                      static_cast<int>(finding.severity) + steps));
    all.push_back(std::move(finding));
  }
  for (const Profile& profile : profiles) {
    auto verdict = judge(profile, inputs, context);
    if (!verdict) continue;
    Finding finding;
    finding.detector = &profile.detector;
    finding.confidence = verdict->confidence;
    finding.severity = verdict->severity;
    finding.count = finding.unique_count = 1;
    if (finding.confidence == Confidence::kHigh) finding.sure_count = finding.sure_unique = 1;
    finding.sample = std::move(verdict->reason);
    finding.signs = static_cast<Signs>(Sign::kRules);
    all.push_back(std::move(finding));
  }
  std::sort(all.begin(), all.end(), [](const Finding& a, const Finding& b) {
    if (a.severity != b.severity) return a.severity > b.severity;
    return a.detector->id < b.detector->id;
  });
  return all;
}

}  // namespace gnomon::content
