#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "gnomon/sensor/replay.h"

namespace gnomon::cli {

// What is wrong in key logs, each in words: the rest of them is used.
std::vector<std::string> complaints_of_key_logs(const sensor::ReplayResult& result);

// What a run saw and did not see, for people: the same for a replay and a live sensor. `inputs` is
// what it was read from: "3 captures", "eth1"; `doctor` what the doctor is to be given: "FILE", "-i eth1".
void print_summary(std::FILE* out, const sensor::ReplayResult& result, const std::string& inputs,
                   const std::string& doctor, const std::string& database, bool recorded,
                   std::size_t alerts);

}  // namespace gnomon::cli
