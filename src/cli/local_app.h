#pragma once

#include <filesystem>
#include <string>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"
#include "gnomon/identify/catalogue.h"

namespace gnomon::cli {

// An app of this network's own, made of a candidate.
struct LocalApp {
  std::string host;
  std::string id;
  std::string name;
  std::string vendor;
  std::string category = "other";
  std::string comment;  // who made it of what, and why
};

// "Accepted from the candidates by ann on 2026-11-26: why"
std::string accepted_by(const std::string& actor, Time now, const std::string& reason);

// Writes it into the folder of local signatures, never over another file; where the signatures
// would not agree any more, nothing is written. The path.
Result<std::filesystem::path> write_local_app(const identify::SignatureFolders& folders,
                                              const LocalApp& app);
// The decision was taken back: removes the file of such an app, unless somebody else wrote it or
// has begun it anew. The path; empty when nothing was removed.
std::filesystem::path withdraw_local_app(const identify::SignatureFolders& folders,
                                         const std::string& id);

}  // namespace gnomon::cli
