# shellcheck shell=bash
# A small internet in network namespaces, to be sourced by the scenarios beside it.
#
#   client(s) ── veth ──┐
#   client(s) ── veth ──┤ br0 in the namespace "net": gateway, DNS server, and every site's address
#
# The servers and clients that run in it are in programs.sh, sourced at the end.
#
# A scenario says which clients and sites there are, starts the servers it needs, calls
# lab_capture, lets real programs talk, and ends with lab_finish and what it expects to see.
# Nothing is routed outside: "net" has no link to the machine it runs on.
#
# Addresses: clients 10.20.0.0/24 and 2001:db8:20::/64, sites 192.0.2.0/24, 198.51.100.0/24,
# 203.0.113.0/24 and 2001:db8:1::/48 (RFC 1918, RFC 5737, RFC 3849).

set -euo pipefail

# Some programs tell others their environment, and a capture is of no machine in particular.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

lab_lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_script=$(realpath "$0")
lab_bytes_max=153600

lab_id=$$
lab_net="gnet$lab_id"
lab_gateway=10.20.0.1
lab_gateway6=2001:db8:20::1
lab_dns_address=10.20.0.53
lab_cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/gnomon-pcaps

lab_namespaces=()
lab_hosts=()   # names that certificates and DNS know
lab_zone=()    # lines of the DNS zone
lab_addresses=()  # of sites
lab_count=0    # clients so far
lab_output=
lab_tcpdump=
lab_dir=$(mktemp -d)
chmod 755 "$lab_dir"

lab_fail() {
  echo "$(basename "$lab_script"): $*" >&2
  exit 1
}

# Ends only what runs inside our own namespaces, then takes those away.
lab_cleanup() {
  local name pids
  for name in "${lab_namespaces[@]}"; do
    pids=$(ip netns pids "$name" 2>/dev/null || true)
    # shellcheck disable=SC2086
    [[ -z $pids ]] || kill $pids 2>/dev/null || true
  done
  sleep 0.2
  for name in "${lab_namespaces[@]}"; do
    pids=$(ip netns pids "$name" 2>/dev/null || true)
    # shellcheck disable=SC2086
    [[ -z $pids ]] || kill -9 $pids 2>/dev/null || true
    ip netns del "$name" 2>/dev/null || true
    rm -rf "/etc/netns/$name"
  done
  wait 2>/dev/null || true
  if [[ -n ${LAB_KEEP:-} ]]; then echo "kept: $lab_dir" >&2; else rm -rf "$lab_dir"; fi
}
trap lab_cleanup EXIT
trap 'exit 130' INT TERM

# --- the network ---------------------------------------------------------------------------------

lab_namespace() { # NAME
  ip netns add "$1"
  lab_namespaces+=("$1")
  ip netns exec "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
    net.ipv6.conf.default.disable_ipv6=1
  ip -n "$1" link set lo up
}

# Without this a capture holds frames no wire ever carried: 64 KiB long, or with bad checksums.
lab_no_offloads() { # NAMESPACE DEVICE
  ip netns exec "$1" ethtool -K "$2" tso off gso off gro off tx off rx off >/dev/null 2>&1 || true
}

lab_enable_ipv6() { # NAMESPACE
  ip netns exec "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 \
    net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.all.accept_dad=0 \
    net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 \
    net.ipv6.conf.all.forwarding=1
}

# Must come first. Options: ipv6
lab_begin() {
  [[ $(id -u) == 0 ]] || lab_fail "network namespaces need root"
  lab_ipv6=${1:-}
  lab_namespace "$lab_net"
  [[ -z $lab_ipv6 ]] || lab_enable_ipv6 "$lab_net"
  ip netns exec "$lab_net" sysctl -qw net.ipv4.ip_forward=1
  ip -n "$lab_net" link add br0 address 02:00:5e:00:20:01 type bridge mcast_snooping 0
  lab_no_offloads "$lab_net" br0
  ip -n "$lab_net" addr add $lab_gateway/24 dev br0
  ip -n "$lab_net" addr add $lab_dns_address/24 dev br0
  [[ -z $lab_ipv6 ]] || ip -n "$lab_net" addr add $lab_gateway6/64 dev br0 nodad
  ip -n "$lab_net" link set br0 up
}

