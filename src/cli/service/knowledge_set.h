#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../config/config.h"
#include "../signature_folder.h"
#include "gnomon/content/scanner.h"
#include "gnomon/identify/api_reader.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/identify/shadow_name.h"
#include "gnomon/inventory/policy.h"
#include "gnomon/sensor/knowledge.h"

namespace gnomon::cli {

// Everything that is loaded from signatures, as one: all of it good, or none of it used.
struct KnowledgeSet {
  identify::SignatureFolders folders;
  std::optional<identify::Catalogue> catalogue;
  std::optional<identify::ApiKnowledge> api;
  std::optional<identify::ShadowName> shadow;
  std::optional<content::DetectorSet> detectors;
  std::string rubric;
  std::string anomaly_rules;
  std::vector<inventory::PolicyFile> policies;
  std::vector<std::string> doubts;  // what is most likely a mistake, and is used all the same
  std::string newest;  // date of the newest signature, "2026-11-02"; empty when none has one
};

// Loads and checks all of it; compiling detectors takes up to some seconds. Null when something is
// wrong: every problem is added.
std::shared_ptr<const KnowledgeSet> load_knowledge(const Config& config,
                                                   std::vector<std::string>& problems);

// As the sensor wants it. It keeps the set alive, and documents are opened on the desk.
sensor::KnowledgePointer knowledge_of(const std::shared_ptr<const KnowledgeSet>& set,
                                      const Config& config, content::DocumentDesk* desk);

// What is keyed with this belongs to this machine: the same value gives the same hash at every run,
// and elsewhere it tells nothing.
content::InventoryKey machine_key();

}  // namespace gnomon::cli
