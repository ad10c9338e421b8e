#!/usr/bin/env bash
# Installs by apt those of the named package lists that are missing; silent when nothing is.
#   packaging/install-packages.sh build test ...
# Lists: build (to build and run), test (what the tests need besides), fuzz (clang's fuzzer).
set -euo pipefail

build=(build-essential cmake ninja-build ccache pkg-config
  libpcap-dev libndpi-dev libsqlite3-dev libssl-dev zlib1g-dev libzstd-dev
  libboost-program-options-dev libfmt-dev libyaml-cpp-dev libyaml-dev libjs-chart.js
  libnghttp2-dev libnghttp3-dev libhyperscan-dev libbrotli-dev libsimdjson-dev libarchive-dev libpugixml-dev
  libseccomp-dev poppler-utils)
test=(catch2 sqlite3 python3 xxd openssl brotli zstd libarchive-tools)
fuzz=(clang libclang-rt-14-dev)

wanted=()
for list in "$@"; do
  case "$list" in
    build) wanted+=("${build[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    fuzz) wanted+=("${fuzz[@]}") ;;
    *) echo "install-packages.sh: unknown list '$list' (build, test, fuzz)" >&2; exit 1 ;;
  esac
done

installed() { dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }
missing=()
for package in "${wanted[@]}"; do
  installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install-packages.sh: missing: ${missing[*]}" >&2
    echo "install-packages.sh: run as root, or install them and run again" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}" >&2
"${as_root[@]}" apt-get update -qq >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
