#!/bin/bash
# Chromium asks a web chat over QUIC, which it uploads to; curl does the same over HTTP/2. The
# secrets that both log are in the capture.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site claude.ai 192.0.2.11
lab_site api.anthropic.com 192.0.2.21
lab_dns
lab_certificate
lab_caddy 'h1 h2 h3' --tokens 12
lab_capture -o chromium-http3.pcapng
export SSLKEYLOGFILE=$lab_dir/keys
lab_chromium laptop https://claude.ai/ DONE quic
lab_curl laptop -H 'content-type: application/json' -H 'x-api-key: lab' \
  -d '{"model":"claude-lab","max_tokens":9,"messages":[{"role":"user","content":"Hello."}]}' \
  https://api.anthropic.com/v1/messages
unset SSLKEYLOGFILE
lab_stop_capture
editcap -F pcapng --inject-secrets "tls,$lab_dir/keys" "$lab_dir/capture" "$lab_dir/capture.pcapng"
lab_keep "$lab_dir/capture.pcapng" claude.ai api.anthropic.com
