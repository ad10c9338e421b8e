// Puts together what the files of model APIs and products said.
#include <algorithm>

#include "api_builder.h"

namespace gnomon::identify {

std::unique_ptr<ApiKnowledge::Contents> ApiBuilder::finish() {
  std::stable_sort(drafts_.begin(), drafts_.end(), [](const Draft& a, const Draft& b) {
    return a.subject.family != b.subject.family ? a.subject.family : a.subject.id < b.subject.id;
  });
  // Sorted stably: what counts more comes behind what it stands for.
  for (std::size_t i = 1; i < drafts_.size();) {
    const Draft& before = drafts_[i - 1];
    const bool same = before.subject.id == drafts_[i].subject.id &&
                      before.subject.family == drafts_[i].subject.family;
    if (same && before.rank < drafts_[i].rank)
      drafts_.erase(drafts_.begin() + static_cast<std::ptrdiff_t>(i - 1));
    else
      ++i;
  }
  ApiKnowledge::Contents& all = *contents_;
  std::vector<std::string_view> names(all.condition_count);
  for (const auto& [name, id] : conditions_) names[id] = keep(name);
  std::vector<std::uint16_t> path_of(all.condition_count, kNoId);
  for (std::size_t i = 0; i < all.path_conditions.size(); ++i)
    path_of[all.path_conditions[i]] = static_cast<std::uint16_t>(i);

  all.traits_of.resize(all.condition_count);
  all.functions_of.resize(all.condition_count);
  all.sayers_of.resize(all.condition_count);
  for (std::size_t number = 0; number < drafts_.size(); ++number) {
    Draft& draft = drafts_[number];
    Subject& subject = draft.subject;
    if (number > 0 && drafts_[number - 1].subject.id == subject.id &&
        drafts_[number - 1].subject.family == subject.family)
      add_problem(
          {draft.file, draft.line, "id", "'" + std::string{subject.id} + "' is there twice"});
    const auto check_products = [&](const char* key, const std::vector<std::string_view>& named) {
      for (const std::string_view each : named)
        if (std::none_of(drafts_.begin(), drafts_.end(), [&](const Draft& other) {
              return !other.subject.family && other.subject.id == each;
            }))
          add_problem({draft.file, draft.line, key, "no product '" + std::string{each} + "'"});
    };
    check_products("replaces", subject.replaces);
    check_products("hands_on", subject.hands_on);
    const auto names_path = [&](ConditionId id) {
      if (id != kNoId && path_of[id] != kNoId) subject.paths.push_back(path_of[id]);
    };
    for (std::size_t i = 0; i < draft.traits.size(); ++i) {
      Trait trait = draft.traits[i];
      trait.subject = static_cast<std::uint16_t>(number);
      std::string reason{trait.method};
      for (const bool paths : {true, false}) {  // where first, then what
        for (const ConditionId id : draft.conditions[i]) {
          if (id == kNoId || (path_of[id] != kNoId) != paths) continue;
          if (!reason.empty()) reason += reason == trait.method ? " " : ", ";
          reason += paths ? names[id].substr(5) : names[id];
          all.traits_of[id].push_back(static_cast<std::uint16_t>(all.traits.size()));
          names_path(id);
        }
      }
      if (trait.status_low != 0) {
        reason += ", status " + std::to_string(trait.status_low);
        if (trait.status_high != trait.status_low)
          reason += "-" + std::to_string(trait.status_high);
      }
      trait.reason = keep(reason);
      all.traits.push_back(trait);
    }
    for (const Operation& each : subject.operations) names_path(each.path);
    for (const Says& each : subject.says) names_path(each.path);
    std::sort(subject.paths.begin(), subject.paths.end());
    subject.paths.erase(std::unique(subject.paths.begin(), subject.paths.end()),
                        subject.paths.end());
    if (subject.family) {
      all.families = number + 1;
    } else {
      const auto position = static_cast<std::uint16_t>(number);
      for (const Function& each : subject.guarded)
        if (each.path != kNoId)
          all.functions_of[each.path].push_back({position, false, each.method});
      for (const Function& each : subject.admin)
        if (each.path != kNoId)
          all.functions_of[each.path].push_back({position, true, each.method});
      for (const Says& each : subject.says) {
        if (each.path == kNoId) continue;
        std::vector<std::uint16_t>& sayers = all.sayers_of[each.path];
        if (sayers.empty() || sayers.back() != position) sayers.push_back(position);
      }
    }
    all.subjects.push_back(std::move(subject));
  }
  std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
    return a.file != b.file ? a.file < b.file : a.line < b.line;
  });
  return std::move(contents_);
}

}  // namespace gnomon::identify
