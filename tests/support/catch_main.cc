#ifndef GNOMON_CATCH2_3  // version 3 brings a main of its own
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
