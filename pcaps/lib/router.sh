# shellcheck shell=bash
# A router between "laptop" and br0, to be sourced after lab.sh.
#
#   laptop 10.21.0.10 ── 10.21.0.1 router 10.20.0.2 ── br0 in "net"

router="router$lab_id"

# After lab_begin: the client "laptop" and the router before it.
router_begin() {
  lab_client router 10.20.0.2
  lab_client laptop
  ip -n "$lab_net" link set v2 nomaster
  ip -n "$lab_net" link set v2 netns "$router" name inside
  ip -n "$router" addr add 10.21.0.1/24 dev inside
  ip -n "$router" link set inside up
  lab_no_offloads "$router" inside
  ip netns exec "$router" sysctl -qw net.ipv4.ip_forward=1
  ip -n "laptop$lab_id" addr add 10.21.0.10/24 dev eth0
  ip -n "laptop$lab_id" route add default via 10.21.0.1
  ip -n "$lab_net" route add 10.21.0.0/24 via 10.20.0.2 advmss 1460
}
