#pragma once

#include <string>

#include "gnomon/inventory/inventory.h"
#include "terminal_table.h"

namespace gnomon::cli {

inline constexpr std::size_t kShownClients = 20;
inline constexpr std::size_t kShownEndpoints = 20;
inline constexpr std::size_t kShownEvidence = 10;
inline constexpr std::size_t kShownDays = 31;
inline constexpr std::size_t kShownRows = 20;  // of findings, files, models and the like

// One app for a terminal, or, without colours and cuts, for a pipe. Long lists end with how many
// more there are, unless `all` are wanted.
std::string show_text(const inventory::AppDetail& app, const Terminal& terminal, bool all);
// One self-hosted server, in the same way.
std::string show_text(const inventory::Asset& asset, const observation::Coverage& coverage,
                      const Terminal& terminal, bool all);

}  // namespace gnomon::cli
