#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api_contents.h"
#include "api_scan_state.h"
#include "gnomon/identify/api_reader.h"

namespace gnomon::identify {

// The rule by which a request fetches from a hub or registry, by host, path and what the head met;
// null when there is none. Fills in what the path names. `names` and `fits` are by pattern of the
// knowledge's paths. What a rule asks of the answer counts as met before there is one (`answered`
// false).
const ArtifactRule* artifact_rule(const ApiKnowledge::Contents& all, std::string_view host,
                                  const ApiScan::State& scan, const std::vector<PathNames>& names,
                                  const std::vector<std::uint8_t>& fits, bool answered,
                                  ApiFacts& facts);

// Fills in what was fetched, when a hub or registry was asked for something. `room` keeps what was
// made of its names.
void read_artifact(const ApiKnowledge::Contents& all, const ApiExchange& exchange,
                   const ApiScan::State& scan, const std::vector<PathNames>& names,
                   const std::vector<std::uint8_t>& fits, std::string& room, ApiFacts& facts);

}  // namespace gnomon::identify
