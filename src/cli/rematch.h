#pragma once

#include <string>
#include <vector>

#include "gnomon/identify/catalogue.h"
#include "service/knowledge_set.h"
#include "gnomon/inventory/live_recorder.h"
#include "gnomon/inventory/recorder.h"

namespace gnomon::cli {

// Asks the catalogue about the hosts that no app was known for.
Result<std::vector<inventory::RetroMatch>> rematch_hosts(inventory::Recorder& recorder,
                                                         const identify::Catalogue& catalogue);

Result<std::vector<inventory::RetroMatch>> rematch_hosts(inventory::LiveRecorder& recorder,
                                                         const identify::Catalogue& catalogue);

// As the catalogue of this set judges. Keeps the set alive.
inventory::HostJudge judge_of(std::shared_ptr<const KnowledgeSet> set);

// What it brought, for people.
std::vector<std::string> rematch_lines(const std::vector<inventory::RetroMatch>& matches);

}  // namespace gnomon::cli