# A namespace on br0 by a veth pair, with resolv.conf and hostname of its own.
lab_client() { # NAME [ADDRESS [ADDRESS6]]
  local name="$1$lab_id" address=${2:-} address6=${3:-}
  lab_count=$((lab_count + 1))
  lab_namespace "$name"
  mkdir -p "/etc/netns/$name"
  printf 'nameserver %s\noptions timeout:1 attempts:2\n' $lab_dns_address \
    >"/etc/netns/$name/resolv.conf"
  printf 'hosts: files dns\n' >"/etc/netns/$name/nsswitch.conf"
  printf '127.0.0.1 localhost\n' >"/etc/netns/$name/hosts"
  [[ -z $address6 ]] || lab_enable_ipv6 "$name"
  ip link add "v$lab_count" netns "$lab_net" type veth peer name eth0 netns "$name"
  ip -n "$name" link set eth0 address "02:00:5e:00:20:1$lab_count"
  lab_no_offloads "$name" eth0
  lab_no_offloads "$lab_net" "v$lab_count"
  ip -n "$lab_net" link set "v$lab_count" master br0 up
  ip -n "$name" link set eth0 up
  if [[ -n $address ]]; then
    ip -n "$name" addr add "$address/24" dev eth0
    ip -n "$name" route add default via $lab_gateway
  fi
  if [[ -n $address6 ]]; then
    ip -n "$name" addr add "$address6/64" dev eth0 nodad
    ip -n "$name" route add default via $lab_gateway6
  fi
}

lab_on() { # CLIENT COMMAND…
  local name="$1$lab_id"
  shift
  HOME=$lab_dir ip netns exec "$name" "$@"
}

lab_in_net() { HOME=$lab_dir ip netns exec "$lab_net" "$@"; }

# --- names ---------------------------------------------------------------------------------------

# A host that DNS answers for and the certificate covers. Its addresses live on the loopback of
# "net". With no address it is known to the certificate alone.
lab_site() { # HOST [ADDRESS…]
  local host=$1 address
  shift
  lab_hosts+=("$host")
  for address in "$@"; do
    lab_addresses+=("$address")
    if [[ $address == *:* ]]; then
      lab_zone+=("$host. 60 AAAA $address")
      ip -n "$lab_net" addr replace "$address/128" dev lo nodad
    else
      lab_zone+=("$host. 60 A $address")
      ip -n "$lab_net" addr replace "$address/32" dev lo
    fi
  done
}

lab_record() { lab_zone+=("$*"); } # a line of a zone file, names absolute

# Knot DNS, authoritative for everything: what the zone does not hold does not exist.
lab_dns() { # [ADDRESS]
  local address=${1:-$lab_dns_address} record=A
  [[ $address != *:* ]] || record=AAAA
  mkdir -p "$lab_dir/knot"
  {
    echo '. 60 SOA ns.lab.example. hostmaster.lab.example. 1 3600 600 86400 60'
    echo '. 60 NS ns.lab.example.'
    echo "ns.lab.example. 60 $record $address"
    printf '%s\n' "${lab_zone[@]}"
  } >"$lab_dir/knot/zone"
  cat >"$lab_dir/knot/knot.conf" <<CONF
server:
    rundir: "$lab_dir/knot"
    listen: [ $address@53 ]
    udp-max-payload: 4096
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    automatic-acl: off
log:
  - target: "$lab_dir/knot/log"
    any: info
database:
    storage: "$lab_dir/knot"
zone:
  - domain: "."
    file: "$lab_dir/knot/zone"
    storage: "$lab_dir/knot"
    zonefile-sync: -1
    journal-content: none
CONF
  lab_in_net knotd -c "$lab_dir/knot/knot.conf" >"$lab_dir/knot/out" 2>&1 &
  lab_wait_udp 53
}

