#!/bin/bash
# WebSockets of the ws package: compressed with and without memory of earlier messages, fragments with
# control frames between them, a long binary message, one plain.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site gateway.corp.example 10.20.0.1
lab_dns
NODE_PATH="$lab_cache/node_modules" lab_in_net node "${lab_script%.sh}.cjs" serve 8000 \
  >"$lab_dir/websocket.log" 2>&1 &
lab_wait_tcp 8000
lab_capture
lab_node laptop "${lab_script%.sh}.cjs" ask ws://gateway.corp.example:8000
lab_finish gateway.corp.example
