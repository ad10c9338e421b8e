#pragma once

#include <vector>

#include "database.h"
#include "gnomon/inventory/records.h"

// The queries behind records.h.
namespace gnomon::inventory {

Result<std::vector<FindingSummary>> read_findings(Database& database);
Result<std::vector<FileSummary>> read_files(Database& database);
Result<std::vector<ModelUse>> read_model_uses(Database& database);
Result<std::vector<ToolUse>> read_tools(Database& database);
Result<std::vector<ArtifactSummary>> read_artifacts(Database& database);
Result<std::vector<RetroUse>> read_retro_uses(Database& database);
Result<std::vector<Candidate>> read_candidates(Database& database);
// Rated when there is a rubric.
Result<std::vector<Asset>> read_assets(Database& database, const std::optional<RiskRubric>& rubric);

// How bad a severity is, for order: "critical" 4 ... "low" 1.
int severity_rank(std::string_view severity);

// The evidence of a candidate without its numbers: reasons, one a line, sorted.
std::string evidence_of(const std::vector<std::string>& reasons);
std::string fingerprint_of(std::string_view evidence);

}  // namespace gnomon::inventory
