#!/usr/bin/env bash
# The service's unit file: how exposed systemd thinks it is, whether it is well-formed, and whether it
# lets the sensor do what it must.   unit_file.sh UNIT
set -uo pipefail
unit=$(realpath "$1")
command -v systemd-analyze >/dev/null || { echo 'skipped: systemd-analyze is not here'; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
fail() { echo "FAILED $1"; failed=1; }

# 1.5 of 10 at most.
systemd-analyze security --offline=yes --threshold=15 "$unit" >"$scratch/security" 2>&1 ||
  { fail 'exposure'; grep -E '✗|Overall' "$scratch/security"; }

# Programs and man pages are where a package puts them, so a copy names ones that are here.
sed -e "s,/usr/bin/gnomon,/bin/true," -e '/^Documentation=/d' "$unit" >"$scratch/gnomon.service"
systemd-analyze verify "$scratch/gnomon.service" >"$scratch/verify" 2>&1
grep gnomon.service "$scratch/verify" && fail 'verify'

for wanted in Type=notify WatchdogSec= Restart=on-failure SuccessExitStatus=3 AmbientCapabilities=CAP_NET_RAW \
  User=gnomon StateDirectory=gnomon RuntimeDirectory=gnomon 'ExecReload=/bin/kill -HUP'; do
  grep -q "^$wanted" "$unit" || fail "no $wanted"
done
# What the sensor says to systemd, and its own sandbox, need these.
grep -q '^RestrictAddressFamilies=.*AF_PACKET' "$unit" || fail 'AF_PACKET'
# The addresses of this machine: whose own traffic is no mirror's.
grep -q '^RestrictAddressFamilies=.*AF_NETLINK' "$unit" || fail 'AF_NETLINK'
grep -q '^RestrictAddressFamilies=.*AF_UNIX' "$unit" || fail 'AF_UNIX'
grep -q '^SystemCallFilter=.*landlock_restrict_self' "$unit" || fail 'landlock_restrict_self'
# What of /proc the sensor reads is there where /proc shows processes alone.
if grep -q '^ProcSubset=pid' "$unit"; then
  grep -rnE '"/proc/[^"]' "$(dirname "$0")/../../src" --include='*.cc' --include='*.h' |
    grep -vE '_test|"/proc/self' && fail 'hidden by ProcSubset=pid'
fi
exit $failed
