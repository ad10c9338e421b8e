#!/bin/bash
# A link of MTU 600 behind a router: segments of a client that does not care about the path's MTU
# (Chromium's post-quantum hello among them) come in IP fragments, and so does a long answer of DNS.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/router.sh"

lab_begin
router_begin
ip netns exec "laptop$lab_id" sysctl -qw net.ipv4.ip_no_pmtu_disc=1
# The servers promise the client full segments all the same: router_begin sees to that.
ip -n "$router" link set eth0 mtu 600
ip -n "$lab_net" link set v1 mtu 600
ip -n "$lab_net" link set br0 mtu 600

lab_site api.openai.com 192.0.2.20
lab_site chatgpt.com 192.0.2.10
lab_record "big.lumenwrite.example. 60 TXT $(printf '"%0200d" ' {1..12})"
lab_dns
lab_certificate
lab_caddy 'h1 h2' --tokens 12
lab_capture
lab_curl laptop -H 'content-type: application/json' \
  -d "{\"model\":\"gpt-4o-mini\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"$(seq -s ' ' 1 800)\"}]}" \
  https://api.openai.com/v1/chat/completions
lab_chromium laptop https://chatgpt.com/ DONE
lab_on laptop kdig "@$lab_dns_address" +retry=0 +bufsize=4096 big.lumenwrite.example TXT >/dev/null
LAB_ASKED='big.lumenwrite.example'
lab_finish api.openai.com chatgpt.com
