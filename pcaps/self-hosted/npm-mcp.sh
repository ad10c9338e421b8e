#!/bin/bash
# MCP servers and gateways that npm has: Playwright's, supergateway and mcp-proxy before a server of
# notes on standard input, and the Inspector; asked by the protocol's own package, and by curl as its
# revision of 2026-07-28, without sessions, has it.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=tools2.corp.example
self_hosted_begin $host
self_hosted_node net server.mjs --ask vllm >/dev/null  # puts the scripts beside their packages
self_hosted_program playwright @playwright/mcp/cli.js --headless --port 8931 --host 0.0.0.0 \
  --allowed-hosts '*' --executable-path "$(command -v chromium)"
self_hosted_program supergateway supergateway/dist/index.js --stdio "node $lab_dir/mcp_notes.mjs --stdio" --port 8000
self_hosted_program proxy mcp-proxy/dist/bin/mcp-proxy.mjs --host 0.0.0.0 --port 8100 -- node "$lab_dir/mcp_notes.mjs" --stdio
# It tells its environment, so it gets none of this machine's.
HOST=0.0.0.0 MCP_AUTO_OPEN_ENABLED=false ALLOWED_ORIGINS=http://$host:6274 lab_in_net env HOME=/srv \
  node "$lab_cache/servers/node_modules/@modelcontextprotocol/inspector/cli/build/cli.js" \
  >"$lab_dir/inspector.log" 2>&1 </dev/null &
for port in 8931 8000 8100 6274 6277; do lab_wait_tcp $port; done
token=$(sed -n 's/.*Session token: //p' "$lab_dir/inspector.log")
lab_capture
self_hosted_visit laptop mcp http://$host:8931/mcp list
self_hosted_visit laptop mcp-sse http://$host:8000/sse
self_hosted_visit laptop mcp http://$host:8100/mcp
meta='"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"curl","version":"7"},"io.modelcontextprotocol/clientCapabilities":{}}'
modern() { # METHOD PARAMETERS [HEADER…]
  lab_curl laptop -X POST -H 'content-type: application/json' -H 'accept: application/json, text/event-stream' \
    -H 'mcp-protocol-version: 2026-07-28' -H "mcp-method: $1" "${@:3}" \
    -d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":{$2$meta}}" http://$host:8100/mcp
}
modern server/discover ''
modern tools/list ''
modern tools/call '"name":"add","arguments":{"a":1,"b":2},' -H 'mcp-name: add'
lab_curl laptop http://$host:6274/
lab_curl laptop -H "x-mcp-proxy-auth: Bearer $token" http://$host:6277/config
HEADERS="{\"x-mcp-proxy-auth\": \"Bearer $token\"}" \
  self_hosted_visit laptop mcp-sse "http://$host:6277/sse?transportType=sse&url=http%3A%2F%2F127.0.0.1%3A8000%2Fsse"
lab_finish $host
