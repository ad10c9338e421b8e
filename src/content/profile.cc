#include "gnomon/content/profile.h"

#include <algorithm>
#include <string_view>

namespace gnomon::content {
namespace {

constexpr std::size_t kReasonsMax = 6;

bool names(const std::vector<std::string>& words, const Detector& detector) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return word == detector.id || (!detector.family.empty() && word == detector.family);
  });
}

bool takes(const ProfileCondition& condition, const Detector& detector) {
  if (detector.severity < condition.severity || names(condition.except, detector)) return false;
  const std::string_view category = to_string(detector.category);
  return names(condition.of, detector) ||
         std::find(condition.of.begin(), condition.of.end(), category) != condition.of.end();
}

struct Sum {
  std::uint64_t count = 0;
  std::uint64_t unique = 0;
  std::vector<std::string_view> kinds;

  void add(const Detector& detector, std::uint32_t matches, std::uint32_t values) {
    if (matches == 0) return;
    count += matches;
    unique += values;
    const std::string_view kind = detector.family.empty() ? detector.id : detector.family;
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
  }
  [[nodiscard]] bool enough(const ProfileCondition& wanted) const {
    return count >= wanted.count && unique >= wanted.unique && kinds.size() >= wanted.kinds;
  }
};

}  // namespace

std::optional<ProfileVerdict> judge(const Profile& profile, const std::vector<ProfileInput>& found,
                                    const TextContext& context) {
  if (profile.to_server && *profile.to_server != context.to_server) return std::nullopt;
  if (!profile.roles.empty() &&
      std::find(profile.roles.begin(), profile.roles.end(), context.role) == profile.roles.end())
    return std::nullopt;
  std::size_t hold = 0;
  std::size_t hold_surely = 0;
  std::uint64_t first_unique = 0;
  std::vector<const ProfileInput*> because;
  for (const ProfileCondition& condition : profile.conditions) {
    const bool guesses = condition.confidence == Confidence::kLow;
    Sum sure;
    Sum all;
    std::vector<const ProfileInput*> counted;
    for (const ProfileInput& each : found) {
      if (!takes(condition, *each.detector)) continue;
      sure.add(*each.detector, each.sure_count, each.sure_unique);
      if (guesses) all.add(*each.detector, each.count, each.unique);
      if (guesses || each.sure_count > 0) counted.push_back(&each);
    }
    const Sum& sum = guesses ? all : sure;
    if (&condition == &profile.conditions.front()) first_unique = sum.unique;
    if (!sum.enough(condition)) continue;
    ++hold;
    if (sure.enough(condition)) ++hold_surely;
    for (const ProfileInput* each : counted)
      if (std::find(because.begin(), because.end(), each) == because.end()) because.push_back(each);
  }
  if (hold < profile.needed) return std::nullopt;

  ProfileVerdict verdict;
  verdict.confidence = profile.confidence.value_or(
      hold_surely >= profile.needed ? Confidence::kHigh : Confidence::kLow);
  verdict.severity = profile.detector.severity;
  for (const Profile::Level& level : profile.levels)
    if (first_unique >= level.unique) verdict.severity = std::max(verdict.severity, level.severity);
  for (std::size_t i = 0; i < because.size() && i < kReasonsMax; ++i) {
    if (i > 0) verdict.reason += ", ";
    verdict.reason += because[i]->detector->id + " " + std::to_string(because[i]->unique);
  }
  if (because.size() > kReasonsMax)
    verdict.reason += " and " + std::to_string(because.size() - kReasonsMax) + " more";
  return verdict;
}

}  // namespace gnomon::content
