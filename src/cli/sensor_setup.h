#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "gnomon/content/scanner.h"
#include "gnomon/identify/api_reader.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/identify/shadow_name.h"
#include "gnomon/inventory/policy.h"
#include "gnomon/inventory/recorder.h"
#include "gnomon/sensor/replay.h"
#include "signature_folder.h"

namespace gnomon::cli {

// "gnomon: message" on standard error.
void complain(const std::string& message);

// Detectors of content, loaded when the first visible body wants them: compiling them takes a
// while. May be asked by any thread.
class Detectors {
 public:
  Detectors(std::filesystem::path folder, content::DetectorOptions options)
      : folder_(std::move(folder)), options_(std::move(options)) {}
  const content::DetectorSet* get();

 private:
  std::filesystem::path folder_;
  content::DetectorOptions options_;
  std::once_flag once_;
  std::optional<content::DetectorSet> set_;
};

// What a sensor knows, whether it replays or runs: all that comes from the folder of signatures.
// Outlives the sensor.
class SensorSetup {
 public:
  // What is wrong is said on standard error; then nothing. `content`: with what visible bodies are
  // read by.
  static std::unique_ptr<SensorSetup> load(const identify::SignatureFolders& folders, bool content,
                                           content::DetectorOptions detectors);

  [[nodiscard]] const identify::Catalogue& catalogue() const { return catalogue_; }
  // Everything of `options` that comes from signatures.
  void fill(sensor::ReplayOptions& options);
  // Likewise for what records: facts of apps, the rubric, the rules of anomalies.
  void fill(inventory::RecorderOptions& options) const;

 private:
  SensorSetup(identify::Catalogue catalogue, identify::ShadowName shadow,
              std::filesystem::path detectors, content::DetectorOptions options)
      : catalogue_(std::move(catalogue)),
        shadow_(std::move(shadow)),
        detectors_(std::move(detectors), std::move(options)) {}

  identify::Catalogue catalogue_;
  identify::ShadowName shadow_;
  std::optional<identify::ApiKnowledge> api_;
  Detectors detectors_;
  std::string rubric_;
  std::string anomaly_rules_;
  std::vector<inventory::PolicyFile> policies_;
};

}  // namespace gnomon::cli
