#!/usr/bin/env bash
# From a bare Debian to the AI inventory of the project's own captures: installs what is missing,
# builds, replays pcaps/, prints the inventory and writes the HTML report. Quick when run again.
set -euo pipefail
cd "$(dirname "$0")/.."

packaging/install-packages.sh build
cmake --preset release >build-configure.log 2>&1 || { cat build-configure.log >&2; exit 1; }
rm -f build-configure.log
cmake --build --preset release --target gnomon

out=build/try
mkdir -p "$out"
rm -f "$out"/gnomon.db "$out"/gnomon.db-wal "$out"/gnomon.db-shm
mapfile -t captures < <(find pcaps -type f \( -name '*.pcap' -o -name '*.pcapng' -o -name '*.pcap.gz' \
  -o -name '*.pcap.zst' -o -name '*.pcapng.gz' -o -name '*.pcapng.zst' \) | sort)
build/release/gnomon replay --db "$out/gnomon.db" "${captures[@]}"
echo
build/release/gnomon inventory --db "$out/gnomon.db"
build/release/gnomon report --db "$out/gnomon.db" -o "$out/report.html"
echo
echo "Inventory: $out/gnomon.db    Report: $out/report.html"
