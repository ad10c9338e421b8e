#!/usr/bin/env bash
# Installs by apt those of the named package lists that are missing; silent when nothing is.
#   packaging/install-packages.sh build test ...
# Lists: build (to build and run), test (what the tests need besides), fuzz (clang's fuzzer),
# package (to build the Debian package and to judge it).
set -euo pipefail

build=(build-essential cmake python3 ninja-build ccache pkg-config
  libpcap-dev libndpi-dev libsqlite3-dev libssl-dev zlib1g-dev libzstd-dev
  libboost-dev libboost-program-options-dev libjemalloc-dev libfmt-dev libyaml-dev libjs-chart.js
  libnghttp2-dev libnghttp3-dev libhyperscan-dev libbrotli-dev libsimdjson-dev libarchive-dev libpugixml-dev
  libpsl-dev libseccomp-dev libxlsxwriter-dev poppler-utils)
test=(catch2 sqlite3 python3 python3-jsonschema python3-yaml python3-openpyxl bind9-utils nftables xxd openssl
  python3-cryptography brotli zstd libarchive-tools chromium curl e2fsprogs ethtool iproute2 mandoc
  systemd tcpdump tcpreplay)
fuzz=(clang)
# Its run-time libraries are of the version that clang is of here; clang recommends them only.
clang_version=$(apt-cache show clang 2>/dev/null |
  sed -n 's/^Depends: .*clang-\([0-9][0-9]*\).*/\1/p' | sort -n | tail -1)
fuzz+=("libclang-rt-${clang_version:-14}-dev")
package=(debhelper dpkg-dev lintian debootstrap)

wanted=()
for list in "$@"; do
  case "$list" in
    build) wanted+=("${build[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    fuzz) wanted+=("${fuzz[@]}") ;;
    package) wanted+=("${package[@]}") ;;
    *) echo "install-packages.sh: unknown list '$list' (build, test, fuzz, package)" >&2; exit 1 ;;
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
