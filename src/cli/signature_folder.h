#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/identify/api_reader.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/inventory/attributes.h"
#include "options.h"

namespace gnomon::cli {

// What a network adds to the signatures that came with the program.
inline constexpr const char* kLocalSignatures = "/etc/gnomon/signatures.d";
inline constexpr const char* kTrustedKeys = "/etc/gnomon/trusted-keys.d";
inline constexpr const char* kLocalDetectors = "/etc/gnomon/detectors.d";

// --signatures, --local-signatures, --trusted-keys, --require-signed.
void add_signature_options(CommandLine& line);
// The folders and keys that these options name.
Result<identify::SignatureFolders> signature_folders(const CommandLine& line);
// Loads the catalogue; every problem that was found is said on standard error.
Result<identify::Catalogue> load_catalogue(const identify::SignatureFolders& folders);
// The same for model APIs, self-hosted products and artifacts.
Result<identify::ApiKnowledge> load_api_knowledge(const identify::SignatureFolders& folders);

// Where signatures are read from: `asked` when given, else the first that exists of
// share/gnomon/signatures beside the program's folder, and the source tree the program was built
// in.
Result<std::filesystem::path> find_signature_folder(const std::string& asked);

// The catalogue's knowledge of its apps as the inventory keeps it.
std::vector<inventory::AppFacts> facts_of(const identify::Catalogue& catalogue);

// --local-detectors, and the folder that it names; nothing where there is none and it was not asked
// for.
void add_detector_option(CommandLine& line);
Result<std::filesystem::path> local_detectors(const CommandLine& line);

// Where what is compiled once is kept for this user; empty when there is no such place.
std::filesystem::path cache_folder();

// A whole text file.
Result<std::string> read_text_file(const std::filesystem::path& path);

}  // namespace gnomon::cli
