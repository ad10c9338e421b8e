#!/bin/bash
# IPv4 within IPv4 (protocol 4), the client being the tunnel's own end.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/tap.sh"

lab_begin
lab_client laptop 10.20.0.10
ip -n "$lab_net" tuntap add tun0 mode tun
ip -n "laptop$lab_id" tuntap add tun0 mode tun
ip -n "$lab_net" addr add 10.40.0.1/24 dev tun0
ip -n "$lab_net" link set tun0 mtu 1480 up
ip -n "laptop$lab_id" addr add 10.40.0.10/24 dev tun0
ip -n "laptop$lab_id" link set tun0 mtu 1480 up
lab_in_net python3 "$lab_lib/ip_tunnel.py" tun0 10.20.0.1 10.20.0.10 2>"$lab_dir/tunnel.net" &
lab_on laptop python3 "$lab_lib/ip_tunnel.py" tun0 10.20.0.10 10.20.0.1 2>"$lab_dir/tunnel.laptop" &
ip -n "laptop$lab_id" route replace default via 10.40.0.1
ip -n "laptop$lab_id" route add $lab_dns_address via 10.40.0.1 src 10.40.0.10
tap_sites
lab_capture
tap_traffic
lab_finish api.openai.com www.wikipedia.org