# One throw-away CA and one leaf for all sites, good for two days.
lab_certificate() {
  local names
  names=$(printf 'DNS:%s,' "${lab_hosts[@]}")
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj '/O=Gnomon lab/CN=Gnomon lab root' -addext basicConstraints=critical,CA:TRUE \
    -addext keyUsage=critical,keyCertSign -keyout "$lab_dir/ca.key" -out "$lab_dir/ca.pem" \
    2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=${lab_hosts[0]:0:60}" \
    -keyout "$lab_dir/key.pem" -out "$lab_dir/leaf.csr" 2>/dev/null
  openssl x509 -req -in "$lab_dir/leaf.csr" -CA "$lab_dir/ca.pem" -CAkey "$lab_dir/ca.key" \
    -CAcreateserial -days 2 -out "$lab_dir/leaf.pem" \
    -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "${names%,}") 2>/dev/null
  cat "$lab_dir/leaf.pem" "$lab_dir/ca.pem" >"$lab_dir/chain.pem"
  chmod 644 "$lab_dir"/*.pem
}

# --- capture -------------------------------------------------------------------------------------

# Starts tcpdump on br0, or where LAB_AT="NAMESPACE DEVICE" says. The file lies beside the script
# and is named as it is, or as given.
lab_capture() { # [-o FILE] [FILTER…]
  local at=${LAB_AT:-$lab_net br0} tries
  lab_output=${lab_script%.sh}.pcap
  if [[ ${1:-} == -o ]]; then
    lab_output=$(dirname "$lab_script")/$2
    shift 2
  fi
  # shellcheck disable=SC2086
  set -- ${at% *} ${at#* } "$@"
  ip netns exec "$1" tcpdump -Z root -i "$2" -s 0 --immediate-mode -U -w "$lab_dir/capture" \
    "${@:3}" 2>"$lab_dir/tcpdump.log" &
  lab_tcpdump=$!
  for ((tries = 0; tries < 50; ++tries)); do
    grep -qs 'listening on' "$lab_dir/tcpdump.log" && return
    sleep 0.1
  done
  lab_fail "tcpdump does not start: $(cat "$lab_dir/tcpdump.log")"
}

lab_stop_capture() {
  sleep 1
  kill "$lab_tcpdump"
  wait "$lab_tcpdump" || true
}

# The capture is kept only if it holds every name expected and no other (TLS and QUIC SNI, HTTP
# Host), asks DNS for nothing else, stays within our addresses, and is small. Names that only DNS
# sees are told by LAB_ASKED.
lab_finish() { # [NAME…]
  lab_stop_capture
  lab_keep "$lab_dir/capture" "$@"
}

# The same for a capture that has been stopped, and perhaps rewritten as FILE.
lab_keep() { # FILE [NAME…]
  lab_check "$@"
  mv "$1" "$lab_output"
  chmod 644 "$lab_output"
  lab_report "$lab_output"
}

lab_names() { # FILE: the names tshark sees in it
  # tshark writes several values of one packet with commas between.
  tshark -r "$1" -T fields -e tls.handshake.extensions_server_name -e http.host 2>/dev/null |
    tr '\t,' '\n\n' | sed -e '/^$/d' -e 's/:[0-9]*$//' | sort -u
}

lab_check() { # FILE [NAME…]
  local file=$1 outside seen wanted asked bytes
  shift
  outside=$(tshark -r "$file" -T fields -e ip.src -e ip.dst -e ipv6.src -e ipv6.dst 2>/dev/null |
    tr '\t,' '\n\n' | sort -u |
    grep -Ev '^$|^10\.|^192\.0\.2\.|^198\.51\.100\.|^203\.0\.113\.|^2001:db8:|^fe80:|^ff0|^::$|^224\.|^0\.0\.0\.0$|^255\.255\.255\.255$' || true)
  [[ -z $outside ]] || lab_fail "addresses from outside the lab: $outside"
  seen=$(lab_names "$file")
  wanted=$(printf '%s\n' "$@" | sed '/^$/d' | sort -u)
  [[ $seen == "$wanted" ]] ||
    lab_fail "names differ"$'\n'"$(diff <(echo "$wanted") <(echo "$seen"))"
  asked=$(tshark -r "$file" -Y 'dns && !mdns' -T fields -e dns.qry.name 2>/dev/null | tr ',' '\n' |
    sort -u | grep -vxF -e '' "${lab_hosts[@]/#/-e}" ${LAB_ASKED:+$(printf -- '-e%s ' $LAB_ASKED)} || true)
  [[ -z $asked ]] || lab_fail "unexpected DNS questions: $asked"
  bytes=$(stat -c %s "$file")
  ((bytes <= ${LAB_BYTES_MAX:-$lab_bytes_max})) || lab_fail "$bytes bytes are too many"
}

lab_report() {
  printf '%s: %d bytes, %s packets\n' "${1#"$(dirname "$lab_lib")"/}" "$(stat -c %s "$1")" \
    "$(capinfos -Mrc "$1" | sed -n 's/^Number of packets: *//p')"
}

. "$lab_lib/programs.sh"
