#!/usr/bin/env bash
# Installs, uses, upgrades, removes and purges a package in a new Debian of its own, and looks what is
# there after each step.
#   packaging/test-deb.sh PACKAGE.deb [--suite bookworm] [--mirror URL] [--base FOLDER]
#     --base  a folder made by debootstrap: it is copied instead of making one
# Needs root, and debootstrap where there is no --base; exits 77 and says so where it cannot run.
set -euo pipefail
cd "$(dirname "$0")/.."
package='' suite=bookworm mirror=http://deb.debian.org/debian base=''
while [ $# -gt 0 ]; do
  case "$1" in
    --suite) suite=$2; shift ;;
    --mirror) mirror=$2; shift ;;
    --base) base=$2; shift ;;
    -*) echo "test-deb.sh: unknown argument '$1'" >&2; exit 1 ;;
    *) package=$1 ;;
  esac
  shift
done
[ -f "$package" ] || { echo 'test-deb.sh: PACKAGE.deb is missing' >&2; exit 1; }
skip() { echo "skipped: $1"; exit 77; }
[ "$(id -u)" -eq 0 ] || skip 'installing a package needs root'
unshare -m true 2>/dev/null || skip 'no mount namespace can be made here'
[ -n "$base" ] || command -v debootstrap >/dev/null || skip 'debootstrap is not installed'

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root
if [ -n "$base" ]; then
  cp -a "$base" "$root"
else
  debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$scratch/log" 2>&1 ||
    { tail -n 5 "$scratch/log" >&2; skip 'debootstrap could not make a system'; }
fi
# In the new system, with /proc, and no service started there.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
inside() {
  # shellcheck disable=SC2016
  unshare -m --propagation private bash -c 'mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" &&
    exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
      DEBIAN_FRONTEND=noninteractive "$@"' "$root" "$@"
}
failed=0
check() {
  local name=$1
  shift
  if "$@" >"$scratch/out" 2>&1; then return; fi
  failed=1
  echo "FAILED $name"
  head -n 5 "$scratch/out"
}
absent() { ! test -e "$1"; }
step() { echo "== $*"; }

step install
cp "$package" "$root/srv/gnomon.deb"
cp pcaps/api/curl-tls13.pcap "$root/srv/capture.pcap"
inside apt-get update -qq
inside apt-get install -y -qq --no-install-recommends /srv/gnomon.deb >"$scratch/log" 2>&1 ||
  { tail -n 20 "$scratch/log"; exit 1; }
check 'the program runs' inside gnomon --version
check 'its user is there' inside getent passwd gnomon
check 'the folder of the inventory' test "$(stat -c %a "$root/var/lib/gnomon")" = 750
check 'the folder for local signatures' test -d "$root/etc/gnomon/signatures.d"
check 'the manual' test -f "$root/usr/share/man/man1/gnomon.1.gz"
check 'signatures are found and right' inside gnomon signatures check
[ ! -e systemd/gnomon.service ] || check 'the unit' test -f "$root/lib/systemd/system/gnomon.service"
check 'the service is not enabled by itself' absent "$root/etc/systemd/system/multi-user.target.wants/gnomon.service"
if inside gnomon config check --config /etc/gnomon/gnomon.yaml >"$scratch/out" 2>&1; then :
elif [ -e "$root/etc/gnomon/gnomon.yaml" ]; then failed=1; echo 'FAILED the configuration'; cat "$scratch/out"; fi

