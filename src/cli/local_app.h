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
// The decision was taken back: removes the file of such an app, as long as it is what was written
// then. One that people have changed since, or wrote themselves, is kept.
struct WithdrawnApp {
  std::filesystem::path path;  // empty: there is no file of it
  bool removed = false;
};
WithdrawnApp withdraw_local_app(const identify::SignatureFolders& folders, const std::string& id);
// "Removed: PATH." or why nothing was.
std::string withdrawn_text(const WithdrawnApp& app, const std::string& id);

}  // namespace gnomon::cli
