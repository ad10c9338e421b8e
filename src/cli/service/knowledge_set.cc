#include "knowledge_set.h"

#include <algorithm>
#include <filesystem>

#include "../config/sensor_options.h"
#include "../policy_files.h"
#include "gnomon/content/tally.h"
#include "gnomon/inventory/anomaly.h"
#include "gnomon/inventory/risk.h"

namespace gnomon::cli {

std::shared_ptr<const KnowledgeSet> load_knowledge(const Config& config,
                                                   std::vector<std::string>& problems) {
  const std::size_t before = problems.size();
  auto set = std::make_shared<KnowledgeSet>();
  auto folders = signature_folders(config);
  if (!folders) {
    problems.push_back(folders.error().message);
    return nullptr;
  }
  set->folders = std::move(*folders);
  const std::filesystem::path& shipped = set->folders.shipped;
  const auto take_problems = [&](const std::vector<identify::Problem>& found, const Error& error) {
    for (const identify::Problem& problem : found) problems.push_back(problem.to_string());
    if (found.empty()) problems.push_back(error.message);
  };

  std::vector<identify::Problem> found;
  if (auto catalogue = identify::Catalogue::load(set->folders, &found))
    set->catalogue.emplace(std::move(*catalogue));
  else
    take_problems(found, catalogue.error());
  if (config.content) {
    found.clear();
    if (auto api = identify::ApiKnowledge::load(set->folders, &found))
      set->api.emplace(std::move(*api));
    else
      take_problems(found, api.error());
    if (auto options = detector_options(config); !options)
      problems.push_back(options.error().message);
    else if (auto detectors = content::DetectorSet::load(shipped / "detectors", *options))
      set->detectors.emplace(std::move(*detectors));
    else
      problems.push_back(detectors.error().message);
  }
  if (auto shadow = identify::ShadowName::load(shipped))
    set->shadow.emplace(std::move(*shadow));
  else
    problems.push_back(shadow.error().message);
  // What judges when records are written: the local file where there is one.
  const auto text_of = [&](const char* name, std::string& text) -> std::string {
    const std::filesystem::path path = own_or_shipped(set->folders, name);
    if (path.empty()) return {};
    auto read = read_text_file(path);
    if (read) text = std::move(*read);
    else problems.push_back(read.error().message);
    return path.string();
  };
  const std::string rubric = text_of("risk.yaml", set->rubric);
  if (auto checked = inventory::RiskRubric::parse(set->rubric, rubric); !checked)
    problems.push_back(checked.error().message);
  const std::string rules = text_of("anomalies.yaml", set->anomaly_rules);
  if (!set->anomaly_rules.empty())
    if (auto checked = inventory::AnomalyRules::parse(set->anomaly_rules, rules); !checked)
      problems.push_back(checked.error().message);
  if (auto policies = read_policies(set->folders)) {
    std::vector<inventory::PolicyProblem> wrong;
    (void)inventory::Policy::parse(*policies, wrong);
    for (const inventory::PolicyProblem& problem : wrong) problems.push_back(problem.to_string());
    set->policies = std::move(*policies);
  } else {
    problems.push_back(policies.error().message);
  }
  if (problems.size() != before) return nullptr;
  for (const identify::Problem& doubt : set->catalogue->doubts())
    set->doubts.push_back(doubt.to_string());
  for (const identify::App& app : set->catalogue->apps())
    set->newest = std::max(set->newest, std::string{app.attributes_as_of});
  return set;
}

sensor::KnowledgePointer knowledge_of(const std::shared_ptr<const KnowledgeSet>& set,
                                      const Config& config, content::DocumentDesk* desk) {
  auto knowledge = std::make_shared<sensor::Knowledge>();
  knowledge->catalogue = &*set->catalogue;
  knowledge->api = set->api ? &*set->api : nullptr;
  knowledge->shadow = &*set->shadow;
  if (set->detectors)
    knowledge->detectors = [detectors = &*set->detectors] { return detectors; };
  knowledge->inspector = inspector_options(config);
  knowledge->inspector.hash_key = machine_key();
  knowledge->inspector.helper = "/proc/self/exe";
  knowledge->inspector.desk = desk;
  knowledge->holds = set;
  return knowledge;
}

content::InventoryKey machine_key() {
  content::InventoryKey key{};
  const auto id = read_text_file("/etc/machine-id");
  if (!id) return key;
  const std::string digits = content::keyed_hash(key, "gnomon " + *id);
  std::copy_n(digits.begin(), std::min(digits.size(), key.size()), key.begin());
  return key;
}

}  // namespace gnomon::cli
