#include "signature_folder.h"

#include <array>
#include <boost/program_options.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace gnomon::cli {

namespace fs = std::filesystem;

namespace {

constexpr const char* kNotReviewed =
    "in the catalogue from public lists of AI apps; nobody has looked at it yet";

}  // namespace

Result<fs::path> find_signature_folder(const std::string& asked) {
  if (!asked.empty()) {
    if (!fs::is_directory(asked)) return Error{"is not a folder"}.in(asked).in("--signatures");
    return fs::path{asked};
  }
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path folder = program.parent_path();
  std::string tried;
  // Installed as PREFIX/bin/gnomon; built as SOURCE/build/PRESET/gnomon.
  for (const fs::path& each : {folder / "../share/gnomon/signatures", folder / "../../signatures",
                               fs::path{"/usr/share/gnomon/signatures"}}) {
    if (fs::is_directory(each, ignored)) return fs::weakly_canonical(each, ignored);
    tried += (tried.empty() ? "" : ", ") + each.lexically_normal().string();
  }
  return Error{"no folder of signatures was found (looked for " + tried +
               "); name one with --signatures"};
}

void add_signature_options(CommandLine& line) {
  line.options().add_options()  //
      ("signatures", text_value("DIR"),
       "folder of signatures (default: the ones that came with the program)")  //
      ("local-signatures", text_value("DIR", kLocalSignatures),
       "what this network adds: files of apps, and packs in folders below; need not exist")  //
      ("trusted-keys", text_value("DIR", kTrustedKeys),
       "public keys (Ed25519, PEM) of those who may sign packs")  //
      ("require-signed", boost::program_options::bool_switch(),
       "refuse signatures that came from elsewhere unless they are signed");
}

void add_detector_option(CommandLine& line) {
  line.options().add_options()  //
      ("local-detectors", text_value("DIR", kLocalDetectors),
       "detectors of this network, in the form of signatures/detectors; the default need not "
       "exist");
}

Result<fs::path> local_detectors(const CommandLine& line) {
  std::error_code ignored;
  fs::path folder = line.text("local-detectors");
  if (fs::is_directory(folder, ignored)) return folder;
  if (line.given("local-detectors"))
    return Error{"is not a folder"}.in(folder.string()).in("--local-detectors");
  return fs::path{};
}

Result<identify::SignatureFolders> signature_folders(const CommandLine& line) {
  identify::SignatureFolders folders;
  const std::string asked = line.text("signatures");
  auto shipped = find_signature_folder(asked);
  if (!shipped) return shipped.error();
  folders.shipped = std::move(*shipped);
  folders.shipped_is_installed = asked.empty();
  folders.local = line.text("local-signatures");
  folders.cache = cache_folder();
  auto trust = identify::PackTrust::load(line.text("trusted-keys"));
  if (!trust) return trust.error();
  folders.trust = std::move(*trust);
  folders.trust.required = line.get<bool>("require-signed");
  return folders;
}

namespace {

void say(const std::vector<identify::Problem>& problems, const Error& error) {
  for (const identify::Problem& problem : problems)
    std::fprintf(stderr, "gnomon: %s\n", problem.to_string().c_str());
  if (problems.empty()) std::fprintf(stderr, "gnomon: %s\n", error.message.c_str());
}

}  // namespace

Result<identify::Catalogue> load_catalogue(const identify::SignatureFolders& folders) {
  std::vector<identify::Problem> problems;
  auto catalogue = identify::Catalogue::load(folders, &problems);
  if (!catalogue) {
    say(problems, catalogue.error());
    return catalogue;
  }
  for (const identify::Problem& doubt : catalogue->doubts())
    std::fprintf(stderr, "gnomon: %s\n", doubt.to_string().c_str());
  return catalogue;
}

Result<identify::ApiKnowledge> load_api_knowledge(const identify::SignatureFolders& folders) {
  std::vector<identify::Problem> problems;
  auto knowledge = identify::ApiKnowledge::load(folders, &problems);
  if (!knowledge) say(problems, knowledge.error());
  return knowledge;
}

std::vector<inventory::AppFacts> facts_of(const identify::Catalogue& catalogue) {
  std::vector<inventory::AppFacts> all;
  all.reserve(catalogue.apps().size());
  for (const identify::App& app : catalogue.apps()) {
    inventory::AppFacts facts;
    facts.id = app.id;
    facts.name = app.name;
    facts.vendor = app.vendor;
    facts.vendor_country = app.country;
    facts.category = app.category;
    for (const identify::Attribute& attribute : app.attributes)
      facts.attributes.emplace_back(attribute.key, attribute.value);
    // Whoever decides on such an app should know that its name and category are a script's.
    if (!app.reviewed && app.attributes.empty())
      facts.attributes.emplace_back("notes", kNotReviewed);
    all.push_back(std::move(facts));
  }
  return all;
}

Result<std::string> read_text_file(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return Error{std::strerror(errno)}.in(path.string());
  std::string text;
  std::array<char, 64 * 1024> piece;
  do {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
  } while (file);
  if (file.bad()) return Error{std::strerror(errno)}.in(path.string());
  return text;
}

std::filesystem::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return std::filesystem::path{cache} / "gnomon";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return std::filesystem::path{home} / ".cache" / "gnomon";
  return {};
}

}  // namespace gnomon::cli
