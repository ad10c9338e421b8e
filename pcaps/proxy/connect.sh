#!/bin/bash
# Through an HTTP proxy (tinyproxy): CONNECT and then TLS to a model API, absolute URIs in clear to
# an ordinary site and to a model server. Both legs are in the capture.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_client proxy 10.20.0.40
lab_site api.openai.com 192.0.2.20
lab_site www.news.example 198.51.100.12
lab_site models.partner.example 203.0.113.40
lab_site proxy.corp.example
lab_record "proxy.corp.example. 60 A 10.20.0.40"
lab_dns
lab_certificate
lab_caddy 'h1 h2'
lab_ai_server 8000
lab_ai_server 80
cat >"$lab_dir/tinyproxy.conf" <<CONF
Port 3128
Listen 10.20.0.40
Timeout 30
ConnectPort 443
DisableViaHeader No
CONF
lab_on proxy tinyproxy -d -c "$lab_dir/tinyproxy.conf" >"$lab_dir/tinyproxy.log" 2>&1 &
lab_wait_for -Htln 3128 "proxy$lab_id"
lab_capture
through=(-x http://proxy.corp.example:3128)
lab_curl laptop "${through[@]}" -H 'content-type: application/json' \
  -d '{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hello."}]}' \
  https://api.openai.com/v1/chat/completions
lab_curl laptop "${through[@]}" http://www.news.example/today.html
lab_curl laptop "${through[@]}" -H 'content-type: application/json' \
  -d '{"model":"lab","messages":[{"role":"user","content":"Hello."}]}' \
  http://models.partner.example:8000/v1/chat/completions
lab_finish api.openai.com www.news.example models.partner.example
