#pragma once

#include <set>
#include <string>

#include "gnomon/bytes/result.h"
#include "gnomon/content/profile.h"
#include "gnomon/yaml/yaml_tree.h"

namespace gnomon::content {

// One entry of a list `profiles`. `known`: ids, families and categories that it may name. Errors
// say "line 7: what is wrong".
Result<Profile> read_profile(const YamlNode& entry,
                             const std::set<std::string, std::less<>>& known);

}  // namespace gnomon::content
