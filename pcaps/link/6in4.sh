#!/bin/bash
# IPv6 within IPv4 (protocol 41), the client being the tunnel's own end. DNS goes beside the tunnel.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/tap.sh"

lab_begin ipv6
lab_client laptop 10.20.0.10 2001:db8:20::10
ip -n "$lab_net" tuntap add tun0 mode tun
ip -n "laptop$lab_id" tuntap add tun0 mode tun
ip -n "$lab_net" addr add 2001:db8:40::1/64 dev tun0 nodad
ip -n "$lab_net" link set tun0 mtu 1480 up
ip -n "laptop$lab_id" addr add 2001:db8:40::10/64 dev tun0 nodad
ip -n "laptop$lab_id" link set tun0 mtu 1480 up
lab_in_net python3 "$lab_lib/ip_tunnel.py" tun0 10.20.0.1 10.20.0.10 2>"$lab_dir/tunnel.net" &
lab_on laptop python3 "$lab_lib/ip_tunnel.py" tun0 10.20.0.10 10.20.0.1 2>"$lab_dir/tunnel.laptop" &
ip -n "laptop$lab_id" route replace default via 2001:db8:40::1
lab_site api.openai.com 2001:db8:1::20
lab_site www.wikipedia.org 2001:db8:2::10
lab_dns
lab_certificate
lab_caddy 'h1 h2' --tokens 12
lab_capture
tap_traffic
lab_finish api.openai.com www.wikipedia.org
