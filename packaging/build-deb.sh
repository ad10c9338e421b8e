#!/usr/bin/env bash
# Builds gnomon_VERSION_ARCHITECTURE.deb for the Debian it runs on, and has lintian judge it.
#   packaging/build-deb.sh [--output FOLDER] [--build FOLDER] [--no-lintian]
#     --output  where the package goes (build/)
#     --build   a build folder that is used instead of build/release
set -euo pipefail
cd "$(dirname "$0")/.."
source_folder=$PWD
output=build build=build/release lintian=true
while [ $# -gt 0 ]; do
  case "$1" in
    --output) output=${2:?--output needs a folder}; shift ;;
    --build) build=${2:?--build needs a folder}; shift ;;
    --no-lintian) lintian=false ;;
    *) echo "build-deb.sh: unknown argument '$1' (--output, --build, --no-lintian)" >&2; exit 1 ;;
  esac
  shift
done
packaging/install-packages.sh build package
if [ "$build" = build/release ]; then
  mkdir -p build
  cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
fi
cmake --build "$build" --target gnomon manual
build=$(realpath "$build")
mkdir -p "$output"
output=$(realpath "$output")

version=$("$build/gnomon" --version | cut -d' ' -f2)
# The date of what is packed, so that the same source gives the same package.
if date=$(git log -1 --format=%cD 2>/dev/null); then :; else date=$(date -uR -r CHANGELOG.md); fi
stage=$build/deb/gnomon-$version
rm -rf "$build/deb"
mkdir -p "$stage"
cp -r packaging/debian "$stage/debian"
cp packaging/systemd/gnomon.sysusers packaging/systemd/gnomon.tmpfiles "$stage/debian/"
[ ! -e systemd/gnomon.service ] || cp systemd/gnomon.service "$stage/debian/"
cat >"$stage/debian/changelog" <<CHANGES
gnomon ($version) unstable; urgency=medium

  * Gnomon $version: NEWS.md beside this file tells what is new.

 -- $(sed -n 's/^Maintainer: //p' packaging/debian/control)  $date
CHANGES
mkdir "$stage/debian/source"
echo '3.0 (native)' >"$stage/debian/source/format"
# The configuration of a new installation: every setting with its default and help.
if "$build/gnomon" config sample >"$stage/debian/gnomon.yaml" 2>/dev/null; then
  echo 'debian/gnomon.yaml etc/gnomon' >"$stage/debian/gnomon.install"
else
  rm -f "$stage/debian/gnomon.yaml"
fi
(cd "$stage" && GNOMON_BUILD=$build DEB_BUILD_OPTIONS=noautodbgsym \
  dpkg-buildpackage --build=binary --no-sign >"$build/deb/build.log" 2>&1) ||
  { tail -n 40 "$build/deb/build.log" >&2; exit 1; }
package=gnomon_${version}_$(dpkg --print-architecture).deb
cp "$build/deb/$package" "$output/$package"
if $lintian; then
  # Built here for use here, not for Debian's archive: no bug of its tracker is closed by it.
  lintian --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "$output/$package"
fi
echo "${output#"$source_folder"/}/$package"