# What docs/deployment.md says: install, name the interface, start. The service's own command stands in
# for systemctl, as no systemd runs in here.
step 'from the package to the first app, in three commands'
feed() {
  local tag=$$ command n
  command=$(sed -n 's/^ *\(sed -i .*gnomon.yaml\)$/\1/p' docs/deployment.md)
  [ -n "$command" ] || { echo 'docs/deployment.md names no interface'; return 1; }
  inside sh -c "$command"
  grep -q 'interfaces: \[eth1\]' "$root/etc/gnomon/gnomon.yaml" || { echo 'no interface was named'; return 1; }
  for n in sensor sender; do ip netns add "deb$tag-$n"; done
  ip link add eth1 netns "deb$tag-sensor" type veth peer name eth2 netns "deb$tag-sender"
  ip -n "deb$tag-sensor" link set eth1 up mtu 9000
  ip -n "deb$tag-sender" link set eth2 up mtu 9000
  command=$(sed -n 's/^ExecStart=//p' "$root/lib/systemd/system/gnomon.service")
  inside install -d -o gnomon -g gnomon -m 750 /run/gnomon  # as RuntimeDirectory= does
  # shellcheck disable=SC2016
  ip netns exec "deb$tag-sensor" unshare -m --propagation private bash -c 'mount -t proc proc "$0/proc" &&
    mount -t sysfs sysfs "$0/sys" && mount --bind /dev "$0/dev" && exec chroot "$0" /usr/bin/env -i \
      PATH=/usr/sbin:/usr/bin:/sbin:/bin setpriv --reuid gnomon --regid gnomon --clear-groups \
      --inh-caps=-all,+net_raw --ambient-caps=+net_raw --no-new-privs $1' "$root" "$command" \
    >"$scratch/sensor" 2>&1 &
  local sensor=$! found=1
  for n in $(seq 300); do
    if grep -q 'msg=running' "$scratch/sensor"; then
      ip netns exec "deb$tag-sender" tcpreplay -q -i eth2 --pps 500 pcaps/api/curl-tls13.pcap >/dev/null 2>&1
      if inside gnomon inventory --db /var/lib/gnomon/gnomon.db | grep -qi openai; then found=0; break; fi
    fi
    kill -0 "$sensor" 2>/dev/null || break
    sleep 0.5
  done
  kill "$sensor" 2>/dev/null
  wait "$sensor" || found=$?
  for n in sensor sender; do ip netns del "deb$tag-$n"; done
  [ "$found" -eq 0 ] || cat "$scratch/sensor"
  return "$found"
}
if command -v tcpreplay >/dev/null && ip netns add "deb$$" 2>/dev/null; then
  ip netns del "deb$$"
  check 'install, name the interface, start: an app' feed
  check 'the inventory is the service'"'"'s' test "$(stat -c %U "$root/var/lib/gnomon/gnomon.db")" != root
  rm -f "$root"/var/lib/gnomon/gnomon.db*
else
  echo 'skipped: no tcpreplay, or no network namespaces here'
fi
check 'a capture' inside gnomon replay --db /var/lib/gnomon/gnomon.db /srv/capture.pcap
check 'the inventory' inside gnomon inventory --db /var/lib/gnomon/gnomon.db
grep -q . "$scratch/out" || { failed=1; echo 'FAILED the inventory is empty'; }

step upgrade
if [ -e "$root/etc/gnomon/gnomon.yaml" ]; then echo '# changed by hand' >>"$root/etc/gnomon/gnomon.yaml"; fi
echo 'apps: []' >"$root/etc/gnomon/signatures.d/local.yaml"
dpkg-deb -R "$package" "$scratch/next"
sed -i 's/^Version: .*/&+next/' "$scratch/next/DEBIAN/control"
dpkg-deb -b "$scratch/next" "$root/srv/next.deb" >/dev/null
inside apt-get install -y -qq --no-install-recommends /srv/next.deb >"$scratch/log" 2>&1 ||
  { tail -n 20 "$scratch/log"; exit 1; }
check 'the new version' inside sh -c "dpkg-query -W gnomon | grep -q '+next'"
check 'the inventory is kept' inside gnomon inventory --db /var/lib/gnomon/gnomon.db
if [ -e "$root/etc/gnomon/gnomon.yaml" ]; then
  check 'the configuration is kept' grep -q 'changed by hand' "$root/etc/gnomon/gnomon.yaml"
fi

step remove
inside apt-get remove -y -qq gnomon >"$scratch/log" 2>&1 || { tail "$scratch/log"; exit 1; }
check 'the program is gone' absent "$root/usr/bin/gnomon"
check 'signatures are gone' absent "$root/usr/share/gnomon"
check 'the inventory is kept' test -f "$root/var/lib/gnomon/gnomon.db"
check 'local signatures are kept' test -f "$root/etc/gnomon/signatures.d/local.yaml"

step purge
rm "$root/etc/gnomon/signatures.d/local.yaml"
inside apt-get purge -y -qq gnomon >"$scratch/log" 2>&1 || { tail "$scratch/log"; exit 1; }
check 'nothing of it is installed' inside sh -c '! dpkg -s gnomon'
check 'the inventory is gone' absent "$root/var/lib/gnomon"
check 'the configuration is gone' absent "$root/etc/gnomon"
check 'nothing is left behind' bash -c '! find "$0"/etc "$0"/usr "$0"/var -path "$0/var/lib/apt" -prune -o \
  -path "$0/var/cache" -prune -o -path "$0/var/log" -prune -o -path "$0/var/lib/systemd/deb-systemd-helper*" -prune -o \
  -iname "*gnomon*" -print | grep .' "$root"

step 'install again'
inside apt-get install -y -qq --no-install-recommends /srv/gnomon.deb >"$scratch/log" 2>&1 ||
  { tail -n 20 "$scratch/log"; exit 1; }
check 'the program runs again' inside gnomon signatures test claude.ai
[ "$failed" -eq 0 ] && echo 'The package installs, upgrades, goes and comes back.'
exit "$failed"
