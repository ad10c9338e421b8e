#include "package_name.h"

#include <algorithm>

#include "gnomon/bytes/ascii.h"

namespace gnomon::identify {
namespace {

bool cut_end(std::string_view& text, std::string_view end) {
  if (text.size() <= end.size() || !text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

// The first hyphen with a digit behind it: versions begin with one.
PackageName before_version(std::string_view stem) {
  for (std::size_t at = stem.find('-'); at != std::string_view::npos; at = stem.find('-', at + 1))
    if (at > 0 && at + 1 < stem.size() && is_digit(stem[at + 1]))
      return {stem.substr(0, at), stem.substr(at + 1), false};
  return {};
}

// {name}-{version}(-{build})?-{python}-{abi}-{platform}
PackageName of_wheel(std::string_view stem) {
  const std::size_t first = stem.find('-');
  if (first == 0 || first == std::string_view::npos) return {};
  if (std::count(stem.begin(), stem.end(), '-') < 4) return {};
  return {stem.substr(0, first), stem.substr(first + 1, stem.find('-', first + 1) - first - 1),
          true};
}

// {name}-{version}-{build}
PackageName of_conda(std::string_view stem) {
  const std::size_t build = stem.rfind('-');
  if (build == 0 || build == std::string_view::npos) return {};
  const std::size_t version = stem.rfind('-', build - 1);
  if (version == 0 || version == std::string_view::npos) return {};
  return {stem.substr(0, version), stem.substr(version + 1, build - version - 1), false};
}

}  // namespace

PackageName package_name(std::string_view file, std::string_view known) {
  std::string_view stem = file;
  cut_end(stem, ".metadata");  // PEP 658: of a wheel, beside it
  if (cut_end(stem, ".whl")) return of_wheel(stem);
  if (cut_end(stem, ".conda") || cut_end(stem, ".tar.bz2")) return of_conda(stem);
  const bool source = cut_end(stem, ".tar.gz") || cut_end(stem, ".zip");
  if (!source && !cut_end(stem, ".tgz") && !cut_end(stem, ".crate")) return {};
  if (const std::size_t slash = known.find_last_of("/"); slash != std::string_view::npos)
    known.remove_prefix(slash + 1);
  else if (const std::size_t coded = known.rfind("%2f"); coded != std::string_view::npos)
    known.remove_prefix(coded + 3);
  if (!known.empty()) {
    if (!stem.starts_with(known) || stem.size() < known.size() + 2 || stem[known.size()] != '-')
      return {};
    return {known, stem.substr(known.size() + 1), false};
  }
  PackageName package = before_version(stem);
  package.python = source;
  return package;
}

std::string_view canonical_package(const PackageName& package, std::string& room) {
  if (!package.python) return package.name;
  room.clear();
  for (const char c : package.name) {
    if (c == '-' || c == '_' || c == '.') {
      if (!room.empty() && room.back() != '-') room += '-';
    } else if (is_letter(c) || is_digit(c)) {
      room += to_lower(c);
    } else {
      return package.name;  // no name of a Python package
    }
  }
  return room;
}

}  // namespace gnomon::identify
