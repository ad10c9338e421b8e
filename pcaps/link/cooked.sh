#!/bin/bash
# Taken on a router's "any" device: Linux cooked capture v2, and every packet twice, before and after
# routing, with other MAC addresses and a TTL of one less.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/router.sh"

lab_begin
router_begin
lab_site api.openai.com 192.0.2.20
lab_site www.wikipedia.org 198.51.100.10
lab_dns
lab_certificate
lab_caddy 'h1 h2' --tokens 12
LAB_AT="$router any"
lab_capture
lab_curl laptop -H 'content-type: application/json' \
  -d '{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hello."}]}' \
  https://api.openai.com/v1/chat/completions
lab_curl laptop https://www.wikipedia.org/
lab_finish api.openai.com www.wikipedia.org
