#pragma once

#include "gnomon/identify/catalogue.h"
#include "gnomon/report/block_list.h"

namespace gnomon::cli {

// What the catalogue says, as far as blocking needs it. Refers to it.
report::HostKnowledge block_knowledge(const identify::Catalogue& catalogue);

}  // namespace gnomon::cli
