#include "sensor_setup.h"

#include <cstdio>
#include <future>

#include "gnomon/inventory/risk.h"
#include "gnomon/report/display_text.h"
#include "options.h"
#include "policy_files.h"
#include "service/knowledge_set.h"

namespace gnomon::cli {
void complain(const std::string& message) {
  std::fprintf(stderr, "gnomon: %s\n", report::printable(message).c_str());
}

const content::DetectorSet* Detectors::get() {
  std::call_once(once_, [this] {
    auto loaded = content::DetectorSet::load(folder_, options_);
    if (loaded) {
      set_.emplace(std::move(*loaded));
    } else {
      complain(loaded.error().message + "; so content cannot be looked through");
    }
  });
  return set_ ? &*set_ : nullptr;
}

std::unique_ptr<SensorSetup> SensorSetup::load(const identify::SignatureFolders& folders,
                                               bool content, content::DetectorOptions detectors) {
  // Beside the catalogue, which takes longest.
  std::vector<identify::Problem> problems;
  std::future<Result<identify::ApiKnowledge>> apis;
  if (content)
    apis = std::async(std::launch::async,
                      [&] { return identify::ApiKnowledge::load(folders, &problems); });
  auto catalogue = load_catalogue(folders);  // says itself what is wrong
  if (!catalogue) return nullptr;
  auto shadow = identify::ShadowName::load(folders.shipped);
  if (!shadow) return complain(shadow.error().message), nullptr;
  const std::filesystem::path weights = own_or_shipped(folders, "risk.yaml");
  auto rubric = read_text_file(weights.empty() ? folders.shipped / "risk.yaml" : weights);
  if (!rubric) return complain(rubric.error().message), nullptr;
  if (auto checked = inventory::RiskRubric::parse(*rubric, weights.string()); !checked)
    return complain(checked.error().message), nullptr;
  auto policies = read_policies(folders);
  if (!policies) return complain(policies.error().message), nullptr;
  std::vector<inventory::PolicyProblem> wrong;
  (void)inventory::Policy::parse(*policies, wrong);
  for (const inventory::PolicyProblem& problem : wrong) complain(problem.to_string());
  if (!wrong.empty()) return nullptr;
  const bool of_this_network = !detectors.local_folder.empty();
  std::unique_ptr<SensorSetup> setup{new SensorSetup{std::move(*catalogue), std::move(*shadow),
                                                     folders.shipped / "detectors",
                                                     std::move(detectors)}};
  setup->rubric_ = std::move(*rubric);
  setup->policies_ = std::move(*policies);
  if (const auto rules = own_or_shipped(folders, "anomalies.yaml"); !rules.empty()) {
    auto text = read_text_file(rules);
    if (!text) return complain(text.error().message), nullptr;
    setup->anomaly_rules_ = std::move(*text);
  }
  if (content) {
    auto loaded = apis.get();
    if (!loaded) {
      for (const identify::Problem& problem : problems) complain(problem.to_string());
      if (problems.empty()) complain(loaded.error().message);
      return nullptr;
    }
    setup->api_.emplace(std::move(*loaded));
    // Shipped detectors wait for the first body, for a quick start. Others may be wrong, which whoever
    // wrote them is to know before anything is recorded without them.
    if (of_this_network && setup->detectors_.get() == nullptr) return nullptr;
  }
  return setup;
}

void SensorSetup::fill(sensor::ReplayOptions& options) {
  options.shadow = &shadow_;
  if (!api_) return;
  options.api = &*api_;
  options.detectors = [this] { return detectors_.get(); };
  options.inspector.hash_key = machine_key();
  options.inspector.helper = "/proc/self/exe";
}

void SensorSetup::fill(inventory::RecorderOptions& options) const {
  options.apps = facts_of(catalogue_);
  options.risk_rubric = rubric_;
  options.policies = policies_;
  options.anomaly_rules = anomaly_rules_;
}

}  // namespace gnomon::cli
