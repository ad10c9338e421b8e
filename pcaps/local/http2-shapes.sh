#!/bin/bash
# The ways HTTP/2 carries requests in clear: prior knowledge, an h2c upgrade, streams that interleave,
# padding, CONTINUATION, trailers, a push, a reset, and a WebSocket by extended CONNECT.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site gateway.corp.example 10.20.0.1
lab_dns
lab_ai_server 8080 --listen 127.0.0.1 --tokens 8 --cadence 5
cat >"$lab_dir/Caddyfile" <<CONF
{
  admin off
  auto_https off
  storage file_system $lab_dir/caddy
  servers {
    protocols h1 h2c
  }
}
http://:8000 {
  reverse_proxy 127.0.0.1:8080 {
    flush_interval -1
  }
}
CONF
lab_in_net caddy run --adapter caddyfile --config "$lab_dir/Caddyfile" >"$lab_dir/caddy.log" 2>&1 &
lab_wait_tcp 8000
NODE_PATH="$lab_cache/node_modules" lab_in_net node "${lab_script%.sh}.cjs" serve 8001 \
  >"$lab_dir/http2.log" 2>&1 &
lab_wait_tcp 8001
seq -s ' ' 1 2000 >"$lab_dir/notes.txt"
lab_capture
at=http://gateway.corp.example:8000
chat='{"model":"lab","stream":true,"messages":[{"role":"user","content":"Over HTTP/2."}]}'
lab_curl laptop --http2-prior-knowledge -H 'content-type: application/json' -d "$chat" \
  $at/v1/chat/completions
lab_curl laptop --http2-prior-knowledge -F purpose=assistants \
  -F "file=@$lab_dir/notes.txt;type=text/plain" $at/v1/files
# The upgrade: asked for with a request, answered in the new version.
lab_curl laptop --http2 $at/v1/models --next -sS --max-time 30 -o /dev/null --http2 \
  -H 'content-type: application/json' -d "$chat" $at/v1/chat/completions
# Two bodies at once, with trailers, over one connection.
lab_on laptop nghttp -n -m 3 -d "$lab_dir/notes.txt" --trailer 'x-sum: 9' \
  -H 'content-type: text/plain' $at/v1/files $at/v1/files >/dev/null
lab_node laptop "${lab_script%.sh}.cjs" ask http://gateway.corp.example:8001
lab_finish gateway.corp.example
