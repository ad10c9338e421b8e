#include "signature_folder.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace gnomon::cli {

namespace fs = std::filesystem;

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
    all.push_back(std::move(facts));
  }
  return all;
}

Result<std::string> read_text_file(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return Error{std::strerror(errno)}.in(path.string());
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (file.bad()) return Error{std::strerror(errno)}.in(path.string());
  return text;
}

}  // namespace gnomon::cli
