#!/usr/bin/env bash
# The source archive: the same bytes twice, from another folder and with another umask; it holds what
# the commit holds. Skipped where there is no repository.
set -uo pipefail
cd "$(dirname "$0")/../.."
git rev-parse HEAD >/dev/null 2>&1 || { echo 'skipped: not in a git repository'; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
one=$(packaging/build-tarball.sh --output "$scratch/one") || exit 1
git clone -q . "$scratch/elsewhere" 2>/dev/null || { echo 'skipped: cannot be cloned'; exit 77; }
(umask 077; TZ=Asia/Tokyo LC_ALL=C "$scratch/elsewhere/packaging/build-tarball.sh" \
  --output "$scratch/two" >/dev/null) || exit 1
cmp "$one" "$scratch/two/$(basename "$one")" || exit 1
tar -tzf "$one" | grep -v '/$' | cut -d/ -f2- | grep -vx COMMIT | sort >"$scratch/packed"
git -c core.quotePath=false ls-tree -r --name-only HEAD | sort | diff - "$scratch/packed" || exit 1
packaging/build-tarball.sh --output "$scratch" no-such-commit 2>/dev/null && { echo 'made of nothing'; exit 1; }
echo same
