#!/bin/bash
# make.sh [SCENARIO…]  remakes captures: all of them, or those named (browser/chat-tcp, or a topic).
#
# Needs root on Debian 12 and fetches by apt and npm what is missing. The captures themselves are
# made inside network namespaces that reach nothing outside. Bytes differ at every run (keys, ports,
# times); what a capture shows does not: each script checks its own before it replaces the old one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/gnomon-pcaps

[[ $(id -u) == 0 ]] || { echo "make.sh: network namespaces need root" >&2; exit 1; }

# command  package
needs='
ip            iproute2
ethtool       ethtool
sysctl        procps
tcpdump       tcpdump
tshark        tshark
mergecap      wireshark-common
openssl       openssl
curl          curl
nginx         nginx-light
caddy         caddy
knotd         knot
kdig          knot-dnsutils
chromium      chromium
node          nodejs
npm           npm
tinyproxy     tinyproxy
microsocks    microsocks
dnsmasq       dnsmasq-base
udhcpc        udhcpc
avahi-daemon  avahi-daemon
ovs-vswitchd  openvswitch-switch
tstclnt       libnss3-tools
jupyter-notebook jupyter-notebook
skopeo        skopeo
zip           zip
zstd          zstd
python3       python3
'

install_packages() {
  local command package missing=() policy=/usr/sbin/policy-rc.d made_policy=
  while read -r command package; do
    [[ -z $command ]] || command -v "$command" >/dev/null || missing+=("$package")
  done <<<"$needs"
  ((${#missing[@]})) || return 0
  echo "installing ${missing[*]}" >&2
  # Proxies and DHCP servers must not start on the machine itself because they were installed.
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    made_policy=yes
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >/dev/null || { [[ -z $made_policy ]] || rm -f $policy; exit 1; }
  [[ -z $made_policy ]] || rm -f $policy
}

install_node_packages() { # FOLDER_OF_PACKAGE_JSON FOLDER
  mkdir -p "$2"
  cmp -s "$1/package.json" "$2/package.json" && [[ -d $2/node_modules ]] && return
  cp "$1/package.json" "$2/package.json"
  npm install --prefix "$2" --ignore-scripts --no-audit --no-fund --no-package-lock --silent
}

install_packages
install_node_packages "$here/lib" "$cache"
install_node_packages "$here/lib/servers" "$cache/servers"

scripts=()
if (($#)); then
  for scenario in "$@"; do
    scenario=${scenario%.sh}
    if [[ -d $here/$scenario ]]; then
      scripts+=("$here/$scenario"/*.sh)
    elif [[ -x $here/$scenario.sh ]]; then
      scripts+=("$here/$scenario.sh")
    else
      echo "make.sh: no such scenario: $scenario" >&2
      exit 2
    fi
  done
else
  for script in "$here"/*/*.sh; do
    [[ $script == "$here"/lib/* ]] || scripts+=("$script")
  done
fi

failed=0
for script in "${scripts[@]}"; do
  timeout -k 10 180 "$script" || { echo "failed: ${script#"$here"/}" >&2; failed=1; }
done
exit $failed
