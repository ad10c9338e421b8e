#pragma once

#include <string>
#include <string_view>

namespace gnomon::identify {

// What the name of a package's file says. Views into it; empty what it does not say.
struct PackageName {
  std::string_view name, version;
  bool python = false;  // a name of the Python Package Index
};

// Reads names of wheels (the binary distribution format of PyPA), source distributions, archives of
// npm and Cargo, and packages of conda. `known` is the package's name where the path says it, for
// names and versions may both have hyphens: "@scope/name" stands for "name".
PackageName package_name(std::string_view file, std::string_view known);

// One spelling for all of a Python package (PEP 503), built in `room`: "llama-index" for
// "llama_index". Of others the name as it is.
std::string_view canonical_package(const PackageName& package, std::string& room);

}  // namespace gnomon::identify
