// Catch2 3 under the header name of Catch2 2, so that one test source serves both.
#pragma once

#include <catch2/catch_all.hpp>

using Catch::Approx;  // version 3 took it out of the global namespace
