#!/bin/bash
# IPv6 alone between client and sites: curl over TCP, Chromium over QUIC, an answer of DNS that comes
# in fragments. DNS itself is asked over IPv6.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin ipv6
lab_client laptop '' 2001:db8:20::10
lab_site api.openai.com 2001:db8:1::20
lab_site claude.ai 2001:db8:1::11
lab_site www.wikipedia.org 2001:db8:2::10
lab_record "big.lumenwrite.example. 60 TXT $(printf '"%0200d" ' {1..12})"
lab_dns_address6=2001:db8:20::53
ip -n "$lab_net" addr add $lab_dns_address6/64 dev br0 nodad
printf 'nameserver %s\n' $lab_dns_address6 >"/etc/netns/laptop$lab_id/resolv.conf"
lab_dns $lab_dns_address6
lab_certificate
lab_caddy 'h1 h2 h3' --tokens 12
lab_capture
lab_curl laptop -H 'content-type: application/json' \
  -d '{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hello."}]}' \
  https://api.openai.com/v1/chat/completions
lab_chromium laptop https://claude.ai/ DONE quic
lab_curl laptop https://www.wikipedia.org/
lab_on laptop kdig "@$lab_dns_address6" +retry=0 +bufsize=4096 big.lumenwrite.example TXT >/dev/null
LAB_ASKED='big.lumenwrite.example'
lab_finish api.openai.com claude.ai www.wikipedia.org
