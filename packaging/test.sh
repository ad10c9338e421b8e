#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: unit, golden and end-to-end tests with
# address and undefined-behaviour sanitizers (each fuzz target on its corpus and on a fixed number of
# mutations of it among them), and the pipeline once more with the thread sanitizer.
#   packaging/test.sh [--quick] [--fuzz] [--package]
#     --quick  leaves out the thread sanitizer
#     --fuzz   besides, builds the fuzz targets with libFuzzer and runs each for GNOMON_FUZZ_SECONDS
#              (20): it starts from other random numbers each time, so it is no part of every run
#     --package  besides, builds the Debian package, has lintian judge it, and installs, upgrades and
#              purges it in a new system (as root; it loads that system from Debian's mirror)
set -euo pipefail
cd "$(dirname "$0")/.."

quick=false
fuzz=false
package=false
for argument in "$@"; do
  case "$argument" in
    --quick) quick=true ;;
    --fuzz) fuzz=true ;;
    --package) package=true ;;
    *) echo "test.sh: unknown argument '$argument' (--quick, --fuzz, --package)" >&2; exit 1 ;;
  esac
done
jobs=$(nproc)

packaging/install-packages.sh build test
configure() { cmake --preset "$1" >"build-$1.log" 2>&1 || { cat "build-$1.log" >&2; exit 1; }; rm -f "build-$1.log"; }

echo "== unit, golden and end-to-end tests with sanitizers"
configure dev
cmake --build --preset dev
ctest --preset dev -j "$jobs" --timeout 600

if ! $quick; then
  echo "== the pipeline under the thread sanitizer"
  configure tsan
  cmake --build --preset tsan --target sensor_test
  ctest --preset tsan -R '^sensor$' --timeout 900
fi
if $fuzz; then
  echo "== fuzz targets, ${GNOMON_FUZZ_SECONDS:-20} seconds each"
  packaging/install-packages.sh fuzz
  configure fuzz
  tests/fuzz.sh "${GNOMON_FUZZ_SECONDS:-20}"
fi
if $package; then
  echo "== the Debian package"
  packaging/install-packages.sh package
  package_file=$(packaging/build-deb.sh | tail -1)
  code=0
  packaging/test-deb.sh "$package_file" || code=$?
  [ "$code" -eq 0 ] || [ "$code" -eq 77 ] || exit "$code"
fi
echo "All tests passed."
