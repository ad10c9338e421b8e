#!/bin/bash
# A mirror of two ports in both directions: every frame comes twice, bytes and all, the second a few
# microseconds after the first.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/tap.sh"

lab_begin
tap_begin
# The kernel's bridge and tc, as a Linux switch is set up for it.
ip -n "$tap_in" link add sw type bridge mcast_snooping 0
ip -n "$tap_in" link set sw up
for port in left right; do
  ip -n "$tap_in" link set $port master sw
  tap_on tc qdisc add dev $port clsact
  for direction in ingress egress; do
    tap_on tc filter add dev $port $direction protocol all u32 match u32 0 0 \
      action mirred egress mirror dev mirror
  done
done
tap_sites
lab_capture
tap_traffic
lab_finish api.openai.com www.wikipedia.org
