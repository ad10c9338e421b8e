#pragma once

#include <cstdint>
#include <vector>

#include "api_contents.h"
#include "api_scan_state.h"
#include "gnomon/identify/api_reader.h"

namespace gnomon::identify {

// Fills in what was fetched, when a hub or registry was asked for something. `names` and `fits` are
// by pattern of the knowledge's paths.
void read_artifact(const ApiKnowledge::Contents& all, const ApiExchange& exchange,
                   const ApiScan::State& scan, const std::vector<PathNames>& names,
                   const std::vector<std::uint8_t>& fits, ApiFacts& facts);

}  // namespace gnomon::identify
