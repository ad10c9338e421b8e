#!/bin/bash
# An MCP server and its client by the protocol's own package: Streamable HTTP, then the older HTTP with
# SSE, on one port.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=tools.corp.example
self_hosted_begin $host
self_hosted_node net mcp_server.mjs 3000 >"$lab_dir/server.log" 2>&1 &
lab_wait_tcp 3000
lab_capture
self_hosted_visit laptop mcp http://$host:3000/mcp
self_hosted_visit laptop mcp-sse http://$host:3000/sse
lab_finish $host
