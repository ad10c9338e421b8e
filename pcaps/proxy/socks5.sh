#!/bin/bash
# Through a SOCKS5 proxy (microsocks): TLS to model APIs, once with the name given to the proxy and
# once with the address that the client has looked up itself. Both legs are in the capture.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_client proxy 10.20.0.40
lab_site api.anthropic.com 192.0.2.21
lab_site api.openai.com 192.0.2.20
lab_dns
lab_certificate
lab_caddy 'h1 h2'
lab_on proxy microsocks -i 10.20.0.40 -p 1080 >"$lab_dir/microsocks.log" 2>&1 &
lab_wait_for -Htln 1080 "proxy$lab_id"
lab_capture
lab_curl laptop -x socks5h://10.20.0.40:1080 -H 'content-type: application/json' \
  -d '{"model":"claude-3-5-haiku-latest","stream":true,"max_tokens":64,"messages":[{"role":"user","content":"Hello."}]}' \
  https://api.anthropic.com/v1/messages
lab_curl laptop -x socks5://10.20.0.40:1080 -H 'authorization: Bearer sk-lab' https://api.openai.com/v1/models
lab_finish api.anthropic.com api.openai.com
