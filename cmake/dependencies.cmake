# Every library from outside, found once. Each is linked by one layer alone (src/CMakeLists.txt).
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Boost REQUIRED COMPONENTS program_options)
find_package(fmt REQUIRED)
find_library(PCAP_LIBRARY pcap REQUIRED)
pkg_check_modules(NDPI REQUIRED IMPORTED_TARGET libndpi)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(LIBYAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET simdjson)
find_path(CATCH2_INCLUDE_DIR catch2/catch.hpp)
find_package(Catch2 3 QUIET)
# Chart.js (libjs-chart.js), one file with all it needs, made part of the report's pages.
find_file(CHART_JS NAMES chart.min.js chart.umd.js PATHS /usr/share/javascript/chart.js
          REQUIRED NO_DEFAULT_PATH)
