#!/bin/bash
# TLS hellos without a server name. Two follow the client's own DNS answer (one of them a chain of
# CNAMEs) and take its name; one goes to an address nobody asked for and stays without; one address
# was last asked for under an ordinary name. Another client's answer names nothing.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_client printer 10.20.0.11
lab_site api.anthropic.com 192.0.2.21
lab_site a-0001.edge.example 192.0.2.35
lab_record 'copilot.microsoft.com. 60 CNAME a-0001.edge.example.'
lab_site www.wikipedia.org 198.51.100.10
lab_dns
lab_certificate
lab_nginx
nameless() { # CLIENT ADDRESS
  { printf 'GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n'; sleep 0.3; } |
    lab_on "$1" openssl s_client -connect "$2:443" -noservername -quiet >/dev/null 2>&1 || true
}
look_up() { lab_on "$1" getent ahostsv4 "$2" >/dev/null; }
lab_capture
look_up laptop api.anthropic.com
nameless laptop 192.0.2.21
look_up laptop copilot.microsoft.com
nameless laptop 192.0.2.35
look_up laptop www.wikipedia.org
nameless laptop 198.51.100.10
ip -n "$lab_net" addr add 203.0.113.77/32 dev lo
nameless laptop 203.0.113.77
nameless printer 192.0.2.21
LAB_ASKED='copilot.microsoft.com'
lab_finish
