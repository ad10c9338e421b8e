#!/usr/bin/env bash
# The source as one archive, the same bytes each time it is made from a commit: files sorted, owned
# by nobody, with the commit's date, whatever machine and folder.
#   packaging/build-tarball.sh [--output FOLDER] [COMMIT]    (build/, HEAD)
set -euo pipefail
cd "$(dirname "$0")/.."
output=build commit=HEAD
while [ $# -gt 0 ]; do
  case "$1" in
    --output) output=${2:?--output needs a folder}; shift ;;
    -*) echo "build-tarball.sh: unknown argument '$1' (--output FOLDER, COMMIT)" >&2; exit 1 ;;
    *) commit=$1 ;;
  esac
  shift
done
commit=$(git rev-parse --verify --quiet "$commit^{commit}") ||
  { echo "build-tarball.sh: no such commit" >&2; exit 1; }
# Read whole first: a pipe that sed closed early would look like a failure.
lists=$(git show "$commit:CMakeLists.txt")
version=$(sed -n 's/^project(gnomon VERSION \([0-9.]*\).*/\1/p' <<<"$lists")
[ -n "$version" ] || { echo "build-tarball.sh: no version in CMakeLists.txt" >&2; exit 1; }
name=gnomon-$version
mkdir -p "$output"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git archive --format=tar --prefix="$name/" "$commit" | tar -C "$scratch" -x
# Which commit it is, for who has no repository.
echo "$commit" >"$scratch/$name/COMMIT"
# The order, owners, modes and times are set here, so that git's version and settings do not matter;
# gzip keeps no name and no time.
tar -C "$scratch" --format=ustar --sort=name --owner=0 --group=0 --numeric-owner \
  --mode='u=rwX,go=rX' --mtime="@$(git show -s --format=%ct "$commit")" -cf - "$name" |
  gzip -9n >"$output/$name.tar.gz.part"
mv "$output/$name.tar.gz.part" "$output/$name.tar.gz"
echo "$output/$name.tar.gz"
