#!/usr/bin/env bash
# What the package's scripts tell systemd: a first installation starts nothing, an upgrade starts a
# sensor again that runs, a removal stops it.   maintainer_scripts.sh
set -uo pipefail
cd "$(dirname "$0")/../.."
command -v dh_installsystemd >/dev/null || { echo 'skipped: debhelper is not here'; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

tree=$scratch/gnomon
mkdir -p "$tree"
cp -r packaging/debian "$tree/debian"
cp systemd/gnomon.service "$tree/debian/"
printf 'gnomon (1) unstable; urgency=medium\n\n  * One.\n\n -- G <g@gnomon.example>  Thu, 01 Jan 2026 00:00:00 +0000\n' \
  >"$tree/debian/changelog"
(cd "$tree" && debian/rules override_dh_installsystemd && dh_installdeb) >"$scratch/log" 2>&1 ||
  { echo 'FAILED the scripts could not be made'; cat "$scratch/log"; exit 1; }
# As if systemd ran here, whose programs only say that they were called.
mkdir "$scratch/bin" "$scratch/systemd"
for name in systemctl deb-systemd-invoke deb-systemd-helper; do
  # shellcheck disable=SC2016
  printf '#!/bin/sh\necho "%s $*" >>"$CALLS"\n' "$name" >"$scratch/bin/$name"
  chmod +x "$scratch/bin/$name"
done
# calls SCRIPT ARGUMENTS...: what it does to the service; no script does nothing.
calls() {
  local script=$tree/debian/gnomon/DEBIAN/$1
  shift
  : >"$scratch/calls"
  if [ -e "$script" ]; then
    sed "s,/run/systemd/system,$scratch/systemd,g" "$script" >"$scratch/script"
    CALLS=$scratch/calls PATH=$scratch/bin:$PATH sh "$scratch/script" "$@" >/dev/null 2>"$scratch/said" ||
      { echo "exit code $?: $(cat "$scratch/said")"; return; }
  fi
  grep -oE 'deb-systemd-invoke .*' "$scratch/calls" | sed 's/^deb-systemd-invoke //' | tr '\n' ';'
}
# expect NAME CALLS SCRIPT ARGUMENTS...
expect() {
  local name=$1 wanted=$2 got
  shift 2
  got=$(calls "$@")
  [ "$got" = "$wanted" ] || { failed=1; echo "FAILED $name: wanted '$wanted', got '$got'"; }
}
expect 'a first installation starts nothing' '' postinst configure ''
expect 'what is to be replaced goes on' '' preinst upgrade 0.1.0
expect 'and is not stopped by its own script' '' prerm upgrade 0.2.0
expect 'the new one is started where one runs' 'try-restart gnomon.service;' postinst configure 0.1.0
expect 'a removal stops it' 'stop gnomon.service;' prerm remove
expect 'and does nothing more' '' postrm remove
exit $failed
