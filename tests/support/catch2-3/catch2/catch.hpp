// Catch2 3 under the header name of Catch2 2, so that one test source serves both.
#pragma once

#include <catch2/catch_all.hpp>

using Catch::Approx;  // version 3 took it out of the global namespace

// Matchers of text, which version 3 moved, one of them under another name.
namespace Catch {
using Matchers::EndsWith;
using Matchers::Matches;
using Matchers::StartsWith;
inline auto Contains(const std::string& text) { return Matchers::ContainsSubstring(text); }
}  // namespace Catch
