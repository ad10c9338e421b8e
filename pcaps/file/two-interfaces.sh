#!/bin/bash
# A pcapng of two interfaces that differ in link type, snap length and precision of time: Ethernet,
# whole frames, microseconds; raw IP from a tunnel, 700 bytes of each packet, nanoseconds. The
# tunnelled hello fits; what follows is cut.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_client branch 10.20.0.70
ip -n "$lab_net" tuntap add tun0 mode tun
ip -n "branch$lab_id" tuntap add tun0 mode tun
ip -n "$lab_net" addr add 10.40.0.1/24 dev tun0
ip -n "$lab_net" link set tun0 mtu 1480 up
ip -n "branch$lab_id" addr add 10.40.0.10/24 dev tun0
ip -n "branch$lab_id" link set tun0 mtu 1480 up
ip -n "branch$lab_id" route replace default via 10.40.0.1
ip -n "branch$lab_id" route add $lab_dns_address via 10.40.0.1 src 10.40.0.10
lab_in_net python3 "$lab_lib/ip_tunnel.py" tun0 10.20.0.1 10.20.0.70 2>"$lab_dir/tunnel.net" &
lab_on branch python3 "$lab_lib/ip_tunnel.py" tun0 10.20.0.70 10.20.0.1 2>"$lab_dir/tunnel.branch" &
lab_site api.openai.com 192.0.2.20
lab_site api.anthropic.com 192.0.2.21
lab_dns
lab_certificate
lab_caddy 'h1 h2' --tokens 12

ip netns exec "$lab_net" tcpdump -Z root -i tun0 -s 700 --immediate-mode -U \
  --time-stamp-precision=nano -w "$lab_dir/tunnelled" 2>"$lab_dir/tcpdump.tunnelled.log" &
tunnelled=$!
lab_wait_file "$lab_dir/tunnelled"
LAB_AT="$lab_net v1"
lab_capture -o two-interfaces.pcapng
stream='{"model":"lab","stream":true,"max_tokens":64,"messages":[{"role":"user","content":"Hello."}]}'
lab_curl laptop -H 'content-type: application/json' -d "$stream" https://api.openai.com/v1/chat/completions
lab_curl branch -H 'content-type: application/json' -d "$stream" https://api.anthropic.com/v1/messages
lab_stop_capture
kill $tunnelled
wait $tunnelled || true
mergecap -F pcapng -w "$lab_dir/joined" "$lab_dir/capture" "$lab_dir/tunnelled"
# The header says which kernel it was made on: as many spaces instead, so that lengths stay true.
kernel=$(uname -sr)
LC_ALL=C sed -i "s/${kernel//./\\.}/${kernel//?/ }/" "$lab_dir/joined"
lab_keep "$lab_dir/joined" api.openai.com api.anthropic.com
