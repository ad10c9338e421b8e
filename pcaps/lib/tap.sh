# shellcheck shell=bash
# A switch with a mirror port, for captures as a sensor gets them: to be sourced after lab.sh.
#
#   laptop ── left ┤ Open vSwitch ├ right ── br0 in "net"
#                        └ mirror ── eth0 in "sensor", where the capture is taken
#
# Open vSwitch works in user space here, so that no kernel module is needed. The mirror's link is
# 10.30.0.0/24 with an MTU of 9000: what is added to a full frame must still fit.

tap_in="gtap$lab_id"
tap_sensor="gsen$lab_id"
tap_dir=$lab_dir/ovs

tap_on() { OVS_RUNDIR=$tap_dir OVS_SYSCONFDIR=$tap_dir OVS_DBDIR=$tap_dir ip netns exec "$tap_in" "$@"; }
tap_vsctl() { tap_on ovs-vsctl --db="unix:$tap_dir/db.sock" --timeout=20 "$@"; }

# After lab_begin: the client "laptop", the switch behind it and the sensor.
tap_begin() {
  lab_client laptop 10.20.0.10
  lab_namespace "$tap_in"
  lab_namespace "$tap_sensor"
  ip -n "$lab_net" link set v1 nomaster
  ip -n "$lab_net" link set v1 netns "$tap_in" name left
  ip link add right netns "$tap_in" type veth peer name v1 netns "$lab_net"
  ip link add mirror netns "$tap_in" mtu 9000 type veth peer name eth0 netns "$tap_sensor"
  ip -n "$lab_net" link set v1 master br0 up
  lab_no_offloads "$lab_net" v1
  lab_no_offloads "$tap_sensor" eth0
  ip -n "$tap_sensor" link set eth0 address 02:00:5e:00:30:02 mtu 9000 up
  ip -n "$tap_sensor" addr add 10.30.0.2/24 dev eth0
  ip -n "$tap_sensor" neigh add 10.30.0.1 lladdr 02:00:5e:00:30:01 dev eth0 nud permanent
  local port
  for port in left right mirror; do
    lab_no_offloads "$tap_in" $port
    ip -n "$tap_in" link set $port up
  done
  LAB_AT="$tap_sensor eth0"
}

# Starts the switch: whatever comes from one side goes to the other.
tap_switch() {
  mkdir -p "$tap_dir"
  tap_on ovsdb-tool create "$tap_dir/conf.db" /usr/share/openvswitch/vswitch.ovsschema
  tap_on ovsdb-server --remote="punix:$tap_dir/db.sock" "$tap_dir/conf.db" \
    >"$tap_dir/ovsdb.log" 2>&1 &
  lab_wait_file "$tap_dir/db.sock"
  tap_vsctl --no-wait init
  tap_on ovs-vswitchd "unix:$tap_dir/db.sock" --unixctl="$tap_dir/ctl" >"$tap_dir/vswitchd.log" 2>&1 &
  tap_vsctl add-br sw -- set bridge sw datapath_type=netdev fail_mode=secure \
    protocols=OpenFlow10,OpenFlow13 \
    -- add-port sw left -- set interface left ofport_request=1 \
    -- add-port sw right -- set interface right ofport_request=2
}

# What the mirror port gets of each frame, as OpenFlow actions to be done before "output:3".
tap_mirror() { # ACTIONS_TO_SERVER ACTIONS_TO_CLIENT
  tap_vsctl add-port sw mirror -- set interface mirror ofport_request=3
  tap_flows "$1" "$2"
}

# Mirrors through a tunnel of Open vSwitch to 10.30.0.2.
tap_tunnel() { # TYPE OPTION=VALUE…
  local type=$1 option
  shift
  # The far end of the tunnel is reached through a second bridge, whose own port has our address.
  tap_vsctl add-br under -- set bridge under datapath_type=netdev \
    other-config:hwaddr=02:00:5e:00:30:01 -- add-port under mirror
  ip -n "$tap_in" addr add 10.30.0.1/24 dev under
  ip -n "$tap_in" link set under mtu 9000 up
  tap_on ovs-appctl -t "$tap_dir/ctl" tnl/neigh/set under 10.30.0.2 02:00:5e:00:30:02 >/dev/null
  tap_vsctl add-port sw tunnel -- set interface tunnel type="$type" ofport_request=3 \
    options:remote_ip=10.30.0.2 options:local_ip=10.30.0.1 "${@/#/options:}"
  tap_flows '' ''
}

tap_flows() { # ACTIONS_TO_SERVER ACTIONS_TO_CLIENT
  tap_on ovs-ofctl -O OpenFlow13 add-flow "$tap_dir/sw.mgmt" \
    "in_port=1,actions=output:2,${1:+$1,}output:3"
  tap_on ovs-ofctl -O OpenFlow13 add-flow "$tap_dir/sw.mgmt" \
    "in_port=2,actions=output:1,${2:+$2,}output:3"
}

# The sites and the conversation of every capture in link/: whatever is around the frames, a reader
# must find the same two flows in them.
tap_sites() {
  lab_site api.openai.com 192.0.2.20
  lab_site www.wikipedia.org 198.51.100.10
  lab_dns
  lab_certificate
  lab_caddy 'h1 h2' --tokens 12
}

tap_traffic() {
  lab_curl laptop -H 'content-type: application/json' \
    -d "{\"model\":\"gpt-4o-mini\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"$(seq -s ' ' 1 800)\"}]}" \
    https://api.openai.com/v1/chat/completions
  lab_curl laptop https://www.wikipedia.org/
}
