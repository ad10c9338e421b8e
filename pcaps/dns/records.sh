#!/bin/bash
# DNS over UDP and over TCP: A, AAAA, a chain of CNAMEs, HTTPS and SVCB records, a name that does not
# exist, one without that type, two questions on one TCP connection, a query never answered.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_zone+=(
  'chatgpt.com. 300 A 192.0.2.10'
  'chatgpt.com. 300 A 192.0.2.13'
  'chatgpt.com. 300 AAAA 2001:db8:1::10'
  'chatgpt.com. 300 HTTPS 1 . alpn=h3,h2 ipv4hint=192.0.2.10,192.0.2.13 ipv6hint=2001:db8:1::10'
  'copilot.microsoft.com. 60 CNAME copilot.edge.example.'
  'copilot.edge.example. 60 CNAME a-0001.edge.example.'
  'a-0001.edge.example. 60 A 192.0.2.35'
  '_8443._https.api.lumenwrite.example. 60 SVCB 1 svc.lumenwrite.example. port=8443 alpn=h2'
  'svc.lumenwrite.example. 60 A 203.0.113.31'
  "big.lumenwrite.example. 60 TXT $(printf '"%0200d" ' {1..12})"
)
lab_dns
# A resolver that takes every question and answers none.
ip -n "$lab_net" addr add 10.20.0.99/24 dev br0
lab_in_net node -e "require('dgram').createSocket('udp4').bind(53, '10.20.0.99')" 2>"$lab_dir/silent" &
sleep 0.5
lab_capture
ask() { ask_at $lab_dns_address "$@"; }
ask_at() { # RESOLVER QUESTION…
  local resolver=$1
  shift
  lab_on laptop kdig "@$resolver" +retry=0 +timeout=2 "$@" >>"$lab_dir/kdig.log" 2>&1 || true
}
ask chatgpt.com A
ask chatgpt.com AAAA
ask chatgpt.com HTTPS
ask copilot.microsoft.com A
ask _8443._https.api.lumenwrite.example SVCB
ask nothing.chatgpt.com A
ask svc.lumenwrite.example AAAA
ask +tcp claude.ai A
ask +tcp chatgpt.com A
ask +tcp +keepopen copilot.microsoft.com A chatgpt.com HTTPS
ask big.lumenwrite.example TXT
ask_at 10.20.0.99 gemini.google.com A
LAB_ASKED='chatgpt.com copilot.microsoft.com _8443._https.api.lumenwrite.example nothing.chatgpt.com
  svc.lumenwrite.example claude.ai big.lumenwrite.example gemini.google.com'
lab_finish
